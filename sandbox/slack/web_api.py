"""The Web API: `/api/{method}` by GET or POST, arguments as query, form or JSON."""

import logging

from aiohttp import web

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments, read_arguments
from sandbox.slack.fault_injection import cut, noted, refused, trouble
from sandbox.slack.masking import without_secrets
from sandbox.slack.methods import METHODS, Method
from sandbox.slack.workspace import Workspace

log = logging.getLogger(__name__)

POSTS = "chat.postMessage"
"""The method whose answer can get lost on purpose: what it did cannot be asked for again without doing it twice."""


class WebApi:
    """Checks token, pace and scope the way Slack does, in front of the methods."""

    def __init__(self, slack: Workspace) -> None:
        self._slack = slack

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call; everything but rate limits and server errors is HTTP 200."""
        name = request.match_info["method"]
        row = self._slack.calls.record(name)
        if (broken := await trouble(self._slack.faults, request, call=name)) is not None:
            row |= {"ok": False, **noted(request, broken)}
            return broken
        response = await self._answer(name, request, row)
        if row["ok"] and name == POSTS and self._slack.faults.take("lost_answer", method=name):
            response = cut(request)
        response.headers["X-OAuth-Scopes"] = ",".join(sorted(self._granted(name)))
        row |= noted(request, response)
        return response

    async def _answer(self, name: str, request: web.Request, row: Json) -> web.Response:
        try:
            given = await read_arguments(request)
            row["args"] = without_secrets(given.given)
            body = self._call(name, given, request.headers.get("Authorization", ""))
        except Refusal as refusal:
            row |= {"ok": False, "error": refusal.error}
            return refused(refusal)
        row["ok"] = True
        return web.json_response({"ok": True, **body})

    def _call(self, name: str, given: Arguments, authorization: str) -> Json:
        method = METHODS.get(name)
        if method is None:
            log.warning("the app called %r, which the local Slack does not have", name)
            raise Refusal("unknown_method", details={"req_method": name})
        header = authorization.removeprefix("Bearer ").strip()
        self._authenticate(header if method.app_level else given.text("token") or header, method)
        if self._slack.faults.take("internal_error", method=name):
            raise Refusal("internal_error")
        self._slack.pace.take(name, limit=method.per_minute)
        self._slack.require_scope(method.scope, granted=self._granted(name))
        return method.handle(self._slack, given)

    def _granted(self, name: str) -> set[str]:
        app_level = name in METHODS and METHODS[name].app_level
        return self._slack.app_scopes if app_level else self._slack.scopes

    def _authenticate(self, token: str, method: Method) -> None:
        if not token:
            raise Refusal("not_authed")
        if token not in {self._slack.bot_token, self._slack.app_token}:
            raise Refusal("invalid_auth")
        if (token == self._slack.app_token) is not method.app_level:
            raise Refusal("not_allowed_token_type")
        if self._slack.token_error:
            raise Refusal(self._slack.token_error)
