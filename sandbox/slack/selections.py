"""Turns a plain value, as a control call gives it, into the value that an element of its type sends."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.api_types import ActionUnavailable, Json
from sandbox.slack.block_kit import option_problems, with_defaults
from sandbox.slack.delivery import DeliveryKind
from sandbox.slack.entered import picked
from sandbox.slack.inputs import MULTIPLE_VALUES, VALUE_FIELDS, PlacedElement
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace

EMPTY_VALUES = (None, "")


async def selection(slack: Workspace, user: User, placed: PlacedElement, value: Any, *, context: Json) -> Json:
    """Return `{"type", field: selected}`; raises ActionUnavailable for a value that the element doesn't offer.

    Options are selected by value or label, users and channels by ID or name; None and "" select nothing. `context`
    is the part of the payload that says where the element is, for elements whose options the app supplies.
    """
    kind = placed.element["type"]
    values = value if isinstance(value, list) else [each for each in (value,) if each not in EMPTY_VALUES]
    if kind in MULTIPLE_VALUES and len(values) > placed.element.get("max_selected_items", len(values)):
        raise ActionUnavailable(f"{placed.element['max_selected_items']} can be selected at most")
    options = await _options(slack, user, placed, values, context=context)
    selected = [_selected(slack, user, kind, each, options) for each in values]
    result = selected if kind in MULTIPLE_VALUES else (selected[0] if selected else None)
    return {"type": kind, VALUE_FIELDS[kind][0]: result}


def _selected(slack: Workspace, user: User, kind: str, value: Any, options: Sequence[Json]) -> Any:
    field = VALUE_FIELDS[kind][0]
    if field in {"selected_option", "selected_options"}:
        return _option(options, value)
    if field in {"selected_user", "selected_users"}:
        return slack.world.user(str(value)).id
    if "conversation" in field or "channel" in field:
        return slack.world.channel(str(value)).id
    return picked(kind, value, zone=user.tz)


def _option(options: Sequence[Json], value: Any) -> Json:
    for option in options:
        if value in (option.get("value"), option["text"]["text"]):
            return option
    raise ActionUnavailable(f"there is no option {value!r}")


async def _options(
    slack: Workspace, user: User, placed: PlacedElement, values: Sequence[Any], *, context: Json
) -> list[Json]:
    """Return the options that the element contains or, for an external select, that the app supplies."""
    if not placed.element["type"].endswith("external_select"):
        return list(_contained_options(placed.element))
    options: list[Json] = []
    for query in [*map(str, values), ""]:
        options += await suggested_options(slack, user, placed, query, context=context)
    return options


def _contained_options(holder: Json) -> Iterator[Json]:
    yield from holder.get("options") or ()
    for group in holder.get("option_groups") or ():
        yield from group["options"]


async def suggested_options(
    slack: Workspace, user: User, placed: PlacedElement, query: str, *, context: Json
) -> list[Json]:
    """Ask the app: https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload."""
    block_id, action_id = placed.key
    payload = payloads.interaction(slack, user, "block_suggestion") | context
    payload |= {"action_id": action_id, "block_id": block_id, "value": query}
    acknowledgement = await slack.delivery.deliver(DeliveryKind.INTERACTION, payload)
    try:
        options = list(_contained_options(json.loads(acknowledgement.body or "{}")))
    except (ValueError, AttributeError, KeyError, TypeError):
        raise ActionUnavailable("the app answered with something else than options") from None
    if problems := list(option_problems(options)):
        raise ActionUnavailable(f"the app answered with options that Slack refuses: {problems[0]}")
    return [with_defaults(option) for option in options]
