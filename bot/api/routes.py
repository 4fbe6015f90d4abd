"""From a request to its answer: the key and its rate, what is asked, one use case; every failure is a problem."""

import json
import secrets
from collections.abc import Awaitable, Callable, Iterator
from functools import cache, partial
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import BaseModel, ValidationError

from bot.api.endpoints import DOCUMENT_PATH, ENDPOINTS, IDEMPOTENCY_KEY, IDEMPOTENCY_KEYS, JSON, PREFIX, Endpoint
from bot.api.faults import faults_of, is_json
from bot.api.openapi import openapi
from bot.api.problems import HEADERS, problem, problem_of
from bot.core.background import begun
from bot.core.errors import ConnectbotError
from bot.deps import Deps
from bot.http.connection import trust
from bot.http.refusals import Refusals
from bot.http.signed_body import SignedBodies
from bot.links_api.errors import ApiKeyRefused, IdempotencyKeyMalformed, NotJson, RequestNotUnderstood
from bot.links_api.idempotency import answered_once
from bot.links_api.model import ApiKey, Asked

SENDER = "app"
"""Who should have sent a key, in the count of what was refused."""
BEARER = "bearer"
KEY = web.RequestKey("key", str)
"""The id of the key that a request brought."""
UNKNOWN = "Something went wrong on our side (number {}). Tell whoever runs this bot."

log = structlog.get_logger()


def api_routes(deps: Deps, bodies: SignedBodies) -> Iterator[web.RouteDef]:
    """Yield a route for each call, and one for the document, which needs no key."""
    yield web.route("GET", DOCUMENT_PATH, _document(deps.settings.public_url))
    for endpoint in ENDPOINTS:
        yield web.route(endpoint.method, endpoint.path, _handler(deps, bodies, endpoint))


def api_problems(deps: Deps, refusals: Refusals) -> Middleware:
    """Return what turns every failure below PREFIX into problem details, and counts requests without a key."""

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(f"{PREFIX}/"):
            return await handler(request)
        request_id = secrets.token_hex(4)
        with structlog.contextvars.bound_contextvars(request=request_id):
            answer = await _answer(request, handler, refusals, request_id)
        operation = getattr(request.match_info.handler, "operation", "unknown")
        deps.metrics.api_requests.labels(operation, answer.status).inc()
        return answer

    return handle


async def _answer(request: web.Request, handler: Handler, refusals: Refusals, request_id: str) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiKeyRefused as error:
        refusals.count(error.kind, sender=SENDER)  # anybody can send these, so each isn't logged
        return problem_of(error)
    except ConnectbotError as error:
        log.info("api_refused", kind=error.kind, key=request.get(KEY))
        return problem_of(error)
    except web.HTTPException as error:
        return _http_problem(error)
    except Exception:
        log.exception("unexpected_failure", number=request_id)
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", UNKNOWN.format(request_id))


def _http_problem(error: web.HTTPException) -> web.StreamResponse:
    """Return an answer of aiohttp's own, such as 404 and 405, as problem details."""
    status = HTTPStatus(error.status)
    allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    kind = status.phrase.lower().replace(" ", "_").replace("-", "_")
    answer = problem(status, kind, f"{status.phrase}.", headers=allow)
    if error.keep_alive is False:
        answer.force_close()
    return answer


def _handler(deps: Deps, bodies: SignedBodies, endpoint: Endpoint) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        with deps.metrics.timed_own_share(endpoint.name):
            answer = await _carried_out(deps, request, endpoint, bodies)
        if answer is None:
            return web.Response(status=endpoint.status, headers=HEADERS)
        body = answer.model_dump_json().encode()
        return web.Response(body=body, status=endpoint.status, content_type=JSON, headers=HEADERS)

    handle.operation = endpoint.name  # type: ignore[attr-defined]  # for the metric
    return handle


def _document(server: str | None) -> Handler:
    @cache
    def text() -> str:
        return json.dumps(openapi(server=server))

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text(), content_type=JSON)

    return handle


async def _carried_out(deps: Deps, request: web.Request, endpoint: Endpoint, bodies: SignedBodies) -> BaseModel | None:
    """Carry a request out if its key works. For one that has worked before, more is read while that is looked up."""
    token = _token(request)
    admitted = begun(_admitted(deps, request, token))
    known = deps.api_keys.met(token) or await admitted
    try:
        asked = await _asked(endpoint, request, bodies)
        ahead = [endpoint.ahead(deps, known, asked)] if endpoint.ahead else []
    finally:
        key = await admitted  # whose key doesn't work isn't told what is wrong with a request
    call = partial(endpoint.call, deps, key, asked, *ahead)
    return await _answered(deps, key, endpoint, asked, call, request.headers.get(IDEMPOTENCY_KEY))


async def _answered(
    deps: Deps,
    key: ApiKey,
    endpoint: Endpoint,
    asked: Asked,
    call: Callable[..., Awaitable[Any]],
    idempotency_key: str | None,
) -> BaseModel | None:
    """Return what the call answers, or what it answered to the same request before."""
    if endpoint.may_get_again is None or endpoint.answers is None or idempotency_key is None:
        answer: BaseModel | None = await call()
        return answer
    if not IDEMPOTENCY_KEYS.fullmatch(idempotency_key):
        raise IdempotencyKeyMalformed
    found, again = await answered_once(
        deps, key, idempotency_key, asked, lambda keep: call(keep=keep), endpoint.answers
    )
    if again:
        await endpoint.may_get_again(deps, key, found)
    return found


def _token(request: web.Request) -> str:
    """Return the bearer token of a request; raise ApiKeyRefused."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != BEARER:
        raise ApiKeyRefused
    return token.strip()


async def _admitted(deps: Deps, request: web.Request, token: str) -> ApiKey:
    """Return the key that a request brings, and count its use; raise ApiKeyRefused, KeyUsedTooOften."""
    key = await deps.api_keys.admit(token)
    if not await deps.slack.serves(key.team):
        raise ApiKeyRefused
    request[KEY] = key.id
    trust(request)
    return key


async def _asked(endpoint: Endpoint, request: web.Request, bodies: SignedBodies) -> Asked:
    """Return what a request asks; raise NotJson, RequestNotUnderstood, HTTPException."""
    try:
        if endpoint.method != "POST":
            return endpoint.asks.model_validate({**request.query, **request.match_info})
        body = await bodies.unsigned(request, sender=SENDER)
        if request.content_type != JSON:
            raise NotJson
        return endpoint.asks.model_validate_json(body)
    except ValidationError as error:
        if not is_json(error):
            raise NotJson from None
        raise RequestNotUnderstood(faults_of(error)) from None
