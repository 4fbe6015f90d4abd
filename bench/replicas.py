"""Two replicas around one Redis beside one, on a machine of two cores.

Load, fakes and Redis need a core, so two replicas can't have one each. Instead each has half of the bots' core in turns
of 5 ms (bench/duty.py), and so has the one replica, for which the other turns stay unused. The bots are the bottleneck,
and what is compared is what two halves do with what one half does. How busy Redis was is printed beside it: it has to
have room for what two whole cores would send.
"""

import asyncio
import statistics
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bench.load import Load, Outcome
from bench.processes import BOT_CORE, Running, pin, started
from bench.surroundings import Surroundings, surroundings
from bench.usage import cpu_seconds

ROUNDS = 3
AT_ONCE = 50
JOBS = 400
PEOPLE_HERE = 20_000
COMMAND = (sys.executable, "-m", "bot", "run")


async def measure_replicas() -> None:
    """Print jobs a second, CPU a job and Redis' share for one replica and for two."""
    figures: defaultdict[tuple[int, str], list[float]] = defaultdict(list)
    async with AsyncExitStack() as stack:
        around = await stack.enter_async_context(surroundings(people=PEOPLE_HERE))
        bots = [await stack.enter_async_context(started(around.session, around.environment, *COMMAND)) for _ in "12"]
        loads = [around.load_for(f"replica{n}", bot, first=n * PEOPLE_HERE // 2) for n, bot in enumerate(bots)]
        for load in loads:
            await load.many(count=JOBS, at_once=AT_ONCE)
        for _ in range(ROUNDS):
            for count in (1, 2):
                for name, value in (await _measured(around, bots[:count], loads[:count])).items():
                    figures[count, name].append(value)
    for count, word in ((1, "one replica "), (2, "two replicas")):
        names = ("rate", "cpu", "busy", "failed")
        rate, cpu, busy, failed = (statistics.median(figures[count, name]) for name in names)
        times = rate / statistics.median(figures[1, "rate"])
        print(
            f"{word}  {rate:5.0f} jobs/s  {times:.2f} times  {cpu:.2f} CPU ms a job  "
            f"Redis {busy:.0%} of a core  {failed:.0f} failed"
        )


async def _measured(around: Surroundings, bots: list[Running], loads: list[Load]) -> dict[str, float]:
    async with _in_turns([bot.pid for bot in bots]):
        used, redis = _used(bots), await _redis_seconds(around)
        outcomes: list[Outcome] = await asyncio.gather(*(load.many(count=JOBS, at_once=AT_ONCE) for load in loads))
        used, redis = _used(bots) - used, await _redis_seconds(around) - redis
    done = sum(outcome.done for outcome in outcomes)
    return {
        "rate": sum(outcome.rate for outcome in outcomes),
        "cpu": used * 1000 / done,
        "busy": redis / max(outcome.took for outcome in outcomes),
        "failed": sum(outcome.failed for outcome in outcomes),
    }


@asynccontextmanager
async def _in_turns(pids: list[int]) -> AsyncIterator[None]:
    turns = [*pids, 0][:2]
    duty = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.duty", *map(str, turns))
    pin(BOT_CORE, duty.pid)
    await asyncio.sleep(0.5)
    try:
        yield
    finally:
        duty.terminate()
        await duty.wait()


def _used(bots: list[Running]) -> float:
    return sum(cpu_seconds(bot.pid) or 0.0 for bot in bots)


async def _redis_seconds(around: Surroundings) -> float:
    cpu = await around.redis.info("cpu")
    return float(cpu["used_cpu_user"]) + float(cpu["used_cpu_sys"])
