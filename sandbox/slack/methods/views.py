"""`views.*`: https://docs.slack.dev/reference/methods/views.open and neighbours."""

from typing import Literal

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.method import Method
from sandbox.slack.payloads import shown_view
from sandbox.slack.rate_limiter import TIER_4
from sandbox.slack.views import View, checked
from sandbox.slack.workspace import Workspace


def open_view(slack: Workspace, given: Arguments) -> Json:
    """Open a modal for whoever acted."""
    content = _content(given, kind="modal")
    trigger = slack.triggers.use(given.required("trigger_id"))
    return _answer(slack, slack.views.open(trigger.user_id, content))


def push_view(slack: Workspace, given: Arguments) -> Json:
    """Put a modal on top of the one in which somebody acted."""
    content = _content(given, kind="modal")
    trigger = slack.triggers.use(given.required("trigger_id"))
    if not trigger.in_modal:
        raise Refusal("invalid_trigger_id")
    return _answer(slack, slack.views.push(trigger.user_id, content))


def update_view(slack: Workspace, given: Arguments) -> Json:
    """Redraw an open view, found by Slack's id or by the app's own."""
    if external_id := given.text("external_id"):
        view = slack.views.find_external(external_id)
    else:
        view = slack.views.find(given.required("view_id"))
    kind: Literal["modal", "home"] = "home" if view.content["type"] == "home" else "modal"
    content = _content(given, kind=kind)
    return _answer(slack, slack.views.update(view, content, expected_hash=given.text("hash")))


def publish_view(slack: Workspace, given: Arguments) -> Json:
    """Show a Home tab to one person."""
    user_id = given.required("user_id")
    if user_id not in slack.world.users:
        raise Refusal("invalid_arguments", messages=["user_not_found [json-pointer:/user_id]"])
    content = _content(given, kind="home")
    return _answer(slack, slack.views.publish(user_id, content, expected_hash=given.text("hash")))


def _content(given: Arguments, *, kind: Literal["modal", "home"]) -> Json:
    return checked(given.structure("view", malformed="invalid_arguments"), kind=kind)


def _answer(slack: Workspace, view: View) -> Json:
    return {"view": shown_view(slack, view)}


METHODS = {
    "views.open": Method(open_view, TIER_4),
    "views.push": Method(push_view, TIER_4),
    "views.update": Method(update_view, TIER_4),
    "views.publish": Method(publish_view, TIER_4),
}
