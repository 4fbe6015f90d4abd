"""Slack's Web API over one shared session, and the Bolt app in front of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.metrics import Availability, elsewhere
from bot.slack.errors import SlackAway, slack_error

PATIENCE = timedelta(seconds=2.5)
"""How long a person may wait until we give Slack up; with our own share it makes less than 3 s."""
LONGEST_WAIT = 5
"""Digits of a number of seconds that is still to be believed."""


log = structlog.get_logger()


class SlackCalls:
    """What speaks to the Web API; the base of one class for each thing we ask of Slack."""

    def __init__(self, client: AsyncWebClient, dependency: Availability) -> None:
        self._client = client
        self.dependency = dependency


C = TypeVar("C", bound=SlackCalls)
P = ParamSpec("P")
T = TypeVar("T")


def reaching_slack(
    call: Callable[Concatenate[C, P], Awaitable[T]],
) -> Callable[Concatenate[C, P], Coroutine[Any, Any, T]]:
    """Let a method raise SlackUnavailable in place of the SDK's errors, whose texts may hold what was sent."""

    @wraps(call)
    async def guarded(self: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with elsewhere():
                async with asyncio.timeout(PATIENCE.total_seconds()):
                    result = await call(self, *args, **kwargs)
        except SlackApiError as error:
            word = str(error.response.get("error") or "")[:100]
            log.warning("slack_refused", method=call.__name__, error=word)
            raise slack_error(word, retry_after=_wait(error.response)) from None
        except (SlackClientError, aiohttp.ClientError, OSError, ValueError) as error:
            self.dependency.failed(type(error).__name__)
            raise SlackAway from None
        self.dependency.worked()
        return result

    return guarded


def _wait(reply: Any) -> timedelta | None:
    """Return how long Slack asks to wait (https://docs.slack.dev/apis/web-api/rate-limits), if it does."""
    told = str(reply.headers.get("Retry-After") or "")
    return timedelta(seconds=int(told)) if told.isascii() and told.isdigit() and len(told) <= LONGEST_WAIT else None


PATIENCE_SECONDS = 10
CONNECTIONS = 100
POSTS = "chat.postMessage"
"""The method that does it twice when it is called twice."""


class RetryAllButPosts(AsyncConnectionErrorRetryHandler):
    """Calls once more when the connection broke, as the SDK does by default, but never so that a message is doubled."""

    async def _can_retry_async(self, *, request: HttpRequest, **about: Any) -> bool:
        return not request.url.endswith(POSTS) and await super()._can_retry_async(request=request, **about)


def open_session() -> aiohttp.ClientSession:
    """Open the session for everything we say to Slack."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS, connect=PATIENCE_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def web_client(session: aiohttp.ClientSession, *, token: SecretStr, api_url: str) -> AsyncWebClient:
    """Make the Web API client; without a session of ours it would open one for every call."""
    return AsyncWebClient(
        token=token.get_secret_value(),
        base_url=api_url,
        session=session,
        timeout=PATIENCE_SECONDS,
        retry_handlers=[RetryAllButPosts()],
    )


def bolt_app(client: AsyncWebClient) -> AsyncApp:
    """Make a Bolt app that decides nothing by itself and calls nobody before a listener has acknowledged.

    Signatures are checked in front of it. `process_before_response` spares the 10 ms that Bolt's default runner lets
    pass before it looks for an acknowledgement.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=client.token)

    return AsyncApp(
        logger=logging.getLogger("slack_bolt"),  # without one Bolt takes the root's level, and logs bodies at DEBUG
        client=client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
