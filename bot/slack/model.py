"""Slack's surfaces as values: response URLs, modals, messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from pydantic import SecretStr

from bot.core.model import Block


@dataclass(frozen=True, slots=True)
class Modal:
    """A window over Slack: `name` is its `callback_id`, `metadata` comes back with whatever is done in it.

    With `tells_of_close` Slack lets us know when it is closed (https://docs.slack.dev/surfaces/modals).
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
    """Somebody's Home tab; `metadata` comes back with whatever is done in it."""

    blocks: tuple[Block, ...]
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """What is wrong with a submitted modal: sentences by the `block_id` of the input they stand under."""

    by_field: Mapping[str, str]


Reply = Modal | FieldErrors | None
"""What a submitted modal becomes: another one, itself with errors (Slack keeps the input), or nothing: it closes."""


ViewId = NewType("ViewId", str)
"""Slack's id of a view that somebody has open."""
RESPONSE_URL_LIFE = timedelta(minutes=30)
RESPONSE_URL_POSTS = 5


@dataclass(frozen=True, slots=True)
class ResponseUrl:
    """A `response_url` as a means to speak: 5 posts in 30 minutes, and whether it can replace the card's own message.

    https://docs.slack.dev/interactivity/handling-user-interaction
    """

    url: SecretStr
    expires_at: datetime
    posts_left: int
    replaces: bool


@dataclass(frozen=True, slots=True)
class ModalRef:
    """A modal that shows a card, and can be redrawn until it is closed."""

    view: ViewId


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message of ours stands."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """A message of ours in the direct message with somebody, which `chat.update` changes at any time.

    `answer` is of a click on it: it changes the message too, at once and without a share of Slack's 50 updates a
    minute. It is of use for that click only and never kept.
    """

    message: MessageRef
    response_url: ResponseUrl | None = None


Surface = ResponseUrl | ModalRef | DirectMessage
"""Where a card is shown, and by which means it can be changed there."""
