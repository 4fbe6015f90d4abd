"""Answers that no client can read, as gateways, captive portals and broken proxies send them in a service's place."""

import asyncio
import zlib
from functools import cache

from aiohttp import web

MEGABYTE = 1024 * 1024
PAGE = "<!DOCTYPE html><html><body><h1>Please wait</h1></body></html>"
ANSWERS = {
    "bad_gateway": (502, "application/json", "upstream connect error or disconnect before headers"),
    "plain_text": (200, "text/plain", "no healthy upstream"),
    "web_page": (200, "text/html", PAGE),
    "forbidden_page": (403, "text/html", PAGE),
    "json_refusal": (403, "application/json", '{"message": "Forbidden"}'),
    "empty_answer": (200, "application/json", ""),
    "cut_answer": (200, "application/json", '{"ok": true, "sta'),
    "a_list": (200, "application/json", "[1, 2]"),
    "a_number": (200, "application/json", "7"),
    "other_fields": (200, "application/json", '{"message": "Service Unavailable", "error": {"code": 1}}'),
    "only_ok": (200, "application/json", '{"ok": true}'),
    "odd_encoding": (200, "application/json; charset=nonsense", '{"ok": "\xff"}'),
    "no_text_encoding": (502, "text/html; charset=base64", PAGE),
    "deep": (200, "application/json", "[" * 100_000),
}
STREAMED = {"endless", "huge_answer", "gzip_bomb"}
KINDS = frozenset(ANSWERS) | STREAMED
HUGE, BOMB = 300, 100
"""Megabytes of `huge_answer`, and of `gzip_bomb` once it is unpacked."""


async def unreadable_answer(kind: str, request: web.Request) -> web.StreamResponse:
    """Send the answer of this kind; `endless` lasts until the client closes the connection."""
    if kind not in STREAMED:
        status, content_type, text = ANSWERS[kind]
        return web.Response(status=status, body=text.encode("latin-1"), headers={"Content-Type": content_type})
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    if kind == "gzip_bomb":
        response.headers["Content-Encoding"] = "gzip"
    try:
        await response.prepare(request)
        await _stream(kind, response)
    except ConnectionError:
        pass  # the client has had enough
    return response


async def _stream(kind: str, response: web.StreamResponse) -> None:
    if kind == "gzip_bomb":
        await response.write(_bomb())
        return
    await response.write(b'{"ok": "')
    for _ in range(HUGE if kind == "huge_answer" else 0):
        await response.write(b" " * MEGABYTE)
    while kind == "endless":
        await response.write(b" ")
        await asyncio.sleep(0.05)


@cache
def _bomb() -> bytes:
    packing = zlib.compressobj(level=1, wbits=zlib.MAX_WBITS + 16)
    return b"".join((*(packing.compress(b" " * MEGABYTE) for _ in range(BOMB)), packing.flush()))
