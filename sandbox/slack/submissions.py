"""A person submits or closes a modal.

https://docs.slack.dev/surfaces/modals, https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.api_types import ActionUnavailable, ErrorResponse, Json
from sandbox.slack.clicks import open_view
from sandbox.slack.delivery import Acknowledgement, ActionResult, DeliveryKind
from sandbox.slack.entered import REQUIRED, problem_of
from sandbox.slack.inputs import STATE_FIELDS, PlacedElement, interactive_elements, state_json
from sandbox.slack.selections import selection
from sandbox.slack.users import User
from sandbox.slack.views import View, validated_content
from sandbox.slack.workspace import Workspace

CONNECTION_TROUBLE = "We had some trouble connecting. Try again?"
EMPTY_VALUES: tuple[Any, ...] = (None, "", [])


async def submit(
    slack: Workspace, *, user: User, view_id: str, values: Mapping[str, Mapping[str, Any]]
) -> ActionResult:
    """Fill in and submit the modal in front; raises ActionUnavailable for an input that isn't there."""
    view = _modal(slack, user, view_id)
    if not view.content["submit"]:
        raise ActionUnavailable("this view has no submit button")
    await _fill_in(slack, user, view, values)
    if errors := _client_errors(view):
        return ActionResult(errors=errors)
    payload = payloads.interaction(slack, user, "view_submission")
    payload |= {
        "trigger_id": slack.triggers.issue(user.id, in_modal=True),
        "view": payloads.shown_view(slack, view),
        "response_urls": _response_urls(slack, user, view),
    }
    acknowledgement = await slack.delivery.deliver(DeliveryKind.INTERACTION, payload)
    result = ActionResult(ack_ms=acknowledgement.ms, error=CONNECTION_TROUBLE if acknowledgement.failure else "")
    if result.ok:
        _apply_response_action(slack, view, acknowledgement, result)
    return result


async def close(slack: Workspace, *, user: User, view_id: str) -> ActionResult:
    """Close the modal in front, or the whole stack with `clear_on_close`; `notify_on_close` sends `view_closed`."""
    view = _modal(slack, user, view_id)
    clears = view.content["clear_on_close"]
    closed = [*slack.views.stacks[user.id]] if clears else [view]
    slack.views.close(closed[0])
    result = ActionResult()
    for closed_view in reversed(closed):
        if closed_view.content["notify_on_close"]:
            payload = payloads.interaction(slack, user, "view_closed")
            payload |= {"view": payloads.shown_view(slack, closed_view), "is_cleared": clears}
            acknowledgement = await slack.delivery.deliver(DeliveryKind.INTERACTION, payload)
            result.error, result.ack_ms = acknowledgement.failure, acknowledgement.ms
    return result


def _modal(slack: Workspace, user: User, view_id: str) -> View:
    view = open_view(slack, user, view_id)
    if view.content["type"] != "modal":
        raise ActionUnavailable("a Home tab can be neither submitted nor closed")
    return view


async def _fill_in(slack: Workspace, user: User, view: View, values: Mapping[str, Mapping[str, Any]]) -> None:
    elements = {placed.key: placed for placed in interactive_elements(view.content["blocks"])}
    for block_id, block in values.items():
        for action_id, value in block.items():
            placed = elements.get((block_id, action_id))
            if placed is None or placed.element["type"] not in STATE_FIELDS:
                raise ActionUnavailable(f"there is no input {block_id!r} / {action_id!r}")
            context = payloads.view_context(slack, view)
            view.states[placed.key] = await selection(slack, user, placed, value, context=context)


def _client_errors(view: View) -> dict[str, str]:
    """Return what a client says under the inputs before it sends anything, by block ID."""
    values = state_json(view.content["blocks"], view.states)["values"]
    found = {placed.key[0]: _client_error(placed, _value(placed, values)) for placed in _inputs(view)}
    return {block_id: error for block_id, error in found.items() if error}


def _client_error(placed: PlacedElement, value: Any) -> str:
    if value in EMPTY_VALUES:
        return "" if placed.block.get("optional") else REQUIRED
    return problem_of(placed.element, value)


def _inputs(view: View) -> list[PlacedElement]:
    return [placed for placed in interactive_elements(view.content["blocks"]) if placed.block.get("type") == "input"]


def _value(placed: PlacedElement, values: Json) -> Any:
    block_id, action_id = placed.key
    return values[block_id][action_id][STATE_FIELDS[placed.element["type"]][0]]


def _input_ids(view: View) -> set[str]:
    """Return the IDs of the blocks that may have errors."""
    return {placed.key[0] for placed in _inputs(view)}


def _response_urls(slack: Workspace, user: User, view: View) -> list[Json]:
    urls = []
    values = state_json(view.content["blocks"], view.states)["values"]
    for placed in _inputs(view):
        channel = slack.world.channels.get(str(_value(placed, values)))
        if placed.element.get("response_url_enabled") and channel is not None:
            url = slack.response_urls.issue("actions", user_id=user.id, channel=channel)
            block_id, action_id = placed.key
            urls.append({"block_id": block_id, "action_id": action_id, "channel_id": channel.id})
            urls[-1]["response_url"] = slack.address(url)
    return urls


def _apply_response_action(
    slack: Workspace, view: View, acknowledgement: Acknowledgement, result: ActionResult
) -> None:
    """Do what the acknowledgement says: close by default, or errors, update, push, clear."""
    try:
        response = json.loads(acknowledgement.body) if acknowledgement.body.strip() else {}
        match response:
            case {"response_action": "errors", "errors": {**errors}} if set(errors) <= _input_ids(view):
                result.errors = {str(block_id): str(text) for block_id, text in errors.items()}
            case {"response_action": "update", "view": content}:
                slack.views.update(view, validated_content(content, kind="modal"))
            case {"response_action": "push", "view": content}:
                slack.views.push(view.user_id, validated_content(content, kind="modal"))
            case {"response_action": "clear"}:
                slack.views.stacks[view.user_id].clear()
            case _ if response == {}:
                slack.views.close(view)
            case _:
                result.error = CONNECTION_TROUBLE
    except (ValueError, ErrorResponse):
        result.error = CONNECTION_TROUBLE
