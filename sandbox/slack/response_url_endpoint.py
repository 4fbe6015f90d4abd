"""The endpoints behind `response_url`s."""

import json
from hashlib import sha256
from http import HTTPStatus

from aiohttp import web

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments
from sandbox.slack.fault_injection import noted, refused, trouble
from sandbox.slack.masking import without_secrets
from sandbox.slack.replies import respond
from sandbox.slack.response_urls import ResponseUrl
from sandbox.slack.workspace import Workspace

CALL = "response_url"
"""What a post to one is called in the log of calls, and where faults are asked for."""


class Hooks:
    """Takes posts to `response_url`s; needs no token and no membership."""

    def __init__(self, slack: Workspace) -> None:
        self._slack = slack

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one post: `ok`, or a refusal."""
        row = self._slack.calls.record(CALL, path=_marked(request))
        if (broken := await trouble(self._slack.faults, request, call=CALL)) is not None:
            row |= {"ok": False, **noted(request, broken)}
            return broken
        response = await self._answer(request, row)
        row |= noted(request, response)
        return response

    async def _answer(self, request: web.Request, row: Json) -> web.Response:
        try:
            url = self._usable("{kind}/{rest}".format_map(request.match_info))
        except Refusal as refusal:
            row |= {"ok": False, "error": refusal.error}
            return refused(refusal, status=self._slack.response_urls.refused_status)
        try:
            given = _json(request.content_type, await request.read())
            row["args"] = without_secrets(given.given)
            respond(self._slack, url, given)
        except Refusal as refusal:
            row |= {"ok": False, "error": refusal.error}
            return refused(refusal, status=HTTPStatus.BAD_REQUEST)
        row["ok"] = True
        return web.Response(text="ok")

    def _usable(self, path: str) -> ResponseUrl:
        url = self._slack.response_urls.usable(path)
        if self._slack.faults.take("response_url_expired"):
            raise Refusal(self._slack.response_urls.expired_error)
        return url


def _json(content_type: str, body: bytes) -> Arguments:
    try:
        value = json.loads(body)
    except ValueError:
        raise Refusal("invalid_payload") from None
    if content_type != "application/json" or not isinstance(value, dict):
        raise Refusal("invalid_payload")
    return Arguments(value)


def _marked(request: web.Request) -> str:
    """Return a path without its secret, but with a mark that tells one capability from another."""
    mark = sha256(request.match_info["rest"].encode()).hexdigest()[:8]
    return f"/{request.match_info['kind']}/…{mark}"
