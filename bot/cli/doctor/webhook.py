"""The webhook by which Ayrshare tells what got linked."""

from urllib.parse import urlsplit

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import AyrshareError, NotInPlan
from bot.ayrshare.webhook import WEBHOOK_PATH
from bot.cli.doctor.finding import Findings
from bot.cli.doctor.refusals import tell_refusal
from bot.settings import Settings

WEBHOOK = "ayrshare.webhook"
REGISTER = "`python -m bot webhook register` makes it lead to PUBLIC_URL."


async def check_webhook(findings: Findings, settings: Settings, ayrshare: AyrshareClient) -> None:
    """Check that it leads to this bot."""
    try:
        registered = await ayrshare.social_webhook()
    except NotInPlan:
        hint = "Use a plan with webhooks, or unset AYRSHARE_WEBHOOK_SECRET: then the bot itself asks what got linked."
        findings.wrong(WEBHOOK, "the plan doesn't include any", hint)
    except AyrshareError as error:
        tell_refusal(findings, WEBHOOK, error)
    else:
        _compare(findings, registered, settings.public_url)


def tell_unused(findings: Findings) -> None:
    """Say that none is wanted."""
    hint = "AYRSHARE_WEBHOOK_SECRET turns webhooks on."
    findings.note(WEBHOOK, "none: the bot itself asks what got linked, sparingly", hint)


def _compare(findings: Findings, registered: str | None, public_url: str | None) -> None:
    if registered is None:
        findings.wrong(WEBHOOK, "not registered", REGISTER)
    elif public_url is None:
        hint = "Set PUBLIC_URL, and doctor compares it."
        findings.note(WEBHOOK, f"registered at {host_of(registered)}", hint)
    elif registered == f"{public_url}{WEBHOOK_PATH}":
        findings.ok(WEBHOOK, "registered at PUBLIC_URL")
    elif host_of(registered) == host_of(public_url):
        findings.wrong(WEBHOOK, "registered at PUBLIC_URL's host, but at another path or port", REGISTER)
    else:
        findings.wrong(WEBHOOK, f"registered at another address ({host_of(registered)})", REGISTER)


def host_of(url: str) -> str:
    """Return the host alone: the rest of an address may be a secret."""
    try:
        return f"{urlsplit(url).hostname or 'no host'!s:.80}"
    except ValueError:
        return "an unreadable address"
