"""What people have chosen in the interactive elements of a message or view, in Slack's `state.values` shape."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sandbox.slack.api_types import Json

Chosen: TypeAlias = dict[tuple[str, str], Json]

# Element type: the field that carries the choice, and the field of the element that starts it.
FIELDS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
SEVERAL = frozenset(name for name, (field, _) in FIELDS.items() if field.endswith("s"))
# https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element: it acts, and keeps no state.
CHOOSES = FIELDS | {"overflow": ("selected_option", "")}


@dataclass(frozen=True)
class Placed:
    """An interactive element and the block it stands in."""

    block: Json
    element: Json

    @property
    def key(self) -> tuple[str, str]:
        """Return the pair of ids under which its state is kept."""
        return str(self.block.get("block_id", "")), str(self.element["action_id"])

    @property
    def sends_actions(self) -> bool:
        """Tell whether using it sends `block_actions`: in an input block only with `dispatch_action`."""
        return self.block.get("type") != "input" or self.block.get("dispatch_action") is True


def interactive(blocks: Sequence[Json]) -> Iterator[Placed]:
    """Yield every element that has an `action_id`, wherever it is nested."""
    for block in blocks:
        yield from _within(block, block)


def _within(node: Any, block: Json) -> Iterator[Placed]:
    if isinstance(node, list):
        for item in node:
            yield from _within(item, block)
    elif isinstance(node, dict):
        here = node if "block_id" in node else block
        if "action_id" in node and "type" in node:
            yield Placed(here, node)
        for value in node.values():
            yield from _within(value, here)


def untouched(element: Json) -> Json:
    """Return the state of an element that nobody has used yet."""
    field, initial = FIELDS[element["type"]]
    nothing: Any = [] if element["type"] in SEVERAL else None
    return {"type": element["type"], field: element.get(initial, nothing)}


def state(blocks: Sequence[Json], chosen: Chosen) -> Json:
    """Return `{"values": {block_id: {action_id: state}}}` for all elements that keep state."""
    values: dict[str, Json] = {}
    for placed in interactive(blocks):
        if placed.element["type"] in FIELDS:
            block_id, action_id = placed.key
            values.setdefault(block_id, {})[action_id] = chosen.get(placed.key, untouched(placed.element))
    return {"values": values}


def kept(chosen: Chosen, blocks: Sequence[Json]) -> Chosen:
    """Return the choices that survive an update: those whose block and action ids are still there."""
    there = {placed.key for placed in interactive(blocks)}
    return {key: value for key, value in chosen.items() if key in there}
