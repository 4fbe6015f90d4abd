"""The OpenAPI document, made of the table of calls and the pydantic models: it needs no key, and names no workspace."""

from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot import VERSION
from bot.api.endpoints import ENDPOINTS, IDEMPOTENCY_KEY, IDEMPOTENCY_KEYS, JSON, Endpoint
from bot.api.problems import CONTENT_TYPE, Problem, status_of, type_of
from bot.ayrshare.errors import AyrshareError
from bot.core.errors import ConnectbotError
from bot.links_api import errors
from bot.slack.errors import SlackError
from bot.storage.errors import StoreTooSlow, StoreUnavailable, UnreadableSecret

Json = dict[str, Any]
Mode = Literal["validation", "serialization"]

REF = "#/components/schemas/{model}"
EVERY_CALL = (
    errors.ApiKeyRefused,
    errors.KeyUsedTooOften,
    errors.RequestNotUnderstood,
    StoreUnavailable,
    StoreTooSlow,
    UnreadableSecret,
)
IDEMPOTENT = (errors.IdempotencyKeyMalformed, errors.IdempotencyKeyReused, errors.StillWorking)
OTHER_SERVICES = {AyrshareError, SlackError}
GATEWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
"""How failures of theirs are answered."""
OF_BODIES = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
WITH_WAIT = (HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
SAME_ANSWER = "The same request with the same key is carried out once in a day, and answered the same again."
ABOUT = (
    "Links with which people connect their social accounts to Ayrshare. Ask for one when a person presses the button "
    "in your app, from your backend, and open it in their browser at once: it lives five minutes."
)


def openapi(*, server: str | None) -> Json:
    """Return the document; `server` is PUBLIC_URL."""
    models = {model: mode for endpoint in ENDPOINTS for model, mode in _models(endpoint)}
    _, schemas = models_json_schema(sorted(models.items(), key=lambda one: one[0].__name__), ref_template=REF)
    paths: dict[str, Json] = defaultdict(dict)
    for endpoint in ENDPOINTS:
        paths[endpoint.path][endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "connectbot", "version": VERSION, "description": ABOUT},
        "servers": [{"url": server or "/"}],
        "security": [{"apiKey": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
        },
    }


def _models(endpoint: Endpoint) -> Iterator[tuple[type[BaseModel], Mode]]:
    yield Problem, "serialization"
    if endpoint.method == "POST":
        yield endpoint.asks, "validation"
    if endpoint.answers:
        yield endpoint.answers, "serialization"


def _operation(endpoint: Endpoint) -> Json:
    body = {"required": True, "content": {JSON: {"schema": _ref(endpoint.asks)}}}
    return {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": list(_parameters(endpoint)),
        **({"requestBody": body} if endpoint.method == "POST" else {}),
        "responses": _responses(endpoint),
    }


def _parameters(endpoint: Endpoint) -> Iterator[Json]:
    if endpoint.may_get_again:
        schema = {"type": "string", "pattern": IDEMPOTENCY_KEYS.pattern}
        yield {"name": IDEMPOTENCY_KEY, "in": "header", "description": SAME_ANSWER, "schema": schema}
    if endpoint.method == "POST":
        return
    for name, schema in endpoint.asks.model_json_schema()["properties"].items():
        in_path = f"{{{name}}}" in endpoint.path
        where = {"in": "path" if in_path else "query", "required": in_path}
        yield {"name": name, **where, "description": schema.pop("description"), "schema": schema}


def _responses(endpoint: Endpoint) -> Json:
    success: Json = {"description": endpoint.summary}
    if endpoint.answers:
        success["content"] = {JSON: {"schema": _ref(endpoint.answers)}}
    reasons: dict[int, list[str]] = defaultdict(list)
    for kind in _failures(endpoint):
        reasons[status_of(kind)].append(f"`{type_of(kind)}`: {kind.__doc__}")
    for status in _statuses(endpoint):
        reasons[status].append(status.phrase)
    problems = {str(status): _problem(status, sorted(why)) for status, why in sorted(reasons.items())}
    return {str(endpoint.status): success} | problems


def _failures(endpoint: Endpoint) -> Iterator[type[ConnectbotError]]:
    """Yield the failures of a call that have one status."""
    yield from EVERY_CALL
    yield from (kind for kind in endpoint.failures if kind not in OTHER_SERVICES)
    if endpoint.method == "POST":
        yield errors.NotJson
    if endpoint.may_get_again:
        yield from IDEMPOTENT


def _statuses(endpoint: Endpoint) -> Iterator[HTTPStatus]:
    """Yield the statuses that have several reasons, or none of ours."""
    if set(endpoint.failures) & OTHER_SERVICES:
        yield from GATEWAY
    if endpoint.method == "POST":
        yield from OF_BODIES


def _problem(status: int, reasons: list[str]) -> Json:
    described: Json = {
        "description": "\n\n".join(reasons),
        "content": {CONTENT_TYPE: {"schema": _ref(Problem)}},
    }
    if status in WITH_WAIT:
        described["headers"] = {"Retry-After": {"description": "Seconds, where known", "schema": {"type": "integer"}}}
    return described


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": REF.format(model=model.__name__)}
