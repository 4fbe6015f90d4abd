"""The interactive elements of a message or view, and their values in Slack's `state.values` format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sandbox.slack.api_types import Json

ElementStates: TypeAlias = dict[tuple[str, str], Json]
"""The state of each element that was used, by block ID and action ID."""

STATE_FIELDS = {
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
"""By element type: the field of the state that contains the value, and the field of the element that sets it first."""
MULTIPLE_VALUES = frozenset(name for name, (field, _) in STATE_FIELDS.items() if field.endswith("s"))
# https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element: it has a value, but no state.
VALUE_FIELDS = STATE_FIELDS | {"overflow": ("selected_option", "")}


@dataclass(frozen=True)
class PlacedElement:
    """An interactive element and the block that contains it."""

    block: Json
    element: Json

    @property
    def key(self) -> tuple[str, str]:
        """The block ID and the action ID."""
        return str(self.block.get("block_id", "")), str(self.element["action_id"])

    @property
    def sends_actions(self) -> bool:
        """Whether using it sends `block_actions`: in an input block only with `dispatch_action`."""
        return self.block.get("type") != "input" or self.block.get("dispatch_action") is True


def interactive_elements(blocks: Sequence[Json]) -> Iterator[PlacedElement]:
    """Yield every element with an `action_id`, at any depth."""
    for block in blocks:
        yield from _elements_within(block, block)


def _elements_within(node: Any, block: Json) -> Iterator[PlacedElement]:
    if isinstance(node, list):
        for item in node:
            yield from _elements_within(item, block)
    elif isinstance(node, dict):
        enclosing = node if "block_id" in node else block
        if "action_id" in node and "type" in node:
            yield PlacedElement(enclosing, node)
        for value in node.values():
            yield from _elements_within(value, enclosing)


def initial_state(element: Json) -> Json:
    """Return the state of an element before anybody uses it."""
    field, initial = STATE_FIELDS[element["type"]]
    empty: Any = [] if element["type"] in MULTIPLE_VALUES else None
    return {"type": element["type"], field: element.get(initial, empty)}


def state_json(blocks: Sequence[Json], states: ElementStates) -> Json:
    """Return `{"values": {block_id: {action_id: state}}}` for all elements with a state."""
    values: dict[str, Json] = {}
    for placed in interactive_elements(blocks):
        if placed.element["type"] in STATE_FIELDS:
            block_id, action_id = placed.key
            values.setdefault(block_id, {})[action_id] = states.get(placed.key, initial_state(placed.element))
    return {"values": values}


def states_after_update(states: ElementStates, blocks: Sequence[Json]) -> ElementStates:
    """Return the states whose block and action IDs are still in the updated blocks."""
    remaining = {placed.key for placed in interactive_elements(blocks)}
    return {key: value for key, value in states.items() if key in remaining}
