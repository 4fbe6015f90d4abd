"""How a value given simply becomes what an element of that type sends."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.api_types import Impossible, Json
from sandbox.slack.block_kit import option_problems
from sandbox.slack.delivery import Kind
from sandbox.slack.inputs import CHOOSES, SEVERAL, Placed
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace

NOTHING = (None, "")


async def chosen(slack: Workspace, user: User, placed: Placed, value: Any, *, place: Json) -> Json:
    """Return `{"type", field: choice}`; raises Impossible for a choice that the element does not offer.

    Options are picked by their value or by their label, people and channels by id or name; None and "" choose
    nothing. `place` says where the element is, for those whose options the app supplies.
    """
    kind = placed.element["type"]
    values = value if isinstance(value, list) else [each for each in (value,) if each not in NOTHING]
    offered = await _offered(slack, user, placed, values, place=place)
    picked = [_picked(slack, kind, each, offered) for each in values]
    choice = picked if kind in SEVERAL else (picked[0] if picked else None)
    return {"type": kind, CHOOSES[kind][0]: choice}


def _picked(slack: Workspace, kind: str, value: Any, offered: Sequence[Json]) -> Any:
    field = CHOOSES[kind][0]
    if field in {"selected_option", "selected_options"}:
        return _option(offered, value)
    if field in {"selected_user", "selected_users"}:
        return slack.world.user(str(value)).id
    if "conversation" in field or "channel" in field:
        return slack.world.channel(str(value)).id
    return value if kind in {"datetimepicker", "rich_text_input", "file_input"} else str(value)


def _option(offered: Sequence[Json], value: Any) -> Json:
    for option in offered:
        if value in (option.get("value"), option["text"]["text"]):
            return option
    raise Impossible(f"there is no option {value!r}")


async def _offered(slack: Workspace, user: User, placed: Placed, values: Sequence[Any], *, place: Json) -> list[Json]:
    if not placed.element["type"].endswith("external_select"):
        return list(_listed(placed.element))
    options: list[Json] = []
    for query in [*map(str, values), ""]:
        options += await _suggested(slack, user, placed, query, place=place)
    return options


def _listed(holder: Json) -> Iterator[Json]:
    yield from holder.get("options") or ()
    for group in holder.get("option_groups") or ():
        yield from group["options"]


async def _suggested(slack: Workspace, user: User, placed: Placed, query: str, *, place: Json) -> list[Json]:
    """Ask the app: https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload."""
    block_id, action_id = placed.key
    payload = payloads.interaction(slack, user, "block_suggestion") | place
    payload |= {"action_id": action_id, "block_id": block_id, "value": query}
    answer = await slack.delivery.deliver(Kind.INTERACTION, payload)
    try:
        options = list(_listed(json.loads(answer.body or "{}")))
    except (ValueError, AttributeError, KeyError, TypeError):
        raise Impossible("the app answered with something else than options") from None
    if problems := list(option_problems(options)):
        raise Impossible(f"the app answered with options that Slack refuses: {problems[0]}")
    return options
