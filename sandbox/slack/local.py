"""The local Slack, served."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

from aiohttp import web

from sandbox.slack.delivery import Kind
from sandbox.slack.events import Events
from sandbox.slack.response_url_endpoint import Hooks
from sandbox.slack.socket_endpoint import Link
from sandbox.slack.web_api import WebApi
from sandbox.slack.workspace import Workspace


class LocalSlack(Workspace):
    """A workspace with its Web API and `response_url`s; `base_url` gives the public address of `app()`'s mount."""

    def __init__(self, *, now: Callable[[], datetime], base_url: Callable[[], str]) -> None:
        super().__init__(now=now, base_url=base_url)
        self.events = Events(self)

    def app(self) -> web.Application:
        """Return the application to mount at `base_url`."""
        app = web.Application()
        app.add_routes(
            [
                web.route("*", "/api/{method}", WebApi(self).handle),
                web.get("/link/", Link(self).handle),
                web.post("/{kind:commands|actions}/{rest:.+}", Hooks(self).handle),
            ]
        )
        app.on_shutdown.append(self._hang_up)
        app.cleanup_ctx.append(self._running)
        return app

    async def due_retries(self) -> int:
        """Send the events whose retry is due; return how many."""
        return await self.events.due_retries()

    async def verify_url(self) -> bool:
        """Send `url_verification`, as when an address is entered in the app's settings; tell whether it passed.

        In Socket Mode there is no address.

        https://docs.slack.dev/reference/events/url_verification
        """
        if self.socket_mode:
            return False
        challenge = self.verification_token[::-1]
        payload = {"token": self.verification_token, "challenge": challenge, "type": "url_verification"}
        answer = await self.http.deliver(Kind.EVENT, payload)
        return not answer.failure and challenge in answer.body

    async def _hang_up(self, app: web.Application) -> None:  # noqa: ARG002  # aiohttp's shape
        await self.sockets.close()

    async def _running(self, app: web.Application) -> AsyncIterator[None]:  # noqa: ARG002  # aiohttp's shape
        await self.http.open()
        yield
        await self.crawler.close()
        await self.http.close()
