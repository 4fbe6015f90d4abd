"""The outline of what Slack sends, as far as Bolt takes it for granted: where it differs, Bolt fails with a 500.

https://docs.slack.dev/reference/interaction-payloads, https://docs.slack.dev/apis/events-api/
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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
