"""The measurements of `make bench`: five peers in interleaved rounds, each on its own core."""

import asyncio
import statistics
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench.load import PEOPLE, Load, Outcome
from bench.node_peer import installed
from bench.processes import Running, started
from bench.results import Result, Results
from bench.round_trips import RoundTrips, counting_proxy
from bench.surroundings import Surroundings, surroundings
from bench.usage import cpu_seconds, memory_mb

ROUNDS = 3
ONE_AT_A_TIME = 200
SLOW_ONE_AT_A_TIME = 6
AT_ONCE, JOBS, SLOW_JOBS = 50, 1000, 400
BURST = 500
WARM_UP = 300
COUNTED = 100
"""Jobs for counting round trips."""
IDLE_SECONDS = 2.0
MOST_IDLE_TRIPS = 20
"""Of an idle bot in those seconds; at its start it looks at each of the workspaces."""
START_SECONDS = 60
SLOW = 0.15
"""Seconds that a slow Ayrshare takes."""

PEERS: dict[str, tuple[str, ...]] = {
    "bare": (sys.executable, "-m", "bench.peers.bare"),
    "tutorial": (sys.executable, "-m", "bench.peers.tutorial"),
    "lean": (sys.executable, "-m", "bench.peers.lean"),
    "node": (),
    "connectbot": (sys.executable, "-m", "bot", "run"),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """A running peer with its load and its result."""

    running: Running
    load: Load
    result: Result


async def measure_peers() -> Results:
    """Start the peers, measure them in rounds, then count their round trips one after another."""
    results = {name: Result() for name in PEERS}
    async with surroundings(people=PEOPLE) as around:
        commands = PEERS | await _node(around, results["node"])
        commands = {name: command for name, command in commands.items() if command}
        async with AsyncExitStack() as stack:
            peers = {name: await _start(around, stack, name, commands[name], results[name]) for name in commands}
            await _rounds(around, peers)
        for name in (name for name in commands if name != "bare"):
            _progress(f"round trips of {name}")
            results[name].add("redis_round_trips_a_job", await _round_trips(around, name, commands[name]))
    return results


async def _rounds(around: Surroundings, peers: dict[str, Measured]) -> None:
    workers = {name: peer for name, peer in peers.items() if name != "bare"}
    for peer in workers.values():
        await peer.load.many(count=WARM_UP, at_once=AT_ONCE)
    for number in range(ROUNDS):
        _progress(f"round {number + 1} of {ROUNDS}")
        for name, peer in peers.items():
            await _acknowledgements(peer, answered=name in workers)
        for peer in workers.values():
            await _jobs(around, peer)
    for peer in peers.values():
        peer.result.add("memory_mb", memory_mb(peer.running.pid))


async def _node(around: Surroundings, result: Result) -> dict[str, tuple[str, ...]]:
    _progress("npm ci")
    command = await installed(around.folder / "node")
    if isinstance(command, str):
        result.note = command
        return {}
    return {"node": command}


async def _start(
    around: Surroundings, stack: AsyncExitStack, name: str, command: tuple[str, ...], result: Result
) -> Measured:
    log = None if name == "connectbot" else stack.enter_context((around.folder / f"{name}.log").open("w")).fileno()
    running = await stack.enter_async_context(started(around.session, around.environment, *command, log=log))
    return Measured(running, around.load_for(name, running), result)


async def _acknowledgements(peer: Measured, *, answered: bool) -> None:
    times = await peer.load.one_at_a_time(count=ONE_AT_A_TIME, answered=answered)
    peer.result.add("ack_p50_ms", statistics.median(times.acknowledged) * 1000)
    peer.result.add("ack_p99_ms", sorted(times.acknowledged)[int(ONE_AT_A_TIME * 0.99) - 1] * 1000)
    if answered:
        peer.result.add("card_p50_ms", statistics.median(times.carded) * 1000)
        peer.result.add("jobs_1_0ms", ONE_AT_A_TIME / times.took)


async def _jobs(around: Surroundings, peer: Measured) -> None:
    load, result = peer.load, peer.result
    used, executed = cpu_seconds(peer.running.pid), await _executed(around)
    outcome = await load.many(count=JOBS, at_once=AT_ONCE)
    now = cpu_seconds(peer.running.pid)
    result.add("cpu_ms_a_job", None if used is None or now is None else (now - used) * 1000 / JOBS)
    result.add("redis_commands_a_job", (await _executed(around) - executed) / JOBS)
    _count(result, "jobs_50_0ms", outcome)
    _count(result, "jobs_500_0ms", await load.burst(count=BURST))
    around.fakes.ayrshare_seconds = SLOW
    _count(result, "jobs_1_150ms", await load.many(count=SLOW_ONE_AT_A_TIME, at_once=1))
    _count(result, "jobs_50_150ms", await load.many(count=SLOW_JOBS, at_once=AT_ONCE))
    burst = await load.burst(count=BURST)
    _count(result, "jobs_500_150ms", burst)
    result.lost_in_bursts += burst.failed
    result.sent_in_bursts += BURST
    around.fakes.ayrshare_seconds = 0
    load.client.close()


def _count(result: Result, key: str, outcome: Outcome) -> None:
    result.add(key, outcome.rate)
    result.failed += outcome.failed
    result.sent += outcome.done + outcome.failed


async def _executed(around: Surroundings) -> int:
    stats = await around.redis.info("stats")
    return int(stats["total_commands_processed"])


async def _round_trips(around: Surroundings, name: str, command: tuple[str, ...]) -> float:
    """Return the round trips a job, one at a time, without those of an idle bot."""
    async with AsyncExitStack() as stack:
        trips, url = await stack.enter_async_context(counting_proxy(around.redis_socket, around.folder))
        environment = around.environment | {"REDIS_URL": url}
        running = await stack.enter_async_context(started(around.session, environment, *command))
        load = around.load_for(f"{name}-counted", running, first=PEOPLE // 2)  # nobody who has a live card by now
        await load.one_at_a_time(count=COUNTED)
        await _begun(trips)
        idle, idle_seconds = await _idle_trips(trips)
        before, began = trips.count, time.perf_counter()
        await load.one_at_a_time(count=COUNTED)
        own = (time.perf_counter() - began) * idle / idle_seconds
        load.client.close()
        return max(0.0, trips.count - before - own) / COUNTED


async def _begun(trips: RoundTrips) -> None:
    """Wait until what a bot does at its start for each workspace is done."""
    async with asyncio.timeout(START_SECONDS):
        while (await _idle_trips(trips))[0] > MOST_IDLE_TRIPS:
            pass


async def _idle_trips(trips: RoundTrips) -> tuple[int, float]:
    before = trips.count
    await asyncio.sleep(IDLE_SECONDS)
    return trips.count - before, IDLE_SECONDS


def _progress(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
