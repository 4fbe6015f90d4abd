"""The routes of the control calls."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.control import ayrshare_actions, clock, queries, setup, user_actions
from sandbox.control.request import BadRequest, ControlRequest, Services, read_request
from sandbox.slack.api_types import ActionUnavailable

Call = Callable[[Services, ControlRequest], Awaitable[Any]]

GET_CALLS: dict[str, Call] = {
    "/world": queries.world,
    "/messages": queries.messages,
    "/notifications": queries.notifications,
    "/view": queries.view,
    "/home": queries.home,
    "/options": user_actions.options,
    "/calls": queries.calls,
    "/mails": queries.emails,
    "/clock": clock.clock,
}
POST_CALLS: dict[str, Call] = {
    "/command": user_actions.command,
    "/click": user_actions.click,
    "/submit": user_actions.submit_view,
    "/close": user_actions.close_view,
    "/shortcut": user_actions.shortcut,
    "/say": user_actions.say,
    "/type": user_actions.type_text,
    "/reload": user_actions.reload,
    "/person": setup.person,
    "/group": setup.group,
    "/people": setup.people,
    "/socket": setup.socket,
    "/switch": setup.switch,
    "/fault": setup.fault,
    "/oauth": setup.oauth,
    "/ayrshare": ayrshare_actions.ayrshare,
    "/clock": clock.move_clock,
}


def control_app(services: Services) -> web.Application:
    """Return the application to mount at `/control`."""
    app = web.Application()
    app.add_routes([web.get(path, _handler(services, call)) for path, call in GET_CALLS.items()])
    app.add_routes([web.post(path, _handler(services, call)) for path, call in POST_CALLS.items()])
    return app


def _handler(all_services: Services, call: Call) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            arguments = await read_request(request)
            services = all_services.within(arguments.optional("team"))
            if request.method == "GET":
                return web.json_response(await call(services, arguments))
            return web.json_response(await _recorded(services, request.path.rpartition("/")[2], call, arguments))
        except BadRequest as error:
            return _error_response(error, HTTPStatus.BAD_REQUEST)
        except ActionUnavailable as error:
            return _error_response(error, HTTPStatus.NOT_FOUND)

    return handle


async def _recorded(services: Services, name: str, call: Call, arguments: ControlRequest) -> Any:
    """Do what a call says, and keep what was done and what came of it."""
    row = services.done.record(name)
    services.done.keep(row, sent=arguments.as_json())
    try:
        answer = await call(services, arguments)
    except (BadRequest, ActionUnavailable) as error:
        services.done.keep(row, answer={"ok": False, "error": str(error)})
        raise
    services.done.keep(row, answer=answer)
    return answer


def _error_response(error: Exception, status: HTTPStatus) -> web.Response:
    return web.json_response({"ok": False, "error": str(error)}, status=status)
