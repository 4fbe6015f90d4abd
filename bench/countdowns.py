"""`make countdowns`: 1,000 live cards in direct messages and one bot, at a Slack that takes 50 `chat.update` a minute.

150 of the links expire in the same second, the others within the next four minutes. It prints the updates of each
minute, how many of them Slack rejected, when the last of the 150 cards was shown as expired, and how late jobs started.
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
from bot.job_runner import UPDATE_RANKS
from bot.profiles.mapping_store import MappingStore
from bot.scheduling.due_workspaces import DueWorkspaces
from bot.scheduling.queue import JobQueue
from bot.scheduling.scheduler import Scheduler, WorkerTimings
from bot.slack.client import OneClient, open_session, web_client
from bot.slack.model import DirectMessage, MessageRef
from bot.slack.surfaces import DirectMessages
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing
from sandbox.server import Sandbox
from sandbox.slack.members import add_members
from tests.fuzz.world import environment
from tests.keys import RING

CARDS, BURST_CARDS, AT_ONCE = 1000, 150, 20
LIFE = timedelta(minutes=5)
UNTIL_BURST = timedelta(seconds=60)
MINUTES = 5
LATEST = {0.95: 1.0, 1.0: 2.0}
"""The seconds within which a share of all jobs must start."""
LATENESS = re.compile(r'connectbot_lateness_seconds_bucket{le="(.*)"} (.*)')


@dataclass(frozen=True)
class BotStores:
    """The stores of a bot and its Slack client."""

    cards: CardStore
    later: Scheduler
    direct: DirectMessages
    team: TeamId

    async def show_card(self, user: UserId, deadline: datetime) -> MessageRef:
        """Post a live card in a user's direct message; it was made five minutes before its deadline."""
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
        posted = await self.direct.post(self.team, user, card_message(card, now=now))
        card = replace(card, surface=DirectMessage(posted, None))
        await self.cards.create(card, jobs={card.end_job: deadline}, audit=[])
        await self.later.wake(self.team, at=deadline)
        if (tick := next_moment(card, since=now)) and tick < deadline:
            await self.later.plan(self.team, card.tick_job, at=tick)
        return posted


async def main() -> None:
    """Run a bot with 1,000 live cards, and print the results."""
    pin(LOAD_CORE)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = await stack.enter_async_context(embedded_server(folder / "redis", bot=True))
        sandbox = await stack.enter_async_context(Sandbox())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        stores = await stack.enter_async_context(_bot_stores(sandbox, store))
        await MappingStore(stores.cards.connection).add(stores.team, UserId("U0BEN0001"), RefId("0" * 40), by="bench")
        bot = await stack.enter_async_context(process(session, _settings(sandbox, folder, store), "bot", "run"))
        burst = datetime.now(UTC) + UNTIL_BURST
        sandbox.slack.rate_limits = False
        together = await _fill(stores, sandbox, burst)
        sandbox.slack.rate_limits = True
        rest = LIFE - UNTIL_BURST
        print(f"{CARDS} live cards; {BURST_CARDS} links expire at {burst:%H:%M:%S}, the others within {rest} from then")
        for minute in range(MINUTES):
            await asyncio.sleep(60)
            _print_minute(sandbox, minute)
        _print_burst(sandbox, together, burst)
        async with session.get(f"{bot}/metrics") as response:
            late = _print_lateness(await response.text())
        if late or any(not call["ok"] for call in _updates(sandbox)):
            sys.exit("That is too late, or more than Slack takes.")


def _settings(sandbox: Sandbox, folder: Path, store: str) -> dict[str, str]:
    own = {"REDIS_URL": store, "ENCRYPTION_KEYS": RING, "LOG_LEVEL": "WARNING", "PATH": os.environ["PATH"]}
    return environment(sandbox, folder) | own


@asynccontextmanager
async def _bot_stores(sandbox: Sandbox, store: str) -> AsyncIterator[BotStores]:
    metrics, clock = Metrics(), SystemClock()
    redis = open_connection(SecretStr(store), metrics)
    async with open_session() as session:
        client = web_client(session, token=SecretStr(sandbox.slack.bot_token), api_url=f"{sandbox.url}/slack/api/")
        yield BotStores(
            CardStore(redis, KeyRing(parse_keys(RING)), clock),
            Scheduler(JobQueue(redis, UPDATE_RANKS), DueWorkspaces(redis), clock, WorkerTimings()),
            DirectMessages(OneClient(client), Availability("slack", metrics)),
            TeamId(sandbox.slack.world.team.id),
        )
    await redis.redis.aclose()


async def _fill(stores: BotStores, sandbox: Sandbox, burst: datetime) -> set[str]:
    """Post the cards, and return the `ts` of those whose links expire together."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def show(number: int, user: UserId) -> str:
        later = (LIFE - UNTIL_BURST) * max(0, number - BURST_CARDS) / CARDS
        async with limit:
            return (await stores.show_card(user, burst + later)).ts

    members = add_members(sandbox.slack.world, CARDS)
    shown = await asyncio.gather(*(show(number, UserId(member.id)) for number, member in enumerate(members)))
    return set(shown[:BURST_CARDS])


def _print_minute(sandbox: Sandbox, minute: int) -> None:
    updates = _updates(sandbox)
    refused = sum(not call["ok"] for call in updates)
    ends = sum(_is_final(call) for call in updates)
    print(
        f"  after minute {minute + 1}: {len(updates):4} chat.update, {ends:4} of them final states, {refused} refused"
    )


def _print_burst(sandbox: Sandbox, together: set[str], burst: datetime) -> None:
    ends = [call for call in _updates(sandbox) if _is_final(call) and call["args"]["ts"] in together]
    first, last = ends[0], ends[-1]
    waits = [(datetime.fromisoformat(call["at"]) - burst).total_seconds() for call in (first, last)]
    between = [call for call in _updates(sandbox) if first["n"] < call["n"] < last["n"]]
    ticks = sum(not _is_final(call) for call in between)
    print(f"the {len(ends)} that expired together: first shown after {waits[0]:.1f} s, last after {waits[1]:.1f} s,")
    least = BURST_CARDS * 60 / 50 - 60
    print(f"  {ticks} ticks drawn in between; at 50 a minute {BURST_CARDS} take {least:.0f} s at least")


def _print_lateness(figures: str) -> bool:
    """Print how late jobs started, and return whether that was too late."""
    buckets = [(upper, float(count)) for upper, count in LATENESS.findall(figures)]
    total = buckets[-1][1]
    uppers = {share: next(upper for upper, count in buckets if count >= share * total) for share in (0.5, *LATEST)}
    for share, upper in uppers.items():
        print(f"  {share:4.0%} of {total:.0f} jobs started within {upper} s")
    return any(float(uppers[share]) > most for share, most in LATEST.items())


def _updates(sandbox: Sandbox) -> list[dict[str, Any]]:
    return sandbox.received("chat.update")


def _is_final(call: dict[str, Any]) -> bool:
    return call["ok"] and "expired" in str(call["args"].get("text"))


if __name__ == "__main__":
    asyncio.run(main())
