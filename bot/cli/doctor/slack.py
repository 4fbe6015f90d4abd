"""Slack: token, scopes, signing secret, app-level token, and whose clock is right."""

import re
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from bot.cli.doctor.finding import Findings
from bot.cli.doctor.settings import HINTS, SlackSettings
from bot.cli.doctor.slack_answers import PATIENCE, Answer, ask
from bot.core.clock import SystemClock
from bot.manifest import BOT_SCOPES, OPTIONAL_SCOPES, SCOPES

CHECKS = ("slack.token", "slack.scopes", "slack.signing_secret", "slack.app_token", "slack.clock")
SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
FOR_GROUPS, FOR_MAILS = "usergroups:read", "users:read.email"
INSTALL_AGAIN = "Install the app to the workspace again (api.slack.com/apps, OAuth & Permissions)"
NOTED, WRONG = timedelta(minutes=1), timedelta(minutes=5)
"""Slack's signatures are refused when they are 5 minutes off.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""


async def check_slack(findings: Findings, settings: SlackSettings) -> None:
    """Check what Slack tells about the app, and what it can't tell."""
    _signing_secret(findings, settings)
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        answer = await ask(session, settings.slack_api_url, "auth.test", settings.slack_bot_token)
        if answer.headers:
            _clock(findings, answer.headers.get("Date", ""))
        if answer.trouble:
            _no_yes(findings, "slack.token", answer, hint=f"{INSTALL_AGAIN} and copy the Bot User OAuth Token.")
        else:
            workspace = f"{answer.told.get('team')!r:.80} ({answer.told.get('team_id')!s:.20})"
            findings.ok("slack.token", f"accepted in workspace {workspace}")
            _scopes(findings, answer.headers.get("x-oauth-scopes"), wanted=_wanted(settings))
        if not answer.trouble or answer.refused:
            await _app_token(findings, session, settings)


def _signing_secret(findings: Findings, settings: SlackSettings) -> None:
    secret, check = settings.slack_signing_secret, "slack.signing_secret"
    if settings.slack_app_token is not None:
        findings.ok(check, "not needed in Socket Mode")
    elif secret is None:
        findings.wrong(check, "not set", HINTS["SLACK_SIGNING_SECRET"])
    elif SIGNING_SECRET.fullmatch(secret.get_secret_value()):
        findings.ok(check, "has the shape of one; only a request from Slack can tell whether it is the right one")
    else:
        findings.wrong(check, "is not 32 hexadecimal digits", HINTS["SLACK_SIGNING_SECRET"])


def _no_yes(findings: Findings, check: str, answer: Answer, *, hint: str) -> None:
    if answer.refused == "ratelimited":
        findings.note(check, answer.trouble, "It was asked too often. Wait a minute and run doctor again.")
    elif answer.refused:
        findings.wrong(check, answer.trouble, hint)
    else:
        findings.wrong(
            check, answer.trouble, "Check this machine's way to the internet, and SLACK_API_URL if it is set."
        )


def _wanted(settings: SlackSettings) -> set[str]:
    """Return the optional scopes that these settings make necessary."""
    groups = any(admin.strip().startswith("S") for admin in settings.connect_admins.split(","))
    mails = settings.ayrshare_email_company is not None
    return ({FOR_GROUPS} if groups else set()) | ({FOR_MAILS} if mails else set())


def _scopes(findings: Findings, told: str | None, *, wanted: set[str]) -> None:
    check = "slack.scopes"
    if told is None:
        findings.note(check, "Slack didn't tell which are granted")
        return
    granted = {scope.strip() for scope in told.split(",") if scope.strip()}
    needed = set(BOT_SCOPES) - set(OPTIONAL_SCOPES) | wanted
    missing, more = needed - granted, granted - set(BOT_SCOPES)
    if missing:
        hint = f"Add what is missing (`python -m bot manifest` prints an app that has it). {INSTALL_AGAIN}."
        findings.wrong(check, f"missing: {_listed(missing)}", hint)
    elif more:
        findings.note(check, f"all that are needed, and more: {_listed(more)}", "Take away what nothing else needs.")
    elif left_out := set(OPTIONAL_SCOPES) - granted:
        hint = " ".join(f"Only who wants it needs {scope}: {SCOPES[scope]}." for scope in sorted(left_out))
        findings.note(check, f"all that are needed; left out: {_listed(left_out)}", hint)
    else:
        findings.ok(check, "all that are needed, and no more")


def _listed(scopes: set[str]) -> str:
    return ", ".join(sorted(scopes))[:300]


async def _app_token(findings: Findings, session: aiohttp.ClientSession, settings: SlackSettings) -> None:
    check = "slack.app_token"
    if settings.slack_app_token is None:
        findings.ok(check, "not set: requests come over HTTP, not in Socket Mode")
        return
    answer = await ask(session, settings.slack_api_url, "apps.connections.open", settings.slack_app_token)
    if answer.trouble:
        _no_yes(findings, check, answer, hint=HINTS["SLACK_APP_TOKEN"])
    else:
        findings.ok(check, "opens connections (Socket Mode)")


def _clock(findings: Findings, date: str) -> None:
    check, off = "slack.clock", _ahead_by(date)
    if off is None:
        findings.note(check, "Slack didn't tell the time")
        return
    found = f"{abs(off) // timedelta(seconds=1)} s {'ahead of' if off > timedelta(0) else 'behind'} Slack's"
    hint = "Let the system set its clock (NTP): 5 minutes off, all that Slack sends is refused as too old."
    if abs(off) >= WRONG:
        findings.wrong(check, found, hint)
    elif abs(off) > NOTED:
        findings.note(check, found, hint)
    else:
        findings.ok(check, "agrees with Slack's")


def _ahead_by(date: str) -> timedelta | None:
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return None
    return SystemClock().now() - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
