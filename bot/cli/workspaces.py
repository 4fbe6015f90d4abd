"""`workspaces`: who has installed the app, a workspace removed at once, and its own Ayrshare account."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import SecretStr

from bot.ayrshare.errors import AuthFailed
from bot.ayrshare.links import LinkOptions
from bot.ayrshare.session_links import SessionLinks
from bot.cards.revoke import end_link
from bot.cards.store import CardStore
from bot.cli.boundary import console, finish, settings_of, show_table, stop
from bot.cli.mappings.common import SHELL, Stores, Team, account_of, stores_of
from bot.connections import ayrshare_of
from bot.core.clock import SystemClock
from bot.core.metrics import Availability, Metrics
from bot.core.model import TeamId
from bot.people.audit import AuditStore
from bot.settings import AyrshareSettings, InstallSettings, SettingsError, load
from bot.slack.client import open_session, web_client
from bot.slack.errors import SlackError
from bot.storage.envelope import key_ring
from bot.workspaces.forget import forget
from bot.workspaces.model import Installed, is_allowed
from bot.workspaces.oauth import AppSecrets, SlackOAuth
from bot.workspaces.store import InstallationStore

COLUMNS = ("workspace", "name", "installed (UTC)", "token until (UTC)", "people", "on the list", "Ayrshare account")


def list_workspaces(*, as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False) -> None:
    """List the workspaces and organizations that have installed the app."""
    rows = finish(_rows(settings_of(InstallSettings)))
    if as_json:
        for row in rows:
            sys.stdout.write(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n")
    elif rows:
        show_table(COLUMNS, rows)
    else:
        console.print("No workspace has installed the app yet. An admin of one opens /slack/install at PUBLIC_URL.")


def remove_workspace(team: Team) -> None:
    """Uninstall the app from a workspace or organization, end its links, and delete all its data now."""
    for line in finish(_remove(settings_of(InstallSettings), TeamId(team))):
        console.print(line)


def set_workspace(
    team: Team,
    *,
    own: Annotated[
        bool, typer.Option("--api-key/--common", help="Read an API key, or go back to AYRSHARE_API_KEY")
    ] = True,
) -> None:
    """Read an Ayrshare API key from standard input: the workspace's own account, in place of AYRSHARE_API_KEY."""
    settings = settings_of(AyrshareSettings)
    console.print(finish(_set_key(settings, TeamId(team), _read_key()) if own else _use_common(settings, TeamId(team))))


def _read_key() -> SecretStr:
    typed = typer.prompt("Ayrshare API key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    key = str(typed).strip()
    if not key or len(key.split()) > 1:
        stop("That is no API key: one word is expected on standard input, as Ayrshare's dashboard shows it.")
    return SecretStr(key)


async def _set_key(settings: AyrshareSettings, team: TeamId, key: SecretStr) -> str:
    async with stores_of(settings) as stores:
        async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as common:
            try:
                listed = len(await common.with_key(key).profiles())
            except AuthFailed:
                stop("Ayrshare doesn't know this API key. Nothing was changed.")
        await stores.account_keys.save(team, key)
        known = len(await stores.profiles.ref_ids(team))
    kept = f" The {known} profiles that it knows keep working only if they are of this account." if known else ""
    return f"{team} now works with its own Ayrshare account ({listed} profiles), within a minute.{kept}"


async def _use_common(settings: AyrshareSettings, team: TeamId) -> str:
    async with stores_of(settings) as stores:
        had = await stores.account_keys.delete(team)
    return f"{team} {'now works' if had else 'works'} with AYRSHARE_API_KEY, as all without a key of their own do."


async def _rows(settings: InstallSettings) -> list[tuple[str, ...]]:
    async with stores_of(settings) as stores:
        installations = _installations(settings, stores)
        found = [await installations.installed(place) for place in await installations.places()]
        return [await _row(settings, stores, one) for one in found if one]


async def _row(settings: InstallSettings, stores: Stores, installed: Installed) -> tuple[str, ...]:
    bot, place = installed.bot, installed.place
    own = await stores.account_keys.get(place)
    return (
        place,
        str(bot.team_name or bot.enterprise_name or ""),
        _minute(bot.installed_at),
        _minute(bot.bot_token_expires_at) if bot.bot_token_expires_at else "no end",
        str(len({mapping.user for mapping in await stores.mappings.all(place)})),
        "yes" if is_allowed(bot, frozenset(settings.slack_allowed_workspaces)) else "no",
        "its own" if own else "common",
    )


def _minute(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"


async def _remove(settings: InstallSettings, place: TeamId) -> list[str]:
    async with stores_of(settings) as stores:
        installations = _installations(settings, stores)
        installed = await installations.installed(place)
        uninstalled = [await _uninstall(settings, installed)] if installed else []
        await installations.async_delete_all(enterprise_id=None, team_id=place)
        links = sum([await _end_links(settings, stores, team) for team in await installations.workspaces(place)])
        teams = await forget(installations, place)
    return [*uninstalled, f"Links ended: {links}.", f"All data of {', '.join(teams)} is deleted."]


async def _uninstall(settings: InstallSettings, installed: Installed) -> str:
    secret = settings.slack_client_secret or SecretStr("")
    async with open_session() as session:
        client = web_client(session, token=None, api_url=settings.slack_api_url)
        app = AppSecrets(settings.slack_client_id or "", secret)
        oauth = SlackOAuth(client, Availability("slack", Metrics()), app, SystemClock())
        try:
            await oauth.uninstall(installed.bot)
        except SlackError as error:
            for token in filter(None, (installed.bot.bot_refresh_token, installed.bot.bot_token)):
                with suppress(SlackError):
                    await oauth.revoke(token)
            return f"Slack didn't uninstall the app ({error.reason}): an admin has to. Its tokens are revoked."
    return "The app is uninstalled there."


async def _end_links(settings: InstallSettings, stores: Stores, team: TeamId) -> int:
    """End a workspace's links, revoked where Ayrshare's settings are there, and return how many there were."""
    connection, clock = stores.mappings.connection, SystemClock()
    keys = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
    cards, audit = CardStore(connection, keys, clock), AuditStore(connection)
    live = await cards.live(team, *await stores.profiles.ref_ids(team))
    if live:
        async with _links(stores, team) as links:
            for card in live:
                await end_link(cards, stores.profiles, links, audit, card, by=SHELL)
    return len(live)


@asynccontextmanager
async def _links(stores: Stores, team: TeamId) -> AsyncIterator[SessionLinks | None]:
    try:
        settings = load(AyrshareSettings)
    except SettingsError:
        yield None
        return
    async with account_of(settings, stores, team) as ayrshare:
        yield SessionLinks(ayrshare, options=LinkOptions())


def _installations(settings: InstallSettings, stores: Stores) -> InstallationStore:
    keys = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
    return InstallationStore(stores.mappings.connection, keys)
