"""Slack: token, scopes, CONNECT_ADMINS, signing secret, app-level token, and the difference between the clocks."""

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
from pydantic import SecretStr

from bot.cli.doctor.findings import Findings
from bot.cli.doctor.settings import HINTS, SlackSettings
from bot.core.clock import SystemClock, read_date
from bot.core.http import LimitedResponse
from bot.core.proxy import ProxiedRequest, cause_of, cause_of_status
from bot.manifest import BOT_SCOPES, OPTIONAL_SCOPES, SCOPES

CHECKS = ("slack.token", "slack.scopes", "slack.admins", "slack.signing_secret", "slack.app_token", "slack.clock")
SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
TIMEOUT = aiohttp.ClientTimeout(total=5)
ERROR_CODE = re.compile(r"[a-z_]{1,60}")
"""The shape of Slack's error codes; anything else is not repeated."""
FOR_GROUPS, FOR_MAILS = "usergroups:read", "users:read.email"
INSTALL_AGAIN = "Install the app to the workspace again (api.slack.com/apps, OAuth & Permissions)"
NOTED, WRONG = timedelta(minutes=1), timedelta(minutes=5)
"""We refuse a signature that is 5 minutes off, as Slack recommends.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """Slack's reply. `problem` says why it is not a success, `refused` is Slack's error code."""

    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    refused: str = ""


async def check_slack(findings: Findings, settings: SlackSettings) -> None:
    """Check the token and what Slack says about the app, and the signing secret by its shape."""
    if settings.slack_app_token is not None:
        findings.ok("slack.signing_secret", "not needed in Socket Mode")
    else:
        check_signing_secret(findings, settings.slack_signing_secret)
    async with open_session() as session:
        reply = await ask(session, settings.slack_api_url, "auth.test", settings.slack_bot_token)
        if reply.headers:
            check_clock(findings, reply.headers.get("Date", ""))
        if reply.problem:
            _report_failure(findings, "slack.token", reply, hint=f"{INSTALL_AGAIN} and copy the Bot User OAuth Token.")
        else:
            workspace = f"{reply.body.get('team')!r:.80} ({reply.body.get('team_id')!s:.20})"
            findings.ok("slack.token", f"accepted in workspace {workspace}")
            _scopes(findings, reply.headers.get("x-oauth-scopes"), wanted=_wanted(settings))
            await _admins(findings, session, settings)
        if not reply.problem or reply.refused:
            await _app_token(findings, session, settings)


def check_signing_secret(findings: Findings, secret: SecretStr | None) -> None:
    """Check the signing secret by its shape."""
    check = "slack.signing_secret"
    if secret is None:
        findings.wrong(check, "not set", HINTS["SLACK_SIGNING_SECRET"])
    elif SIGNING_SECRET.fullmatch(secret.get_secret_value()):
        findings.ok(check, "has the shape of one; only a request from Slack can tell whether it is the right one")
    else:
        findings.wrong(check, "is not 32 hexadecimal digits", HINTS["SLACK_SIGNING_SECRET"])


def _report_failure(findings: Findings, check: str, reply: Reply, *, hint: str) -> None:
    if reply.refused == "ratelimited":
        findings.note(check, reply.problem, "It was asked too often. Wait a minute and run doctor again.")
    elif reply.refused:
        findings.wrong(check, reply.problem, hint)
    else:
        findings.wrong(
            check,
            reply.problem,
            "Check this machine's way to the internet, HTTPS_PROXY and NO_PROXY, and SLACK_API_URL if it is set.",
        )


def open_session() -> aiohttp.ClientSession:
    """Open a session for `ask`."""
    return aiohttp.ClientSession(timeout=TIMEOUT, request_class=ProxiedRequest, response_class=LimitedResponse)


def missing_scopes(header: str | None, wanted: Collection[str] = ()) -> list[str]:
    """Return which scopes the bot needs, and those of the optional ones that are wanted, aren't granted."""
    if header is None:
        return []
    return sorted((set(BOT_SCOPES) - set(OPTIONAL_SCOPES) | set(wanted)) - _granted(header))


def _granted(header: str) -> set[str]:
    return {scope.strip() for scope in header.split(",") if scope.strip()}


def _wanted(settings: SlackSettings) -> set[str]:
    """Return the optional scopes that these settings need."""
    groups = any(admin.startswith("S") for admin in settings.connect_admins)
    mails = settings.ayrshare_email_company is not None
    return ({FOR_GROUPS} if groups else set()) | ({FOR_MAILS} if mails else set())


def _scopes(findings: Findings, header: str | None, *, wanted: set[str]) -> None:
    check = "slack.scopes"
    if header is None:
        findings.note(check, "Slack didn't tell which are granted")
        return
    granted, missing = _granted(header), missing_scopes(header, wanted)
    more = granted - set(BOT_SCOPES)
    if missing:
        hint = f"Add what is missing (`connectbot manifest` prints an app that has it). {INSTALL_AGAIN}."
        findings.wrong(check, f"missing: {_listed(missing)}", hint)
    elif more:
        findings.note(check, f"all that are needed, and more: {_listed(more)}", "Take away what nothing else needs.")
    elif left_out := set(OPTIONAL_SCOPES) - granted:
        hint = " ".join(f"Only who wants it needs {scope}: {SCOPES[scope]}." for scope in sorted(left_out))
        findings.note(check, f"all that are needed; left out: {_listed(left_out)}", hint)
    else:
        findings.ok(check, "all that are needed, and no more")


async def _admins(findings: Findings, session: aiohttp.ClientSession, settings: SlackSettings) -> None:
    """Look for entries of CONNECT_ADMINS that add nobody."""
    check, named = "slack.admins", settings.connect_admins
    troubles = await asyncio.gather(*(_trouble_with(session, settings, admin) for admin in named))
    dead = [f"{admin} ({trouble})" for admin, trouble in zip(named, troubles, strict=True) if trouble]
    if dead:
        hint = "They add no admin. Correct CONNECT_ADMINS; a missing scope has to be allowed when the app is installed."
        findings.wrong(check, f"CONNECT_ADMINS names {', '.join(dead)}"[:300], hint)
    else:
        findings.ok(
            check, f"{len(named)} in CONNECT_ADMINS, all known" if named else "workspace admins and owners only"
        )


async def _trouble_with(session: aiohttp.ClientSession, settings: SlackSettings, admin: str) -> str:
    """Return why a person or user group adds no admin, or nothing."""
    method, name = ("usergroups.users.list", "usergroup") if admin.startswith("S") else ("users.info", "user")
    reply = await ask(session, settings.slack_api_url, method, settings.slack_bot_token, {name: admin})
    if reply.problem:
        return reply.problem if reply.refused not in {"", "ratelimited"} else ""
    person = reply.body.get("user")
    if isinstance(person, dict) and person.get("deleted"):
        return "has left"
    return "nobody is in it" if reply.body.get("users") == [] else ""


def _listed(scopes: Collection[str]) -> str:
    return ", ".join(sorted(scopes))[:300]


async def _app_token(findings: Findings, session: aiohttp.ClientSession, settings: SlackSettings) -> None:
    check = "slack.app_token"
    if settings.slack_app_token is None:
        findings.ok(check, "not set: requests come over HTTP, not in Socket Mode")
        return
    reply = await ask(session, settings.slack_api_url, "apps.connections.open", settings.slack_app_token)
    if reply.problem:
        _report_failure(findings, check, reply, hint=HINTS["SLACK_APP_TOKEN"])
    else:
        findings.ok(check, "opens connections (Socket Mode)")


def check_clock(findings: Findings, date: str) -> None:
    """Compare this machine's clock with the moment of Slack's answer."""
    check, off = "slack.clock", _ahead_by(date)
    if off is None:
        findings.note(check, "Slack didn't tell the time")
        return
    found = f"{abs(off) // timedelta(seconds=1)} s {'ahead of' if off > timedelta(0) else 'behind'} Slack's"
    hint = "Let the system set its clock (NTP). 5 minutes off, the bot refuses Slack until it has heard Slack's time."
    if abs(off) >= WRONG:
        findings.wrong(check, found, hint)
    elif abs(off) > NOTED:
        findings.note(check, found, hint)
    else:
        findings.ok(check, "agrees with Slack's")


def _ahead_by(date: str) -> timedelta | None:
    theirs = read_date(date)
    return None if theirs is None else SystemClock().now() - theirs


async def ask(
    session: aiohttp.ClientSession,
    api_url: str,
    method: str,
    token: SecretStr | None,
    data: Mapping[str, str] | None = None,
) -> Reply:
    """Call a method of the Web API; slack_sdk would hide headers and refusals."""
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    try:
        async with session.post(f"{api_url}{method}", headers=headers, data=data, allow_redirects=False) as response:
            if response.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
                return Reply(problem=f"Slack can't be reached ({cause_of_status(response.status)})")
            return _read(await response.json(content_type=None), response.status, response.headers)
    except (aiohttp.ClientError, OSError) as error:
        return Reply(problem=f"Slack can't be reached ({cause_of(error)})")
    except ValueError:
        return Reply(problem="something answers that is not Slack, or Slack is in trouble")


def _read(body: object, status: int, headers: Mapping[str, str]) -> Reply:
    if not isinstance(body, dict):
        return Reply(problem=f"Slack answers with HTTP {status} and nothing that makes sense")
    if body.get("ok") is True and status == HTTPStatus.OK:
        return Reply(body, headers)
    code = str(body.get("error"))
    refused = code if ERROR_CODE.fullmatch(code) else "something unknown"
    return Reply(body, headers, problem=f"Slack says {refused}", refused=refused)
