"""`make chaos`: bot, worker and Redis are killed at random under load; nothing promised may be lost or doubled.

People fetch links, open modals and ask each other for accounts while one of the three dies every few seconds. At the
end all are left alone until everything is due, and what became of it is counted. Posts to a `response_url` are made at
most once, so of these it is only counted how many a crash swallowed.
"""

import asyncio
import contextlib
import os
import random
import secrets
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from bench.processes import free_port, wait_until_ready
from bot.ayrshare.model import Profile
from bot.cards.model import Card, CardId
from bot.cards.store import CardStore
from bot.core.clock import SystemClock
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.scheduling.queue import queue_key
from bot.slack.actions import CONNECT, GET_LINK, OPEN_LINK
from bot.slack.model import ResponseUrl
from sandbox.server import Sandbox
from sandbox.slack.conversations import Message
from sandbox.slack.members import add_members
from tests.chaos_store import opened, ring_of
from tests.eventually import eventually
from tests.fuzz.world import environment
from tests.keys import RING
from tests.modals import sees_at_home, sees_modal
from tests.redis_servers import Group, sentinel_group
from tests.users import Someone

FAILOVERS = bool(os.environ.get("FAILOVERS"))
"""A group under Sentinel in place of the embedded server; its primary dies in place of that server."""
SECONDS, SEED = int(os.environ.get("SECONDS", "150")), os.environ.get("SEED") or secrets.token_hex(4)
PEOPLE, LINK_SECONDS, SETTLING = 30, 20, 100
TEAM = TeamId("T0CONNECT")
OPEN, ASKS = OPEN_LINK.label, "asks you to sign in"
TAKEN = ("I'm sending it", "have been asked", "such a message today")
"""What a sender is told once their wish can no longer get lost."""


@dataclass
class Tally:
    """What was promised, and what was done to those who promised it."""

    kills: Counter[str] = field(default_factory=Counter)
    promised: set[str] = field(default_factory=set)
    clicks: Counter[str] = field(default_factory=Counter)


class Machine:
    """A bot, a worker and their Redis, each started again whenever it dies, or a group that fails over."""

    def __init__(self, environment: dict[str, str], tally: Tally, group: Group | None) -> None:
        self._environment = environment
        self._tally = tally
        self._group = group
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._failing_over: asyncio.Task[None] | None = None

    async def whole(self) -> None:
        """Wait until a failover that was going on has ended."""
        if self._failing_over:
            await self._failing_over

    async def keep(self, command: str) -> None:
        """Run a command, again and again."""
        while True:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", command), env=self._environment, stderr=asyncio.subprocess.DEVNULL
            )
            self._processes[command] = process
            try:
                await process.wait()
            except asyncio.CancelledError:
                process.terminate()
                await process.wait()
                raise
            await asyncio.sleep(random.uniform(0, 2))

    async def kill_one_after_another(self) -> None:
        """Kill something every few seconds."""
        while True:
            await asyncio.sleep(random.uniform(4, 10))
            victim = random.choice(["run", "worker", "redis"])
            if victim == "redis" and self._group:
                self._failing_over = asyncio.create_task(self._group.fail_over())
                await asyncio.shield(self._failing_over)
                self._tally.kills["primary"] += 1
                continue
            with contextlib.suppress(ProcessLookupError):
                for pid in self._redis() if victim == "redis" else [self._processes[victim].pid]:
                    os.kill(pid, signal.SIGKILL)
                    self._tally.kills[victim] += 1

    def _redis(self) -> Iterator[int]:
        data = self._environment["DATA_DIR"].encode()
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                command = (process / "cmdline").read_bytes() if process.name.isdecimal() else b""
                if data in command or (b"valkey" in command and os.fsencode((process / "cwd").readlink()) == data):
                    yield int(process.name)


async def fetches_links(person: Someone, tally: Tally) -> None:
    """Type, open the page, come back for another link a while later."""
    while True:
        with contextlib.suppress(AssertionError):
            await person.types()
            await person.clicks(await person.sees_a_card(), OPEN)
            tally.clicks["page opened"] += 1
        await asyncio.sleep(random.uniform(3, 15))


async def opens_modals(person: Someone, tally: Tally) -> None:
    """Open a window with a card, and leave it open."""
    while True:
        with contextlib.suppress(AssertionError):
            home = await sees_at_home(person, CONNECT.label)
            await home.clicks(CONNECT.label)
            await sees_modal(person, OPEN)
            tally.clicks["window opened"] += 1
        await asyncio.sleep(random.uniform(5, 25))


async def asks(person: Someone, others: list[Someone], tally: Tally) -> None:
    """Ask others for their accounts, each until it is said that the message is on its way."""
    for other in others:
        await asyncio.sleep(random.uniform(0, SECONDS / len(others) / 2))
        while other.name not in tally.promised:
            with contextlib.suppress(AssertionError):
                before = {seen.ts for seen in await person.messages()}
                await person.types(f"send @{other.name}")
                said = await person.sees("", where=lambda seen, before=before: seen.ts not in before)  # type: ignore[misc]  # mypy doesn't see the default
                if any(words in f"{said.text}{said.words}" for words in TAKEN):
                    tally.promised.add(other.name)
            await asyncio.sleep(1)


async def answers(dm: Someone, tally: Tally) -> None:
    """Get one's link as soon as one is asked, and once more when it has died."""
    while True:
        with contextlib.suppress(AssertionError):
            asked = await dm.sees(GET_LINK.label, within=SECONDS)
            await dm.clicks(asked, GET_LINK.label)
            await dm.sees_a_card()
            tally.clicks["link fetched in a direct message"] += 1
        await asyncio.sleep(random.uniform(1, 3))


async def main() -> int:
    """Let it happen, count, and return how much of what may not happen did."""
    random.seed(SEED)
    tally = Tally()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = await stack.enter_async_context(Sandbox())
        sandbox.ayrshare.link_seconds = LINK_SECONDS
        session = await stack.enter_async_context(aiohttp.ClientSession())
        settings = environment(sandbox, folder) | {"PORT": str(free_port()), "PATH": os.environ["PATH"]}
        sandbox.bot_url = f"http://127.0.0.1:{settings['PORT']}"
        group = (
            await stack.enter_async_context(
                sentinel_group(folder / "group", replicas=2, down_after=timedelta(seconds=3))
            )
            if FAILOVERS
            else None
        )
        if group:
            settings |= {"REDIS_URL": group.url, "ENCRYPTION_KEYS": RING}
        names = await _people(sandbox, settings)
        machine = Machine(settings, tally, group)
        async with _going_on(machine.keep("run"), machine.keep("worker")):
            await wait_until_ready(session, sandbox.bot_url)
            print(f"{PEOPLE} people for {SECONDS} s; something is killed every 4 to 10 s; SEED={SEED}")
            async with _going_on(machine.kill_one_after_another(), *_lives(session, sandbox, names, tally)):
                await asyncio.sleep(SECONDS)
            await machine.whole()
            print(f"killed: {dict(tally.kills)}; done meanwhile: {dict(tally.clicks)}, {len(tally.promised)} asked")
            return await _settled(sandbox, settings, tally)


def _lives(session: aiohttp.ClientSession, sandbox: Sandbox, names: list[str], tally: Tally) -> Iterator[object]:
    people = [Someone(session, sandbox.url, name) for name in names]
    third = len(people) // 3
    yield from (fetches_links(person, tally) for person in people[:third])
    yield from (opens_modals(person, tally) for person in people[third : 2 * third])
    for number, person in enumerate(people[2 * third :]):
        yield asks(person, people[number * 3 : number * 3 + 3], tally)
    for name in names:
        yield answers(Someone(session, sandbox.url, name, sandbox.slack.world.dm_of(name)), tally)


@asynccontextmanager
async def _going_on(*works: object) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(work) for work in works]  # type: ignore[call-overload]  # coroutines, all of them
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _people(sandbox: Sandbox, settings: dict[str, str]) -> list[str]:
    members = add_members(sandbox.slack.world, PEOPLE)
    sandbox.ayrshare.add_profiles(member.real_name for member in members)
    async with opened(settings) as redis:
        ring = ring_of(settings)
        for member, known in zip(members, sandbox.ayrshare.profiles[-PEOPLE:], strict=True):
            profile = Profile(RefId(known.ref_id), known.title, SecretStr(known.key))
            await ProfileStore(redis, ring).save(TEAM, profile)
            await MappingStore(redis).add(TEAM, UserId(member.id), profile.ref_id, by="chaos")
    return [member.name for member in members]


async def _settled(sandbox: Sandbox, settings: dict[str, str], tally: Tally) -> int:
    """Wait until nothing is stuck, or for as long as it may take, and tell what is."""
    with contextlib.suppress(AssertionError):
        await eventually(lambda: _nothing_stuck(sandbox, settings), "every card has come to its end", within=SETTLING)
    stuck = await _stuck(sandbox, settings)
    came = _came(sandbox)
    doubled = sum(count - 1 for count in (Counter(came) + _other_marks(sandbox)).values())
    lost = len({sandbox.slack.world.user(name).id for name in tally.promised} - set(came))
    cards, swallowed = await _swallowed(sandbox, settings)
    print(f"cards stuck {len(stuck)} of {cards}, DMs lost {lost}, DMs doubled {doubled}")
    await _explain(settings, stuck)
    print(f"response_url posts lost {swallowed} (at most once by design)")
    nothing_happened = not (tally.kills and tally.promised and cards)
    return len(stuck) + lost + doubled + nothing_happened


async def _explain(settings: dict[str, str], stuck: set[str]) -> None:
    """Print what the record and the queue have of each card that is stuck."""
    cards = await _cards(settings)
    async with opened(settings) as redis:
        entries = [str(entry) for entry in await redis.redis.zrange(queue_key(TEAM), 0, -1)]
    for card_id in sorted(stuck):
        card = cards.get(CardId(card_id))
        state = f"{card.state}, place {card.surface}, until {card.link.expires_at}" if card else "not in the record"
        print(f"stuck {card_id}: {state}; jobs {[entry for entry in entries if card_id in entry]}")


async def _cards(settings: dict[str, str]) -> dict[str, Card]:
    async with opened(settings) as redis:
        store = CardStore(redis, ring_of(settings), SystemClock())
        keys = [str(key) async for key in redis.redis.scan_iter(f"connectbot:{{{TEAM}}}:link_card:*", count=1000)]
        cards = [await store.get(TEAM, CardId(key.rpartition(":")[2])) for key in keys]
    return {card.id: card for card in cards if card}


async def _nothing_stuck(sandbox: Sandbox, settings: dict[str, str]) -> bool:
    await asyncio.sleep(1)
    return not await _stuck(sandbox, settings)


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


if __name__ == "__main__":
    sys.exit(min(1, asyncio.run(main())))
