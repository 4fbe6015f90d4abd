"""One WebSocket to Slack and its frames: it is read to its end, and each envelope is acknowledged on it.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_bolt.response import BoltResponse

from bot.core.metrics import Metrics
from bot.core.text import read_json

Dispatch = Callable[[dict[str, Any]], Awaitable[BoltResponse]]

REASONS = frozenset({"warning", "refresh_requested", "link_disabled", "too_many_websockets"})
"""Why Slack wants a socket replaced; other words are counted as "other", so that the metric stays bounded."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Hello:
    """The first frame on a socket."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Slack will close the socket, or asks for it to be replaced."""

    reason: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A command, an interaction or an event, acknowledged by its id on the same socket."""

    id: str
    payload: dict[str, Any]
    accepts_payload: bool


class UnreadableFrame(Exception):
    """A malformed frame; its text is one word for the log."""


def read_frame(raw: str | bytes) -> Hello | Disconnect | Envelope:
    """Read one frame; raise UnreadableFrame."""
    try:
        frame = read_json(raw)
    except (ValueError, RecursionError):
        raise UnreadableFrame("not_json") from None
    if not isinstance(frame, dict):
        raise UnreadableFrame("not_an_object")
    match frame:
        case {"type": "hello"}:
            return Hello()
        case {"type": "disconnect"}:
            return Disconnect(str(frame.get("reason")))
        case {"envelope_id": str(id_)} if id_:
            payload = frame.get("payload")
        case _:
            raise UnreadableFrame("no_envelope_id")
    if not isinstance(payload, dict):
        raise UnreadableFrame("no_payload")
    return Envelope(id_, payload, frame.get("accepts_response_payload") is True)


def acknowledgement(envelope: Envelope, answer: BoltResponse) -> str:
    """Return the frame that acknowledges an envelope, with the answer's body if Slack accepts one."""
    frame: dict[str, Any] = {"envelope_id": envelope.id}
    if envelope.accepts_payload and answer.body:
        is_json = any(kind.startswith("application/json") for kind in answer.headers.get("content-type", ()))
        frame["payload"] = json.loads(answer.body) if is_json else {"text": answer.body}
    return json.dumps(frame)


class Socket:
    """A socket on which Slack has said hello; `leaving` is set once it needs a successor, and `reason` says why.

    `used`: Slack sent something on it before it asked to replace it.

    Slack goes on sending on a socket that it asked to replace, so that one is read for `linger` seconds more.
    """

    def __init__(
        self, ws: "aiohttp.ClientWebSocketResponse[Any]", dispatch: Dispatch, metrics: Metrics, *, linger: float
    ) -> None:
        self.leaving = asyncio.Event()
        self.reason = ""
        self.used = False
        self._ws = ws
        self._dispatch = dispatch
        self._metrics = metrics
        self._linger = linger
        self._answering: set[asyncio.Task[None]] = set()
        self._limit = asyncio.timeout(None)
        self._reads = False

    async def read(self, *, last_words: float) -> None:
        """Read until either side ends it; then spend at most `last_words` seconds on acknowledging what came before."""
        self._metrics.sockets.inc()
        try:
            async with self._limit:
                self._reads = True
                async for message in self._ws:
                    self._handle(message)
        except TimeoutError:
            log.info("socket_linger_over", reason=self.reason)
        except asyncio.CancelledError:
            self._leave("stopping")
            raise
        finally:
            self._reads = False
            self._metrics.sockets.dec()
            silent = isinstance(self._ws.exception(), aiohttp.ServerTimeoutError)
            self._leave("silent" if silent else "closed")
            if self._answering:
                await asyncio.wait(self._answering, timeout=last_words)
            await self.close()

    async def close(self) -> None:
        """Close the socket, if it is open."""
        await self._ws.close()

    def end(self) -> None:
        """Stop reading, and acknowledge what came before."""
        self._read_for(0)

    def _handle(self, message: aiohttp.WSMessage) -> None:
        if message.type is aiohttp.WSMsgType.ERROR:
            return  # no message follows it
        try:
            frame = read_frame(message.data)
        except UnreadableFrame as error:
            self._unreadable(str(error))
            return
        match frame:
            case Envelope():
                self.used |= not self.leaving.is_set()
                task = asyncio.create_task(self._answer(frame))  # a slow one never holds up the next
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
            case Disconnect(reason):
                self._leave(reason if reason in REASONS else "other")
                self._read_for(self._linger)
            case Hello():
                pass

    def _read_for(self, seconds: float) -> None:
        if self._reads and not self._limit.expired():  # one that has run out takes no other moment
            self._limit.reschedule(asyncio.get_running_loop().time() + seconds)

    async def _answer(self, envelope: Envelope) -> None:
        try:
            answer = await self._dispatch(envelope.payload)
            if answer.status != HTTPStatus.OK:
                self._unreadable("malformed")  # Slack tells the person that it failed
                return
            await self._ws.send_str(acknowledgement(envelope, answer))
        except ConnectionError:
            log.warning("acknowledgement_lost", why="the socket was closed meanwhile")
        except Exception:
            log.exception("envelope_failed")

    def _unreadable(self, why: str) -> None:
        log.warning("unreadable_frame", why=why)
        self._metrics.unreadable_frames.inc()

    def _leave(self, reason: str) -> None:
        if not self.leaving.is_set():
            self.reason = reason
            self.leaving.set()
            self._metrics.sockets_ended.labels(reason).inc()
            log.info("socket_leaving", reason=reason)
