"""The Web API: `/api/{method}` by GET or POST, with the arguments as query, form or JSON."""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.calls import without_secrets
from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments, read_arguments
from sandbox.slack.fault_injection import REFUSALS, drop_connection, error_response, response_details, transport_fault
from sandbox.slack.methods import METHODS, Method
from sandbox.slack.oauth.grants import Grant
from sandbox.slack.oauth.methods import for_issued_token

if TYPE_CHECKING:
    from sandbox.slack.local import LocalSlack

log = logging.getLogger(__name__)

POST = "chat.postMessage"
"""The method of the fault `late_post`, which carries the call out `ms` after it dropped it."""
LOSABLE = frozenset({POST, "oauth.v2.access"})
"""The methods of the fault `lost_answer`.

The app can't repeat the first without posting twice, and has to repeat the second soon, or its refresh token is lost.
"""


NEED_A_TEAM = frozenset({"users.list", "usergroups.list", "usergroups.users.list"})
"""With a token for an organization they take a `team_id`; other methods guess the workspace."""
TOKEN_ERRORS = frozenset({"not_authed", "invalid_auth", "token_revoked", "account_inactive", "token_expired"})


class WebApi:
    """Checks the token, the rate limit and the scope in Slack's order, and calls the method."""

    def __init__(self, slack: "LocalSlack") -> None:
        self._slack = slack
        self._late: list[tuple[datetime, str, Arguments, str]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call; every response except rate limits and server errors is HTTP 200."""
        self._carry_out_late_posts()
        name = request.match_info["method"]
        if name == POST and (late := self._slack.faults.take("late_post", method=name)):
            at = self._slack.now() + timedelta(milliseconds=late.ms)
            authorization = request.headers.get("Authorization", "")
            self._late.append((at, name, await read_arguments(request), authorization))
            return drop_connection(request)
        row = self._slack.calls.record(name)
        if (fault := await transport_fault(self._slack.faults, request, call=name)) is not None:
            row |= {"ok": False, **response_details(request, fault)}
            return fault
        response = await self._respond(name, request, row)
        if row["ok"] and name in LOSABLE and self._slack.faults.take("lost_answer", method=name):
            response = drop_connection(request)
        if row.get("error") not in TOKEN_ERRORS:
            response.headers["X-OAuth-Scopes"] = ",".join(sorted(self._granted_scopes(name)))
        row |= response_details(request, response)
        return response

    def _carry_out_late_posts(self) -> None:
        due = [late for late in self._late if late[0] <= self._slack.now()]
        self._late = [late for late in self._late if late not in due]
        for _, name, arguments, authorization in due:
            self._call(name, arguments, authorization, {})

    async def _respond(self, name: str, request: web.Request, row: Json) -> web.Response:
        try:
            arguments = await read_arguments(request)
            row["args"] = without_secrets(arguments.values)
            body = self._call(name, arguments, request.headers.get("Authorization", ""), row)
        except ErrorResponse as error:
            row |= {"ok": False, "error": error.error}
            self._slack.calls.keep(row, answer=error.body)
            return error_response(error)
        except RecursionError:
            row |= {"ok": False, "error": "invalid_json"}
            return error_response(ErrorResponse("invalid_json"))
        row["ok"] = True
        self._slack.calls.keep(row, answer=body)
        return web.json_response({"ok": True, **body})

    def _call(self, name: str, arguments: Arguments, authorization: str, row: Json) -> Json:
        method = METHODS.get(name)
        sent = arguments.text("token") or authorization.removeprefix("Bearer ").strip()
        if about_tokens := for_issued_token(self._slack.oauth, name, sent):
            self._refuse(name)
            return about_tokens(self._slack, arguments, authorization)
        if method is None:
            log.warning("the app called %r, which the local Slack does not have", name)
            raise ErrorResponse("unknown_method", details={"req_method": name})
        header_token = authorization.removeprefix("Bearer ").strip()
        if self._slack.oauth.knows(sent) and not method.app_level:
            slack = self._workspace(self._slack.oauth.grant_of(sent), name, arguments)
        else:
            slack = self._slack
            self._authenticate(header_token if method.app_level else sent, method)
        row["team"] = slack.world.team.id
        self._refuse(name)
        slack.rate_limiter.count(name, limit=method.per_minute)
        slack.require_scope(method.scope, granted=self._granted_scopes(name))
        return method.handle(slack, arguments)

    def _refuse(self, name: str) -> None:
        if refusal := self._slack.faults.take(*REFUSALS, method=name):
            raise ErrorResponse(refusal.kind)

    def _workspace(self, grant: Grant, name: str, arguments: Arguments) -> "LocalSlack":
        """Return the workspace that a call concerns; raises ErrorResponse if the token is not for it."""
        if grant.team is not None:
            return self._slack.workspace(grant.team.id)
        within = [team.id for team in self._slack.teams_of(grant)]
        named = arguments.text("team_id")
        if not named and name in NEED_A_TEAM:
            raise ErrorResponse("missing_argument")
        if named in grant.closed or not within:
            raise ErrorResponse("team_access_not_granted")
        if named and named not in within:
            raise ErrorResponse("team_not_found")
        return self._slack.workspace(named or within[0])

    def _granted_scopes(self, name: str) -> set[str]:
        app_level = name in METHODS and METHODS[name].app_level
        return self._slack.app_scopes if app_level else self._slack.scopes

    def _authenticate(self, token: str, method: Method) -> None:
        if not token:
            raise ErrorResponse("not_authed")
        if token not in {self._slack.bot_token, self._slack.app_token}:
            raise ErrorResponse("invalid_auth")
        if (token == self._slack.app_token) is not method.app_level:
            raise ErrorResponse("not_allowed_token_type")
        if self._slack.token_error:
            raise ErrorResponse(self._slack.token_error)
