"""The local Ayrshare on a loopback port, mounted as in the sandbox, with a plain HTTP client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web

from sandbox.ayrshare import LocalAyrshare, Profile
from tests.clock import ManualClock

WHOLE_SECOND = datetime.fromisoformat("2026-11-02T09:00:00+00:00")


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    text: str
    body: Any


@dataclass(frozen=True)
class Served:
    local: LocalAyrshare
    clock: ManualClock
    url: str
    http: aiohttp.ClientSession

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    def received(self, call: str = "*") -> list[dict[str, Any]]:
        """Return the calls whose name matches a pattern such as `GET /user` or `DELETE *`, oldest first."""
        return self.local.calls.received(call)

    async def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Reply:
        sent = {"Authorization": f"Bearer {self.local.api_key}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if key:
            sent["Profile-Key"] = key
        async with self.http.request(method, f"{self.api_url}{path}", json=body, headers=sent) as response:
            text = await response.text()
            parsed = await response.json() if response.content_type == "application/json" and text else None
            return Reply(response.status, {k.lower(): v for k, v in response.headers.items()}, text, parsed)

    async def generate(self, profile: Profile | None = None, /, **fields: Any) -> Reply:
        profile = profile or self.local.profiles[0]
        package = {"domain": self.local.domain, "privateKey": self.local.private_key_pem, "profileKey": profile.key}
        return await self.call("POST", "/profiles/generateJWT", package | fields)

    async def link(self, profile: Profile | None = None, /, **fields: Any) -> str:
        """Return the URL of a new link."""
        url = (await self.generate(profile, **fields)).body["url"]
        assert isinstance(url, str)
        return url


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait until the condition holds; raises AssertionError after five seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 5
    while not condition():
        assert loop.time() < deadline, f"not within five seconds: {what}"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def serving() -> AsyncIterator[Served]:
    clock = ManualClock(WHOLE_SECOND)
    address = ""
    local = LocalAyrshare(now=clock.now, base_url=lambda: address)
    root = web.Application()
    root.add_subapp("/ayrshare", local.app())
    runner = web.AppRunner(root, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/ayrshare"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Served(local, clock, address, http)
    await local.close()
    await runner.cleanup()
