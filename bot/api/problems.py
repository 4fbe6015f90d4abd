"""Failures as problem details (https://www.rfc-editor.org/rfc/rfc9457), by their classes."""

import json
import math
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from bot.ayrshare.errors import AyrshareError, MaxPackMissing, NetworkNotOffered, RateLimited, Unavailable
from bot.client_links.errors import ClientLinksOff, NobodyHasProfile, NoPublicUrl
from bot.core.errors import ConnectbotError
from bot.links_api import errors
from bot.slack.errors import SlackAway, SlackError, SlackRateLimited
from bot.slack.text import without_mentions
from bot.storage.errors import StoreUnavailable

CONTENT_TYPE = "application/problem+json"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Of every answer: links are secrets."""
TYPE = "urn:problem-type:connectbot:{}"
STATUS: dict[type[ConnectbotError], HTTPStatus] = {
    errors.ApiKeyRefused: HTTPStatus.UNAUTHORIZED,
    errors.KeyUsedTooOften: HTTPStatus.TOO_MANY_REQUESTS,
    errors.RequestNotUnderstood: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotJson: HTTPStatus.BAD_REQUEST,
    errors.UnknownProfile: HTTPStatus.NOT_FOUND,
    errors.NobodyMapped: HTTPStatus.NOT_FOUND,
    errors.UnknownLink: HTTPStatus.NOT_FOUND,
    errors.LookupNotGranted: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotTakenBack: HTTPStatus.CONFLICT,
    ClientLinksOff: HTTPStatus.CONFLICT,
    NoPublicUrl: HTTPStatus.CONFLICT,
    NobodyHasProfile: HTTPStatus.NOT_FOUND,
    errors.LinkTakenBack: HTTPStatus.CONFLICT,
    errors.StillWorking: HTTPStatus.CONFLICT,
    errors.IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.IdempotencyKeyMalformed: HTTPStatus.BAD_REQUEST,
    NetworkNotOffered: HTTPStatus.UNPROCESSABLE_ENTITY,
    MaxPackMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    AyrshareError: HTTPStatus.BAD_GATEWAY,
    RateLimited: HTTPStatus.SERVICE_UNAVAILABLE,
    SlackError: HTTPStatus.BAD_GATEWAY,
    SlackAway: HTTPStatus.GATEWAY_TIMEOUT,
    SlackRateLimited: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The nearest class counts; a failure without one is ours, and a 500."""
RETRY_STORE = timedelta(minutes=1)


class Fault(BaseModel):
    """What is wrong with a part of a request."""

    pointer: str
    """A JSON pointer into the body, or the name of a parameter."""
    detail: str


class Problem(BaseModel):
    """Why a call failed: `type` tells one reason from another, `detail` is for people."""

    type: str
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    errors: tuple[Fault, ...] = ()


def status_of(kind: type[ConnectbotError]) -> HTTPStatus:
    """Return the HTTP status of a class of failures."""
    known = (STATUS[one] for one in kind.__mro__ if one in STATUS)
    return next(known, HTTPStatus.INTERNAL_SERVER_ERROR)


def type_of(kind: type[ConnectbotError]) -> str:
    """Return the problem type of a class of failures."""
    return TYPE.format(kind.kind)


def problem_of(error: ConnectbotError) -> web.Response:
    """Return the answer to a failure that we know."""
    status, faults = _status(error), getattr(error, "faults", ())
    more: dict[str, Any] = {"errors": [{"pointer": at, "detail": why} for at, why in faults]} if faults else {}
    wait: timedelta | None = getattr(error, "retry_after", None)
    if isinstance(error, StoreUnavailable):
        wait = RETRY_STORE
    headers = {"Retry-After": str(math.ceil(wait.total_seconds()))} if wait is not None else {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="connectbot"'
    return problem(status, error.kind, error.sentence, headers=headers, **more)


def problem(status: int, kind: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> web.Response:
    """Return problem details; the detail is a sentence for people, as plain text."""
    title = kind.replace("_", " ").capitalize()
    body = {"type": TYPE.format(kind), "title": title, "status": status, "detail": without_mentions(detail), **more}
    return web.Response(
        text=json.dumps(body), status=status, content_type=CONTENT_TYPE, headers=HEADERS | (headers or {})
    )


def _status(error: ConnectbotError) -> HTTPStatus:
    if isinstance(error, Unavailable):  # nothing came, or something that can't be read
        if error.http_status is None:
            return HTTPStatus.GATEWAY_TIMEOUT
        away = error.http_status == HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.BAD_GATEWAY
    return status_of(type(error))
