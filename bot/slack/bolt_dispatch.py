"""From a payload to what it is acknowledged with, the same however Slack delivered it."""

from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.core.metrics import Metrics

Part = dict[str, Any]
Id = str | None


class Outline(BaseModel):
    """Any payload; what it does not name may be anything."""

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


class Person(BaseModel):
    """Who acted; a person has an id."""

    model_config = ConfigDict(strict=True)

    id: str


class Typed(BaseModel):
    """What happened: it has a type."""

    model_config = ConfigDict(strict=True)

    type: str


class Interaction(Outline):
    """A click, a submission or a shortcut."""

    user: Person


class Clicked(Interaction):
    """A click or a choice: at least one action, each with a type."""

    actions: Annotated[list[Part], Field(min_length=1)]


class Submitted(Interaction):
    """A modal that was submitted or closed."""

    view: Part


class EventPayload(Outline):
    """An event of the Events API."""

    event: Typed


OUTLINES: dict[str, type[Outline]] = {
    "block_actions": Clicked,
    "interactive_message": Clicked,
    "view_submission": Submitted,
    "view_closed": Submitted,
    "event_callback": EventPayload,
    "block_suggestion": Interaction,
    "dialog_submission": Interaction,
    "message_action": Interaction,
    "shortcut": Interaction,
}


def in_slacks_form(body: dict[str, Any]) -> bool:
    """Tell whether a payload has the outline of its type."""
    try:
        OUTLINES.get(str(body.get("type")), Outline).model_validate(body)
    except (ValidationError, RecursionError):
        return False
    return True


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
