"""Slack's Web API failing, in our words."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.availability import Availability
from bot.core.metrics import elsewhere
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
