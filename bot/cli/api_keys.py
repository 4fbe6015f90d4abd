"""`api-keys`: who may ask for links over HTTP."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

import typer

from bot.cli.boundary import console, errors, finish, settings_of, show_table, stop
from bot.cli.mappings.common import SHELL, OneTeam, directory_of, stores_of, team_of
from bot.core.clock import SystemClock
from bot.core.model import RefId, TeamId
from bot.links_api.key_store import ApiKeyStore
from bot.links_api.model import DEFAULT_RATE, ApiKey, new_token
from bot.settings import WorkspaceSettings

LONGEST_NAME = 80
MOST_REQUESTS = 100_000
"""A minute."""

Keys = dict[TeamId, tuple[tuple[ApiKey, datetime | None], ...]]


def create(
    name: Annotated[str, typer.Option(help="What the key is for, as `list` and the audit log show it")],
    team: OneTeam = None,
    profiles: Annotated[str, typer.Option(metavar="REF_ID,…", help="Only these profiles; by default all")] = "",
    rate: Annotated[int, typer.Option(min=1, max=MOST_REQUESTS, help="Requests a minute")] = DEFAULT_RATE,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days it works; by default until revoked")] = None,
) -> None:
    """Make a key with which an app may ask for links over HTTP; it is shown once, and only its hash is stored."""
    if not 1 <= len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        stop(f"Give the key a name of 1 to {LONGEST_NAME} letters.", code=2)
    wanted, now = tuple(RefId(one.strip()) for one in profiles.split(",") if one.strip()), SystemClock().now()
    until = now + timedelta(days=days) if days else None
    key = ApiKey(secrets.token_hex(4), TeamId(team or ""), name.strip(), now, wanted, rate, until)
    typer.echo(finish(_create(settings_of(WorkspaceSettings), key)))
    errors.print(f"That is key {key.id}. It isn't shown again. `connectbot api-keys revoke {key.id}` ends it.")


async def _create(settings: WorkspaceSettings, draft: ApiKey) -> str:
    """Keep a key and return it as its holder has it."""
    async with stores_of(settings) as stores, directory_of(settings) as directory:
        team = draft.team or await team_of(directory, stores)
        unknown = [one for one in draft.profiles if one not in await stores.profiles.all_titles(team)]
        if unknown:
            stop(f"Not profiles of {team}: {', '.join(unknown)}. `connectbot mappings list` shows their IDs.", code=2)
        token = new_token(team)
        key = ApiKey(draft.id, team, draft.name, draft.created_at, draft.profiles, draft.rate, draft.expires_at)
        await ApiKeyStore(stores.mappings.connection, SystemClock()).add(key, token, by=SHELL)
    return token


def list_keys() -> None:
    """List the API keys, what they are for, and when they were last used."""
    rows = [_row(key, used) for keys in finish(_all(settings_of(WorkspaceSettings))).values() for key, used in keys]
    if rows:
        show_table(("key", "workspace", "name", "profiles", "a minute", "expires (UTC)", "last used (UTC)"), rows)
    else:
        console.print("There is no API key. `connectbot api-keys create --name NAME` makes one.")


async def _all(settings: WorkspaceSettings) -> Keys:
    async with stores_of(settings) as stores:
        store = ApiKeyStore(stores.mappings.connection, SystemClock())
        return {team: await store.all(team) for team in await stores.mappings.teams()}


def _row(key: ApiKey, used: datetime | None) -> tuple[str, ...]:
    profiles = ", ".join(key.profiles) or "all"
    return key.id, key.team, key.name, profiles, str(key.rate), _moment(key.expires_at, "never"), _moment(used, "never")


def _moment(moment: datetime | None, otherwise: str) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else otherwise


def revoke(key: Annotated[str, typer.Argument(metavar="KEY", help="The key's ID, as `list` shows it")]) -> None:
    """Revoke an API key, which works no more from then on."""
    revoked = finish(_revoke(settings_of(WorkspaceSettings), key))
    if revoked is None:
        stop(f"There is no API key {key}. `connectbot api-keys list` shows which there are.")
    console.print(f"{revoked.name} ({revoked.id}) works no more. Links that it got work until they expire.")


async def _revoke(settings: WorkspaceSettings, key_id: str) -> ApiKey | None:
    async with stores_of(settings) as stores:
        store = ApiKeyStore(stores.mappings.connection, SystemClock())
        for team in await stores.mappings.teams():
            if revoked := await store.revoke(team, key_id, by=SHELL):
                return revoked
    return None
