"""Slack's end of Socket Mode at the least cost: sends commands one at a time and measures their acknowledgements."""

import asyncio
import itertools
import json
import statistics
import time
from collections import defaultdict

from aiohttp import WSMsgType, web

from bench.fakes import Fakes
from bench.load import RESPONSE_TIMEOUT, command


class Sockets:
    """The sockets of several bots, by app-level token."""

    def __init__(self) -> None:
        self._open: defaultdict[str, list[web.WebSocketResponse]] = defaultdict(list)
        self._unacknowledged: dict[str, asyncio.Future[None]] = {}
        self._rotation = itertools.count()

    def routes(self) -> list[web.RouteDef]:
        """Return `apps.connections.open` and the WebSocket endpoint."""
        return [web.post("/api/apps.connections.open", self._connections_open), web.get("/link/{token}", self._link)]

    async def send(self, token: str, name: str, payload: dict[str, str]) -> float:
        """Send a command over a bot's sockets in rotation; return the seconds until its acknowledgement."""
        envelope = {"envelope_id": name, "type": "slash_commands", "accepts_response_payload": True, "payload": payload}
        acknowledged = self._unacknowledged[name] = asyncio.get_running_loop().create_future()
        sockets = self._open[token]
        began = time.perf_counter()
        await sockets[next(self._rotation) % len(sockets)].send_str(json.dumps(envelope))
        await asyncio.wait_for(acknowledged, RESPONSE_TIMEOUT)
        return time.perf_counter() - began

    async def _connections_open(self, request: web.Request) -> web.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        return web.json_response({"ok": True, "url": f"ws://{request.host}/link/{token}"})

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_str('{"type": "hello"}')
        sockets = self._open[request.match_info["token"]]
        sockets.append(ws)
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                self._unacknowledged.pop(json.loads(message.data)["envelope_id"]).set_result(None)
        sockets.remove(ws)
        return ws


async def acknowledgements(
    sockets: Sockets, fakes: Fakes, here: str, token: str, numbers: "itertools.count[int]", *, count: int
) -> tuple[float, float]:
    """Return p50 and p99 in ms; each command is sent after the previous one's whole job."""
    times = []
    for number in itertools.islice(numbers, count):
        name = str(number)
        answer = fakes.answer_to(name)
        times.append(await sockets.send(token, name, command(number, here)))
        await asyncio.wait_for(answer, RESPONSE_TIMEOUT)
    return statistics.median(times) * 1000, sorted(times)[int(count * 0.99) - 1] * 1000
