"""The address that sockets are opened at: `/link/`."""

from datetime import timedelta
from http import HTTPStatus

from aiohttp import web

from sandbox.slack.envelopes import hello
from sandbox.slack.socket import Socket
from sandbox.slack.socket_pool import MOST
from sandbox.slack.workspace import Workspace

LIFE = timedelta(seconds=18060)  # as the `hello` of real apps has it
DEBUG_LIFE = timedelta(seconds=360)  # https://docs.slack.dev/apis/events-api/using-socket-mode


class Link:
    """Lets in whoever has a ticket."""

    def __init__(self, slack: Workspace) -> None:
        self._slack = slack

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket until it ends; a used or outdated ticket is refused (with which status, is a guess)."""
        good = self._slack.sockets.tickets.use(request.query.get("ticket", ""))
        status = HTTPStatus.SWITCHING_PROTOCOLS if good else HTTPStatus.FORBIDDEN
        self._slack.calls.record("link", ok=good, status=status)
        return await self._serve(request) if good else web.Response(status=status, text="invalid_ticket")

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        slack, sockets = self._slack, self._slack.sockets
        life = DEBUG_LIFE if request.query.get("debug_reconnects") == "true" else LIFE
        now = slack.now()
        socket = Socket(request, ends=now + life, audible=sockets.audible, stray=sockets.stray)
        await socket.ws.prepare(request)
        if reason := self._refusal():
            await sockets.refuse(socket, reason)
            return socket.ws
        sockets.join(socket)
        app_id = slack.world.app.app_id
        greeting = hello(app_id, connections=sockets.connected, started=now, life=life)
        await socket.serve(greeting, ping_every=sockets.ping_every)
        return socket.ws

    def _refusal(self) -> str:
        if not self._slack.socket_mode:
            return "link_disabled"
        return "too_many_websockets" if self._slack.sockets.connected >= MOST else ""
