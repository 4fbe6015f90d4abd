"""What the gate in front of a method has to know."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.arguments import Arguments
from sandbox.slack.wire import Json
from sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Method:
    """A method: what answers it, how often a minute, and the scope it needs (empty: none, or it depends)."""

    handle: Callable[[Workspace, Arguments], Json]
    per_minute: int
    scope: str = ""
