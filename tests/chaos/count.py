"""What became of everything at the end: cards that are stuck, messages that are lost or doubled."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.cards.model import Card, CardId
from bot.cards.store import CardStore
from bot.core.clock import SystemClock
from bot.core.model import TeamId
from bot.scheduling.queue import queue_key
from bot.slack.model import ResponseUrl
from bot.storage.client import FAILURES
from sandbox.server import Sandbox
from sandbox.slack.conversations import Message
from tests.chaos.machine import Tally
from tests.chaos.store import opened, ring_of
from tests.eventually import eventually

SETTLING = 100
"""Seconds after which nothing may be stuck."""
TEAM, ASKS = TeamId("T0CONNECT"), "asks you to"


async def settled(sandbox: Sandbox, settings: dict[str, str], tally: Tally) -> int:
    """Wait until nothing is stuck, or for as long as it may take, and tell what is."""
    with contextlib.suppress(AssertionError):
        done = "every card has come to its end, and every message to its person"
        await eventually(lambda: _nothing_stuck(sandbox, settings, tally), done, within=SETTLING)
    stuck = await _stuck(sandbox, settings)
    came = _came(sandbox)
    doubled = sum(count - 1 for count in (Counter(came) + _other_marks(sandbox)).values())
    lost = _lost(sandbox, tally)
    cards, swallowed = await _swallowed(sandbox, settings)
    print(f"cards stuck {len(stuck)} of {cards}, DMs lost {len(lost)}, DMs doubled {doubled}")
    await _explain(settings, stuck)
    await _explain_lost(sandbox, settings, lost)
    print(f"response_url posts lost {swallowed} (at most once by design)")
    nothing_happened = not (tally.kills and tally.promised and cards)
    return len(stuck) + len(lost) + doubled + nothing_happened


async def _explain(settings: dict[str, str], stuck: set[str]) -> None:
    """Print what the record and the queue have of each card that is stuck."""
    cards = await _cards(settings)
    async with opened(settings) as redis:
        entries = [str(entry) for entry in await redis.redis.zrange(queue_key(TEAM), 0, -1)]
    for card_id in sorted(stuck):
        card = cards.get(CardId(card_id))
        state = f"{card.state}, place {card.surface}, until {card.link.expires_at}" if card else "not in the record"
        print(f"stuck {card_id}: {state}; jobs {[entry for entry in entries if card_id in entry]}")


async def _explain_lost(sandbox: Sandbox, settings: dict[str, str], lost: set[str]) -> None:
    """Print what became of each message that was lost, and which are still to be sent."""
    for user in sorted(lost):
        posts = [call for call in sandbox.slack.calls.since() if call["args"].get("channel") == user]
        print(f"lost {user}: tried {[(call['at'], call['call'], call['ok'], call.get('error')) for call in posts]}")
    async with opened(settings) as redis:
        planned: Any = await redis.redis.zrange(queue_key(TEAM), 0, -1, withscores=True)
    left = [(entry, round(float(at) / 1000 - time.time())) for entry, at in planned if str(entry).startswith("deliver")]
    if lost:
        print(f"to be sent, in seconds: {left}")


async def _cards(settings: dict[str, str]) -> dict[str, Card]:
    async with opened(settings) as redis:
        store = CardStore(redis, ring_of(settings), SystemClock())
        keys = [str(key) async for key in redis.redis.scan_iter(f"connectbot:{{{TEAM}}}:link_card:*", count=1000)]
        cards = [await store.get(TEAM, CardId(key.rpartition(":")[2])) for key in keys]
    return {card.id: card for card in cards if card}


async def _nothing_stuck(sandbox: Sandbox, settings: dict[str, str], tally: Tally) -> bool:
    await asyncio.sleep(1)
    with contextlib.suppress(*FAILURES):
        return not (_lost(sandbox, tally) or await _stuck(sandbox, settings))
    return False


async def _stuck(sandbox: Sandbox, settings: dict[str, str]) -> set[str]:
    """Return the cards that live on, and those that still look live although they could be redrawn."""
    live = {card.id for card in (await _cards(settings)).values() if card.state.live}
    modals = (view.content["blocks"] for stack in sandbox.slack.views.stacks.values() for view in stack)
    messages = (message.blocks for message in _messages(sandbox) if not message.is_ephemeral)
    return live.union(*map(_links, (*modals, *messages)))


async def _swallowed(sandbox: Sandbox, settings: dict[str, str]) -> tuple[int, int]:
    """Return how many cards there were, and how many could have been drawn a last time and were not."""
    cards = await _cards(settings)
    shown = set[str]().union(*(_links(message.blocks) for message in _messages(sandbox) if message.is_ephemeral))
    places = [cards[card].surface for card in shown if card in cards]
    return len(cards), sum(isinstance(place, ResponseUrl) and place.replaces for place in places)


def _messages(sandbox: Sandbox) -> Iterator[Message]:
    for channel in sandbox.slack.world.channels.values():
        yield from channel.messages


def _links(blocks: list[dict[str, Any]]) -> set[str]:
    """Return the cards that have a link to press among some blocks."""
    elements = [element for block in blocks for element in block.get("elements", ())]
    return {str(one["value"]).partition(":")[0] for one in elements if one.get("action_id") == "open_link"}


def _lost(sandbox: Sandbox, tally: Tally) -> set[str]:
    """Return to whom no invitation has come although their sender was told that it would."""
    return {sandbox.slack.world.user(name).id for name in tally.promised} - set(_came(sandbox))


def _came(sandbox: Sandbox) -> list[str]:
    """Return to whom invitations came, once for each: everybody is asked by one person only."""
    posts = (call for call in sandbox.slack.calls.since() if call["call"] == "chat.postMessage" and call["ok"])
    return [call["args"]["channel"] for call in posts if ASKS in str(call["args"].get("text"))]


def _other_marks(sandbox: Sandbox) -> Counter[str]:
    """Return what else was posted that may come once only, and how often it did."""
    marks = (_mark(message) for message in _messages(sandbox) if ASKS not in message.text)
    return Counter(mark for mark in marks if mark.startswith("receipt:"))


def _mark(message: Message) -> str:
    return str(((message.metadata or {}).get("event_payload") or {}).get("mark", ""))
