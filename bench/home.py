"""`python -m bench.home`: an admin's Home tab and pages of the list, with 10,000 mappings in an embedded Redis."""

import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier

from bench.processes import environment_of, free_port, wait_until_ready
from bot.ayrshare.model import Account, Profile
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.home.model import Filter, OverviewQuery
from bot.profiles.mapping_store import MappingStore
from bot.profiles.model import Snapshot
from bot.profiles.snapshot_store import SnapshotStore
from bot.profiles.store import ProfileStore
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing

MAPPINGS = 10_000
SETUP_AT_ONCE = 500
OPENINGS = 200
PAGES = 100
TEAM, ADMIN = TeamId("TBENCH"), UserId("UADMIN0001")
TIMEOUT = 10.0


class FakeServices:
    """A Slack and an Ayrshare at the least cost, which measure the time until the bot draws something."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._numbers = itertools.count()
        self._awaited: asyncio.Future[dict[str, Any]] | None = None
        self.here = self.bot = self.secret = ""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        user = {"id": ADMIN, "team_id": TEAM, "is_admin": True}
        profile = {"refId": "any", "title": "Any", "activeSocialAccounts": ["instagram"], "displayNames": []}
        return [
            web.route("*", "/api/users.info", _returning({"ok": True, "user": user})),
            web.route("*", "/api/auth.test", _returning({"ok": True, "team_id": TEAM})),
            web.post("/api/views.publish", self._drawn),
            web.post("/answer", self._drawn),
            web.get("/ayrshare/user", _returning(profile)),
        ]

    async def opening(self) -> float:
        """Return the milliseconds from `app_home_opened` to the first `views.publish`."""
        number = f"Ev{next(self._numbers)}"
        event = {"type": "app_home_opened", "user": ADMIN, "tab": "home"}
        body = {"type": "event_callback", "team_id": TEAM, "event_id": number, "event": event}
        return await self._time_until_drawn(json.dumps(body), "application/json")

    async def list_page(self, words: str) -> float:
        """Return the milliseconds from the command to its reply."""
        fields = {
            "command": "/connect",
            "text": f"list {words}",
            "team_id": TEAM,
            "user_id": ADMIN,
            "channel_id": "CBENCH",
            "trigger_id": f"list{next(self._numbers)}",
            "response_url": f"{self.here}/answer",
        }
        return await self._time_until_drawn(urlencode(fields), "application/x-www-form-urlencoded")

    async def turned_page(self, page: int) -> float:
        """Return the milliseconds from a click on *Next* to the next page of the list."""
        payload = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": ADMIN, "team_id": TEAM},
            "trigger_id": f"turn{next(self._numbers)}",
            "response_url": f"{self.here}/answer",
            "actions": [{"type": "button", "action_id": "list_next", "value": OverviewQuery(page=page).to_json()}],
        }
        body = urlencode({"payload": json.dumps(payload)})
        return await self._time_until_drawn(body, "application/x-www-form-urlencoded")

    async def _time_until_drawn(self, body: str, kind: str) -> float:
        timestamp = str(int(time.time()))
        signature = SignatureVerifier(self.secret).generate_signature(timestamp=timestamp, body=body)
        headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}
        self._awaited = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        async with self._session.post(f"{self.bot}/slack/events", data=body, headers=headers) as reply:
            reply.raise_for_status()
        drawn = await asyncio.wait_for(self._awaited, TIMEOUT)
        taken = time.perf_counter() - began
        if "*Client number 0" not in json.dumps(drawn):
            raise AssertionError(f"that is no page of the overview: {drawn}")
        return taken * 1000

    async def _drawn(self, request: web.Request) -> web.Response:
        drawn = await request.json()
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(drawn)
        return web.json_response({"ok": True, "view": {"hash": "bench"}})


async def main() -> None:
    """Measure and print."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        store = await stack.enter_async_context(embedded_server(Path(folder), bot=True))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        services = FakeServices(session)
        services.here = await stack.enter_async_context(_serving(services))
        environment = environment_of(services.here, store)
        services.secret = environment["SLACK_SIGNING_SECRET"]
        await _fill(environment, store)
        services.bot, process = await stack.enter_async_context(_bot(session, environment))
        client = open_connection(SecretStr(store), Metrics())
        stack.push_async_callback(client.redis.aclose)
        await _measure(services, process, MappingStore(client))


async def _measure(services: FakeServices, process: int, mappings: MappingStore) -> None:
    async def page_after_change(number: int) -> float:
        await mappings.add(TEAM, UserId(f"UBENCH{number:05}"), RefId(f"{number + 1:040x}"), by="shell")
        return await services.list_page("")

    for _ in range(20):
        await services.opening()
    before = _megabytes(process)
    print(f"{MAPPINGS:,} mappings; milliseconds from request to drawing:")
    _print_times(f"Home, {OPENINGS} openings", [await services.opening() for _ in range(OPENINGS)])
    _print_times("list", [await services.list_page("") for _ in range(PAGES)])
    _print_times("list, another page", [await services.turned_page(page) for page in range(PAGES)])
    _print_times("list number 012", [await services.list_page("number 012") for _ in range(PAGES)])
    _print_times("list needs attention", [await services.list_page(Filter.ATTENTION) for _ in range(PAGES)])
    _print_times("list, after a change", [await page_after_change(number) for number in range(PAGES)])
    print(f"memory of the bot's process: {before:.0f} MB before, {_megabytes(process):.0f} MB after")


def _print_times(name: str, times: list[float]) -> None:
    p99 = sorted(times)[int(len(times) * 0.99) - 1]
    print(f"  {name:22} p50 {statistics.median(times):6.1f}   p99 {p99:6.1f}")


async def _fill(environment: dict[str, str], store: str) -> None:
    """Map 10,000 people to a profile each; one in ten needs attention."""
    client = open_connection(SecretStr(store), Metrics())
    profiles = ProfileStore(client, KeyRing(parse_keys(environment["ENCRYPTION_KEYS"])))
    mappings, snapshots = MappingStore(client), SnapshotStore(client)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)

    async def map_one(number: int) -> None:
        profile = Profile(RefId(f"{number:040x}"), f"Client number {number:05}", SecretStr(f"KEY-{number:08}-BENCH"))
        accounts = (Account("instagram", f"Name {number}"), Account("linkedin", "Name", None, number % 10 == 0))
        await profiles.save(TEAM, profile)
        await snapshots.save(TEAM, profile.ref_id, Snapshot(an_hour_ago, accounts))
        await mappings.add(TEAM, UserId(f"UBENCH{number:05}"), profile.ref_id, by="shell")

    for first in range(0, MAPPINGS, SETUP_AT_ONCE):
        await asyncio.gather(*(map_one(number) for number in range(first, first + SETUP_AT_ONCE)))
    await client.redis.aclose()


@asynccontextmanager
async def _serving(services: FakeServices) -> AsyncIterator[str]:
    app = web.Application(client_max_size=2**20)
    app.add_routes(services.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _bot(session: aiohttp.ClientSession, environment: dict[str, str]) -> AsyncIterator[tuple[str, int]]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"), env=environment | {"PORT": str(port)}
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await wait_until_ready(session, url)
        yield url, process.pid
    finally:
        process.terminate()
        await process.wait()


def _returning(body: dict[str, Any]) -> Any:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response(body)

    return handle


def _megabytes(process: int) -> float:
    """Return the resident memory of a process in MB, from `ps`."""
    ps = subprocess.run(  # noqa: S603 - fixed arguments
        ["ps", "-o", "rss=", "-p", str(process)],  # noqa: S607 - found through PATH
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    return int(ps.stdout) / 1024


if __name__ == "__main__":
    asyncio.run(main())
