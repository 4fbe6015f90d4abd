"""`python -m bench.growth`: how cost grows with workspaces, with live cards and with the mappings of a workspace."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from statistics import median

from pydantic import SecretStr

from bench.event_loop import loop_factory
from bench.load import Load, person, team
from bench.measure import PEERS
from bench.processes import LOAD_CORE, SECRET, Running, pin, started
from bench.surroundings import KEY, Surroundings, surroundings
from bench.usage import cpu_seconds, memory_mb
from bot.ayrshare.model import Link, Profile
from bot.cards.model import Card, CardId
from bot.cards.schedule import next_moment
from bot.cards.store import CardStore
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.job_runner import UPDATE_RANKS
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.scheduling.due_workspaces import DueWorkspaces
from bot.scheduling.job import Job, JobName
from bot.scheduling.queue import JobQueue
from bot.scheduling.scheduler import Scheduler, WorkerTimings
from bot.slack.model import ResponseUrl
from bot.storage.connection import Connection, open_connection
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing

WORKSPACES = (1, 10, 100, 1_000)
CARDS = (100, 1_000, 10_000)
MAPPINGS = (100, 1_000, 10_000, 100_000)
AT_ONCE = 500
WATCHED = 15.0
"""Seconds."""
COMMANDS = 50
"""Fewer than a workspace may make in a minute."""
LIFE = timedelta(minutes=5)
ONE_TEAM = TeamId(team(0))


async def main() -> None:
    """Measure and print."""
    pin(LOAD_CORE)
    print("workspaces, each with a job that is due in a day: what an idle bot costs")
    for count in WORKSPACES:
        await _workspaces(count)
    print(f"live cards behind response URLs, whose links expire within {LIFE}: what their countdown costs")
    for count in CARDS:
        await _cards(count)
    print("mappings in one workspace: what a /connect costs, one at a time")
    for count in MAPPINGS:
        await _mappings(count)


async def _workspaces(count: int) -> None:
    async with surroundings(people=1) as around, _connection(around) as redis:
        later = Scheduler(JobQueue(redis, UPDATE_RANKS), DueWorkspaces(redis), SystemClock(), WorkerTimings())
        for number in range(count):
            job = Job(JobName("sweep"), str(number))
            await later.plan(TeamId(f"T{number}"), job, at=datetime.now(UTC) + timedelta(days=1))
        async with _bot(around) as bot:
            print(f"  {count:7,}  {await _use(around, bot)}")


async def _cards(count: int) -> None:
    async with surroundings(people=1) as around, _connection(around) as redis:
        clock = SystemClock()
        cards = CardStore(redis, KeyRing(parse_keys(around.environment["ENCRYPTION_KEYS"])), clock)
        later = Scheduler(JobQueue(redis, UPDATE_RANKS), DueWorkspaces(redis), clock, WorkerTimings())
        begins = datetime.now(UTC) + timedelta(seconds=count / AT_ONCE)
        made = [_card(around, number, begins + LIFE * (number + 1) / count) for number in range(count)]
        for first in range(0, count, AT_ONCE):
            await asyncio.gather(*(_keep(cards, later, card) for card in made[first : first + AT_ONCE]))
        async with _bot(around) as bot:
            posts = around.fakes.posts
            used = await _use(around, bot)
            print(f"  {count:7,}  {used}, {(around.fakes.posts - posts) / WATCHED:.1f} drawings a second")


async def _mappings(count: int) -> None:
    async with surroundings(people=1) as around, _connection(around) as redis:
        profiles = ProfileStore(redis, KeyRing(parse_keys(around.environment["ENCRYPTION_KEYS"])))
        mappings = MappingStore(redis)
        for first in range(0, count, AT_ONCE):
            some = range(first, min(first + AT_ONCE, count))
            refs = {n: Profile(RefId(f"{n:040x}"), f"Client {n}", SecretStr(f"{KEY}-{n}")) for n in some}
            await asyncio.gather(*(profiles.save(ONE_TEAM, profile) for profile in refs.values()))
            await asyncio.gather(
                *(mappings.add(ONE_TEAM, UserId(person(n)), one.ref_id, by="bench") for n, one in refs.items())
            )
        async with _bot(around) as bot:
            load = Load(around.fakes, around.here, f"{count}-", bot.port, SECRET, 0)
            await load.one_at_a_time(count=COMMANDS // 2)
            before = cpu_seconds(bot.pid) or 0
            times = await load.one_at_a_time(count=COMMANDS)
            used = ((cpu_seconds(bot.pid) or 0) - before) * 1000 / COMMANDS
            load.client.close()
            memory = (await around.redis.info("memory"))["used_memory"] / 2**20
            print(
                f"  {count:7,}  {median(times.carded) * 1000:.2f} ms to the card, {used:.2f} ms of CPU,"
                f" {memory_mb(bot.pid):.0f} MB in the bot, {memory:.0f} MB in Redis"
            )


async def _use(around: Surroundings, bot: Running) -> str:
    """Return what a bot uses while it is watched."""
    await asyncio.sleep(2)  # the work of its start is done
    before, executed, began = cpu_seconds(bot.pid) or 0, await _executed(around), time.perf_counter()
    await asyncio.sleep(WATCHED)
    took = time.perf_counter() - began
    cpu = ((cpu_seconds(bot.pid) or 0) - before) * 1000 / took
    commands = (await _executed(around) - executed - 1) / took
    memory = (await around.redis.info("memory"))["used_memory"] / 2**20
    return (
        f"{cpu:.0f} ms of CPU and {commands:.1f} Redis commands a second, {memory_mb(bot.pid):.0f} MB in the bot,"
        f" {memory:.0f} MB in Redis"
    )


async def _executed(around: Surroundings) -> int:
    return int((await around.redis.info("stats"))["total_commands_processed"])


@asynccontextmanager
async def _connection(around: Surroundings) -> AsyncIterator[Connection]:
    connection = open_connection(SecretStr(around.environment["REDIS_URL"]), Metrics())
    try:
        yield connection
    finally:
        await connection.redis.aclose()


@asynccontextmanager
async def _bot(around: Surroundings) -> AsyncIterator[Running]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(started(around.session, around.environment, *PEERS["connectbot"]))


def _card(around: Surroundings, number: int, deadline: datetime) -> Card:
    url = ResponseUrl(SecretStr(f"{around.here}/answer/{number}"), deadline + LIFE, posts_left=4, replaces=True)
    return Card(
        id=CardId(f"card{number}"),
        team=TeamId(team(number)),
        viewer=UserId(person(number)),
        owner=UserId(person(number)),
        ref_id=RefId("bench"),
        title="Bench",
        link=Link(SecretStr("https://profile.ayrshare.com?domain=bench&jwt=x"), deadline),
        made_at=deadline - LIFE,
        surface=url,
    )


async def _keep(cards: CardStore, later: Scheduler, card: Card) -> None:
    deadline = card.link.expires_at
    await cards.create(card, jobs={card.end_job: deadline}, audit=[])
    if tick := next_moment(card, since=datetime.now(UTC)):
        await later.plan(card.team, card.tick_job, at=tick)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main())
