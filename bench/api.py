"""`python -m bench.api`: `POST /api/v1/links` beside bare calls of the same Ayrshare, at 200 profiles (`PROFILES`).

The bot has one core; Redis, the fake services and the load share the other. It prints p50 and p95 of one request at a
time, with what they are beyond Ayrshare, and the requests a second with 50 at once.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bench.fakes import Fakes
from bench.processes import LOAD_CORE, Running, environment_of, pin, started
from bench.usage import cpu_seconds
from bench.wire import Client, serve
from bot.ayrshare.model import Profile
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.links_api.key_store import ApiKeyStore
from bot.links_api.model import ApiKey, new_token
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing

PROFILES = int(os.environ.get("PROFILES", "200"))
ONE_AT_A_TIME, MANY, AT_ONCE, ROUNDS = 400, 3_000, 50, int(os.environ.get("ROUNDS", "3"))
TEAM, RATE = TeamId("TBENCH"), 10_000_000
BEYOND_MS, A_SECOND = 3.0, 300

Request = Callable[[int], bytes]


async def main() -> None:
    """Measure and print; fail if a figure misses its target."""
    pin(LOAD_CORE)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = await stack.enter_async_context(embedded_server(folder / "redis", bot=True))
        server, here = await serve(Fakes(lambda _: TEAM).answer)
        stack.callback(server.close)
        environment = environment_of(here, store)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        redis = open_connection(SecretStr(store), Metrics())
        stack.push_async_callback(redis.redis.aclose)
        token = await _fill(redis, environment["ENCRYPTION_KEYS"])
        command = (sys.executable, "-m", "bot", "run")
        bot = await stack.enter_async_context(started(session, environment, *command))
        await _measure(Client(int(here.rpartition(":")[2])), bot, token)


async def _measure(ayrshare: Client, running: Running, token: str) -> None:
    bot = Client(running.port)

    def of_person(number: int) -> bytes:
        return _link(f'{{"user": "UBENCH{number % PROFILES}"}}', token)

    def of_profile(number: int) -> bytes:
        return _link(f'{{"profile": "{number % PROFILES:040x}"}}', token)

    def bare(_: int) -> bytes:
        return _post("/ayrshare/profiles/generateJWT", "{}", "")

    await _times(bot, of_person, PROFILES, 201)  # the bot gets to know everybody
    for _ in range(ROUNDS):
        alone = statistics.median(await _times(ayrshare, bare, ONE_AT_A_TIME, 200))
        for name, request in (("by person", of_person), ("by profile", of_profile)):
            times = await _times(bot, request, ONE_AT_A_TIME, 201)
            p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
            before = cpu_seconds(running.pid) or 0.0
            rate = await _rate(bot, request)
            cpu = ((cpu_seconds(running.pid) or 0.0) - before) * 1000 / MANY
            print(
                f"{name:10}  p50 {p50:5.2f} ms, {p50 - alone:5.2f} beyond Ayrshare's {alone:.2f}; p95 {p95:5.2f} ms;"
                f" {rate:5.0f} a second at {AT_ONCE} at once, {cpu:.2f} ms of CPU each"
            )
            if p50 - alone > BEYOND_MS or rate < A_SECOND:
                print(f"            missed: {BEYOND_MS} ms beyond Ayrshare, {A_SECOND} a second")


async def _times(client: Client, request: Request, count: int, status: int) -> list[float]:
    """Return the milliseconds of each of so many requests, one at a time."""
    times = []
    for number in range(count):
        began = time.perf_counter()
        if await client.send(request(number)) != status:
            raise AssertionError("a request was refused")
        times.append((time.perf_counter() - began) * 1000)
    return times


async def _rate(client: Client, request: Request) -> float:
    """Return the requests a second, with AT_ONCE in progress."""
    await client.prepare(AT_ONCE)
    numbers = iter(range(MANY))

    async def worker() -> None:
        for number in numbers:
            if await client.send(request(number)) != 201:  # noqa: PLR2004 - HTTP's
                raise AssertionError("a request was refused")

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return MANY / (time.perf_counter() - began)


def _link(body: str, token: str) -> bytes:
    return _post("/api/v1/links", body, f"Authorization: Bearer {token}\r\n")


def _post(path: str, body: str, headers: str) -> bytes:
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}{kind}\r\n{body}".encode()


async def _fill(redis: Connection, keys: str) -> str:
    """Store profiles, each mapped to one person, and an API key for all of them; return that."""
    profiles, mappings = ProfileStore(redis, KeyRing(parse_keys(keys))), MappingStore(redis)
    for number in range(PROFILES):
        ref_id = RefId(f"{number:040x}")
        await profiles.save(TEAM, Profile(ref_id, f"Client {number}", SecretStr(f"KEY-{number}")))
        await mappings.add(TEAM, UserId(f"UBENCH{number}"), ref_id, by="bench")
    token, now = new_token(TEAM), datetime.now(UTC)
    await ApiKeyStore(redis, SystemClock()).add(ApiKey("bench", TEAM, "Bench", now, rate=RATE), token, by="bench")
    return token


if __name__ == "__main__":
    asyncio.run(main())
