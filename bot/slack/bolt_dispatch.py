"""From a payload to its acknowledgement, the same over HTTP and WebSockets: a malformed payload never reaches Bolt.

Bolt takes the outline of a payload for granted, and fails with a 500 if it differs.
https://docs.slack.dev/reference/interaction-payloads, https://docs.slack.dev/apis/events-api/
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.metrics import Metrics
from bot.slack.client import UNREADABLE
from bot.slack.menu import as_click

MALFORMED = "That is not a request in one of Slack's forms."

Refuses = Callable[[Mapping[str, Any]], Awaitable[str | None]]
Part = dict[str, Any]
Id = str | None


def bolt_app(client: AsyncWebClient) -> AsyncApp:
    """Return a Bolt app that decides nothing by itself and makes no call before a listener has acknowledged.

    Signatures are checked in front of it. `process_before_response` spares the 10 ms that Bolt's default runner lets
    pass before it looks for an acknowledgement.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=client.token)

    return AsyncApp(
        name="connectbot",  # without one Bolt reads the sources of the whole call stack
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


async def dispatch(
    bolt: AsyncApp, metrics: Metrics, body: dict[str, Any], *, refuses: Refuses | None = None
) -> BoltResponse:
    """Let Bolt's listeners acknowledge a payload; count a malformed one, and answer it with 400.

    `refuses` has the words for a workspace that the bot doesn't serve: a command's acknowledgement shows them.
    """
    if not _is_well_formed(body):
        return _malformed(metrics)
    if refuses and (words := await refuses(body)) is not None:
        return BoltResponse(status=HTTPStatus.OK, body=words if "command" in body else "")
    named = {name: value for name, value in body.items() if value is not None}  # Bolt trips over `"view": null`
    try:
        request = AsyncBoltRequest(body=as_click(named), mode="socket_mode")
    except UNREADABLE:
        return _malformed(metrics)  # Bolt looks into parts that have no outline here, such as an event's user
    with metrics.acknowledgement.time():
        answer = await bolt.async_dispatch(request)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _malformed(metrics)  # our listeners never fail, so Bolt could not read the payload
    if answer.status == HTTPStatus.NOT_FOUND:
        return BoltResponse(status=HTTPStatus.OK)  # no listener knows it: Slack may send new kinds at any time
    return answer


class PayloadOutline(BaseModel):
    """Any payload; fields that are not named here may be anything."""

    model_config = ConfigDict(strict=True, extra="ignore")

    type: Id = None
    command: Id = None
    team_id: Id = None
    user_id: Id = None
    enterprise_id: Id = None
    channel_id: Id = None
    api_app_id: Id = None
    callback_id: Id = None
    response_url: Id = None
    trigger_id: Id = None
    team: Part | None = None
    enterprise: Part | None = None
    container: Part | None = None
    view: Part | None = None
    authorizations: list[Part] | None = None


class Actor(BaseModel):
    """The person who acted, who has an id."""

    model_config = ConfigDict(strict=True)

    id: str


class Typed(BaseModel):
    """An event itself, which has a type."""

    model_config = ConfigDict(strict=True)

    type: str


class Interaction(PayloadOutline):
    """A click, a submission or a shortcut."""

    user: Actor
    message: Part | None = None


class Clicked(Interaction):
    """A click or a choice: at least one action, each with a type."""

    actions: Annotated[list[Part], Field(min_length=1)]


class Submitted(Interaction):
    """A modal that was submitted or closed."""

    view: Part


class EventCallback(PayloadOutline):
    """An event of the Events API."""

    event: Typed


OUTLINES: dict[str, type[PayloadOutline]] = {
    "block_actions": Clicked,
    "interactive_message": Clicked,
    "view_submission": Submitted,
    "view_closed": Submitted,
    "event_callback": EventCallback,
    "block_suggestion": Interaction,
    "dialog_submission": Interaction,
    "message_action": Interaction,
    "shortcut": Interaction,
}


def _is_well_formed(body: dict[str, Any]) -> bool:
    """Return whether a payload has the outline of its type."""
    try:
        OUTLINES.get(str(body.get("type")), PayloadOutline).model_validate(body)
    except (ValidationError, RecursionError):
        return False
    return True


def _malformed(metrics: Metrics) -> BoltResponse:
    metrics.unreadable_payloads.inc()
    return BoltResponse(status=HTTPStatus.BAD_REQUEST, body=MALFORMED)
