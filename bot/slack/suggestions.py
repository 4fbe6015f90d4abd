"""A select that asks while somebody types; like a submit it is answered by its acknowledgement, within three seconds.

https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck

from bot.core.errors import ConnectbotError
from bot.core.model import Block
from bot.deps import Deps
from bot.slack.listener import Listener
from bot.slack.requests import Click, read_click

PATIENCE = timedelta(seconds=2)

Suggest = Callable[[Deps, Click], Awaitable[list[Block]]]

log = structlog.get_logger()


def suggested(deps: Deps, handle: Suggest) -> Listener:
    """Make a Bolt listener that offers what the handler returns; a failure offers nothing, and stands in the log."""

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        options, outcome = await _options(deps, handle, body)
        deps.metrics.interactions.labels(handle.__name__, outcome).inc()
        await ack(options=options)

    return listener


async def _options(deps: Deps, handle: Suggest, body: Mapping[str, Any]) -> tuple[list[Block], str]:
    try:
        # what a click has in its action, the words typed, such a payload has itself
        query = read_click({**body, "actions": [body]}, now=deps.clock.now())
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await handle(deps, query), "ok"
    except ConnectbotError as error:
        log.info("refused", kind=error.kind)
        return [], error.kind
    except TimeoutError:
        return [], "too_slow"
    except Exception:
        log.exception("unexpected_failure")
        return [], "unexpected"
