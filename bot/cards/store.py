"""Cards: `connectbot:{team}:link_card:<id>`, a hash of version and JSON, with indexes to find them.

`connectbot:{team}:live:<viewer>:<ref_id>` is a viewer's live card for a profile. A sorted set,
`connectbot:{team}:link_cards:<ref_id>`, has all cards for a profile by deadline in milliseconds.
`connectbot:{team}:notifies:<job>` is the newest card that notifies by a job. All expire by themselves. The two secrets
of a card, its link and its `response_url`, are stored in envelopes.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec

import structlog
from pydantic import TypeAdapter
from redis.asyncio.client import Pipeline

from bot.cards.model import DRAWN_WITHIN, KEPT_AFTER_EXPIRY, Card, CardId
from bot.cards.open_modals import add_count, modals_key
from bot.core.clock import Clock
from bot.core.model import RefId, TeamId, UserId
from bot.events.model import EventType, new_event
from bot.people.audit import AuditRow, add_row
from bot.profiles.mapping_store import mappings_key
from bot.profiles.model import redraw_soon
from bot.profiles.store import profiles_key
from bot.scheduling.job import Job
from bot.scheduling.queue import add_job, job_entry, queue_key
from bot.slack.model import DirectMessage, ResponseUrl
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped, span_ms
from bot.storage.damage import Shape
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret
from bot.storage.lock import Attempt
from bot.storage.transaction import AddTo, Transaction

P = ParamSpec("P")
Transition = Callable[Concatenate[Card, P], Card | None]
"""Returns the card that follows from another one, or None where that one no longer calls for it."""

_CARD = TypeAdapter(Card)
# Returns the record of a card, that of its profile if it can be read, and how many modals show live cards.
READ_TO_REDRAW = """
local card = redis.call('HGET', KEYS[1], 'card')
if not card then return false end
local readable, record = pcall(cjson.decode, card)
local profile = readable and redis.pcall('HGET', KEYS[2], record.ref_id)
return {card, type(profile) == 'string' and profile, redis.call('ZCOUNT', KEYS[3], ARGV[1], '+inf')}
"""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Updated:
    """A card after an update, the jobs that were planned with it, and whether the lock was acquired."""

    card: Card | None
    planned: Mapping[Job, datetime] = field(default_factory=dict)
    locked: bool = False


@dataclass(frozen=True, slots=True)
class ToRedraw:
    """A card, the record of its profile, and how many modals show live cards of its workspace."""

    card: Card
    profile: str | None
    open_modals: int


class CardStore(Store):
    """Keeps cards, each change as a new version."""

    shapes = (Shape("modals", "zset"),)

    def __init__(self, connection: Connection, envelopes: KeyRing, clock: Clock, *, events: bool = False) -> None:
        super().__init__(connection)
        self._events = events
        self._envelopes = envelopes
        self._clock = clock
        self._read_to_redraw = self._redis.register_script(READ_TO_REDRAW)

    @redis_errors_mapped
    async def create(
        self,
        card: Card,
        *,
        jobs: Mapping[Job, datetime],
        audit: Sequence[AuditRow],
        done: Job | None = None,
        also: AddTo | None = None,
    ) -> tuple[bool, Job | None]:
        """Keep a new card, plan jobs and add audit rows in one transaction; return whether its profile is still mapped.

        Return, too, the job that ends the live card which its viewer had for the same profile, if any; a card without a
        surface replaces none. Home, which lists the last changes, is drawn again where it is open. `done` is a job that
        this makes needless, `also` what else is written.
        """
        async with self.connection.transaction() as pipe:
            pipe.hget(mappings_key(card.team), card.owner)
            self._keep(pipe, card)
            for row in audit:
                add_row(pipe, card.team, row)
            for job, at in {**redraw_soon(self._clock.now()), **jobs, **self._told(card, None)}.items():
                add_job(pipe, self.connection, card.team, job, at=at, if_planned="sooner")
            if done:
                pipe.zrem(queue_key(card.team), job_entry(done))
            if also:
                also(pipe)
            if card.surface:
                self._replace_previous(pipe, card)
            mapping, *_, previous, _ = await pipe.execute()
        replaces = replace(card, id=CardId(previous)).replace_job if card.surface and previous else None
        return bool(mapping) and card.ref_id in json.loads(mapping)["refs"], replaces

    @redis_errors_mapped
    async def get(self, team: TeamId, card: CardId) -> Card | None:
        """Return a card, if it is still kept; raise UnreadableSecret."""
        record = await self._redis.hget(_key(team, card), "card")
        return self._load(team, card, record) if record else None

    @redis_errors_mapped
    async def get_to_redraw(self, team: TeamId, card: CardId) -> ToRedraw | None:
        """Return a card, if it is still kept, with what it takes to redraw it; raise UnreadableSecret."""
        keys = [_key(team, card), profiles_key(team), modals_key(team)]
        found = await self._read_to_redraw(keys=keys, args=[moment_ms(self._clock.now())])
        return ToRedraw(self._load(team, card, found[0]), *found[1:]) if found else None

    async def get_for(self, team: TeamId, card_id: CardId, *, viewer: UserId) -> Card | None:
        """Return a card to its viewer, and None for anyone else."""
        card = await self.get(team, card_id)
        return card if card and card.viewer == viewer else None

    async def update(
        self, card: Card, transition: Transition[P], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Card | None, bool]:
        """Apply a transition to the newest version of a card, and plan what follows from the change.

        Return the card as it stands then, or None where it is no longer kept or the transition returned None; and
        whether a job was planned, for which a worker has to be woken.
        """
        updated = await self.update_and_lock(card, lambda newest: transition(newest, *args, **kwargs))
        return updated.card, bool(updated.planned)

    async def update_and_lock(
        self,
        card: Card,
        change: Callable[[Card], Card | None],
        *,
        jobs: Callable[[Card], Mapping[Job, datetime]] = lambda _: {},
        lock: Attempt | None = None,
    ) -> Updated:
        """Change the newest version of a card, plan its jobs, and try to acquire a lock, all in one step."""
        newest: Card | None = card
        while newest is not None:
            changed = change(newest)
            if changed is None:
                break
            changed = replace(changed, version=newest.version + 1)
            planned = {
                **jobs(changed),
                **changed.jobs_since(newest, now=self._clock.now()),
                **self._told(changed, newest),
            }
            replies = await self._replace(newest, changed, planned, lock)
            if replies is not None:
                return Updated(changed, planned, locked=lock is not None and lock.succeeded(replies[-1]))
            newest = await self.get(card.team, card.id)
        return Updated(None)

    @redis_errors_mapped
    async def live(self, team: TeamId, *ref_ids: RefId) -> tuple[Card, ...]:
        """Return the cards whose links to profiles still work, without those that no key opens any more."""
        now = moment_ms(self._clock.now())
        found = (self._redis.zrangebyscore(_links_key(team, one), f"({now}", "+inf") for one in ref_ids)
        ids = [CardId(str(one)) for some in await asyncio.gather(*found) for one in some]
        records = await asyncio.gather(*(self._redis.hget(_key(team, one), "card") for one in ids))
        cards = [self._readable(team, one, record) for one, record in zip(ids, records, strict=True) if record]
        return tuple(card for card in cards if card and card.usable)

    @redis_errors_mapped
    async def kept(self, team: TeamId, ref_id: RefId) -> tuple[Card, ...]:
        """Return a profile's cards that are still known, the newest first."""
        ids = [CardId(str(one)) for one in await self._redis.zrevrange(_links_key(team, ref_id), 0, -1)]
        records = await asyncio.gather(*(self._redis.hget(_key(team, one), "card") for one in ids))
        cards = [self._readable(team, one, record) for one, record in zip(ids, records, strict=True) if record]
        return tuple(sorted((card for card in cards if card), key=lambda card: card.made_at, reverse=True))

    @redis_errors_mapped
    async def newest_notifying(self, team: TeamId, job: Job) -> Card | None:
        """Return the newest card whose changes are told by a job, if it is still kept; raise UnreadableSecret."""
        card_id = await self._redis.get(_notify_key(team, job))
        return await self.get(team, CardId(str(card_id))) if card_id else None

    @redis_errors_mapped
    async def newest(self, team: TeamId, viewer: UserId, ref_id: RefId) -> CardId | None:
        """Return the card that a viewer was shown last for a profile, until its deadline."""
        card_id = await self._redis.get(_live_key(team, viewer, ref_id))
        return CardId(str(card_id)) if card_id else None

    @redis_errors_mapped
    async def open_modals(self, card: Card) -> int:
        """Count the modals that show live cards of a card's workspace."""
        return int(await self._redis.zcount(modals_key(card.team), moment_ms(self._clock.now()), "+inf"))

    @redis_errors_mapped
    async def _replace(
        self, before: Card, card: Card, jobs: Mapping[Job, datetime], lock: Attempt | None
    ) -> list[Any] | None:
        """Store the next version of a card, with what goes with it; return None if a newer one is stored."""
        transaction = self.connection.transaction()
        self._put(transaction, card)
        add_count(transaction, card, before, now=self._clock.now())
        for job, at in jobs.items():
            add_job(transaction, self.connection, card.team, job, at=at)
        if lock:
            lock.add_to(transaction)
        return await transaction.execute_if("version", before.version)

    def _told(self, card: Card, before: Card | None) -> dict[Job, datetime]:
        """Return the jobs that tell of a link that was made or opened by this change, if anybody hears of it."""
        now, about = self._clock.now(), f"{card.id} {card.issued_by}".rstrip()
        news = {
            EventType.LINK_MADE: before is None,
            EventType.LINK_OPENED: bool(card.opened_at and not (before and before.opened_at)),
        }
        happened = [kind for kind, new in news.items() if new and self._events]
        return {new_event(kind, card.ref_id, about, at=now).job: now for kind in happened}

    def fingerprint(self, team: TeamId, text: str) -> str:
        """Return what tells texts apart in the audit log, and nothing else of them."""
        return self._envelopes.fingerprint(text, team)

    def _readable(self, team: TeamId, card: CardId, record: str | bytes) -> Card | None:
        try:
            return self._load(team, card, record)
        except UnreadableSecret:
            log.warning("unreadable_card", team=team, card=card)
            return None

    def _keep(self, pipe: Pipeline, card: Card) -> None:
        """Store a new card and its index entries."""
        key, life, now = _links_key(card.team, card.ref_id), self._lifetime(card), moment_ms(self._clock.now())
        self._put(pipe, card)
        add_count(pipe, card, None, now=self._clock.now())
        pipe.zremrangebyscore(key, "-inf", now)
        pipe.zadd(key, {card.id: moment_ms(card.link.expires_at)})
        for condition in ({"nx": True}, {"gt": True}):  # `gt` alone never gives a first time to live
            pipe.pexpire(key, life, **condition)
        if card.notify:
            pipe.set(_notify_key(card.team, card.notify), card.id, px=life)

    def _replace_previous(self, pipe: Transaction, card: Card) -> None:
        """Note a card as its viewer's newest for the profile; plan to end the one before, in case this process dies."""
        now, key = self._clock.now(), _live_key(card.team, card.viewer, card.ref_id)
        pipe.set(key, card.id, px=span_ms(card.link.expires_at - now), get=True)
        prefix = job_entry(card.replace_job).removesuffix(card.id)
        pipe.zadd_reply(queue_key(card.team), moment_ms(now + DRAWN_WITHIN), prefix=prefix)

    def _put(self, pipe: Pipeline, card: Card) -> None:
        pipe.hset(_key(card.team, card.id), mapping={"version": card.version, "card": self._dump(card)})
        pipe.pexpire(_key(card.team, card.id), self._lifetime(card))

    def _lifetime(self, card: Card) -> int:
        return span_ms(card.link.expires_at - self._clock.now() + KEPT_AFTER_EXPIRY)

    def _dump(self, card: Card) -> str:
        record: dict[str, Any] = _CARD.dump_python(card, mode="json")
        record["link"]["url"] = self._envelopes.seal(card.link.url, card.team, card.id, "link")
        if isinstance(card.surface, ResponseUrl):
            record["surface"]["url"] = self._envelopes.seal(card.surface.url, card.team, card.id, "response_url")
        if isinstance(card.surface, DirectMessage):
            record["surface"]["response_url"] = None
        return json.dumps(record)

    def _load(self, team: TeamId, card: CardId, record: str | bytes) -> Card:
        values = json.loads(record)
        values["link"]["url"] = self._envelopes.open(values["link"]["url"], team, card, "link")
        if "url" in (values["surface"] or {}):
            values["surface"]["url"] = self._envelopes.open(values["surface"]["url"], team, card, "response_url")
        return _CARD.validate_python(values)


def _key(team: TeamId, card: CardId) -> str:
    return f"connectbot:{{{team}}}:link_card:{card}"


def _live_key(team: TeamId, viewer: UserId, ref_id: RefId) -> str:
    return f"connectbot:{{{team}}}:live:{viewer}:{ref_id}"


def _links_key(team: TeamId, ref_id: RefId) -> str:
    return f"connectbot:{{{team}}}:link_cards:{ref_id}"


def _notify_key(team: TeamId, job: Job) -> str:
    return f"connectbot:{{{team}}}:notifies:{job_entry(job)}"
