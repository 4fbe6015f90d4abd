"""The endpoint where the app opens WebSockets: `/link/`."""

from datetime import timedelta
from http import HTTPStatus

from aiohttp import web

from sandbox.slack.envelopes import hello
from sandbox.slack.socket import AppSocket
from sandbox.slack.socket_pool import MAX_SOCKETS
from sandbox.slack.workspace import Workspace

LIFETIME = timedelta(seconds=18060)  # the value in the `hello` of real apps
DEBUG_LIFETIME = timedelta(seconds=360)  # https://docs.slack.dev/apis/events-api/using-socket-mode


class SocketEndpoint:
    """Opens one socket for each valid ticket."""

    def __init__(self, slack: Workspace) -> None:
        self._slack = slack

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket until it is closed; a used or expired ticket is a 403 (an assumption)."""
        valid = self._slack.sockets.tickets.use(request.query.get("ticket", ""))
        status = HTTPStatus.SWITCHING_PROTOCOLS if valid else HTTPStatus.FORBIDDEN
        self._slack.calls.record("link", ok=valid, status=status)
        return await self._serve(request) if valid else web.Response(status=status, text="invalid_ticket")

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        slack, sockets = self._slack, self._slack.sockets
        lifetime = DEBUG_LIFETIME if request.query.get("debug_reconnects") == "true" else LIFETIME
        now = slack.now()
        socket = AppSocket(request, expires=now + lifetime, audible=sockets.audible, on_stray=sockets.count_stray)
        await socket.ws.prepare(request)
        if reason := self._rejection():
            await sockets.reject(socket, reason)
            return socket.ws
        sockets.add(socket)
        if slack.faults.take("disconnect_storm"):
            sockets.refresh_at_once(socket)
        app_id = slack.world.app.app_id
        first_frame = hello(app_id, connections=sockets.connected, started=now, lifetime=lifetime)
        await socket.serve(first_frame, ping_every=sockets.ping_every)
        return socket.ws

    def _rejection(self) -> str:
        """Return why a socket is rejected, empty if it isn't."""
        if not self._slack.socket_mode:
            return "link_disabled"
        return "too_many_websockets" if self._slack.sockets.connected >= MAX_SOCKETS else ""
