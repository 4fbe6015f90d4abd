"""What the gate in front of a method has to know."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.api_types import Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Method:
    """A method: what answers it, how often a minute, and the scope it needs (empty: none, or it depends).

    `app_level` methods take the app-level token, in the header, and no other; the rest takes the bot's.
    """

    handle: Callable[[Workspace, Arguments], Json]
    per_minute: int
    scope: str = ""
    app_level: bool = False
