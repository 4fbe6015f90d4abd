"""The one way in which Ayrshare is called: authorized, within a time, repeated where that is safe.

No exception that leaves here has been caused by one of aiohttp's, whose text may contain headers and thereby keys.
"""

import asyncio
import json
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
from bot.core.clock import Clock

RETRIES = 2


@dataclass(frozen=True, slots=True)
class Timings:
    """How long a call may take: to connect, each try, all tries together, and the pause before the first repetition."""

    connect: timedelta = timedelta(seconds=3)
    attempt: timedelta = timedelta(seconds=10)
    total: timedelta = timedelta(seconds=15)
    pause: timedelta = timedelta(milliseconds=200)

    def client_timeout(self) -> aiohttp.ClientTimeout:
        """Return the limits that aiohttp keeps."""
        return aiohttp.ClientTimeout(total=self.attempt.total_seconds(), sock_connect=self.connect.total_seconds())


class RetryPolicy:
    """Tells after a failed try whether there is another; after a 429 once, and only if its wait is short enough.

    A thousand 429 in a day suspend a profile: https://www.ayrshare.com/docs/errors/errors-http
    """

    def __init__(self, total: timedelta) -> None:
        self._ends = asyncio.get_running_loop().time() + total.total_seconds()
        self._was_limited = False

    def __call__(self, error: Exception) -> bool | timedelta:
        """Return the pause before another try, True for the usual one, or False."""
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
    """One call; `key` acts for a profile, `repeatable` unless a second one would do harm."""

    method: str
    path: str
    key: SecretStr | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    per_profile: bool = True
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back, unread."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    def body(self) -> dict[str, Any] | None:
        """Return the JSON object, or None if there is none."""
        try:
            body = json.loads(self.content)
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None


class Transport:
    """Calls Ayrshare with the account's key."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_key: SecretStr,
        base_url: str,
        clock: Clock,
        x_credentials: tuple[SecretStr, SecretStr] | None = None,
        timings: Timings,
    ) -> None:
        self._session = session
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._x_credentials = x_credentials
        self._timings = timings

    async def send(self, call: Call) -> dict[str, Any]:
        """Return the body of a successful answer; raise AyrshareError for every other outcome."""
        tries = stamina.retry_context(
            on=RetryPolicy(self._timings.total),
            attempts=1 + RETRIES if call.repeatable else 1,
            timeout=None,
            wait_initial=self._timings.pause,
            wait_jitter=self._timings.pause,
        )
        try:
            async with asyncio.timeout(self._timings.total.total_seconds()):
                async for attempt in tries:
                    with attempt:
                        return await self._once(call)
        except TimeoutError:
            pass
        raise Unavailable

    async def _once(self, call: Call) -> dict[str, Any]:
        answer = await self._exchange(call)
        if answer is None:
            raise Unavailable
        body = answer.body()
        told = body or {}
        if answer.status != HTTPStatus.OK or told.get("status") == "error":
            wait = stated_wait(answer.headers, now=self._clock.now())
            raise failure(answer.status, _code(told), per_profile=call.per_profile, retry_after=wait)
        if body is None:
            raise Unavailable(http_status=answer.status)
        return body

    async def _exchange(self, call: Call) -> HttpResponse | None:
        """Return the answer, or None if there was none."""
        try:
            async with self._session.request(
                call.method,
                f"{self._base_url}{call.path}",
                params=call.query,
                json=call.body,
                headers=self._headers(call),
                timeout=self._timings.client_timeout(),
                allow_redirects=False,
            ) as response:
                return HttpResponse(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._api_key.get_secret_value()}"}
        if call.key is not None:
            headers["Profile-Key"] = call.key.get_secret_value()
        if self._x_credentials is not None:
            key, secret = self._x_credentials
            headers["X-Twitter-OAuth1-Api-Key"] = key.get_secret_value()
            headers["X-Twitter-OAuth1-Api-Secret"] = secret.get_secret_value()
        return headers


def _code(body: Mapping[str, Any]) -> int | None:
    code = body.get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else None
