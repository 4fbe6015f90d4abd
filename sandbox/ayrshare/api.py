"""The front of the API: records a call, meets faults, checks key and rate, then asks the endpoint."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.ayrshare.account import Account
from sandbox.ayrshare.assumptions import INVALID_JSON, JWT_ACTION, MISSING_FIELD, OTHER_ACTION
from sandbox.ayrshare.errors import Refusal
from sandbox.ayrshare.fault_injection import meet
from sandbox.ayrshare.masking import hidden
from sandbox.ayrshare.rate_limits import Rates
from sandbox.ayrshare.request import Asked, Endpoint
from sandbox.calls import CallLog
from sandbox.faults import Faults

X_OWN_APP = ("X-Twitter-OAuth1-Api-Key", "X-Twitter-OAuth1-Api-Secret")

Routes = list[tuple[str, str, Endpoint]]


class Api:
    """Everything under `/api`."""

    def __init__(self, account: Account, *, rates: Rates, faults: Faults, calls: CallLog) -> None:
        self._account = account
        self._rates = rates
        self._faults = faults
        self._calls = calls

    def app(self, routes: Routes) -> web.Application:
        """Return an application that answers these routes, and every other path with an error in JSON."""
        app = web.Application(middlewares=[self._recorded, self._refusing, self._faulty])
        for method, path, endpoint in routes:
            app.router.add_route(method, path, self._authorized(endpoint))
        return app

    @web.middleware
    async def _recorded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.match_info.get_info().get("formatter", request.path)
        row = self._calls.record(f"{request.method} {path.partition('/api')[2]}", **await hidden(request))
        response = await handler(request)
        row["status"] = response.status
        return response

    @web.middleware
    async def _refusing(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refusal as refusal:
            action = JWT_ACTION if request.path.endswith("/generateJWT") else OTHER_ACTION
            return web.json_response(refusal.body(action), status=refusal.status, headers=refusal.headers)

    @web.middleware
    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        async def authorized(request: web.Request) -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Bearer {self._account.api_key}":
                raise Refusal(403, "API Key not valid. Please verify the API Key.", code=102)
            try:
                return await handler(request)
            except web.HTTPException as http:
                raise Refusal(http.status, http.reason) from None

        return await meet(request, self._faults, authorized)

    def _authorized(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            body = await _json(request)
            key = request.headers.get("Profile-Key") or body.get("profileKey")
            if request.path.endswith("/generateJWT"):
                key = body.get("profileKey")  # there the header is harmless, the body decides
            profile = self._account.profile(key)
            if not self._rates.count(profile):
                raise Refusal(429, "Too many requests.", headers=self._rates.headers(profile))
            _check_own_app(request)
            profile.calls += 1
            asked = Asked(body, request.query, request.match_info, profile, named=bool(key))
            try:
                return web.json_response(endpoint(asked), headers=self._rates.headers(profile))
            except Refusal as refusal:
                refusal.headers = self._rates.headers(profile)
                raise

        return answer


async def _json(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise Refusal(*INVALID_JSON) from None
    if not isinstance(body, dict):
        raise Refusal(MISSING_FIELD, "The body must be an object.")
    return body


def _check_own_app(request: web.Request) -> None:
    if len({name in request.headers for name in X_OWN_APP}) > 1:
        raise Refusal(MISSING_FIELD, "X needs both the API key and the API secret.")
