"""PUBLIC_URL: whether what answers there is up, asked for as Slack and Ayrshare would."""

from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from bot.cli.doctor.finding import Findings
from bot.settings import Settings

CHECKS = ("public_url",)
PATIENCE = aiohttp.ClientTimeout(total=8)
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
UP = "Is the bot running, and does the proxy or router in front of it pass everything on to its PORT?"


async def check_public_url(findings: Findings, settings: Settings) -> None:
    """Check that the bot answers at its public address, as seen from this machine."""
    check, url = CHECKS[0], settings.public_url
    if url is None:
        if settings.slack_app_token and not settings.ayrshare_webhook_secret:
            findings.ok(check, "not needed in Socket Mode without webhooks")
        else:
            hint = "Set it to the address where Slack reaches the bot, such as https://bot.example.com."
            findings.note(check, "not set, so whether the bot can be reached is not known", hint)
    elif not others_call(url):
        findings.wrong(check, "begins with http://", "Slack and Ayrshare call https:// only: put a proxy in front.")
    else:
        trouble = await _trouble(f"{url}/healthz")
        if trouble:
            findings.wrong(check, f"/healthz there {trouble}", UP)
        else:
            findings.ok(check, "/healthz there answers, as seen from this machine")


def others_call(url: str) -> bool:
    """Tell whether others would call it; an address of this machine serves a bot that is only tried out."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in THIS_MACHINE


async def _trouble(url: str) -> str:
    """Return what is wrong there, nothing if nothing is."""
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return "" if answer.status == HTTPStatus.OK else f"answers with HTTP {answer.status}"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return f"can't be reached ({type(error).__name__})"
