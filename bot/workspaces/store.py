"""Installations, as slack_sdk's OAuth flow wants them kept, in Redis.

`connectbot:{place}:installation`: a hash with the bot's installation (`bot`), how often that was stored (`version`),
and one for each person who installed the app (`user:<id>`), as JSON with sealed tokens. Permanent.
`connectbot:{team}:organization`: the organization whose installation the workspace uses. Permanent.
`connectbot:{organization}:workspaces`: the set of those workspaces. Permanent.
`connectbot:installations`: the set of places, which may name some that are gone. Permanent.
"""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from pydantic import SecretStr
from redis.asyncio.client import Pipeline
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore

from bot.core.model import TeamId
from bot.profiles.mapping_store import TEAMS
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.queue import add_job, job_entry, queue_key
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.damage import Shape
from bot.storage.envelope import KeyRing
from bot.storage.errors import RecordDamaged
from bot.storage.keys import Keys
from bot.workspaces.model import END, FORGET, Installed, place_of

PLACES = "connectbot:installations"
SECRETS = ("bot_token", "bot_refresh_token", "user_token", "user_refresh_token", "incoming_webhook_url")
"""What is sealed of an installation."""
BOT, VERSION, USER = "bot", "version", "user:"
ORGANIZATION = "E"
"""What the IDs of organizations begin with."""

Kept = TypeVar("Kept", Bot, Installation)
BesideSave = Callable[[Pipeline, Bot], None]
"""Adds what belongs to an installation to the transaction that saves it, such as the job that refreshes its token."""


class InstallationStore(Store, AsyncInstallationStore):
    """slack_sdk's installation store for one app.

    All methods raise StoreUnavailable; those that find something raise UnreadableSecret.

    https://docs.slack.dev/tools/python-slack-sdk/oauth
    """

    shapes = (
        Shape("installation", "hash", irreplaceable=True),
        Shape("organization", "string", irreplaceable=True),
        Shape("workspaces", "set", irreplaceable=True),
        Shape(PLACES, "set", lists="installation"),
    )

    def __init__(
        self, connection: Connection, envelopes: KeyRing, *, beside_save: BesideSave = lambda _pipe, _bot: None
    ) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._beside_save = beside_save

    @property
    def logger(self) -> logging.Logger:
        """The interface's own."""
        return logging.getLogger("slack_sdk")

    @redis_errors_mapped
    async def async_save(self, installation: Installation) -> None:
        """Keep what a person has installed, and with it the bot's part unless it has none."""
        bot = installation.to_bot()
        await self._redis.sadd(PLACES, place_of(bot))
        async with self.connection.transaction() as pipe:
            field = f"{USER}{installation.user_id}"
            pipe.hset(_key(place_of(bot)), field, self._dump(installation, field))
            if bot.bot_token:
                self._put(pipe, bot)
            await pipe.execute()

    @redis_errors_mapped
    async def async_save_bot(self, bot: Bot) -> None:
        """Keep the bot's installation in place of an earlier one."""
        await self._redis.sadd(PLACES, place_of(bot))
        async with self.connection.transaction() as pipe:
            self._put(pipe, bot)
            await pipe.execute()

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """Return the bot's installation in a workspace, or in an organization if that or no workspace is asked for."""
        found = await self.installed(_place(enterprise_id, team_id, whole=is_enterprise_install))
        return found.bot if found else None

    @redis_errors_mapped
    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """Return a person's installation, or the latest of all people's, with the bot's newest tokens."""
        place = _place(enterprise_id, team_id, whole=is_enterprise_install)
        record: Any = await self._redis.hgetall(_key(place))
        names = [f"{USER}{user_id}"] if user_id else [name for name in record if name.startswith(USER)]
        people = [self._load(Installation, place, name, record[name]) for name in names if name in record]
        if not people:
            return None
        latest = max(people, key=lambda one: one.installed_at)
        if BOT in record:
            _take_bot(latest, self._load(Bot, place, BOT, record[BOT]))
        return latest

    @redis_errors_mapped
    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Delete the bot's installation of a workspace, or of an organization if no workspace is named."""
        await self._redis.hdel(_key(_place(enterprise_id, team_id)), BOT, VERSION)

    @redis_errors_mapped
    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Delete a person's installation, or all people's."""
        key = _key(_place(enterprise_id, team_id))
        names = [f"{USER}{user_id}"] if user_id else [str(name) for name in await self._redis.hkeys(key)]
        if people := [name for name in names if name.startswith(USER)]:
            await self._redis.hdel(key, *people)

    @redis_errors_mapped
    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Delete all that is installed in one place, and nothing of another workspace of the same organization."""
        place = _place(enterprise_id, team_id)
        await self._redis.delete(_key(place))
        await self._redis.srem(PLACES, place)

    @redis_errors_mapped
    async def installed(self, place: TeamId) -> Installed | None:
        """Return the bot's installation in a place."""
        read: Any = await self._redis.hmget(_key(place), BOT, VERSION)
        record, version = read
        return Installed(self._load(Bot, place, BOT, record), int(version)) if record else None

    async def installed_for(self, team: TeamId) -> Installed | None:
        """Return the installation that a workspace uses: its organization's, if it has one, or its own."""
        organization = await self._organization(team)
        everywhere = await self.installed(organization) if organization else None
        return everywhere or await self.installed(team)

    @redis_errors_mapped
    async def replace(self, earlier: Installed, bot: Bot) -> bool:
        """Keep renewed tokens, and return True, unless the installation has changed or ended meanwhile."""
        transaction = self.connection.transaction()
        self._put(transaction, bot)
        return await transaction.execute_if(VERSION, earlier.version) is not None

    @redis_errors_mapped
    async def end(self, place: TeamId, *, now: datetime, forget_at: datetime) -> None:
        """Delete the tokens of a place, and plan in the same step that its cards end and, later, its data."""
        async with self.connection.transaction() as pipe:
            pipe.delete(_key(place))
            add_job(pipe, self.connection, place, END, at=now)
            add_job(pipe, self.connection, place, FORGET, at=forget_at)
            await pipe.execute()

    @redis_errors_mapped
    async def delete_data(self, team: TeamId) -> None:
        """Delete every key of a workspace or organization, and its entries in the indexes."""
        async for keys in Keys(self.connection).matching(f"connectbot:{{{team}}}:*"):
            for key in keys:
                await self._redis.unlink(key)
        for index in (PLACES, TEAMS):
            await self._redis.srem(index, team)
        await self._redis.zrem(DUE, team)

    @redis_errors_mapped
    async def has_data(self, team: TeamId) -> bool:
        """Return whether data of a workspace or organization may be kept, installed or not."""
        known = [await self._redis.sismember(index, team) for index in (PLACES, TEAMS)]
        return any(known) or await self._organization(team) is not None

    @redis_errors_mapped
    async def reseal(self, place: TeamId) -> bool:
        """Put a place's tokens under the newest encryption key; return False if they changed meanwhile.

        Raises UnreadableSecret.
        """
        record: Any = await self._redis.hgetall(_key(place))
        transaction = self.connection.transaction()
        for name, kept in record.items():
            if name != VERSION:
                again = (
                    self._load(Bot, place, name, kept) if name == BOT else self._load(Installation, place, name, kept)
                )
                transaction.hset(_key(place), name, self._dump(again, name))
        return not record or await transaction.execute_if(VERSION, record.get(VERSION, "")) is not None

    @redis_errors_mapped
    async def places(self) -> tuple[TeamId, ...]:
        """Return where the app is installed; one whose installation is damaged keeps no other from being found."""
        named = sorted(TeamId(str(one)) for one in await self._redis.smembers(PLACES))
        return tuple([one for one in named if await self._is_installed(one)])

    async def served(self) -> tuple[TeamId, ...]:
        """Return where the app is installed, and the workspaces that use the installation of their organization."""
        places = await self.places()
        within = [await self.workspaces(place) for place in places if place.startswith(ORGANIZATION)]
        return tuple(dict.fromkeys((*places, *(team for teams in within for team in teams))))

    @redis_errors_mapped
    async def add_workspace(self, organization: TeamId, team: TeamId) -> None:
        """Note that a workspace uses the installation of its organization, and keep its data if that was to go."""
        await self._redis.sadd(_workspaces_key(organization), team)
        async with self.connection.transaction() as pipe:
            pipe.set(_organization_key(team), organization)
            pipe.zrem(queue_key(team), job_entry(FORGET))
            await pipe.execute()

    @redis_errors_mapped
    async def close_workspace(self, organization: TeamId, team: TeamId, *, now: datetime, forget_at: datetime) -> None:
        """Note that a workspace can't use the installation of its organization any more.

        In the same step it is planned, unless it has an installation of its own, that its cards end and later its data.
        """
        own = await self.installed(team)
        async with self.connection.transaction() as pipe:
            pipe.delete(_organization_key(team))
            if own is None:
                add_job(pipe, self.connection, team, END, at=now)
                add_job(pipe, self.connection, team, FORGET, at=forget_at)
            await pipe.execute()
        await self._redis.srem(_workspaces_key(organization), team)

    @redis_errors_mapped
    async def workspaces(self, place: TeamId) -> tuple[TeamId, ...]:
        """Return the workspaces of an organization that used the app, or the workspace itself."""
        found = sorted(TeamId(str(one)) for one in await self._redis.smembers(_workspaces_key(place)))
        return tuple(found) or (place,)

    @redis_errors_mapped
    async def _organization(self, team: TeamId) -> TeamId | None:
        found = await self._redis.get(_organization_key(team))
        return TeamId(str(found)) if found else None

    async def _is_installed(self, place: TeamId) -> bool:
        with suppress(RecordDamaged):
            return await self._has_bot(place)
        return False

    @redis_errors_mapped
    async def _has_bot(self, place: TeamId) -> bool:
        return bool(await self._redis.hexists(_key(place), BOT))

    def _put(self, pipe: Pipeline, bot: Bot) -> None:
        key = _key(place_of(bot))
        pipe.hset(key, BOT, self._dump(bot, BOT))
        pipe.hincrby(key, VERSION, 1)
        self._beside_save(pipe, bot)

    def _dump(self, kept: Bot | Installation, field: str) -> str:
        values = dict(vars(kept))
        place = place_of(kept if isinstance(kept, Bot) else kept.to_bot())
        for name in SECRETS:
            if values.get(name):
                values[name] = self._envelopes.seal(SecretStr(values[name]), place, field, name)
        return json.dumps(values)

    def _load(self, kind: type[Kept], place: TeamId, field: str, record: str) -> Kept:
        values: dict[str, Any] = json.loads(record)
        for name in SECRETS:
            if values.get(name):
                values[name] = self._envelopes.open(values[name], place, field, name).get_secret_value()
        return kind(**values)


def _take_bot(installation: Installation, bot: Bot) -> None:
    for name in ("bot_token", "bot_id", "bot_user_id", "bot_scopes", "bot_refresh_token", "bot_token_expires_at"):
        setattr(installation, name, getattr(bot, name))


def _place(enterprise_id: str | None, team_id: str | None, *, whole: bool | None = False) -> TeamId:
    return TeamId(str(enterprise_id if whole or not team_id else team_id))


def _key(place: TeamId) -> str:
    return f"connectbot:{{{place}}}:installation"


def _organization_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:organization"


def _workspaces_key(organization: TeamId) -> str:
    return f"connectbot:{{{organization}}}:workspaces"
