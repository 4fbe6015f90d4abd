"""Slack's Web API failing, in our words."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import SlackUnavailable

PATIENCE = timedelta(seconds=2.5)
"""How long a person may wait until we give Slack up; with our own share it makes less than 3 s."""

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()


def reaching_slack(call: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Let a method raise SlackUnavailable in place of the SDK's errors, whose texts may hold what was sent."""

    @wraps(call)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await call(*args, **kwargs)
        except SlackApiError as error:
            log.warning("slack_refused", error=str(error.response.get("error"))[:100])
            raise SlackUnavailable from None
        except (SlackClientError, aiohttp.ClientError, OSError, ValueError) as error:
            log.warning("slack_unreachable", cause=type(error).__name__)
            raise SlackUnavailable from None

    return guarded
