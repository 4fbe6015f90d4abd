"""A modal's submit: the one interaction whose answer is its acknowledgement, so that errors can stand under fields.

https://docs.slack.dev/surfaces/modals
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck

from bot.core.errors import ConnectbotError
from bot.deps import Deps
from bot.slack.listener import UNKNOWN, Listener, first_delivery, read_or_count
from bot.slack.modal import FieldErrors, Reply
from bot.slack.modals import notice
from bot.slack.requests import Submission, read_submission
from bot.slack.surfaces import view_json

PATIENCE = timedelta(seconds=2)
"""What a submit may use up of Slack's three seconds."""
TOO_SLOW = "That took too long and was not finished. Nothing was lost here: please submit again."

Submit = Callable[[Deps, Submission], Awaitable[Reply]]
FieldOf = Callable[[Submission, Exception], str]

log = structlog.get_logger()


def submitted(deps: Deps, handle: Submit, *, field: str | FieldOf = "") -> Listener:
    """Make a Bolt listener that answers a submit with what the handler returns.

    A failure is said under the input of the block `field`, which may depend on what was submitted and on what failed,
    or where there is none, in place of the modal.
    """

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        submission = read_or_count(deps, read_submission, body, interaction=handle.__name__)
        if submission is None:
            await ack()
            return
        request_id = secrets.token_hex(4)
        with structlog.contextvars.bound_contextvars(request=request_id), deps.metrics.timed_own_share(handle.__name__):
            reply, outcome = await _reply(deps, handle, submission, field=field, request_id=request_id)
        deps.metrics.interactions.labels(handle.__name__, outcome).inc()
        await ack(**_response(reply))

    return listener


async def _reply(
    deps: Deps, handle: Submit, submission: Submission, *, field: str | FieldOf, request_id: str
) -> tuple[Reply, str]:
    def failed(error: Exception, words: str) -> Reply:
        block = field if isinstance(field, str) else field(submission, error)
        return FieldErrors({block: words}) if block else notice(words)

    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            if not await first_delivery(deps, submission):
                return None, "repeated"
            return await handle(deps, submission), "ok"
    except TimeoutError as error:
        return failed(error, TOO_SLOW), "too_slow"
    except ConnectbotError as error:
        log.info("refused", kind=error.kind, team=submission.team, user=submission.user)
        return failed(error, error.sentence), error.kind
    except Exception as error:
        log.exception("unexpected_failure", number=request_id)
        return failed(error, UNKNOWN.format(request_id)), "unexpected"


def _response(reply: Reply) -> dict[str, Any]:
    if reply is None:
        return {}
    if isinstance(reply, FieldErrors):
        return {"response_action": "errors", "errors": dict(reply.by_field)}
    return {"response_action": "update", "view": view_json(reply)}
