"""Where blocks are drawn: for whom, under which ids, and what was chosen in their elements before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.drawing.names import Names

Json = dict[str, Any]


@dataclass(frozen=True)
class Canvas:
    """`id` begins the ids of all elements.

    `values` is Slack's `state.values`, `errors` are those under inputs, by block, and `told` are the arguments of
    every control call from there: who acts, and in which message or view.
    """

    names: Names = field(default_factory=Names)
    id: str = "m"
    values: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)

    def element_id(self, block: Json, element: Json) -> str:
        """Return an id that stays the same when the surface is drawn again."""
        return f"{self.id}-{block.get('block_id', '')}-{element.get('action_id', '')}"

    def chosen(self, block: Json, element: Json, field_name: str, initial: str) -> Any:
        """Return the element's present value: what was chosen, else what it begins with."""
        state = self.values.get(str(block.get("block_id")), {}).get(str(element.get("action_id")))
        return state.get(field_name) if state else element.get(initial)
