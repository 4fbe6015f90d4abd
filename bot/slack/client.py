"""Slack's Web API over one shared session, and its refusals as our errors."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import aiohttp
import structlog
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.clock import Clock, SystemClock
from bot.core.http import LimitedResponse, bounded
from bot.core.metrics import Availability, external_wait
from bot.core.model import TeamId
from bot.core.proxy import ProxiedRequest, cause_of, cause_of_status
from bot.slack.errors import OperatorNeeded, SlackAway, SlackError, SlackRateLimited
from bot.slack.words import slack_error

CALL_TIMEOUT = timedelta(seconds=2.5)
"""How long a call may take while a person waits; with our own share it makes less than 3 s."""
TIME_TOLD_WITHIN = timedelta(seconds=5)
"""How long due jobs wait at a start for Slack's time."""
CONNECTION_TIMEOUT_SECONDS = 10
CONNECTIONS = 100
RETRY_AFTER_DIGITS = 9
"""A longer number in `Retry-After` is not one of seconds."""
UNREADABLE = (LookupError, TypeError, AttributeError, ValueError, RecursionError)
"""What reading an answer raises that has none of Slack's forms; the SDK reads some of it itself."""
REASON = re.compile(r"[a-z][a-z0-9_]{0,99}")
POST = "chat.postMessage"
"""The one method that is not repeated: a second call would post a second message."""

log = structlog.get_logger()


class SlackClients(Protocol):
    """Has the Web API client of each workspace: one for all of them, or one with each workspace's own token."""

    @property
    def by_team(self) -> bool:
        """Whether each workspace has a token of its own."""
        ...

    async def of(self, team: TeamId) -> AsyncWebClient:
        """Return a workspace's client; raise SlackError where there is none."""
        ...

    async def serves(self, team: TeamId) -> bool:
        """Return whether the bot may work for a workspace."""
        ...

    async def refuses(self, body: Mapping[str, Any]) -> str | None:
        """Return the words for whoever sent this payload from a workspace that the bot doesn't serve, else None."""
        ...

    def forget(self, *teams: TeamId) -> None:
        """Read the tokens of workspaces again."""
        ...


@dataclass(frozen=True, slots=True)
class OneClient:
    """The client of the one workspace that the bot was set up for."""

    client: AsyncWebClient
    by_team: bool = False

    async def of(self, team: TeamId) -> AsyncWebClient:  # noqa: ARG002 - the arguments of SlackClients
        """Return the client."""
        return self.client

    async def serves(self, team: TeamId) -> bool:  # noqa: ARG002 - as above
        """Return True: whatever Slack sends is of that workspace."""
        return True

    async def refuses(self, body: Mapping[str, Any]) -> str | None:  # noqa: ARG002 - as above
        """Return None, for the same reason."""
        return None

    def forget(self, *teams: TeamId) -> None:
        """Do nothing: the token is a setting."""


class SlackCalls:
    """The base of one class for each group of methods that we call."""

    timeout = CALL_TIMEOUT

    def __init__(self, clients: SlackClients, dependency: Availability) -> None:
        self.clients = clients
        self.dependency = dependency


C = TypeVar("C", bound=SlackCalls)
P = ParamSpec("P")
T = TypeVar("T")


def reaching_slack(
    call: Callable[Concatenate[C, P], Awaitable[T]],
) -> Callable[Concatenate[C, P], Coroutine[Any, Any, T]]:
    """Make a method raise SlackError in place of the SDK's errors, whose texts may hold what was sent."""

    @wraps(call)
    async def guarded(self: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with external_wait():
                async with asyncio.timeout(self.timeout.total_seconds()):
                    result = await call(self, *args, **kwargs)
        except SlackApiError as error:
            refusal = refusal_of(error)
            log.warning("slack_refused", method=call.__name__, error=refusal.reason)
            if isinstance(refusal, OperatorNeeded) and not self.clients.by_team:  # other calls may go on working
                self.dependency.failed(refusal.reason, until=call.__name__)
            elif isinstance(refusal, SlackAway):
                self.dependency.failed(refusal.reason)
            raise refusal from None
        except (SlackClientError, aiohttp.ClientError, OSError, *UNREADABLE) as error:
            self.dependency.failed(cause_of(error))
            raise SlackAway(cause_of(error)) from None
        self.dependency.worked(call.__name__)
        return result

    return guarded


def refusal_of(error: SlackApiError) -> SlackError:
    """Return what an answer means that isn't `ok`; SlackAway if it isn't one of Slack's."""
    reply: Any = error.response  # aiohttp's own where the SDK found no JSON
    status = reply.status if isinstance(reply, aiohttp.ClientResponse) else reply.status_code
    wait = stated_wait(reply.headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return SlackRateLimited("ratelimited", retry_after=wait)
    reason = reason_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not reason:
        return SlackAway(reason or cause_of_status(status), retry_after=wait)
    return slack_error(reason, retry_after=wait)


def required(fields: Any, name: str) -> str:
    """Return a field of an answer; raise ValueError where it is missing or no text, for which the SDK gives None."""
    value = fields[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def reason_of(error: SlackApiError) -> str:
    """Return Slack's word for the reason of a refusal, or nothing where the answer has none."""
    body = getattr(error.response, "data", None)
    reason = body.get("error") if isinstance(body, dict) else None
    return reason if isinstance(reason, str) and REASON.fullmatch(reason) else ""


def stated_wait(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long Slack asks to wait (https://docs.slack.dev/apis/web-api/rate-limits), if it does."""
    seconds = str(headers.get("Retry-After") or "")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= RETRY_AFTER_DIGITS):
        return None
    return bounded(timedelta(seconds=int(seconds)), service="slack")


class RetryAllButPosts(AsyncConnectionErrorRetryHandler):
    """Repeats a call once if the connection broke, as the SDK does by default, unless it posts a message."""

    async def _can_retry_async(self, *, request: HttpRequest, **about: Any) -> bool:
        return not request.url.endswith(POST) and await super()._can_retry_async(request=request, **about)


class BoundedRateLimitRetryHandler(AsyncRateLimitErrorRetryHandler):
    """Repeats a call that was made too often after the wait that Slack asks for, minutes at most."""

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002 - the SDK's arguments
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002 - as above
    ) -> None:
        """Wait."""
        headers = {name.title(): values[0] for name, values in response.headers.items()} if response else {}
        await asyncio.sleep((stated_wait(headers) or timedelta(seconds=1)).total_seconds())
        state.next_attempt_requested = True
        state.increment_current_attempt()


def open_session(clock: Clock | None = None) -> aiohttp.ClientSession:
    """Open the session for all calls of Slack, whose time the clock hears."""
    return aiohttp.ClientSession(
        trace_configs=[_heard_by(clock)] if isinstance(clock, SystemClock) else None,
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=CONNECTION_TIMEOUT_SECONDS, connect=CONNECTION_TIMEOUT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        request_class=ProxiedRequest,
        response_class=LimitedResponse,
    )


async def ask_the_time(client: AsyncWebClient, clock: SystemClock) -> None:
    """Have the clock hear Slack's time twice, so that nothing is done too early; wait TIME_TOLD_WITHIN at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(TIME_TOLD_WITHIN.total_seconds()):
            for _ in range(2):
                with suppress(SlackClientError, aiohttp.ClientError, OSError, *UNREADABLE):
                    await client.auth_test()
    clock.told()


def _heard_by(clock: SystemClock) -> aiohttp.TraceConfig:
    async def began(_session: aiohttp.ClientSession, call: SimpleNamespace, _about: object) -> None:
        call.began = time.monotonic()

    async def ended(
        _session: aiohttp.ClientSession, call: SimpleNamespace, about: aiohttp.TraceRequestEndParams
    ) -> None:
        if "Age" not in about.response.headers:  # a cache's answer is older than it says
            took = timedelta(seconds=time.monotonic() - call.began)
            clock.hear(about.response.headers.get("Date", ""), took=took)

    tracing = aiohttp.TraceConfig()
    tracing.on_request_start.append(began)
    tracing.on_request_end.append(ended)
    return tracing


def web_client(
    session: aiohttp.ClientSession, *, token: SecretStr | None, api_url: str, team: TeamId | None = None
) -> AsyncWebClient:
    """Return the Web API client; without a session of ours it would open one for every call.

    `team` is sent with each call, where the token is for several workspaces.
    """
    client = AsyncWebClient(
        token=token.get_secret_value() if token else None, team_id=team, **client_options(session, api_url)
    )
    client.proxy = None  # the session knows which calls go through a proxy
    return client


def client_options(session: aiohttp.ClientSession, api_url: str) -> dict[str, Any]:
    """Return what all clients of the Web API have in common."""
    return {
        "base_url": api_url,
        "session": session,
        "timeout": CONNECTION_TIMEOUT_SECONDS,
        "retry_handlers": [RetryAllButPosts()],
    }
