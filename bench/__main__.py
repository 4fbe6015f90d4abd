"""`make bench`: acknowledgements compared with bare aiohttp and Bolt's socket handler, jobs with a tutorial's bot."""

import asyncio
import itertools
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from bench.fakes import Fakes
from bench.load import PEOPLE, PEOPLE_PER_TEAM, Load, person, team
from bench.processes import LOAD_CORE, SECRET, environment_of, pin, process
from bench.sockets import Sockets, acknowledgements
from bot.ayrshare.model import Profile
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing

ROUNDS = 3
ACKNOWLEDGEMENTS = 1000
JOBS = 2000
AT_ONCE = 50
BURST = 500
SETUP_AT_ONCE = 500
BOTS = {"bare": ["bench.bare"], "tutorial": ["bench.tutorial"], "ours": ["bot", "run"]}
SOCKET_BOTS = {"xapp-stock": ["bench.stock_sockets"], "xapp-ours": ["bot", "run"]}


async def main() -> None:
    """Measure in interleaved rounds and print medians; with the argument `sockets` only Socket Mode."""
    pin(LOAD_CORE)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            embedded_server(Path(stack.enter_context(tempfile.TemporaryDirectory())), bot=True)
        )
        fakes, sockets = Fakes(team), Sockets()
        here = await stack.enter_async_context(_serving(fakes, sockets))
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        environment = environment_of(here, store)
        await _map_people(environment, store)
        load = Load(session, fakes, here, SECRET, itertools.count())
        if "sockets" not in sys.argv:
            bots = {name: await stack.enter_async_context(process(session, environment, *BOTS[name])) for name in BOTS}
            await _measure(load, bots)
            await _measure_bursts(load, bots["ours"])
            fakes.ayrshare_seconds = 0
        for token, command in SOCKET_BOTS.items():
            variables = environment | {"SLACK_APP_TOKEN": token}
            await stack.enter_async_context(process(session, variables, *command))
        await _measure_sockets(load, sockets)


async def _measure(load: Load, bots: dict[str, str]) -> None:
    for name in ("tutorial", "ours"):
        await load.jobs(bots[name], count=JOBS // 4, at_once=AT_ONCE)  # warm up
    acks: dict[str, list[float]] = {"bare": [], "ours": []}
    rates: dict[str, list[tuple[float, int]]] = {"tutorial": [], "ours": []}
    for _ in range(ROUNDS):
        for name, times in acks.items():
            times.append(await load.acknowledgements(bots[name], count=ACKNOWLEDGEMENTS, answered=name == "ours"))
        for name, rate in rates.items():
            rate.append(await load.jobs(bots[name], count=JOBS, at_once=AT_ONCE))
    bare, ours = (statistics.median(acks[name]) for name in ("bare", "ours"))
    print(f"acknowledgement p50, one at a time, median of {ROUNDS} rounds of {ACKNOWLEDGEMENTS}:")
    print(f"  bare aiohttp with a signature check  {bare:6.2f} ms")
    print(f"  connectbot                           {ours:6.2f} ms   {ours / bare:.2f} times")
    tutorial, mine = (statistics.median(rate for rate, _ in rates[name]) for name in ("tutorial", "ours"))
    lost = {name: sum(failed for _, failed in rate) for name, rate in rates.items()}
    print(f"whole jobs a second, {AT_ONCE} at once, median of {ROUNDS} rounds of {JOBS}:")
    print(f"  tutorial-style Bolt bot              {tutorial:6.0f}      {lost['tutorial']} failed")
    print(
        f"  connectbot                           {mine:6.0f}      {lost['ours']} failed   {mine / tutorial:.2f} times"
    )


async def _measure_sockets(load: Load, sockets: Sockets) -> None:
    times: dict[str, list[tuple[float, float]]] = {token: [] for token in SOCKET_BOTS}
    for _ in range(ROUNDS):
        for token, measured in times.items():
            round_times = acknowledgements(sockets, load.fakes, load.here, token, load.numbers, count=ACKNOWLEDGEMENTS)
            measured.append(await round_times)
    print(f"acknowledgement over Socket Mode, one at a time, median of {ROUNDS} rounds of {ACKNOWLEDGEMENTS}:")
    for token, name in (("xapp-stock", "Bolt's AsyncSocketModeHandler"), ("xapp-ours", "connectbot, two sockets")):
        p50, p99 = (statistics.median(one[index] for one in times[token]) for index in (0, 1))
        print(f"  {name:36} {p50:6.2f} ms   p99 {p99:6.2f} ms")


async def _measure_bursts(load: Load, bot: str) -> None:
    load.fakes.ayrshare_seconds = 0.15
    bursts = [await load.burst(bot, count=BURST) for _ in range(ROUNDS)]
    worst, lost = max(p99 for p99, _ in bursts), sum(lost for _, lost in bursts)
    print(f"{BURST} commands at the same moment, Ayrshare at 150 ms, {ROUNDS} times:")
    print(f"  acknowledgement p99 at worst {worst:6.0f} ms; {lost} of {ROUNDS * BURST} without a card")


@asynccontextmanager
async def _serving(fakes: Fakes, sockets: Sockets) -> AsyncIterator[str]:
    app = web.Application(client_max_size=2**20)
    app.add_routes([*sockets.routes(), *fakes.routes()])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _map_people(environment: dict[str, str], store: str) -> None:
    client = open_connection(SecretStr(store), Metrics())
    key = SecretStr("BENCH-KEY-0000-0000")
    profiles = ProfileStore(client, KeyRing(parse_keys(environment["ENCRYPTION_KEYS"])))
    for number in range(0, PEOPLE, PEOPLE_PER_TEAM):
        await profiles.save(TeamId(team(number)), Profile(RefId("bench"), "Bench", key))
    mappings = MappingStore(client)
    await client.redis.mset({f"tutorial:{person(number)}": key.get_secret_value() for number in range(PEOPLE)})
    for first in range(0, PEOPLE, SETUP_AT_ONCE):
        some = range(first, first + SETUP_AT_ONCE)
        await asyncio.gather(
            *(mappings.add(TeamId(team(n)), UserId(person(n)), RefId("bench"), by="bench") for n in some)
        )
    await client.redis.aclose()


if __name__ == "__main__":
    asyncio.run(main())
