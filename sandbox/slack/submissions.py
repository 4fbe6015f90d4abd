"""Somebody submits or closes a modal.

https://docs.slack.dev/surfaces/modals, https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.api_types import Impossible, Json, Refusal
from sandbox.slack.clicks import open_view
from sandbox.slack.delivery import Answer, Kind
from sandbox.slack.inputs import FIELDS, Placed, interactive, state
from sandbox.slack.outcome import Outcome
from sandbox.slack.selections import chosen
from sandbox.slack.users import User
from sandbox.slack.views import View, checked
from sandbox.slack.workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"
REQUIRED = "Please complete this required field."
NOTHING: tuple[Any, ...] = (None, "", [])


async def submit(slack: Workspace, *, user: User, view_id: str, values: Mapping[str, Mapping[str, Any]]) -> Outcome:
    """Fill in and submit the modal in front; raises Impossible for what cannot be filled in."""
    view = _modal(slack, user, view_id)
    if not view.content["submit"]:
        raise Impossible("this view has no submit button")
    await _fill(slack, user, view, values)
    if errors := _missing(view):
        return Outcome(errors=errors)
    payload = payloads.interaction(slack, user, "view_submission")
    payload |= {
        "trigger_id": slack.triggers.issue(user.id, in_modal=True),
        "view": payloads.shown_view(slack, view),
        "response_urls": _response_urls(slack, user, view),
    }
    answer = await slack.delivery.deliver(Kind.INTERACTION, payload)
    outcome = Outcome(ack_ms=answer.ms, error=TROUBLE if answer.failure else "")
    if outcome.ok:
        _obey(slack, view, answer, outcome)
    return outcome


async def close(slack: Workspace, *, user: User, view_id: str) -> Outcome:
    """Close the modal in front, with `clear_on_close` the whole stack; the app is told only where it asked for it."""
    view = _modal(slack, user, view_id)
    clears = view.content["clear_on_close"]
    closed = [*slack.views.stacks[user.id]] if clears else [view]
    slack.views.close(closed[0])
    outcome = Outcome()
    for gone in reversed(closed):
        if gone.content["notify_on_close"]:
            payload = payloads.interaction(slack, user, "view_closed")
            payload |= {"view": payloads.shown_view(slack, gone), "is_cleared": clears}
            answer = await slack.delivery.deliver(Kind.INTERACTION, payload)
            outcome.error, outcome.ack_ms = answer.failure, answer.ms
    return outcome


def _modal(slack: Workspace, user: User, view_id: str) -> View:
    view = open_view(slack, user, view_id)
    if view.content["type"] != "modal":
        raise Impossible("a Home tab can be neither submitted nor closed")
    return view


async def _fill(slack: Workspace, user: User, view: View, values: Mapping[str, Mapping[str, Any]]) -> None:
    fields = {placed.key: placed for placed in interactive(view.content["blocks"])}
    for block_id, block in values.items():
        for action_id, value in block.items():
            placed = fields.get((block_id, action_id))
            if placed is None or placed.element["type"] not in FIELDS:
                raise Impossible(f"there is no input {block_id!r} / {action_id!r}")
            place = payloads.in_view(slack, view)
            view.chosen[placed.key] = await chosen(slack, user, placed, value, place=place)


def _missing(view: View) -> dict[str, str]:
    values = state(view.content["blocks"], view.chosen)["values"]
    return {
        placed.key[0]: REQUIRED
        for placed in _inputs(view)
        if not placed.block.get("optional") and _choice(placed, values) in NOTHING
    }


def _inputs(view: View) -> list[Placed]:
    return [placed for placed in interactive(view.content["blocks"]) if placed.block.get("type") == "input"]


def _choice(placed: Placed, values: Json) -> Any:
    block_id, action_id = placed.key
    return values[block_id][action_id][FIELDS[placed.element["type"]][0]]


def _response_urls(slack: Workspace, user: User, view: View) -> list[Json]:
    urls = []
    values = state(view.content["blocks"], view.chosen)["values"]
    for placed in _inputs(view):
        channel = slack.world.channels.get(str(_choice(placed, values)))
        if placed.element.get("response_url_enabled") and channel is not None:
            url = slack.response_urls.issue("actions", user_id=user.id, channel=channel)
            block_id, action_id = placed.key
            urls.append({"block_id": block_id, "action_id": action_id, "channel_id": channel.id})
            urls[-1]["response_url"] = slack.address(url)
    return urls


def _obey(slack: Workspace, view: View, answer: Answer, outcome: Outcome) -> None:
    """Do what the acknowledgement says: close by default, or errors, update, push, clear."""
    try:
        order = json.loads(answer.body) if answer.body.strip() else {}
        match order:
            case {"response_action": "errors", "errors": {**errors}}:
                outcome.errors = {str(block_id): str(text) for block_id, text in errors.items()}
            case {"response_action": "update", "view": given}:
                slack.views.update(view, checked(given, kind="modal"))
            case {"response_action": "push", "view": given}:
                slack.views.push(view.user_id, checked(given, kind="modal"))
            case {"response_action": "clear"}:
                slack.views.stacks[view.user_id].clear()
            case _ if order == {}:
                slack.views.close(view)
            case _:
                outcome.error = TROUBLE
    except (ValueError, Refusal):
        outcome.error = TROUBLE
