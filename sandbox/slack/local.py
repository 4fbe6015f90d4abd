"""The local Slack: the workspace with its HTTP and WebSocket endpoints."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

from aiohttp import web

from sandbox.slack.delivery import DeliveryKind
from sandbox.slack.events import EventDelivery
from sandbox.slack.response_url_endpoint import ResponseUrlEndpoint
from sandbox.slack.socket_endpoint import SocketEndpoint
from sandbox.slack.web_api import WebApi
from sandbox.slack.workspace import Workspace


class LocalSlack(Workspace):
    """A workspace that is served; `base_url()` is the public address where `app()` is mounted."""

    def __init__(self, *, now: Callable[[], datetime], base_url: Callable[[], str]) -> None:
        super().__init__(now=now, base_url=base_url)
        self.events = EventDelivery(self)

    def app(self) -> web.Application:
        """Return the application to mount at `base_url`."""
        app = web.Application()
        app.add_routes(
            [
                web.route("*", "/api/{method}", WebApi(self).handle),
                web.get("/link/", SocketEndpoint(self).handle),
                web.post("/{kind:commands|actions}/{rest:.+}", ResponseUrlEndpoint(self).handle),
            ]
        )
        app.on_shutdown.append(self._close_sockets)
        app.cleanup_ctx.append(self._open_session)
        return app

    async def verify_url(self) -> bool:
        """Send `url_verification`, as when a URL is entered in the app's settings; return whether the app passed.

        In Socket Mode there is no URL.

        https://docs.slack.dev/reference/events/url_verification
        """
        if self.socket_mode:
            return False
        challenge = self.verification_token[::-1]
        payload = {"token": self.verification_token, "challenge": challenge, "type": "url_verification"}
        acknowledgement = await self.http.deliver(DeliveryKind.EVENT, payload)
        return not acknowledgement.failure and challenge in acknowledgement.body

    async def _close_sockets(self, app: web.Application) -> None:  # noqa: ARG002  # aiohttp's shape
        await self.sockets.close()

    async def _open_session(self, app: web.Application) -> AsyncIterator[None]:  # noqa: ARG002  # aiohttp's shape
        await self.http.open()
        yield
        await self.crawler.close()
        await self.http.close()
