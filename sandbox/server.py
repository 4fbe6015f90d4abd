"""The sandbox: the local Slack, the local Ayrshare and the control calls on one port."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

from sandbox.ayrshare import LocalAyrshare
from sandbox.calls import CallLog
from sandbox.clock import MovableClock
from sandbox.control import control_app
from sandbox.control.request import Services
from sandbox.guard import loopback_only
from sandbox.page import Live, Page, Player
from sandbox.slack import LocalSlack

CHECK_SECONDS = 1.0
"""The pause, in real time, between two checks for due retries and expiring sockets."""
SHUTDOWN_TIMEOUT = 0.5
"""How long responses in progress may take at the end."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """All services that the bot calls, on one port; `port` 0 is a free one, `url` is set once the context is entered.

    `slack` and `ayrshare` are the two local services, and `received()` returns the calls that the bot made.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = _utc_now,
        host: str = "127.0.0.1",
        port: int = 0,
        bot_url: str = "",
    ) -> None:
        self.url = ""
        self.clock = MovableClock(now)
        self.slack = LocalSlack(now=self.clock.now, base_url=lambda: f"{self.url}/slack")
        self.ayrshare = LocalAyrshare(now=self.clock.now, base_url=lambda: f"{self.url}/ayrshare")
        self.bot_url = bot_url
        self._services = Services(self.slack, self.ayrshare, self.clock, CallLog(self.clock.now), lambda: self.url)
        self.live, self.player = Live(self._services), Player()
        self._host = host
        self._port = port
        self._running = AsyncExitStack()

    @property
    def bot_url(self) -> str:
        """The URL where the bot listens, without a path."""
        return self.slack.bot_url

    @bot_url.setter
    def bot_url(self, url: str) -> None:
        self.slack.bot_url = url.rstrip("/")

    def received(
        self, call: str = "*", *, target: Literal["slack", "ayrshare"] | None = None, since: int = 0
    ) -> list[dict[str, Any]]:
        """Return the calls that the bot made, oldest first.

        `call` is the name of a call and may contain the wildcard `*`: a Web API method (`chat.update`, `views.*`),
        `response_url`, `link` (a WebSocket), or an Ayrshare endpoint (`GET /user`, `DELETE *`). `target` limits the
        result to one service. `since` is the number `n` of an earlier call; each service numbers its own calls.
        """
        logs = {"slack": self.slack.calls, "ayrshare": self.ayrshare.calls}
        selected = [logs[target]] if target else list(logs.values())
        return sorted((row for log in selected for row in log.received(call, since=since)), key=lambda row: row["at"])

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as starting:
            runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT)
            starting.push_async_callback(runner.cleanup)
            starting.push_async_callback(self.ayrshare.close)
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port).start()
            self.url = f"http://{self._host}:{runner.addresses[0][1]}"
            starting.push_async_callback(_cancel, asyncio.create_task(self._check_regularly()))
            starting.push_async_callback(_cancel, asyncio.create_task(self.live.run()))
            self._running = starting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[loopback_only, self.live.watch, self.live.place])
        Page(self.live, self.player).add_routes(app)
        app.add_subapp("/control", control_app(self._services))
        app.add_subapp("/slack", self.slack.app())
        app.add_subapp("/ayrshare", self.ayrshare.app())
        return app

    async def _check_regularly(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for workspace in list(self.slack.workspaces.values()):
                await workspace.events.send_due_retries()
            await self.slack.sockets.warn_expiring()
            self.live.touch()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
