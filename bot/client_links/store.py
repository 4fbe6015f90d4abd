"""Client links: `connectbot:{team}:client_link:<id>`, a hash of version and JSON, found by the hash of their token.

`connectbot:client_link:<id>` is the workspace of a client link, for the token names none; without it a client link is
unknown, so revoking deletes it. `connectbot:{team}:client_links` is a sorted set of a workspace's client links by their
deadline in milliseconds. `connectbot:client_return:<hash>` is what a page behind `redirect` is about, with a token of
its own. `connectbot:{…}:client_looks:…` counts looks and uses. All expire by themselves, and no token is stored.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from redis.asyncio.client import Pipeline

from bot.client_links.model import (
    KEPT_AFTER_END,
    LINKS_AN_HOUR,
    LOOKS_A_MINUTE,
    ClientLink,
    ClientLinkId,
    Return,
    id_of,
)
from bot.core.clock import Clock
from bot.core.model import RefId, TeamId
from bot.people.audit import AuditRow, add_row
from bot.people.limits import TAKE
from bot.scheduling.job import Job
from bot.scheduling.queue import add_job, job_entry, queue_key
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped, span_ms
from bot.storage.damage import Shape
from bot.storage.transaction import AddTo

NOBODYS = TeamId("none")
"""In place of the workspace of a token that isn't known: it is looked up like any other, in the same time."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

_LINK, _RETURN = TypeAdapter(ClientLink), TypeAdapter(Return)


class ClientLinkStore(Store):
    """Keeps client links, each change as a new version."""

    shapes = (Shape("client_links", "zset"),)

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock
        self._take = self._redis.register_script(TAKE)

    @redis_errors_mapped
    async def create(self, link: ClientLink, *, audit: AuditRow, also: AddTo | None = None) -> None:
        """Keep a new client link; `also` is what else is written in the same step."""
        await self._redis.set(_team_key(link.id), link.team, px=self._life(link))
        pipe = self.connection.transaction()
        self._put(pipe, link)
        add_row(pipe, link.team, audit)
        if also:
            also(pipe)
        await pipe.execute()

    @redis_errors_mapped
    async def find(self, token: str) -> ClientLink | None:
        """Return the client link of a token, unless it is unknown or was revoked: both take the same time."""
        link_id = id_of(token)
        team = await self._redis.get(_team_key(link_id))
        link = await self._get(TeamId(str(team)) if team else NOBODYS, link_id)
        return link if link and not link.revoked else None

    @redis_errors_mapped
    async def get(self, team: TeamId, link_id: ClientLinkId) -> ClientLink | None:
        """Return a client link, if it is still kept."""
        return await self._get(team, link_id)

    @redis_errors_mapped
    async def of_team(self, team: TeamId) -> tuple[ClientLink, ...]:
        """Return a workspace's client links that were not revoked, the newest first; expired ones are kept a while."""
        ids = await self._redis.zrangebyscore(_index_key(team), moment_ms(self._clock.now() - KEPT_AFTER_END), "+inf")
        found = await asyncio.gather(*(self._get(team, ClientLinkId(str(one))) for one in ids))
        kept = (one for one in found if one and not one.revoked)
        return tuple(sorted(kept, key=lambda one: one.made_at, reverse=True))

    async def of_profile(self, team: TeamId, ref_id: RefId) -> tuple[ClientLink, ...]:
        """Return those to one profile."""
        return tuple(one for one in await self.of_team(team) if one.ref_id == ref_id)

    async def update(
        self,
        link: ClientLink,
        change: Callable[[ClientLink], ClientLink | None],
        *,
        audit: AuditRow | None = None,
        jobs: Mapping[Job, datetime] | None = None,
        done: Job | None = None,
    ) -> ClientLink | None:
        """Change the newest version of a client link, with an audit row and jobs in the same step.

        `done` is a job that this makes needless. Return None if it is no longer kept or the change returned None.
        """
        newest: ClientLink | None = link
        while newest is not None:
            changed = change(newest)
            if changed is None:
                return None
            changed = replace(changed, version=newest.version + 1)
            if await self._replace(changed, audit, jobs or {}, done):
                return changed
            newest = await self.get(link.team, link.id)
        return None

    @redis_errors_mapped
    async def look(self, address: str) -> timedelta:
        """Count a look from an address and return zero, or how long it has to wait."""
        return await self._count(f"connectbot:{{{address}}}:client_looks", LOOKS_A_MINUTE, MINUTE)

    @redis_errors_mapped
    async def press(self, link: ClientLink) -> timedelta:
        """Count a link that is made by a token and return zero, or how long it has to wait."""
        return await self._count(f"connectbot:{{{link.team}}}:client_looks:{link.id}", LINKS_AN_HOUR, HOUR)

    @redis_errors_mapped
    async def keep_return(self, token: str, what: Return, *, life: timedelta) -> None:
        """Keep what the page behind a link's `redirect` is about."""
        await self._redis.set(_return_key(token), _RETURN.dump_json(what), px=life)

    @redis_errors_mapped
    async def find_return(self, token: str) -> Return | None:
        """Return what the page behind a `redirect` is about."""
        record = await self._redis.get(_return_key(token))
        return _RETURN.validate_json(record) if record else None

    async def _get(self, team: TeamId, link_id: ClientLinkId) -> ClientLink | None:
        record = await self._redis.hget(_key(team, link_id), "link")
        return _LINK.validate_json(record) if record else None

    @redis_errors_mapped
    async def _replace(
        self, link: ClientLink, audit: AuditRow | None, jobs: Mapping[Job, datetime], done: Job | None
    ) -> bool:
        """Store a client link whose stored version is one less; return False if it no longer was."""
        pipe = self.connection.transaction()
        self._put(pipe, link)
        if audit:
            add_row(pipe, link.team, audit)
        for job, at in jobs.items():
            add_job(pipe, self.connection, link.team, job, at=at)
        if done:
            pipe.zrem(queue_key(link.team), job_entry(done))
        if await pipe.execute_if("version", link.version - 1) is None:
            return False
        if link.revoked:
            await self._redis.delete(_team_key(link.id))
        else:
            await self._redis.pexpire(_team_key(link.id), self._life(link))
        return True

    def _put(self, pipe: Pipeline, link: ClientLink) -> None:
        record, life = json.dumps(_LINK.dump_python(link, mode="json")), self._life(link)
        pipe.hset(_key(link.team, link.id), mapping={"version": link.version, "link": record})
        pipe.pexpire(_key(link.team, link.id), life)
        index = _index_key(link.team)
        pipe.zremrangebyscore(index, "-inf", moment_ms(self._clock.now() - KEPT_AFTER_END))
        pipe.zadd(index, {link.id: moment_ms(link.expires_at)})
        for condition in ({"nx": True}, {"gt": True}):  # `gt` alone never gives a first time to live
            pipe.pexpire(index, life, **condition)

    async def _count(self, key: str, most: int, window: timedelta) -> timedelta:
        wait = await self._take(keys=[key], args=[span_ms(window), secrets.token_hex(8), most])
        return timedelta(milliseconds=int(wait))

    def _life(self, link: ClientLink) -> int:
        return span_ms(max(link.expires_at, self._clock.now()) - self._clock.now() + KEPT_AFTER_END)


def _key(team: TeamId, link_id: ClientLinkId) -> str:
    return f"connectbot:{{{team}}}:client_link:{link_id}"


def _team_key(link_id: ClientLinkId) -> str:
    return f"connectbot:client_link:{link_id}"


def _index_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:client_links"


def _return_key(token: str) -> str:
    return f"connectbot:client_return:{id_of(token)}"
