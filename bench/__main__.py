"""`make bench`: acknowledgements beside bare aiohttp and beside Bolt's socket handler, jobs beside a tutorial's bot."""

import asyncio
import base64
import itertools
import os
import secrets
import socket
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from bench.fakes import Fakes
from bench.load import PEOPLE, PEOPLE_PER_TEAM, Load, person, team
from bench.sockets import Sockets, acknowledgements
from bot.embedded import embedded_server
from bot.encryption_keys import parse_keys
from bot.envelope import KeyRing
from bot.metrics import Metrics
from bot.model import Profile, RefId, TeamId, UserId
from bot.stores.connection import open_connection
from bot.stores.mappings import MappingStore
from bot.stores.profiles import ProfileStore

SECRET = secrets.token_hex(16)
ROUNDS = 3
ACKNOWLEDGEMENTS = 1000
JOBS = 2000
AT_ONCE = 50
BURST = 500
SETUP_AT_ONCE = 500
BOT_CORE, LOAD_CORE = 0, 1
BOTS = {"bare": ["bench.bare"], "tutorial": ["bench.tutorial"], "ours": ["bot", "run"]}
SOCKET_BOTS = {"xapp-stock": ["bench.stock_sockets"], "xapp-ours": ["bot", "run"]}


async def main() -> None:
    """Measure in interleaved rounds and print medians; only what concerns Socket Mode if asked for `sockets`."""
    _pin(LOAD_CORE)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            embedded_server(Path(stack.enter_context(tempfile.TemporaryDirectory())), bot=True)
        )
        fakes, sockets = Fakes(team), Sockets()
        here = await stack.enter_async_context(_serving(fakes, sockets))
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        environment = _environment(here, store)
        await _map_people(environment, store)
        load = Load(session, fakes, here, SECRET, itertools.count())
        if "sockets" not in sys.argv:
            bots = {name: await stack.enter_async_context(_process(session, environment, *BOTS[name])) for name in BOTS}
            await _measure(load, bots)
            await _measure_bursts(load, bots["ours"])
            fakes.ayrshare_seconds = 0
        for token, command in SOCKET_BOTS.items():
            variables = environment | {"SLACK_APP_TOKEN": token}
            await stack.enter_async_context(_process(session, variables, *command))
        await _measure_sockets(load, sockets)


async def _measure(load: Load, bots: dict[str, str]) -> None:
    for name in ("tutorial", "ours"):
        await load.jobs(bots[name], count=JOBS // 4, at_once=AT_ONCE)  # warm
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
            one = acknowledgements(sockets, load.fakes, load.here, token, load.numbers, count=ACKNOWLEDGEMENTS)
            measured.append(await one)
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


@asynccontextmanager
async def _process(session: aiohttp.ClientSession, environment: dict[str, str], *command: str) -> AsyncIterator[str]:
    port = _free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, env=environment | {"PORT": str(port)}, preexec_fn=lambda: _pin(BOT_CORE)
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await _until_it_answers(session, url)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def _until_it_answers(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(20):
        while not await _answers(session, url):  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.1)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/readyz") as reply:
            return reply.ok
    except aiohttp.ClientError:
        return False


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


def _environment(here: str, store: str) -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{here}/api/",
        "AYRSHARE_API_KEY": "BENCH-API-KEY",
        "AYRSHARE_DOMAIN": "bench",
        "AYRSHARE_PRIVATE_KEY": key.decode(),
        "AYRSHARE_API_URL": f"{here}/ayrshare",
        "REDIS_URL": store,
        "ENCRYPTION_KEYS": f"bench:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
    }


def _pin(core: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())
