"""The endpoint behind `response_url`s."""

import json
from hashlib import sha256
from http import HTTPStatus

from aiohttp import web

from sandbox.calls import without_secrets
from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.fault_injection import error_response, response_details, transport_fault
from sandbox.slack.replies import respond
from sandbox.slack.response_urls import ResponseUrl
from sandbox.slack.workspace import Workspace

INVALID = "invalid_command_response"
CALL = "response_url"
"""The name of a post in the log of calls and as the method of a fault."""


class ResponseUrlEndpoint:
    """Accepts posts to `response_url`s; they need neither a token nor membership."""

    def __init__(self, slack: Workspace) -> None:
        self._slack = slack

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one post with `ok` or an error."""
        row = self._slack.calls.record(CALL, path=_masked_path(request))
        if (fault := await transport_fault(self._slack.faults, request, call=CALL)) is not None:
            row |= {"ok": False, **response_details(request, fault)}
            return fault
        response = await self._respond(request, row)
        row |= response_details(request, response)
        return response

    async def _respond(self, request: web.Request, row: Json) -> web.Response:
        try:
            url = self._usable("{kind}/{team}/{rest}".format_map(request.match_info))
        except ErrorResponse as error:
            row |= {"ok": False, "error": error.error}
            return error_response(error, status=self._slack.response_urls.error_status)
        try:
            arguments = _read_json(request.content_type, await request.read())
            row["args"] = without_secrets(arguments.values)
            self._respond_in(url, arguments)
        except (ErrorResponse, RecursionError) as failure:
            refusal = failure if isinstance(failure, ErrorResponse) else ErrorResponse("invalid_payload")
            row |= {"ok": False, "error": refusal.error}
            return error_response(refusal, status=HTTPStatus.BAD_REQUEST)
        row["ok"] = True
        return web.Response(text="ok")

    def _respond_in(self, url: ResponseUrl, arguments: Arguments) -> None:
        """Respond; of a command's blocks isn't told what is wrong.

        https://github.com/haruotsu/slack-review-notify/pull/99
        """
        try:
            respond(self._slack, url, arguments)
        except ErrorResponse as error:
            hidden = error.error == "invalid_blocks" and url.path.startswith("commands")
            raise ErrorResponse(INVALID) if hidden else error from None

    def _usable(self, path: str) -> ResponseUrl:
        url = self._slack.response_urls.usable(path)
        if self._slack.faults.take("response_url_expired"):
            raise ErrorResponse(self._slack.response_urls.expired_error)
        return url


def _read_json(content_type: str, body: bytes) -> Arguments:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ErrorResponse("invalid_payload") from None
    if content_type != "application/json" or not isinstance(value, dict):
        raise ErrorResponse("invalid_payload")
    return Arguments(value)


def _masked_path(request: web.Request) -> str:
    """Return the path with its secret replaced by a short hash, which tells one URL from another."""
    short_hash = sha256(request.match_info["rest"].encode()).hexdigest()[:8]
    return f"/{request.match_info['kind']}/…{short_hash}"
