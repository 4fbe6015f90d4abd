"""`make countdowns`: 1,000 live cards in direct messages and one bot, at a Slack that takes 50 `chat.update` a minute.

150 of the links die in the same second, the rest within four minutes from then. Printed is what each minute brought,
how many updates Slack refused, when the last of the 150 was shown as expired, and how late the bot took up what was
due.
"""

import asyncio
import os
import re
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from bench.processes import LOAD_CORE, pin, process
from bot.ayrshare.model import Link
from bot.cards.model import Card, CardId
from bot.cards.schedule import next_moment
from bot.cards.store import CardStore
from bot.cards.views import card_message
from bot.core.clock import SystemClock
from bot.core.metrics import Availability, Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.mapping_store import MappingStore
from bot.scheduling.queue import JobQueue
from bot.scheduling.scheduler import Scheduler, WorkerTimings, open_docket
from bot.slack.client import open_session, web_client
from bot.slack.model import DirectMessage, MessageRef
from bot.slack.surfaces import DirectMessages
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing
from bot.worker import UPDATE_RANKS
from sandbox.server import Sandbox
from sandbox.slack.members import add_members
from tests.fuzz.world import environment
from tests.keys import RING

CARDS, TOGETHER, AT_ONCE = 1000, 150, 20
LIFE = timedelta(minutes=5)
BURST = timedelta(seconds=60)
MINUTES = 5
LATEST = {0.95: 1.0, 1.0: 2.0}
"""Seconds within which a share of all moments has to be taken up."""
LATENESS = re.compile(r'connectbot_lateness_seconds_bucket{le="(.*)"} (.*)')


@dataclass(frozen=True)
class Office:
    """A bot's stores and its Slack, as the bot would use them."""

    cards: CardStore
    later: Scheduler
    direct: DirectMessages
    team: TeamId

    async def show_card(self, user: UserId, deadline: datetime) -> MessageRef:
        """Put a live card that was made five minutes before its deadline into somebody's direct message."""
        now = datetime.now(UTC)
        card = Card(
            id=CardId(secrets.token_urlsafe(16)),
            team=self.team,
            viewer=user,
            owner=user,
            ref_id=RefId("0" * 40),
            title="Bench",
            link=Link(SecretStr("https://profile.ayrshare.com?domain=bench&jwt=x"), deadline),
            made_at=deadline - LIFE,
            surface=None,
        )
        posted = await self.direct.post(user, card_message(card, now=now))
        card = replace(card, surface=DirectMessage(posted, None))
        await self.cards.add(card)
        await self.later.plan(self.team, card.end, at=deadline)
        if (tick := next_moment(card, since=now)) and tick < deadline:
            await self.later.plan(self.team, card.tick, at=tick)
        return posted


async def main() -> None:
    """Let a bot count down, and print how that went."""
    pin(LOAD_CORE)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = await stack.enter_async_context(embedded_server(folder / "redis", bot=True))
        sandbox = await stack.enter_async_context(Sandbox())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        office = await stack.enter_async_context(_office(sandbox, store))
        await MappingStore(office.cards.connection).add(office.team, UserId("U0BEN0001"), RefId("0" * 40), by="bench")
        bot = await stack.enter_async_context(process(session, _settings(sandbox, folder, store), "bot", "run"))
        burst = datetime.now(UTC) + BURST
        sandbox.slack.rate_limits = False
        together = await _fill(office, sandbox, burst)
        sandbox.slack.rate_limits = True
        print(f"{CARDS} live cards; {TOGETHER} links die at {burst:%H:%M:%S}, the rest within {LIFE - BURST} from then")
        for minute in range(MINUTES):
            await asyncio.sleep(60)
            _tell_minute(sandbox, minute)
        _tell_burst(sandbox, together, burst)
        async with session.get(f"{bot}/metrics") as answer:
            late = _tell_lateness(await answer.text())
        if late or any(not call["ok"] for call in _updates(sandbox)):
            sys.exit("That is too late, or more than Slack takes.")


def _settings(sandbox: Sandbox, folder: Path, store: str) -> dict[str, str]:
    own = {"REDIS_URL": store, "ENCRYPTION_KEYS": RING, "LOG_LEVEL": "WARNING", "PATH": os.environ["PATH"]}
    return environment(sandbox, folder) | own


async def wake(team: str, when: float) -> None:
    """Stand for the bot's own, which does it."""


@asynccontextmanager
async def _office(sandbox: Sandbox, store: str) -> AsyncIterator[Office]:
    metrics, clock = Metrics(), SystemClock()
    redis = open_connection(SecretStr(store), metrics)
    async with open_session() as session, open_docket(SecretStr(store)) as docket:
        docket.register(wake)
        client = web_client(session, token=SecretStr(sandbox.slack.bot_token), api_url=f"{sandbox.url}/slack/api/")
        yield Office(
            CardStore(redis, KeyRing(parse_keys(RING)), clock),
            Scheduler(JobQueue(redis, UPDATE_RANKS), docket, clock, WorkerTimings()),
            DirectMessages(client, Availability("slack", metrics)),
            TeamId(sandbox.slack.world.team.id),
        )
    await redis.redis.aclose()


async def _fill(office: Office, sandbox: Sandbox, burst: datetime) -> set[str]:
    """Show the cards, and return the moments by which the messages of those that die together are known."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def show(number: int, user: UserId) -> str:
        later = (LIFE - BURST) * max(0, number - TOGETHER) / CARDS
        async with turns:
            return (await office.show_card(user, burst + later)).ts

    members = add_members(sandbox.slack.world, CARDS)
    shown = await asyncio.gather(*(show(number, UserId(member.id)) for number, member in enumerate(members)))
    return set(shown[:TOGETHER])


def _tell_minute(sandbox: Sandbox, minute: int) -> None:
    updates = _updates(sandbox)
    refused = sum(not call["ok"] for call in updates)
    ends = sum(_ends(call) for call in updates)
    print(
        f"  after minute {minute + 1}: {len(updates):4} chat.update, {ends:4} of them final states, {refused} refused"
    )


def _tell_burst(sandbox: Sandbox, together: set[str], burst: datetime) -> None:
    ends = [call for call in _updates(sandbox) if _ends(call) and call["args"]["ts"] in together]
    first, last = ends[0], ends[-1]
    waits = [(datetime.fromisoformat(call["at"]) - burst).total_seconds() for call in (first, last)]
    between = [call for call in _updates(sandbox) if first["n"] < call["n"] < last["n"]]
    ticks = sum(not _ends(call) for call in between)
    print(f"the {len(ends)} that died together: first shown after {waits[0]:.1f} s, last after {waits[1]:.1f} s,")
    print(f"  {ticks} ticks drawn in between; at 50 a minute {TOGETHER} take {TOGETHER * 60 / 50 - 60:.0f} s at least")


def _tell_lateness(figures: str) -> bool:
    """Tell how late what was due was taken up, and return whether that was too late."""
    buckets = [(upper, float(count)) for upper, count in LATENESS.findall(figures)]
    total = buckets[-1][1]
    uppers = {share: next(upper for upper, count in buckets if count >= share * total) for share in (0.5, *LATEST)}
    for share, upper in uppers.items():
        print(f"  {share:4.0%} of {total:.0f} moments were taken up within {upper} s")
    return any(float(uppers[share]) > most for share, most in LATEST.items())


def _updates(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [call for call in sandbox.slack.calls.since() if call["call"] == "chat.update"]


def _ends(call: dict[str, Any]) -> bool:
    return call["ok"] and "expired" in str(call["args"].get("text"))


if __name__ == "__main__":
    asyncio.run(main())
