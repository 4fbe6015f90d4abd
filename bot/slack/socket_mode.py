"""Socket Mode: two WebSockets to Slack are kept open, and each is replaced without losing what is under way.

https://docs.slack.dev/apis/events-api/using-socket-mode

The SDK's own client closes a socket before it opens the next one and acknowledges on whichever is open, so a refresh
loses the envelopes under way. Here a socket that Slack wants replaced is read and answered to its end, beside its
successor.

Slack allows an app ten sockets and spreads what it sends over them: five replicas at most, and four if a rolling
restart starts the new one before the old one has gone.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.metrics import Metrics
from bot.slack.socket import Dispatch, Socket
from bot.slack.socket_connect import SocketTimings, connect, turned_away
from bot.slack.socket_errors import AppTokenRefused, NotConnected

CONNECTIONS = 2
"""Kept open; as many more may be on their way out."""
WORTH_TELLING = 1.0
LOST_REASONS = frozenset({"closed", "silent", "link_disabled", "too_many_websockets"})

log = structlog.get_logger()


class SocketMode:
    """Keeps CONNECTIONS sockets to Slack open."""

    def __init__(
        self, client: AsyncWebClient, app_token: SecretStr, dispatch: Dispatch, metrics: Metrics, timings: SocketTimings
    ) -> None:
        self._client = client
        self._app_token = app_token
        self._dispatch = dispatch
        self._metrics = metrics
        self._timings = timings
        self._reading: dict[asyncio.Task[None], Socket] = {}
        self._room = asyncio.Semaphore(2 * CONNECTIONS)
        self._tried = asyncio.Event()
        self._failure: NotConnected | None = None

    def trouble(self) -> str:
        """Return why Slack can't reach us at this moment; empty while it can.

        A socket counts until it ends; a silent one ends after `SocketTimings.silence`.
        """
        if self._reading:
            return ""
        return self._failure.sentence if self._failure else "No WebSocket to Slack is connected."

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Receive from Slack until the context is left; raise AppTokenRefused at the start."""
        keepers = {asyncio.create_task(self._keep_connected()) for _ in range(CONNECTIONS)}
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._tried.wait(), self._timings.first_try)
            if isinstance(self._failure, AppTokenRefused):
                raise self._failure
            yield
        finally:
            tasks, sockets = keepers | self._reading.keys(), list(self._reading.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*(socket.close() for socket in sockets))  # a reading that never began has closed none

    async def _keep_connected(self) -> None:
        failures = replaced = 0
        while True:
            began = time.monotonic()
            try:
                used = await self._connect_once()
            except NotConnected as failure:
                failures = failures + 1 if time.monotonic() - began < self._timings.steady else 1
                await self._pause(failure, failures)
            except Exception:
                log.exception("socket_failed")
                failures += 1
                await self._pause(NotConnected("A WebSocket to Slack failed for a reason that I don't know."), failures)
            else:
                lasted = time.monotonic() - began
                replaced = replaced + 1 if lasted < self._timings.hasty and not used else 0
                if replaced:
                    await self._space(self._timings.spacing(replaced) - lasted)

    async def _space(self, pause: float) -> None:
        """Wait before a successor is opened in a storm, where Slack has sockets replaced as soon as they are open."""
        if pause > WORTH_TELLING:
            log.warning("sockets_replaced_at_once", next_try_in=round(pause, 1))
        await asyncio.sleep(max(0.0, pause))

    async def _pause(self, failure: NotConnected, failures: int) -> None:
        self._failure = failure
        self._tried.set()
        pause = self._timings.pause(failures, asked=failure.wait)
        write = log.error if failure.needs_operator else log.warning
        write("socket_missing", why=failure.sentence, next_try_in=round(pause, 1))
        await asyncio.sleep(pause)

    async def _connect_once(self) -> bool:
        """Open a socket, and return when it needs a successor whether Slack has used it.

        Raises NotConnected if it can't be opened or is lost.
        """
        await self._room.acquire()
        try:
            ws = await connect(self._client, self._app_token, self._timings)
        except BaseException:
            self._room.release()
            raise
        socket = Socket(ws, self._dispatch, self._metrics, linger=self._timings.linger)
        reading = asyncio.create_task(socket.read(last_words=self._timings.last_words))
        self._reading[reading] = socket
        reading.add_done_callback(self._ended)
        self._tried.set()
        log.info("socket_connected", sockets=len(self._reading))
        await socket.leaving.wait()
        self._end_oldest()
        if socket.reason in LOST_REASONS:
            raise turned_away(socket.reason, self._timings)
        return socket.used

    def _end_oldest(self) -> None:
        """End the sockets that have been on their way out for longest, so that there is room for successors."""
        leaving = [socket for socket in self._reading.values() if socket.leaving.is_set()]
        for socket in leaving[:-CONNECTIONS]:
            socket.end()

    def _ended(self, reading: asyncio.Task[None]) -> None:
        del self._reading[reading]
        self._room.release()
