"""Slack's surfaces as values: modals, Home, response URLs, and where a message stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NewType

from pydantic import SecretStr

from bot.core.model import Block


@dataclass(frozen=True, slots=True)
class Modal:
    """A modal: `name` is its `callback_id`; `metadata` comes back with each interaction in it.

    With `tells_of_close` Slack sends `view_closed` (https://docs.slack.dev/surfaces/modals).
    """

    title: str
    blocks: tuple[Block, ...]
    name: str = ""
    submit: str | None = None
    close: str = "Close"
    metadata: str = ""
    tells_of_close: bool = False


@dataclass(frozen=True, slots=True)
class Home:
    """A person's Home tab; `metadata` comes back with each interaction on it."""

    blocks: tuple[Block, ...]
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """What is wrong with a submitted modal: sentences by the `block_id` of their input."""

    by_field: Mapping[str, str]


Reply = Modal | FieldErrors | None
"""What a submitted modal becomes: another modal, itself with errors (Slack keeps the input), or None: it closes."""


ViewId = NewType("ViewId", str)
"""Slack's id of a view that a person has open."""

RESPONSE_URL_LIFE = timedelta(minutes=30)
RESPONSE_URL_POSTS = 5


@dataclass(frozen=True, slots=True)
class ResponseUrl:
    """A `response_url`: 5 posts in 30 minutes; with `replaces` it can replace the message that it came from.

    https://docs.slack.dev/interactivity/handling-user-interaction
    """

    url: SecretStr
    expires_at: datetime
    posts_left: int
    replaces: bool


def beside(response_url: ResponseUrl | None) -> ResponseUrl | None:
    """Return a URL that answers beside the message it came from, instead of replacing it."""
    return replace(response_url, replaces=False) if response_url else None


@dataclass(frozen=True, slots=True)
class ModalRef:
    """An open modal, which can be updated until it is closed."""

    view: ViewId


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message of ours stands."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """A message of ours in a direct message, which `chat.update` can change at any time.

    `response_url` is of a click on it: it changes the message too, at once and without using one of Slack's 50
    updates a minute. It is used for that click only and never stored.
    """

    message: MessageRef
    response_url: ResponseUrl | None = None


Surface = ResponseUrl | ModalRef | DirectMessage
"""Where something is shown, and how it can be changed there."""


def same_surface(one: Surface | None, other: Surface | None) -> bool:
    """Return whether two surfaces are the same, whatever is left of their posts."""
    if isinstance(one, ResponseUrl) and isinstance(other, ResponseUrl):
        return one.url == other.url
    if isinstance(one, DirectMessage) and isinstance(other, DirectMessage):
        return one.message == other.message
    return one == other
