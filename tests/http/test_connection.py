"""Strangers' connections: their bodies are not read, they may not stay, and malformed HTTP is quiet."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from bot.app import Bot
from bot.http import connection, signed_body
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.core.test_metrics import figures
from tests.eventually import eventually
from tests.signed_requests import Signer

SECRET = "canary-webhook-secret"
ROUTES = ("/slack/events", "/ayrshare/webhook")
Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}


@asynccontextmanager
async def wire(bot: Bot, sent: bytes = b"") -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.port)
    try:
        writer.write(sent)
        yield reader, writer
    finally:
        writer.transport.abort()


def head(route: str, *, length: int, **headers: str) -> bytes:
    lines = [f"POST {route} HTTP/1.1", "Host: bot", f"Content-Length: {length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def plausible(route: str) -> dict[str, str]:
    """Headers that could be a signed request's."""
    if route == "/slack/events":
        return {"X_Slack_Signature": "v0=" + "0" * 64, "X_Slack_Request_Timestamp": str(int(time.time()))}
    return {"X_Authorization_Content_SHA256": "0" * 64, "X_Authorization_Timestamp": str(int(time.time()))}


async def status(reader: asyncio.StreamReader) -> int:
    return int((await reader.readline()).split()[1])


async def counted(bot: Bot, reason: str, times: int) -> None:
    seen: list[str] = []
    async with aiohttp.ClientSession() as session:

        async def look() -> bool:
            text = (await figures(bot, session))[1]
            seen[:] = [line for line in text.splitlines() if line.startswith("connectbot_http_refused_total")]
            found = [line for line in text.splitlines() if f'reason="{reason}"' in line and "_total" in line]
            return sum(float(line.split()[-1]) for line in found) >= times

        await eventually(look, f"{reason} is counted {times} times", last=lambda: seen)


@pytest.mark.parametrize("route", ROUTES)
async def test_headers_that_cannot_be_right_are_refused_before_the_body_comes(bot: Bot, route: str) -> None:
    async with wire(bot, head(route, length=900_000) + b"x") as (reader, _):
        assert await status(reader) == 401


@pytest.mark.parametrize("route", ROUTES)
async def test_an_old_request_waits_for_no_body_either(bot: Bot, route: str) -> None:
    headers = {name: "1000000000" if "Timestamp" in name else value for name, value in plausible(route).items()}
    async with wire(bot, head(route, length=1000, **headers)) as (reader, _):
        assert await status(reader) == 401


@pytest.mark.parametrize("route", ROUTES)
async def test_a_body_that_does_not_come_has_a_deadline(
    bot: Bot, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    monkeypatch.setattr(signed_body, "BODY_TIMEOUT", timedelta(seconds=0.2))
    headers = plausible(route) | {"X_Authorization_Timestamp": str(int(bot.deps.clock.now().timestamp()))}
    async with wire(bot, head(route, length=900_000, **headers) + b"x" * 1000) as (reader, _):
        assert await status(reader) == 408
        assert await reader.read() is not None  # and the connection is closed
    await counted(bot, "too_slow", 1)


@pytest.mark.parametrize("sent", [b"", b"POST /slack/events HTTP/1.1\r\nHost: b"], ids=["nothing", "half_a_head"])
async def test_a_head_that_does_not_come_has_a_deadline(bot: Bot, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(connection, "HEAD_TIMEOUT", timedelta(seconds=0.2))
    async with wire(bot, sent) as (reader, _):
        assert await reader.read() == b""
    await counted(bot, "silent", 1)


async def test_a_stranger_may_not_keep_a_connection_that_is_idle(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_TIMEOUT", "IDLE_TIMEOUT"):
        monkeypatch.setattr(connection, name, timedelta(seconds=0.2))
    async with wire(bot, b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n") as (reader, _):
        assert (await reader.read()).startswith(b"HTTP/1.1 200")


async def test_strangers_displace_each_other_and_not_slack(
    bot: Bot, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_CONNECTIONS", 20)
    assert await signer.form({"ssl_check": "1"}) == 200  # the session keeps this connection
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(wire(bot)) for _ in range(60)]
        assert await asyncio.wait_for(wires[0][0].read(), 5) == b""
        await counted(bot, "too_many", 40)
        assert await signer.form({"ssl_check": "1"}) == 200
        async with aiohttp.ClientSession() as stranger, stranger.get(f"http://127.0.0.1:{bot.port}/healthz") as answer:
            assert answer.status == 200


NOT_HTTP = {
    "noise": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "bad_version": b"GET / HTTP/9.x\r\n\r\n",
    "bad_header": b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
    "bad_length": b"POST /slack/events HTTP/1.1\r\nHost: b\r\nContent-Length: many\r\n\r\n",
    "two_lengths": b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "long_header": b"GET / HTTP/1.1\r\nHost: b\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    "bad_chunks": b"POST /healthz HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "null": b"GET /\x00 HTTP/1.1\r\nHost: \x00\r\n\r\n",
}


@pytest.mark.parametrize("sent", NOT_HTTP.values(), ids=NOT_HTTP)
async def test_malformed_http_is_answered_and_counted_without_a_trace(bot: Bot, log_lines: Lines, sent: bytes) -> None:
    for _ in range(3):
        async with wire(bot, sent) as (reader, _writer):
            assert 400 <= await status(reader) < 500
            assert b"aiohttp" not in await reader.read()
    await counted(bot, "malformed_http", 3)
    assert [line for line in log_lines.lines if '"error"' in line or "Traceback" in line] == []


async def test_a_header_that_is_no_text_leaves_no_trace(bot: Bot, log_lines: Lines) -> None:
    for route in ("POST /api/v1/links", "GET /api/v1/profiles", "GET /metrics", "POST /slack/events"):
        for header in (b"Authorization: Bearer ", b"Cookie: "):
            sent = f"{route} HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n".encode() + header + b"\xff\xed\xa0\r\n\r\n"
            async with wire(bot, sent) as (reader, _writer):
                assert await status(reader) in {200, 401}
    assert [line for line in log_lines.lines if '"error"' in line or "Traceback" in line] == []


@pytest.mark.parametrize("route", ROUTES)
async def test_malformed_chunks_and_senders_that_leave_are_counted_without_a_trace(
    bot: Bot, log_lines: Lines, route: str
) -> None:
    headers = plausible(route) | {"X_Authorization_Timestamp": str(int(bot.deps.clock.now().timestamp()))}
    chunked = head(route, length=0, **headers).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    async with wire(bot, chunked + b"zz\r\n") as (reader, _):
        assert await status(reader) == 400
    async with wire(bot, head(route, length=5000, **headers) + b"x") as (_, writer):
        writer.close()
        await writer.wait_closed()
    await counted(bot, "malformed_http", 2)
    assert [line for line in log_lines.lines if '"error"' in line or "Traceback" in line] == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_refused_body_that_is_not_packed_as_it_says_leaves_no_trace(
    bot: Bot, log_lines: Lines, encoding: str
) -> None:
    sent = head("/slack/events", length=50, Content_Encoding=encoding)
    async with wire(bot, sent) as (reader, writer):
        assert await status(reader) == 401
        writer.write(b"\0" * 50)
        await reader.read()
    assert [line for line in log_lines.lines if '"error"' in line or "Traceback" in line] == []


async def test_refused_bodies_that_are_packed_small_are_not_unpacked(bot: Bot) -> None:
    packing = zlib.compressobj(level=9, wbits=zlib.MAX_WBITS + 16)
    bomb = b"".join((*(packing.compress(bytes(1024**2)) for _ in range(900)), packing.flush()))
    began = time.process_time()
    async with wire(bot, head("/slack/events", length=len(bomb), Content_Encoding="gzip")) as (reader, writer):
        assert await status(reader) == 401
        packed = time.process_time() - began
        for first in range(0, len(bomb), 2**16):
            writer.write(bomb[first : first + 2**16])
            await writer.drain()
        await reader.read()
    assert time.process_time() - began - packed < 0.3  # of the processor; unpacked, it takes two seconds
