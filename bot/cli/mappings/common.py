"""What the `mappings` commands share: their arguments, the stores, and the workspace that is meant."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, NoReturn

import typer

from bot.ayrshare.accounts import AccountKeyStore
from bot.ayrshare.client import AyrshareClient
from bot.cli.boundary import stop
from bot.cli.tokens import open_directory
from bot.connections import ayrshare_of, redis_of
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId
from bot.mappings.imports.plan import KnownMappings
from bot.mappings.imports.store import ImportStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.model import Disconnected
from bot.profiles.snapshot_store import SnapshotStore
from bot.profiles.store import ProfileStore
from bot.profiles.views import REASON_LIMIT
from bot.scheduling.due_workspaces import DueWorkspaces
from bot.settings import AyrshareSettings, StoreSettings, WorkspaceSettings
from bot.slack.client import open_session
from bot.slack.people import Directory
from bot.slack.text import shortened
from bot.storage.envelope import key_ring


def _team(value: str | None) -> TeamId | None:
    return (
        TeamId(_matching(r"[TE][A-Z0-9]+", value, "a workspace ID begins with T, such as T0123ABC")) if value else None
    )


def _matching(pattern: str, value: str, words: str) -> str:
    if not re.fullmatch(pattern, value):
        raise typer.BadParameter(words)
    return value


Team = Annotated[str, typer.Argument(metavar="TEAM", callback=_team, help="Slack workspace ID (T…)")]
User = Annotated[
    str,
    typer.Argument(
        metavar="USER",
        help="Slack user ID (U… or W…); with SLACK_BOT_TOKEN set also a name, @handle or address",
    ),
]
OneTeam = Annotated[
    str | None,
    typer.Option(
        "--team",
        callback=_team,
        help="Slack workspace ID (T…); by default that of SLACK_BOT_TOKEN, else the only one known",
    ),
]

Quiet = Annotated[bool, typer.Option("--quiet", help="Tell nobody in Slack of it")]

SHELL = "shell"
"""Who made a change, in the audit log: a person with access to the machine."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of mappings, profiles and snapshots, and the one that changes the first two at once."""

    mappings: MappingStore
    profiles: ProfileStore
    imports: ImportStore
    snapshots: SnapshotStore
    account_keys: AccountKeyStore

    async def disconnected(self, team: TeamId) -> dict[RefId, str]:
        """Return, for each profile with accounts that dropped, which did, since when and why."""
        dropped = await self.snapshots.dropped(team)
        return {ref_id: ", ".join(map(_network_since, some)) for ref_id, some in dropped.items()}

    async def wake_worker(self, team: TeamId) -> None:
        """Have a worker do at once what a change has planned."""
        due = DueWorkspaces(self.mappings.connection)
        await due.add(team, at=SystemClock().now())  # on a Cluster no transaction has noted it
        await due.wake_others()

    async def known(self, team: TeamId) -> KnownMappings:
        """Return the mappings, titles and readable profiles of a workspace."""
        return KnownMappings(
            mappings=await self.mappings.all(team),
            titles=await self.profiles.all_titles(team),
            profiles=await self.profiles.readable(team),
        )


def _network_since(lost: Disconnected) -> str:
    why = shortened(" ".join(lost.reason.split()), limit=REASON_LIMIT).removesuffix(".")
    return f"{lost.network} since {lost.since:%Y-%m-%d}{f' ({why})' if why else ''}"


@asynccontextmanager
async def stores_of(settings: StoreSettings) -> AsyncIterator[Stores]:
    """Open the stores for one command."""
    async with redis_of(settings, metrics=Metrics()) as redis:
        keys = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
        profiles, snapshots = ProfileStore(redis, keys), SnapshotStore(redis)
        yield Stores(
            MappingStore(redis), profiles, ImportStore(redis, profiles), snapshots, AccountKeyStore(redis, keys)
        )


@asynccontextmanager
async def account_of(settings: AyrshareSettings, stores: Stores, team: TeamId) -> AsyncIterator[AyrshareClient]:
    """Open the client of a workspace's own Ayrshare account, or of the one for all."""
    own = await stores.account_keys.get(team)
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as common:
        yield common.with_key(own) if own else common


@asynccontextmanager
async def directory_of(settings: WorkspaceSettings, team: TeamId | None = None) -> AsyncIterator[Directory | None]:
    """Open the member list of the token's workspace, or with many workspaces of `team`; yield None without a token."""
    async with open_session() as session:
        yield await open_directory(session, settings, team)


async def team_of(directory: Directory | None, stores: Stores) -> TeamId:
    """Return the token's workspace, else the only one known; exit with 2 if several or none are known."""
    if directory is not None:
        return await directory.team()
    teams = await stores.mappings.teams()
    return teams[0] if len(teams) == 1 else _which(teams)


def _which(teams: tuple[TeamId, ...]) -> NoReturn:
    known = f" Known are {', '.join(teams)}." if teams else ""
    stop(f"Which workspace? Name it with --team, such as --team T0123ABC, or set SLACK_BOT_TOKEN.{known}", code=2)
