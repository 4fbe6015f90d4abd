"""The body of a signed request: read only where the headers can be right, and within limits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Protocol

from aiohttp import web

from bot.core.clock import Clock, SystemClock
from bot.http.connection import trust
from bot.http.refusals import Refusals

MAX_AHEAD = timedelta(minutes=5)
"""How far a request's time may be ahead of ours: what Slack and Ayrshare recommend."""
MAX_BODY_BYTES = 1024**2
SMALL_BODY_BYTES = 64 * 1024
"""Nearly all requests are smaller; larger ones wait for one of LARGE_BODIES places."""
LARGE_BODIES = 16
BODY_TIMEOUT = timedelta(seconds=5)
OLD_BODY_TIMEOUT = timedelta(seconds=1)
"""A request that is too old is read only to learn whether its signature is right."""


class Signature(Protocol):
    """How one sender signs."""

    sender: str
    max_age: timedelta

    def sent_at(self, headers: Mapping[str, str]) -> int | None:
        """Return the time in the headers, in seconds since 1970; None if they can't be a signed request's."""

    def fits(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether the body was signed with the secret."""


class SignedBodies:
    """Reads the bodies of signed requests for all routes of a process."""

    def __init__(self, refusals: Refusals, clock: Clock) -> None:
        self._refusals = refusals
        self._clock = clock
        self._large = asyncio.Semaphore(LARGE_BODIES)

    async def read(self, request: web.Request, signature: Signature, *, now: Callable[[], float]) -> bytes:
        """Return the bytes that were signed; raise HTTPException in every other case, with 401 if they aren't."""
        sent_at = signature.sent_at(request.headers)
        if sent_at is None:
            raise self._unsigned("not_signed", signature)
        if not _is_timely(now() - sent_at, signature) and isinstance(self._clock, SystemClock):
            await self._clock.wait_until_told()  # at a start, ours may be wrong
        age = now() - sent_at
        if not _is_timely(age, signature):
            fits = await self._fits_though_old(request, signature)
            raise self._unsigned("too_old" if fits else "stale", signature, age_seconds=round(age))
        raw = await self.unsigned(request, sender=signature.sender)
        if not signature.fits(raw, request.headers):
            raise self._unsigned("wrong_signature", signature)
        trust(request)
        return raw

    def _unsigned(self, reason: str, signature: Signature, *, age_seconds: int | None = None) -> web.HTTPException:
        answer = web.HTTPUnauthorized(text=f"The request is not signed by {signature.sender}, or too old.")
        return self._refused(reason, signature.sender, answer, age_seconds=age_seconds)

    async def _fits_though_old(self, request: web.Request, signature: Signature) -> bool:
        if not 0 <= (request.content_length or 0) <= SMALL_BODY_BYTES:
            return False
        try:
            async with asyncio.timeout(OLD_BODY_TIMEOUT.total_seconds()):
                return signature.fits(await request.read(), request.headers)
        except (TimeoutError, web.HTTPException, web.RequestPayloadError, OSError):
            return False

    async def unsigned(self, request: web.Request, *, sender: str) -> bytes:
        """Return a body as it is; raise HTTPException. Nothing is unpacked: neither Slack nor Ayrshare compresses."""
        if "Content-Encoding" in request.headers:
            raise self._refused("compressed", sender, web.HTTPUnsupportedMediaType())
        if (request.content_length or 0) > MAX_BODY_BYTES:
            raise self._refused("too_large", sender, _too_large(request))
        answer: web.HTTPException
        try:
            async with asyncio.timeout(BODY_TIMEOUT.total_seconds()), self._place_for(request):
                return await request.read()
        except TimeoutError:
            why, answer = "too_slow", web.HTTPRequestTimeout()
        except web.HTTPRequestEntityTooLarge:
            why, answer = "too_large", _too_large(request)
        except (web.RequestPayloadError, OSError):  # malformed chunks, or the sender left
            why, answer = "malformed_http", web.HTTPBadRequest()
        raise self._refused(why, sender, answer)  # not in the except: its trace would keep what was read

    @asynccontextmanager
    async def _place_for(self, request: web.Request) -> AsyncIterator[None]:
        length = request.content_length
        if length is not None and length <= SMALL_BODY_BYTES:
            yield
            return
        async with self._large:
            yield

    def _refused(
        self, reason: str, sender: str, answer: web.HTTPException, *, age_seconds: int | None = None
    ) -> web.HTTPException:
        """Count a refusal. Its connection is closed, since aiohttp keeps a request until the next one comes."""
        self._refusals.count(reason, sender=sender, age_seconds=age_seconds)
        answer.force_close()
        return answer


def _is_timely(age: float, signature: Signature) -> bool:
    return -MAX_AHEAD.total_seconds() <= age <= signature.max_age.total_seconds()


def _too_large(request: web.Request) -> web.HTTPException:
    return web.HTTPRequestEntityTooLarge(MAX_BODY_BYTES, request.content_length or 0)
