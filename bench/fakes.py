"""A Slack and an Ayrshare that cost as little as possible, so that the bot's own cost is measured."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

LINK = "https://profile.ayrshare.com?domain=bench&jwt=" + "x" * 700
JWT_RESPONSE = json.dumps({"status": "success", "title": "Bench", "token": "x", "url": LINK}).encode()
OK = json.dumps({"ok": True, "user_id": "UBOT", "bot_id": "BBOT", "team_id": "TBENCH"}).encode()


class Fakes:
    """One server for `generateJWT`, the Web API and `response_url`s, with a future for each expected response."""

    def __init__(self, team_of: Callable[[int], str]) -> None:
        self.ayrshare_seconds = 0.0
        self._team_of = team_of
        self._responses: dict[str, asyncio.Future[bool]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/ayrshare/profiles/generateJWT", self._generate_jwt),
            web.route("*", "/api/users.info", self._user),
            web.route("*", "/api/{method}", self._json(OK)),
            web.post("/answer/{name}", self._response_url),
        ]

    def answer_to(self, name: str) -> asyncio.Future[bool]:
        """Return a future of the first post to this `response_url`: whether it is a card with the link."""
        return self._responses.setdefault(name, asyncio.get_running_loop().create_future())

    async def _response_url(self, request: web.Request) -> web.Response:
        card = LINK.encode() in await request.read()
        expected = self._responses.pop(request.match_info["name"], None)
        if expected is not None and not expected.done():
            expected.set_result(card)
        return web.Response(text="ok")

    async def _generate_jwt(self, request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(self.ayrshare_seconds)
        return web.Response(body=JWT_RESPONSE, content_type="application/json")

    async def _user(self, request: web.Request) -> web.Response:
        user = request.query.get("user", "")
        number = int(user.removeprefix("UBENCH") or 0)
        return web.json_response(
            {
                "ok": True,
                "user": {"id": user, "team_id": "TBENCH", "enterprise_user": {"teams": [self._team_of(number)]}},
            }
        )

    @staticmethod
    def _json(body: bytes) -> Any:
        async def handle(request: web.Request) -> web.Response:
            await request.read()
            return web.Response(body=body, content_type="application/json")

        return handle
