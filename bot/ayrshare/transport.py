"""How a call to Ayrshare is made: its headers, its time limits, its retries, and the failure for each refusal.

An exception that leaves this module has no cause from aiohttp, whose text may contain headers and so keys.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
import stamina
from pydantic import SecretStr

from bot.ayrshare.errors import AyrshareError, RateLimited, Unavailable, failure
from bot.ayrshare.replies import stated_wait
from bot.core.clock import Clock, SystemClock, ahead
from bot.core.proxy import cause_of
from bot.core.text import read_json

FILE_SECONDS = 20.0
LONGEST_FILE = 200 * 1024 * 1024
"""Bytes, once unpacked; 10,000 profiles have a tenth of it."""
RETRIES = 2
"""Of a call that is repeatable and failed in passing."""


@dataclass(frozen=True, slots=True)
class CallTimings:
    """Time limits to connect, for one attempt, for all attempts; and the pause before the first retry."""

    connect: timedelta = timedelta(seconds=3)
    attempt: timedelta = timedelta(seconds=10)
    total: timedelta = timedelta(seconds=15)
    pause: timedelta = timedelta(milliseconds=200)

    def client_timeout(self) -> aiohttp.ClientTimeout:
        """Return the limits of one attempt for aiohttp."""
        return aiohttp.ClientTimeout(total=self.attempt.total_seconds(), sock_connect=self.connect.total_seconds())


class RetryPolicy:
    """Decides after a failed attempt whether to retry; after a 429 once, and only if its wait ends before the limit.

    Ayrshare suspends a profile after a thousand 429s in a day: https://www.ayrshare.com/docs/errors/errors-http
    """

    def __init__(self, total: timedelta) -> None:
        self._ends = asyncio.get_running_loop().time() + total.total_seconds()
        self._was_limited = False

    def __call__(self, error: Exception) -> bool | timedelta:
        """Return False, the wait before a retry, or True for the default pause."""
        if isinstance(error, RateLimited):
            return self._limited(error)
        if not isinstance(error, AyrshareError) or not error.retryable:
            return False
        return True if error.retry_after is None else self._if_in_time(error.retry_after)

    def _limited(self, error: RateLimited) -> bool | timedelta:
        first, self._was_limited = not self._was_limited, True
        return self._if_in_time(error.retry_after) if first and error.retry_after is not None else False

    def _if_in_time(self, wait: timedelta) -> bool | timedelta:
        left = self._ends - asyncio.get_running_loop().time()
        return wait if wait.total_seconds() < left else False


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    `key` is the key of the profile it acts for; `per_profile` is False if it is about the account; `repeatable` is
    False if a second one would do harm.
    """

    method: str
    path: str
    key: SecretStr | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    per_profile: bool = True
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response, unparsed."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    def body(self) -> dict[str, Any] | None:
        """Return the JSON object, or None if the content is not one."""
        try:
            body = read_json(self.content)
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None


class Transport:
    """Calls Ayrshare with the account's API key."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_key: SecretStr,
        base_url: str,
        clock: Clock,
        x_credentials: tuple[SecretStr, SecretStr] | None = None,
        timings: CallTimings,
    ) -> None:
        self._session = session
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._x_credentials = x_credentials
        self._timings = timings
        self.skew = timedelta(0)
        """How far Ayrshare's clock is ahead of ours, by its last answer; a test's clock is left as it is."""

    async def send(self, call: Call) -> dict[str, Any]:
        """Return the body of a successful response; raise AyrshareError for every other outcome."""
        attempts = stamina.retry_context(
            on=RetryPolicy(self._timings.total),
            attempts=1 + RETRIES if call.repeatable else 1,
            timeout=None,
            wait_initial=self._timings.pause,
            wait_jitter=self._timings.pause,
        )
        try:
            async with asyncio.timeout(self._timings.total.total_seconds()):
                async for attempt in attempts:
                    with attempt:
                        return await self._attempt(call)
        except TimeoutError:
            pass
        raise Unavailable

    async def download(self, url: SecretStr) -> bytes:
        """Return a file of Ayrshare's, of which the URL alone is the key; raise Unavailable."""
        content = bytearray()
        try:
            async with self._session.get(
                url.get_secret_value(), timeout=aiohttp.ClientTimeout(total=FILE_SECONDS), allow_redirects=False
            ) as reply:
                if reply.status != HTTPStatus.OK:
                    raise Unavailable(http_status=reply.status)
                async for chunk in reply.content.iter_any():
                    content += chunk
                    if len(content) > LONGEST_FILE:
                        raise Unavailable(cause="too_long")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(cause=cause_of(error)) from None
        return bytes(content)

    async def _attempt(self, call: Call) -> dict[str, Any]:
        response = await self._exchange(call)
        body = response.body()
        if response.status == HTTPStatus.OK and body is not None and body.get("status") != "error":
            return body
        if response.status != HTTPStatus.TOO_MANY_REQUESTS and not _is_refusal(body or {}):
            raise Unavailable(http_status=response.status)  # a gateway's answer, whatever its status
        wait = stated_wait(response.headers, now=self._clock.now())
        raise failure(response.status, _code(body or {}), per_profile=call.per_profile, retry_after=wait)

    async def _exchange(self, call: Call) -> HttpResponse:
        """Return the response; raise Unavailable if there is none."""
        began = self._clock.now()
        try:
            async with self._session.request(
                call.method,
                f"{self._base_url}{call.path}",
                params=call.query,
                json=call.body,
                headers=self._headers(call),
                timeout=self._timings.client_timeout(),
                allow_redirects=False,
            ) as reply:
                if isinstance(self._clock, SystemClock):
                    date = reply.headers.get("Date", "")
                    self.skew = ahead(date, began=began, ended=self._clock.now()) or timedelta(0)
                return HttpResponse(reply.status, reply.headers, await reply.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(cause=cause_of(error)) from None

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._api_key.get_secret_value()}"}
        if call.key is not None:
            headers["Profile-Key"] = call.key.get_secret_value()
        if self._x_credentials is not None:
            key, secret = self._x_credentials
            headers["X-Twitter-OAuth1-Api-Key"] = key.get_secret_value()
            headers["X-Twitter-OAuth1-Api-Secret"] = secret.get_secret_value()
        return headers


def _is_refusal(body: Mapping[str, Any]) -> bool:
    """Return whether a body has the form of Ayrshare's errors; gateways have forms of their own."""
    return body.get("status") == "error" or _code(body) is not None


def _code(body: Mapping[str, Any]) -> int | None:
    code = body.get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else None
