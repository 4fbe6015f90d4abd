"""Many workspaces: the app's ID and secret, and for each place that installed the app whether its token works."""

from dataclasses import dataclass

from aiohttp import ClientSession
from pydantic import SecretStr

from bot.cli.doctor.findings import Findings
from bot.cli.doctor.settings import HINTS, OAuthSettings
from bot.cli.doctor.slack import ask, check_clock, check_signing_secret, open_session
from bot.connections import redis_of
from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.settings import StoreSettings
from bot.storage.envelope import key_ring
from bot.storage.errors import UnreadableSecret
from bot.workspaces.model import Installed, is_allowed
from bot.workspaces.store import InstallationStore

CHECKS = ("slack.client", "slack.signing_secret", "slack.clock", "slack.workspaces")
NO_CODE = "doctor"
"""What no installation ends with: Slack refuses it as a code if the app's ID and secret are right."""
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Trouble:
    """A place whose token doesn't work, and why."""

    place: str
    why: str


async def check_workspaces(findings: Findings, settings: tuple[OAuthSettings, StoreSettings]) -> None:
    """Check the app's secrets with Slack, and each installation's token."""
    app, store = settings
    check_signing_secret(findings, app.slack_signing_secret)
    async with open_session() as session:
        await _client(findings, session, app)
        await _tokens(findings, session, app, await _installed(store))


async def _client(findings: Findings, session: ClientSession, app: OAuthSettings) -> None:
    given = {"client_id": app.slack_client_id, "client_secret": app.slack_client_secret.get_secret_value()}
    reply = await ask(session, app.slack_api_url, "oauth.v2.access", None, given | {"code": NO_CODE})
    check_clock(findings, reply.headers.get("Date", ""))
    if reply.refused == "invalid_code":
        findings.ok("slack.client", "the app's ID and secret are accepted")
    else:
        findings.wrong("slack.client", reply.problem or "Slack accepts any code", HINTS["SLACK_CLIENT_SECRET"])


async def _installed(store: StoreSettings) -> list[Installed | Trouble]:
    async with redis_of(store, metrics=Metrics()) as redis:
        installations = InstallationStore(redis, key_ring(store.encryption_keys, data_dir=store.data_dir))
        return [await _read(installations, place) for place in await installations.places()]


async def _read(installations: InstallationStore, place: TeamId) -> Installed | Trouble:
    try:
        found = await installations.installed(place)
    except UnreadableSecret:
        found = None
    return found or Trouble(place, "no encryption key opens its token")


async def _tokens(
    findings: Findings, session: ClientSession, app: OAuthSettings, installed: list[Installed | Trouble]
) -> None:
    check, allowed = "slack.workspaces", frozenset(app.slack_allowed_workspaces)
    troubles = [one if isinstance(one, Trouble) else await _trouble_with(session, app, one) for one in installed]
    broken = [f"{one.place} ({one.why})" for one in troubles if one]
    off = [one.place for one in installed if isinstance(one, Installed) and not is_allowed(one.bot, allowed)]
    if broken:
        hint = "An admin there opens /slack/install at PUBLIC_URL again; `workspaces remove` deletes one for good."
        findings.wrong(check, f"tokens that don't work: {', '.join(broken[:SHOWN])}", hint)
    elif not installed:
        findings.note(check, "none has installed the app yet", "An admin of one opens /slack/install at PUBLIC_URL.")
    elif off:
        hint = "They aren't served. Add them to SLACK_ALLOWED_WORKSPACES, or delete them by `workspaces remove`."
        findings.note(check, f"installed, but not on the list: {', '.join(off[:SHOWN])}", hint)
    else:
        findings.ok(check, f"{len(installed)} installed, and every token works")


async def _trouble_with(session: ClientSession, app: OAuthSettings, installed: Installed) -> Trouble | None:
    reply = await ask(session, app.slack_api_url, "auth.test", SecretStr(installed.bot.bot_token))
    return Trouble(installed.place, reply.problem) if reply.problem else None
