"""A Slack and an Ayrshare that cost as little as possible, so that the bot's own cost is measured."""

import asyncio
import json
import re
from collections.abc import Callable

from bench.wire import Reply

LINK = "https://profile.ayrshare.com?domain=bench&jwt=" + "x" * 700
JWT_RESPONSE = json.dumps({"status": "success", "title": "Bench", "token": "x", "url": LINK}).encode()
OK = json.dumps({"ok": True, "user_id": "UBOT", "bot_id": "BBOT", "team_id": "TBENCH"}).encode()
NOBODY_ELSE = json.dumps({"ok": True, "members": []}).encode()
"""The list of everybody: the bot knows the people of a run from an earlier one."""
USER = re.compile(rb"user=UBENCH(\d+)")
BEARER = re.compile(rb"(?i)\r\nauthorization: bearer ([^\r\n]+)")


class Fakes:
    """One server for `generateJWT`, the Web API and `response_url`s, with a future for each expected response."""

    def __init__(self, team_of: Callable[[int], str]) -> None:
        self.ayrshare_seconds = 0.0
        self.sockets_at = ""
        """Where `apps.connections.open` leads; the app-level token is put after it."""
        self._team_of = team_of
        self._responses: dict[str, asyncio.Future[bool]] = {}
        self.posts = 0
        """To `response_url`s."""

    def answer_to(self, name: str) -> asyncio.Future[bool]:
        """Return a future of the first post to this `response_url`: whether it is a card with the link."""
        return self._responses.setdefault(name, asyncio.get_running_loop().create_future())

    def forget(self, name: str) -> None:
        """Expect no response of this name any more."""
        self._responses.pop(name, None)

    def answer(self, target: str, head: bytes, body: bytes) -> Reply:
        """Answer a request of a bot."""
        if target.startswith("/answer/"):
            return self._response_url(target.removeprefix("/answer/"), body)
        if target == "/ayrshare/profiles/generateJWT":
            return Reply(JWT_RESPONSE, delay=self.ayrshare_seconds)
        if target.startswith("/api/users.info"):
            return self._user(target.encode() + b"&" + body)
        if target.startswith("/api/users.list"):
            return Reply(NOBODY_ELSE)
        if target == "/api/apps.connections.open":
            return self._connections_open(head)
        return Reply(OK)

    def _response_url(self, name: str, body: bytes) -> Reply:
        self.posts += 1
        expected = self._responses.pop(name, None)
        if expected is not None and not expected.done():
            expected.set_result(LINK.encode() in body)
        return Reply(b"ok", content_type="text/plain")

    def _user(self, query: bytes) -> Reply:
        found = USER.search(query)
        number = int(found[1]) if found else 0
        team = self._team_of(number)
        user = {"id": f"UBENCH{number}", "team_id": "TBENCH", "enterprise_user": {"teams": [team]}}
        return Reply(json.dumps({"ok": True, "user": user}).encode())

    def _connections_open(self, head: bytes) -> Reply:
        found = BEARER.search(head)
        token = found[1].decode() if found else ""
        return Reply(json.dumps({"ok": True, "url": f"{self.sockets_at}/link/{token}"}).encode())
