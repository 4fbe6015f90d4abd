"""The cheapest Slack and Ayrshare there can be, so that the bot's own cost is what is measured."""

import asyncio
import json
from typing import Any

from aiohttp import web

LINK = "https://profile.ayrshare.com?domain=bench&jwt=" + "x" * 700
MINTED = json.dumps({"status": "success", "title": "Bench", "token": "x", "url": LINK}).encode()
OK = json.dumps({"ok": True, "user_id": "UBOT", "bot_id": "BBOT", "team_id": "TBENCH"}).encode()


class Fakes:
    """One server for `generateJWT`, the Web API and `response_url`s; tells when an answer has come."""

    def __init__(self) -> None:
        self._answers: dict[str, asyncio.Future[None]] = {}

    def app(self) -> web.Application:
        """Return the routes."""
        app = web.Application(client_max_size=2**20)
        app.router.add_post("/ayrshare/profiles/generateJWT", self._json(MINTED))
        app.router.add_route("*", "/api/{method}", self._json(OK))
        app.router.add_post("/answer/{name}", self._answered)
        return app

    def answer_to(self, name: str) -> asyncio.Future[None]:
        """Return what is done once something was posted to this `response_url`."""
        return self._answers.setdefault(name, asyncio.get_running_loop().create_future())

    async def _answered(self, request: web.Request) -> web.Response:
        await request.read()
        waiting = self._answers.pop(request.match_info["name"], None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)
        return web.Response(text="ok")

    @staticmethod
    def _json(body: bytes) -> Any:
        async def handle(request: web.Request) -> web.Response:
            await request.read()
            return web.Response(body=body, content_type="application/json")

        return handle
