"""Answers a call to the API: record it, apply faults, check the API key and the rate limit, call the endpoint."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.ayrshare.account import AyrshareAccount
from sandbox.ayrshare.assumptions import JWT_ACTION, OTHER_ACTION
from sandbox.ayrshare.errors import ApiError, MissingParameter
from sandbox.ayrshare.fault_injection import respond_with_faults
from sandbox.ayrshare.plans import Plan, check_includes
from sandbox.ayrshare.rate_limits import ProfileRateLimits
from sandbox.ayrshare.request import ApiRequest, Endpoint
from sandbox.ayrshare.request_body import read_body
from sandbox.calls import CallLog, masked
from sandbox.faults import Faults

X_APP_HEADERS = ("X-Twitter-OAuth1-Api-Key", "X-Twitter-OAuth1-Api-Secret")
X_APP_FIELDS = ("twitterApiKey", "twitterApiSecret")
SECRET_FIELDS = frozenset({"privateKey", "profileKey", "secret", *X_APP_FIELDS})
SECRET_HEADERS = frozenset({"Authorization", "Profile-Key", *X_APP_HEADERS, "Cookie"})

Routes = list[tuple[str, str, Endpoint]]


class Api:
    """Everything under `/api`."""

    def __init__(
        self,
        account: AyrshareAccount,
        *,
        rate_limits: ProfileRateLimits,
        plan: Callable[[], Plan],
        faults: Faults,
        calls: CallLog,
    ) -> None:
        self._account = account
        self._rate_limits = rate_limits
        self._plan = plan
        self._faults = faults
        self._calls = calls

    def app(self, routes: Routes) -> web.Application:
        """Return an application with these routes; every other path is answered with an error in JSON."""
        app = web.Application(middlewares=[self._record, self._answer_errors, self._inject_faults])
        for method, path, endpoint in routes:
            app.router.add_route(method, path, self._authorized(endpoint))
        return app

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.match_info.get_info().get("formatter", request.path)
        row = self._calls.record(f"{request.method} {path.partition('/api')[2]}", **await _masked_call(request))
        response = await handler(request)
        row["status"] = response.status
        if isinstance(response, web.Response):
            self._calls.keep(row, answer=response.body)
        return response

    @web.middleware
    async def _answer_errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            action = JWT_ACTION if request.path.endswith("/generateJWT") else OTHER_ACTION
            return web.json_response(error.body(action), status=error.status, headers=error.headers)

    @web.middleware
    async def _inject_faults(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        async def authorized(request: web.Request) -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Bearer {self._account.api_key}":
                raise ApiError(403, "API Key not valid. Please verify the API Key.", code=102)
            try:
                return await handler(request)
            except web.HTTPException as http:
                raise ApiError(http.status, http.reason) from None

        return await respond_with_faults(request, self._faults, authorized)

    def _authorized(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            body = await read_body(request)
            key = request.headers.get("Profile-Key") or body.get("profileKey")
            if request.path.endswith("/generateJWT"):
                key = body.get("profileKey")  # generateJWT ignores the header
            profile = self._account.profile(key)
            if not self._rate_limits.count(profile):
                raise ApiError(429, "Too many requests.", headers=self._rate_limits.headers(profile))
            own_x_app = _has_x_app(request, body)
            check_includes(self._plan(), request.path)
            profile.calls += 1
            call = ApiRequest(body, request.query, request.match_info, profile, bool(key), own_x_app)
            try:
                return web.json_response(endpoint(call), headers=self._rate_limits.headers(profile))
            except ApiError as error:
                error.headers = self._rate_limits.headers(profile)
                raise

        return answer


def _has_x_app(request: web.Request, body: dict[str, Any]) -> bool:
    """Return whether a call has the keys of an own X app; raise ApiError for one without the other."""
    sent = {name in request.headers for name in X_APP_HEADERS}
    if len(sent) > 1:
        raise MissingParameter("X needs both the API key and the API secret.")
    return sent == {True} or all(body.get(name) for name in X_APP_FIELDS)


async def _masked_call(request: web.Request) -> dict[str, Any]:
    """Return a call's headers, query and body for the log, with its secrets masked."""
    return {
        "headers": {name: masked(value) if name in SECRET_HEADERS else value for name, value in _headers(request)},
        "query": {name: masked(value) if "Key" in name else value for name, value in request.query.items()},
        "body": _masked_body(await request.read()),
    }


def _headers(request: web.Request) -> list[tuple[str, str]]:
    """Return the headers; the names of secret ones are spelled as in `SECRET_HEADERS`."""
    spelling = {name.lower(): name for name in SECRET_HEADERS}
    return [(spelling.get(name.lower(), name), value) for name, value in request.headers.items()]


def _masked_body(raw: bytes) -> Any:
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        return masked(raw.decode(errors="replace"))
    if not isinstance(body, dict):
        return body
    return {name: masked(str(value)) if name in SECRET_FIELDS else value for name, value in body.items()}
