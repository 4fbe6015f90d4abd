"""Slack's end of Socket Mode at the least cost: sends commands one at a time and measures their acknowledgements."""

import asyncio
import itertools
import json
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import WSMsgType, web

from bench.load import RESPONSE_TIMEOUT, command
from bench.processes import process
from bench.surroundings import Surroundings, surroundings

BOTS = {"xapp-stock": ["bench.peers.stock_sockets"], "xapp-ours": ["bot", "run"]}
ROUNDS = 3
COUNT = 300
PEOPLE_HERE = ROUNDS * COUNT * len(BOTS)
"""Each command is another person's."""


class Sockets:
    """The sockets of several bots, by app-level token."""

    def __init__(self) -> None:
        self._open: defaultdict[str, list[web.WebSocketResponse]] = defaultdict(list)
        self._unacknowledged: dict[str, asyncio.Future[None]] = {}
        self._rotation = itertools.count()

    def routes(self) -> list[web.RouteDef]:
        """Return the WebSocket endpoint."""
        return [web.get("/link/{token}", self._link)]

    async def send(self, token: str, name: str, payload: dict[str, str]) -> float:
        """Send a command over a bot's sockets in rotation; return the seconds until its acknowledgement."""
        envelope = {"envelope_id": name, "type": "slash_commands", "accepts_response_payload": True, "payload": payload}
        acknowledged = self._unacknowledged[name] = asyncio.get_running_loop().create_future()
        sockets = self._open[token]
        began = time.perf_counter()
        await sockets[next(self._rotation) % len(sockets)].send_str(json.dumps(envelope))
        await asyncio.wait_for(acknowledged, RESPONSE_TIMEOUT)
        return time.perf_counter() - began

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


@asynccontextmanager
async def _serving(sockets: Sockets) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(sockets.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def measure_sockets() -> None:
    """Print the acknowledgements of Bolt's handler and of connectbot, medians of interleaved rounds."""
    sockets = Sockets()
    times: dict[str, list[tuple[float, float]]] = {token: [] for token in BOTS}
    async with AsyncExitStack() as stack:
        around = await stack.enter_async_context(surroundings(people=PEOPLE_HERE))
        around.fakes.sockets_at = await stack.enter_async_context(_serving(sockets))
        for token, module in BOTS.items():
            variables = around.environment | {"SLACK_APP_TOKEN": token}
            await stack.enter_async_context(process(around.session, variables, *module))
        numbers = itertools.count()
        for _ in range(ROUNDS):
            for token, measured in times.items():
                measured.append(await _acknowledgements(sockets, around, token, numbers))
    print(f"acknowledgement over Socket Mode, one at a time, median of {ROUNDS} rounds of {COUNT}:")
    for token, name in (("xapp-stock", "Bolt's AsyncSocketModeHandler"), ("xapp-ours", "connectbot, two sockets")):
        p50, p99 = (statistics.median(one[index] for one in times[token]) for index in (0, 1))
        print(f"  {name:36} {p50:6.2f} ms   p99 {p99:6.2f} ms")


async def _acknowledgements(
    sockets: Sockets, around: Surroundings, token: str, numbers: "itertools.count[int]"
) -> tuple[float, float]:
    """Return p50 and p99 in ms; each command is sent after the previous one's whole job."""
    times = []
    for number in itertools.islice(numbers, COUNT):
        name = str(number)
        answer = around.fakes.answer_to(name)
        times.append(await sockets.send(token, name, command(number, name, around.here)))
        await asyncio.wait_for(answer, RESPONSE_TIMEOUT)
    return statistics.median(times) * 1000, sorted(times)[int(COUNT * 0.99) - 1] * 1000
