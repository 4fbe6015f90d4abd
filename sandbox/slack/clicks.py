"""A person uses an element of a message or a view.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.api_types import ActionUnavailable, Json
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.delivery import ActionResult, DeliveryKind
from sandbox.slack.inputs import STATE_FIELDS, VALUE_FIELDS, PlacedElement, interactive_elements
from sandbox.slack.selections import selection, suggested_options
from sandbox.slack.users import User
from sandbox.slack.views import View
from sandbox.slack.workspace import Workspace

COPIED_FIELDS = ("text", "value", "url", "style", "placeholder", "workflow")
"""The fields of an element that its action contains too."""


@dataclass(frozen=True)
class Click:
    """The element that is used and, if it has a value, the new value."""

    action_id: str
    block_id: str = ""
    value: Any = None


async def click_in_message(slack: Workspace, *, user: User, channel: Channel, ts: str, click: Click) -> ActionResult:
    """Use an element of a message; raises ActionUnavailable if the user doesn't see the message or the element."""
    message = visible_message(user, channel, ts)
    placed = _find(message.blocks, click, user)
    action = await _action(slack, user, placed, click, context=payloads.message_context(slack, channel, message))
    if placed.element["type"] in STATE_FIELDS:
        message.states[placed.key] = _state(action)
    url = slack.response_urls.issue("actions", user_id=user.id, channel=channel, original=message)
    context = payloads.message_context(slack, channel, message) | {"response_url": slack.address(url)}
    return await _send(slack, user, placed, action, context=context, in_modal=False)


async def click_in_view(slack: Workspace, *, user: User, view_id: str, click: Click) -> ActionResult:
    """Use an element of the user's open modal or Home tab; raises ActionUnavailable."""
    view = open_view(slack, user, view_id)
    placed = _find(view.content["blocks"], click, user)
    action = await _action(slack, user, placed, click, context=payloads.view_context(slack, view))
    if placed.element["type"] in STATE_FIELDS:
        view.states[placed.key] = _state(action)
    in_modal = view.content["type"] == "modal"
    return await _send(slack, user, placed, action, context=payloads.view_context(slack, view), in_modal=in_modal)


async def suggestions(  # noqa: PLR0913  # where the element is takes three of them
    slack: Workspace,
    user: User,
    click: Click,
    query: str,
    *,
    channel: str = "",
    message_ts: str = "",
    view_id: str = "",
) -> list[Json]:
    """Return the options that the app supplies for an external select; raises ActionUnavailable."""
    if view_id:
        view = open_view(slack, user, view_id)
        placed, context = _find(view.content["blocks"], click, user), payloads.view_context(slack, view)
    else:
        place = slack.world.channel(channel)
        message = visible_message(user, place, message_ts)
        placed, context = _find(message.blocks, click, user), payloads.message_context(slack, place, message)
    return await suggested_options(slack, user, placed, query, context=context)


def visible_message(user: User, channel: Channel, ts: str) -> Message:
    """Return a message that the user sees; raises ActionUnavailable."""
    message = channel.find(ts)
    present = user.id in channel.members and user.can_sign_in
    if message is None or not present or message.visible_to not in {None, user.id}:
        raise ActionUnavailable(f"{user.name} sees no message {ts} in {channel.name or channel.id}")
    return message


def open_view(slack: Workspace, user: User, view_id: str) -> View:
    """Return the Home tab or the modal on top of the user's stack; raises ActionUnavailable."""
    for view in (slack.views.top(user.id), slack.views.homes.get(user.id)):
        if view is not None and view.id == view_id and user.can_sign_in:
            return view
    raise ActionUnavailable(f"{user.name} does not have view {view_id!r} in front")


def _find(blocks: Sequence[Json], click: Click, user: User) -> PlacedElement:
    for placed in interactive_elements(blocks):
        block_id, action_id = placed.key
        viewers = placed.element.get("visible_to_user_ids") or [user.id]
        if action_id == click.action_id and click.block_id in {"", block_id} and user.id in viewers:
            return placed
    raise ActionUnavailable(f"{user.name} sees no element with action_id {click.action_id!r} there")


async def _action(slack: Workspace, user: User, placed: PlacedElement, click: Click, *, context: Json) -> Json:
    """Return the entry of `actions` in the payload."""
    element = placed.element
    block_id, action_id = placed.key
    action = {"type": element["type"], "action_id": action_id, "block_id": block_id}
    action |= {name: element[name] for name in COPIED_FIELDS if name in element}
    if element["type"] in VALUE_FIELDS:
        if click.value is None:
            raise ActionUnavailable(f"a {element['type']} needs a value")
        action |= await selection(slack, user, placed, click.value, context=context)
        _, initial = VALUE_FIELDS[element["type"]]
        action |= {initial: element[initial]} if initial in element else {}
    return action | {"action_ts": slack.next_ts()}


def _state(action: Json) -> Json:
    field, _ = STATE_FIELDS[action["type"]]
    return {"type": action["type"], field: action[field]}


async def _send(
    slack: Workspace, user: User, placed: PlacedElement, action: Json, *, context: Json, in_modal: bool
) -> ActionResult:
    opens = _opened_url(action)
    if not placed.sends_actions:
        return ActionResult(opens=opens)
    payload = payloads.interaction(slack, user, "block_actions") | context
    payload |= {"trigger_id": slack.triggers.issue(user.id, in_modal=in_modal), "actions": [action]}
    acknowledgement = await slack.delivery.deliver(DeliveryKind.INTERACTION, payload)
    return ActionResult(error=acknowledgement.failure, ack_ms=acknowledgement.ms, opens=opens)


def _opened_url(action: Json) -> str:
    """Return the URL that the browser opens, empty if there is none."""
    option = action.get("selected_option")
    return str(action.get("url") or (option.get("url", "") if isinstance(option, dict) else ""))
