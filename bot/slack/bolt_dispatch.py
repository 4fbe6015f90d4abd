"""From a payload to what it is acknowledged with, the same however Slack delivered it."""

from http import HTTPStatus
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.core.metrics import Metrics
from bot.slack.payload_schema import in_slacks_form

MALFORMED = "That is not a request in one of Slack's forms."


async def dispatch(bolt: AsyncApp, metrics: Metrics, body: dict[str, Any]) -> BoltResponse:
    """Let Bolt's listeners acknowledge a payload; what is in none of Slack's forms is answered with 400."""
    if not in_slacks_form(body):
        return _malformed()
    with metrics.acknowledgement.time():
        answer = await bolt.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _malformed()  # our listeners never fail: Bolt could not read the payload
    if answer.status == HTTPStatus.NOT_FOUND:
        return BoltResponse(status=HTTPStatus.OK)  # something new of Slack's is received all the same
    return answer


def _malformed() -> BoltResponse:
    return BoltResponse(status=HTTPStatus.BAD_REQUEST, body=MALFORMED)
