"""`views.*`: https://docs.slack.dev/reference/methods/views.open and neighbours."""

from typing import Literal

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.base import Method
from sandbox.slack.payloads import shown_view
from sandbox.slack.rate_limiter import TIER_4
from sandbox.slack.views import View, validated_content
from sandbox.slack.workspace import Workspace


def open_view(slack: Workspace, arguments: Arguments) -> Json:
    """Open a modal for the user who acted."""
    content = _content(arguments, kind="modal")
    trigger = slack.triggers.use(arguments.required("trigger_id"))
    return _response(slack, slack.views.open(trigger.user_id, content))


def push_view(slack: Workspace, arguments: Arguments) -> Json:
    """Push a modal on top of the one in which the user acted."""
    content = _content(arguments, kind="modal")
    trigger = slack.triggers.use(arguments.required("trigger_id"))
    if not trigger.in_modal:
        raise ErrorResponse("invalid_trigger_id")
    return _response(slack, slack.views.push(trigger.user_id, content))


def update_view(slack: Workspace, arguments: Arguments) -> Json:
    """Update an open view, identified by Slack's ID or the app's own."""
    if external_id := arguments.text("external_id"):
        view = slack.views.find_external(external_id)
    else:
        view = slack.views.find(arguments.required("view_id"))
    kind: Literal["modal", "home"] = "home" if view.content["type"] == "home" else "modal"
    content = _content(arguments, kind=kind)
    return _response(slack, slack.views.update(view, content, expected_hash=arguments.text("hash")))


def publish_view(slack: Workspace, arguments: Arguments) -> Json:
    """Publish the Home tab of one user."""
    user_id = arguments.required("user_id")
    if user_id not in slack.world.users:
        raise ErrorResponse("invalid_arguments", messages=["user_not_found [json-pointer:/user_id]"])
    content = _content(arguments, kind="home")
    return _response(slack, slack.views.publish(user_id, content, expected_hash=arguments.text("hash")))


def _content(arguments: Arguments, *, kind: Literal["modal", "home"]) -> Json:
    return validated_content(arguments.structure("view", malformed="invalid_arguments"), kind=kind)


def _response(slack: Workspace, view: View) -> Json:
    return {"view": shown_view(slack, view)}


METHODS = {
    "views.open": Method(open_view, TIER_4),
    "views.push": Method(push_view, TIER_4),
    "views.update": Method(update_view, TIER_4),
    "views.publish": Method(publish_view, TIER_4),
}
