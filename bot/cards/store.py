"""Cards: `connectbot:{team}:card:<id>`, a hash of version and JSON, with ways to find them.

`connectbot:{team}:live:<viewer>:<ref_id>` is the one that somebody has now, `connectbot:{team}:links:<ref_id>` a sorted
set of all that lead to a profile, by deadline (milliseconds), `connectbot:{team}:windows` one of all in windows,
`connectbot:{team}:invited_card:<invitation>` the newest that came of an invitation. All expire by themselves. The two
secrets of a card, its link and its `response_url`, lie in envelopes.
"""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from pydantic import SecretStr, TypeAdapter
from redis.asyncio.client import Pipeline

from bot.cards.model import Card, CardId
from bot.core.clock import Clock
from bot.core.model import InvitationId, RefId, TeamId, UserId
from bot.people.audit import ROWS, AuditRow, audit_fields, audit_key
from bot.scheduling.queue import job_entry, queue_key
from bot.slack.model import DirectMessage, ResponseUrl
from bot.storage.connection import Connection, Store, moment_ms, reaching_redis, span_ms
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret

KEPT_AFTER_DEATH = timedelta(hours=24)
"""How long the buttons of a dead card go on working."""

UPDATE = """
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'card', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""

_CARD = TypeAdapter(Card)

log = structlog.get_logger()


class CardStore(Store):
    """Keeps cards; an update succeeds only for whoever saw the newest version."""

    def __init__(self, connection: Connection, envelopes: KeyRing, clock: Clock) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._clock = clock
        self._update = self._redis.register_script(UPDATE)

    @reaching_redis
    async def add(self, card: Card) -> CardId | None:
        """Keep a new card with its audit row, and return the live one that this viewer had for the same profile."""
        live = f"connectbot:{{{card.team}}}:live:{card.viewer}:{card.ref_id}"
        async with self._redis.pipeline(transaction=True) as pipe:
            self._keep(pipe, card, *_audit_rows(card))
            if card.origin:
                pipe.set(_invited_key(card.team, card.origin.invitation), card.id, px=self._lifetime(card))
            # from here on it comes to its end, whoever dies
            pipe.zadd(queue_key(card.team), {job_entry(card.end): moment_ms(card.link.expires_at)})
            pipe.set(live, card.id, px=span_ms(card.link.expires_at - self._clock.now()), get=True)
            *_, previous = await pipe.execute()
        # its own id, where an answer was lost and redis-py asked a second time
        return CardId(previous) if previous and previous != card.id else None

    @reaching_redis
    async def add_mailed(self, card: Card, *, by: UserId) -> None:
        """Keep the card of a link that was mailed because `by` wanted it: nobody sees it, so it replaces none."""
        async with self._redis.pipeline(transaction=True) as pipe:
            self._keep(pipe, card, AuditRow("link_mailed", by, card.owner, card.ref_id, detail=card.id))
            await pipe.execute()

    @reaching_redis
    async def get(self, team: TeamId, card: CardId) -> Card | None:
        """Return a card, if it is still kept; raise UnreadableSecret."""
        record = await self._redis.hget(_key(team, card), "card")
        return self._load(team, card, record) if record else None

    @reaching_redis
    async def update(self, card: Card) -> bool:
        """Keep a card whose stored version is one less; return whether it still was."""
        return bool(
            await self._update(
                keys=[_key(card.team, card.id)],
                args=[card.version - 1, card.version, self._dump(card), self._lifetime(card)],
            )
        )

    @reaching_redis
    async def live(self, team: TeamId, ref_id: RefId) -> tuple[Card, ...]:
        """Return the cards whose links to a profile may still be used, but for those that no key opens any more."""
        now = moment_ms(self._clock.now())
        ids = await self._redis.zrangebyscore(_links_key(team, ref_id), f"({now}", "+inf")
        records = [(CardId(str(one)), await self._redis.hget(_key(team, CardId(str(one))), "card")) for one in ids]
        cards = [self._readable(team, card_id, record) for card_id, record in records if record]
        return tuple(card for card in cards if card and card.usable)

    @reaching_redis
    async def of_invitation(self, team: TeamId, invitation: InvitationId) -> Card | None:
        """Return the newest card that came of an invitation, if it is still kept; raise UnreadableSecret."""
        card_id = await self._redis.get(_invited_key(team, invitation))
        return await self.get(team, CardId(str(card_id))) if card_id else None

    @reaching_redis
    async def windows(self, card: Card) -> int:
        """Count the windows that show live cards of a workspace, this card's included."""
        key, now = _windows_key(card.team), moment_ms(self._clock.now())
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zremrangebyscore(key, "-inf", now)
            pipe.zadd(key, {card.id: moment_ms(card.link.expires_at)})
            pipe.pexpire(key, KEPT_AFTER_DEATH)
            pipe.zcard(key)
            return int((await pipe.execute())[-1])

    @reaching_redis
    async def left(self, card: Card) -> None:
        """Count a card's window no longer."""
        await self._redis.zrem(_windows_key(card.team), card.id)

    def _readable(self, team: TeamId, card: CardId, record: str | bytes) -> Card | None:
        try:
            return self._load(team, card, record)
        except UnreadableSecret:
            log.warning("unreadable_card", team=team, card=card)
            return None

    def _keep(self, pipe: Pipeline, card: Card, *rows: AuditRow) -> None:
        pipe.hset(_key(card.team, card.id), mapping={"version": card.version, "card": self._dump(card)})
        pipe.pexpire(_key(card.team, card.id), self._lifetime(card))
        for row in rows:
            pipe.xadd(audit_key(card.team), audit_fields(row), maxlen=ROWS, approximate=True)
        self._index(pipe, card)

    def _index(self, pipe: Pipeline, card: Card) -> None:
        key, now = _links_key(card.team, card.ref_id), moment_ms(self._clock.now())
        pipe.zremrangebyscore(key, "-inf", now)
        pipe.zadd(key, {card.id: moment_ms(card.link.expires_at)})
        for condition in ({"nx": True}, {"gt": True}):  # `gt` alone never gives a first time to live
            pipe.pexpire(key, self._lifetime(card), **condition)

    def _lifetime(self, card: Card) -> int:
        return span_ms(card.link.expires_at - self._clock.now() + KEPT_AFTER_DEATH)

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
        values["link"]["url"] = self._opened(values["link"]["url"], team, card, "link")
        if "url" in (values["surface"] or {}):
            values["surface"]["url"] = self._opened(values["surface"]["url"], team, card, "response_url")
        return _CARD.validate_python(values)

    def _opened(self, envelope: str, *context: str) -> SecretStr:
        return self._envelopes.open(envelope, *context)


def _audit_rows(card: Card) -> tuple[AuditRow, ...]:
    made = AuditRow("link_made", by=card.viewer, owner=card.owner, ref_id=card.ref_id, detail=card.id)
    return (made,) if card.viewer == card.owner else (made, replace(made, action="link_shown_for_other"))


def _key(team: TeamId, card: CardId) -> str:
    return f"connectbot:{{{team}}}:card:{card}"


def _invited_key(team: TeamId, invitation: InvitationId) -> str:
    return f"connectbot:{{{team}}}:invited_card:{invitation}"


def _windows_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:windows"


def _links_key(team: TeamId, ref_id: RefId) -> str:
    return f"connectbot:{{{team}}}:links:{ref_id}"
