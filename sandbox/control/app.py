"""The routes of the control calls."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.ayrshare import LocalAyrshare
from sandbox.control import ayrshare_actions, queries, setup, user_actions
from sandbox.control.request import Asked, BadCall, read_call
from sandbox.control.services import Services
from sandbox.control.world import world
from sandbox.slack import LocalSlack
from sandbox.slack.api_types import Impossible

Call = Callable[[Services, Asked], Awaitable[Any]]

GETS: dict[str, Call] = {
    "/world": world,
    "/messages": queries.messages,
    "/view": queries.view,
    "/home": queries.home,
    "/calls": queries.calls,
    "/mails": ayrshare_actions.mails,
}
POSTS: dict[str, Call] = {
    "/command": user_actions.command,
    "/click": user_actions.click,
    "/submit": user_actions.submit_view,
    "/close": user_actions.close_view,
    "/shortcut": user_actions.shortcut,
    "/say": user_actions.say,
    "/reload": user_actions.reload,
    "/person": user_actions.person,
    "/socket": user_actions.socket,
    "/people": setup.people,
    "/switch": setup.switch,
    "/fault": setup.fault,
    "/ayrshare": ayrshare_actions.ayrshare,
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
