"""Somebody uses an element of a message or a view.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.api_types import Impossible, Json
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.delivery import Kind
from sandbox.slack.inputs import CHOOSES, FIELDS, Placed, interactive
from sandbox.slack.outcome import Outcome
from sandbox.slack.selections import chosen
from sandbox.slack.users import User
from sandbox.slack.views import View
from sandbox.slack.workspace import Workspace

CARRIED = ("text", "value", "url", "style", "placeholder", "workflow")


@dataclass(frozen=True)
class Use:
    """Which element, and for those that choose, what."""

    action_id: str
    block_id: str = ""
    value: Any = None


async def click_in_message(slack: Workspace, *, user: User, channel: Channel, ts: str, use: Use) -> Outcome:
    """Use an element of a message that this person sees; raises Impossible."""
    message = visible_message(user, channel, ts)
    placed = _find(message.blocks, use, user)
    action = await _action(slack, user, placed, use, place=payloads.in_message(channel, message))
    if placed.element["type"] in FIELDS:
        message.chosen[placed.key] = _state(action)
    url = slack.response_urls.issue("actions", user_id=user.id, channel=channel, original=message)
    place = payloads.in_message(channel, message) | {"response_url": slack.address(url)}
    return await _send(slack, user, placed, action, place=place, in_modal=False)


async def click_in_view(slack: Workspace, *, user: User, view_id: str, use: Use) -> Outcome:
    """Use an element of this person's open modal or Home tab; raises Impossible."""
    view = open_view(slack, user, view_id)
    placed = _find(view.content["blocks"], use, user)
    action = await _action(slack, user, placed, use, place=payloads.in_view(slack, view))
    if placed.element["type"] in FIELDS:
        view.chosen[placed.key] = _state(action)
    in_modal = view.content["type"] == "modal"
    return await _send(slack, user, placed, action, place=payloads.in_view(slack, view), in_modal=in_modal)


def visible_message(user: User, channel: Channel, ts: str) -> Message:
    """Return a message that this person sees; raises Impossible."""
    message = channel.find(ts)
    there = user.id in channel.members and user.can_sign_in
    if message is None or not there or message.visible_to not in {None, user.id}:
        raise Impossible(f"{user.name} sees no message {ts} in {channel.name or channel.id}")
    return message


def open_view(slack: Workspace, user: User, view_id: str) -> View:
    """Return the Home tab or the modal on top of this person's stack; raises Impossible."""
    for view in (slack.views.top(user.id), slack.views.homes.get(user.id)):
        if view is not None and view.id == view_id and user.can_sign_in:
            return view
    raise Impossible(f"{user.name} does not have view {view_id!r} in front")


def _find(blocks: Sequence[Json], use: Use, user: User) -> Placed:
    for placed in interactive(blocks):
        block_id, action_id = placed.key
        viewers = placed.element.get("visible_to_user_ids") or [user.id]
        if action_id == use.action_id and use.block_id in {"", block_id} and user.id in viewers:
            return placed
    raise Impossible(f"{user.name} sees no element with action_id {use.action_id!r} there")


async def _action(slack: Workspace, user: User, placed: Placed, use: Use, *, place: Json) -> Json:
    element = placed.element
    block_id, action_id = placed.key
    action = {"type": element["type"], "action_id": action_id, "block_id": block_id}
    action |= {name: element[name] for name in CARRIED if name in element}
    if element["type"] in CHOOSES:
        if use.value is None:
            raise Impossible(f"a {element['type']} needs a value")
        action |= await chosen(slack, user, placed, use.value, place=place)
        _, initial = CHOOSES[element["type"]]
        action |= {initial: element[initial]} if initial in element else {}
    return action | {"action_ts": slack.next_ts()}


def _state(action: Json) -> Json:
    field, _ = FIELDS[action["type"]]
    return {"type": action["type"], field: action[field]}


async def _send(slack: Workspace, user: User, placed: Placed, action: Json, *, place: Json, in_modal: bool) -> Outcome:
    opens = _address(action)
    if not placed.sends_actions:
        return Outcome(opens=opens)
    payload = payloads.interaction(slack, user, "block_actions") | place
    payload |= {"trigger_id": slack.triggers.issue(user.id, in_modal=in_modal), "actions": [action]}
    answer = await slack.delivery.deliver(Kind.INTERACTION, payload)
    return Outcome(error=answer.failure, ack_ms=answer.ms, opens=opens)


def _address(action: Json) -> str:
    option = action.get("selected_option")
    return str(action.get("url") or (option.get("url", "") if isinstance(option, dict) else ""))
