"""What Slack calls views, as values: modals, and what answers a modal that was submitted."""

from collections.abc import Mapping
from dataclasses import dataclass

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
