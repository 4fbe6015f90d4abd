"""The routes of the control calls."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.ayrshare import LocalAyrshare
from sandbox.control import acting, arranging, looking, profiles
from sandbox.control.asked import Asked, BadCall, read_call
from sandbox.control.services import Services
from sandbox.control.world import world
from sandbox.slack import LocalSlack
from sandbox.slack.wire import Impossible

Call = Callable[[Services, Asked], Awaitable[Any]]

GETS: dict[str, Call] = {
    "/world": world,
    "/messages": looking.messages,
    "/view": looking.view,
    "/home": looking.home,
    "/calls": looking.calls,
    "/mails": profiles.mails,
}
POSTS: dict[str, Call] = {
    "/command": acting.command,
    "/click": acting.click,
    "/submit": acting.submit_view,
    "/close": acting.close_view,
    "/shortcut": acting.shortcut,
    "/say": acting.say,
    "/reload": acting.reload,
    "/person": acting.person,
    "/socket": acting.socket,
    "/people": arranging.people,
    "/switch": arranging.switch,
    "/fault": arranging.fault,
    "/ayrshare": profiles.ayrshare,
}


def control_app(slack: LocalSlack, ayrshare: LocalAyrshare, *, url: Callable[[], str]) -> web.Application:
    """Return the application to mount at `/control`; `url()` is the sandbox's own address."""
    services = Services(slack, ayrshare, url)
    app = web.Application()
    app.add_routes([web.get(path, _answering(services, call)) for path, call in GETS.items()])
    app.add_routes([web.post(path, _answering(services, call)) for path, call in POSTS.items()])
    return app


def _answering(services: Services, call: Call) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await call(services, await read_call(request)))
        except BadCall as error:
            return _refused(error, HTTPStatus.BAD_REQUEST)
        except Impossible as error:
            return _refused(error, HTTPStatus.NOT_FOUND)

    return answer


def _refused(error: Exception, status: HTTPStatus) -> web.Response:
    return web.json_response({"ok": False, "error": str(error)}, status=status)
