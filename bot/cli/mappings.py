"""`mappings`: who looks after which profile. Keys go in through standard input and never come out."""

import hashlib
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.table import Table

from bot.ayrshare import ProfileGone
from bot.cli.boundary import console, finish, settings_of, stop
from bot.clock import SystemClock
from bot.envelope import key_ring
from bot.metrics import Metrics
from bot.model import Mapping, Profile, RefId, TeamId, UserId
from bot.resources import ayrshare_of, redis_of
from bot.settings import AyrshareSettings, StoreSettings
from bot.stores.mappings import MappingStore
from bot.stores.profiles import ProfileStore

app = typer.Typer(no_args_is_help=True, help=__doc__)
SHELL = "shell"
"""Who an audit row says it was: whoever has the machine."""
KEY_SHAPE = re.compile(r"\S{8,512}")
UNCHECKED = "unchecked-"
"""Begins the ref_id of a profile that Ayrshare was not asked about; what follows is a digest of its key."""


def _team(value: str) -> TeamId:
    return TeamId(_matching(r"[TE][A-Z0-9]+", value, "a workspace ID begins with T, such as T0123ABC"))


def _user(value: str) -> UserId:
    return UserId(_matching(r"[UW][A-Z0-9]+", value, "a user ID begins with U or W, such as U0123ABC"))


def _matching(pattern: str, value: str, words: str) -> str:
    if not re.fullmatch(pattern, value):
        raise typer.BadParameter(words)
    return value


Team = Annotated[str, typer.Argument(callback=_team, help="Slack workspace ID (T…)")]
User = Annotated[str, typer.Argument(callback=_user, help="Slack user ID (U… or W…)")]


@dataclass(frozen=True, slots=True)
class Stores:
    """What these commands work on."""

    mappings: MappingStore
    profiles: ProfileStore


@asynccontextmanager
async def _stores(settings: StoreSettings) -> AsyncIterator[Stores]:
    async with redis_of(settings, metrics=Metrics()) as redis:
        keys = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
        yield Stores(MappingStore(redis), ProfileStore(redis, keys))


@app.command("set")
def set_mapping(
    team: Team,
    user: User,
    *,
    default: Annotated[bool, typer.Option("--default", help="Make it the person's default profile")] = False,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Ask Ayrshare whether the key works")] = True,
) -> None:
    """Read a profile key from standard input and add its profile to a person's."""
    settings = settings_of(AyrshareSettings if check else StoreSettings)
    key = _read_key(settings)
    finish(_set(settings, TeamId(team), UserId(user), key, default=default))


def _read_key(settings: StoreSettings) -> SecretStr:
    typed = typer.prompt("Profile key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    key = str(typed).strip()
    if not KEY_SHAPE.fullmatch(key):
        stop("That is no profile key: one word is expected on standard input, as Ayrshare showed it.")
    if isinstance(settings, AyrshareSettings) and key == settings.ayrshare_api_key.get_secret_value():
        stop("That is the account's own API key. A profile key is wanted: Ayrshare shows it when a profile is made.")
    return SecretStr(key)


async def _set(settings: StoreSettings, team: TeamId, user: UserId, key: SecretStr, *, default: bool) -> None:
    profile = await _checked(settings, key) if isinstance(settings, AyrshareSettings) else _unchecked(key)
    async with _stores(settings) as stores:
        await stores.profiles.save(team, profile)
        new = await stores.mappings.add(team, user, profile.ref_id, by=SHELL, default=default)
    console.print(f"{user} {'now looks' if new else 'looks'} after {profile.title!r} ({profile.ref_id}).")


async def _checked(settings: AyrshareSettings, key: SecretStr) -> Profile:
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        try:
            told = await ayrshare.accounts(key)
        except ProfileGone:
            stop("Ayrshare doesn't know that profile key, or has suspended its profile. Nothing was stored.")
    return Profile(ref_id=told.ref_id, title=told.title, key=key)


def _unchecked(key: SecretStr) -> Profile:
    """Name a profile after its key alone; its title shows on the card, where Ayrshare tells it with each link."""
    digest = hashlib.sha256(b"connectbot profile " + key.get_secret_value().encode()).hexdigest()[:12]
    return Profile(ref_id=RefId(UNCHECKED + digest), title=f"Profile {digest[:4]} (unchecked)", key=key)


@app.command("list")
def list_mappings(team: Annotated[str | None, typer.Argument(help="Only this workspace")] = None) -> None:
    """List who looks after which profile."""
    rows = finish(_rows(settings_of(StoreSettings), team))
    table = Table("workspace", "person", "profile", "title", "default")
    for mapping, title in rows:
        table.add_row(mapping.team, mapping.user, mapping.ref_id, title, "yes" if mapping.default else "")
    where = f" in {team}" if team else ""
    console.print(table if rows else f"Nobody is mapped{where} yet: `mappings set TEAM USER` adds somebody.")


async def _rows(settings: StoreSettings, team: str | None) -> list[tuple[Mapping, str]]:
    async with _stores(settings) as stores:
        rows = []
        for one in [TeamId(team)] if team else await stores.mappings.teams():
            titles = await stores.profiles.titles(one)
            rows += [(mapping, titles.get(mapping.ref_id, "?")) for mapping in await stores.mappings.all(one)]
        return rows


@app.command("remove")
def remove_mapping(
    team: Team,
    user: User,
    profile: Annotated[
        str | None, typer.Argument(help="The profile's ref_id or title, where there are several")
    ] = None,
) -> None:
    """Take a profile from a person's."""
    removed = finish(_remove(settings_of(StoreSettings), TeamId(team), UserId(user), profile))
    console.print(f"{user} no longer looks after {removed!r}.")


async def _remove(settings: StoreSettings, team: TeamId, user: UserId, wanted: str | None) -> str:
    async with _stores(settings) as stores:
        titles = await stores.profiles.titles(team)
        refs = [mapping.ref_id for mapping in await stores.mappings.of(team, user)]
        fitting = [ref for ref in refs if wanted in {None, ref, titles.get(ref)}]
        if not fitting:
            stop(f"{user} has no such profile in {team}." if refs else f"{user} has no profile in {team}.")
        if len(fitting) > 1:
            stop(
                f"{user} has several profiles; name one:",
                *(f"  {ref}  {titles.get(ref, '?')}" for ref in fitting),
            )
        await stores.mappings.remove(team, user, fitting[0], by=SHELL)
        return titles.get(fitting[0], fitting[0])
