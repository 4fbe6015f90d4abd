"""What a select offers while a person types into it: the acknowledgement is the answer."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck

from bot.core.errors import ConnectbotError
from bot.core.model import Block
from bot.core.time_limit import limited_to
from bot.deps import Deps
from bot.slack.listener import Listener, in_own_workspace
from bot.slack.requests import Click, read_click

Suggest = Callable[[Deps, Click], Awaitable[list[Block]]]
SUGGESTION_TIMEOUT = timedelta(seconds=2)
"""How long options may take, of Slack's three seconds."""

log = structlog.get_logger()


def suggested(deps: Deps, handle: Suggest) -> Listener:
    """Return a Bolt listener that answers a select with the handler's options; a failure is logged and offers none.

    The acknowledgement is the answer: https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
    """

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        options, outcome = await _options(deps, handle, body)
        deps.metrics.interactions.labels(handle.__name__, outcome).inc()
        await ack(options=options)

    return listener


async def _options(deps: Deps, handle: Suggest, body: Mapping[str, Any]) -> tuple[list[Block], str]:
    try:
        # the typed words stand in the payload itself, where a click has them in its action
        query = read_click({**body, "actions": [body]}, now=deps.clock.now())
        async with limited_to(SUGGESTION_TIMEOUT):
            return await handle(deps, await in_own_workspace(deps, query)), "ok"
    except ConnectbotError as error:
        log.info("refused", kind=error.kind)
        return [], error.kind
    except TimeoutError:
        return [], "too_slow"
    except Exception:
        log.exception("unexpected_failure")
        return [], "unexpected"
