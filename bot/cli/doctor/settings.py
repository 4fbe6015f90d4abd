"""The settings: which are missing or wrong, which checks are possible without them, and whether PUBLIC_URL answers."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

import aiohttp
from pydantic_settings import NoDecode

from bot.cli.doctor.findings import Finding, Findings
from bot.core.proxy import ProxiedRequest, cause_of, cause_of_status
from bot.setting_types import ApiUrl, AppToken, BotToken, List, OneWord, OneWordName, SlackIds
from bot.settings import (
    LONG_LIFE_MINUTES,
    SLACK_API_URL,
    AyrshareSettings,
    CommandSettings,
    S,
    Settings,
    SettingsError,
    SlackAppSettings,
    StoreSettings,
    load,
)

SLACK_APP = "On api.slack.com/apps, your app:"
PACKAGE = "It is in the Integration Package, on the API page of Ayrshare's dashboard."
HINTS = {
    "SLACK_BOT_TOKEN": f"{SLACK_APP} OAuth & Permissions, Bot User OAuth Token.",
    "SLACK_CLIENT_ID": f"{SLACK_APP} Basic Information, Client ID.",
    "SLACK_CLIENT_SECRET": f"{SLACK_APP} Basic Information, Client Secret.",
    "SLACK_SIGNING_SECRET": f"{SLACK_APP} Basic Information, Signing Secret.",
    "SLACK_APP_TOKEN": f"{SLACK_APP} Basic Information, App-Level Tokens, with connections:write.",
    "AYRSHARE_API_KEY": "It is on the API page of Ayrshare's dashboard.",
    "AYRSHARE_DOMAIN": PACKAGE,
    "AYRSHARE_PRIVATE_KEY": f"{PACKAGE} AYRSHARE_PRIVATE_KEY_FILE names the file instead.",
    "AYRSHARE_PRIVATE_KEY_FILE": f"{PACKAGE} This variable is the file's name.",
    "REDIS_URL": "docs/install.md has one of each kind. In a password write @ as %40, / as %2F, : as %3A, # as %23.",
    "ENCRYPTION_KEYS": "`connectbot keys generate` makes one: an id, a colon and 32 bytes in base64.",
}
ELSE = "docs/install.md has a table of all settings."
PUBLIC_URL = "public_url"
TIMEOUT = aiohttp.ClientTimeout(total=8)
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
UP = "Is the bot running, and does the proxy or router in front of it pass everything on to its PORT?"


class SlackSettings(CommandSettings):
    """What the checks of Slack need, even if other settings are wrong."""

    slack_bot_token: BotToken
    slack_signing_secret: OneWord | None = None
    slack_app_token: AppToken | None = None
    slack_api_url: ApiUrl = SLACK_API_URL
    connect_admins: Annotated[SlackIds, NoDecode, List] = ()
    ayrshare_email_company: str | None = None


class OAuthSettings(CommandSettings):
    """What the checks of many workspaces need, even if other settings are wrong."""

    slack_client_id: OneWordName
    slack_client_secret: OneWord
    slack_allowed_workspaces: Annotated[SlackIds, NoDecode, List] = ()
    slack_signing_secret: OneWord | None = None
    slack_api_url: ApiUrl = SLACK_API_URL


@dataclass(frozen=True, slots=True)
class ReadableSettings:
    """The settings as far as they can be read: a part is None if one of its own variables is wrong."""

    problems: tuple[str, ...] = ()
    whole: Settings | None = None
    slack: SlackSettings | None = None
    many: bool = False
    """Whether workspaces install the app by OAuth."""
    oauth: OAuthSettings | None = None
    ayrshare: AyrshareSettings | None = None
    store: StoreSettings | None = None


def read_settings() -> ReadableSettings:
    """Read what can be read of the settings."""
    slack, oauth = _part(SlackSettings), _part(OAuthSettings)
    known = _part(SlackAppSettings)
    many = known is not None and known.many_workspaces
    try:
        whole = load(Settings)
    except SettingsError as error:
        return ReadableSettings(
            error.problems,
            slack=slack,
            many=many,
            oauth=oauth,
            ayrshare=_part(AyrshareSettings),
            store=_part(StoreSettings),
        )
    return ReadableSettings(whole=whole, slack=slack, many=many, oauth=oauth, ayrshare=whole, store=whole)


def _part(kind: type[S]) -> S | None:
    try:
        return load(kind)
    except SettingsError:
        return None


def check_settings(settings: ReadableSettings) -> list[Finding]:
    """Return a row for all settings together, one per wrong variable, and one for the life of links."""
    wrong = _by_variable(settings.problems)
    findings = Findings("settings", *wrong, "settings.link_life")
    if wrong:
        findings.wrong("settings", f"{len(wrong)} missing or wrong", "Each has a row of its own.", sums_up=True)
        for variable, problem in wrong.items():
            findings.wrong(variable, problem, HINTS.get(variable) or HINTS.get(variable.removesuffix("_FILE"), ELSE))
    else:
        findings.ok("settings", "complete")
    if settings.whole is not None:
        _link_life(findings, settings.whole.ayrshare_expires_in)
    return findings.rows()


def _by_variable(problems: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in problems:
        variable, _, words = problem.partition(": ")
        found[variable] = f"{found[variable]}; {words}" if variable in found else words
    return found


def _link_life(findings: Findings, minutes: int | None) -> None:
    if minutes is None:
        findings.ok("settings.link_life", "5 min, as Ayrshare has it")
    elif minutes <= LONG_LIFE_MINUTES:
        findings.ok("settings.link_life", f"{minutes} min")
    else:
        hint = (
            f"The longer a link lives, the longer a leaked one works. "
            f"AYRSHARE_EXPIRES_IN up to {LONG_LIFE_MINUTES} is safer."
        )
        findings.note("settings.link_life", f"{minutes} min", hint)


async def check_public_url(findings: Findings, settings: Settings) -> None:
    """Check that the bot answers at PUBLIC_URL, as seen from this machine."""
    check, url = PUBLIC_URL, settings.public_url
    if url is None:
        if settings.slack_app_token and not settings.ayrshare_webhook_secret:
            findings.ok(check, "not needed in Socket Mode without webhooks")
        else:
            hint = "Set it to the address where Slack reaches the bot, such as https://bot.example.com."
            findings.note(check, "not set, so whether the bot can be reached is not known", hint)
    elif not is_callable(url):
        findings.wrong(check, "begins with http://", "Slack and Ayrshare call https:// only: put a proxy in front.")
    else:
        problem = await _problem_at(f"{url}/healthz")
        if problem:
            findings.wrong(check, f"/healthz there {problem}", UP)
        else:
            findings.ok(check, "/healthz there answers, as seen from this machine")


def is_callable(url: str) -> bool:
    """Return whether Slack and Ayrshare would call a URL; a local one is allowed too, for trying out a bot."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in THIS_MACHINE


async def _problem_at(url: str) -> str:
    """Return what is wrong at a URL, or an empty string."""
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT, request_class=ProxiedRequest) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return "" if answer.status == HTTPStatus.OK else f"answers with {cause_of_status(answer.status)}"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return f"can't be reached ({cause_of(error)})"
