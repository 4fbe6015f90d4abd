"""What Slack sends, read into values: commands, clicks, submissions, shortcuts and events."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from bot.core.model import TeamId, UserId, Viewer
from bot.slack.model import RESPONSE_URL_LIFE, RESPONSE_URL_POSTS, MessageRef, Modal, ResponseUrl, ViewId

Entered = Mapping[str, str | tuple[str, ...]]
"""What was entered, by the `block_id` of the input; an empty text is nothing."""


class UserAction:
    """Something that a person did in Slack."""

    __slots__ = ()
    team: TeamId
    user: UserId
    home_team: TeamId | None

    @property
    def viewer(self) -> Viewer:
        """Who did it."""
        return Viewer(self.team, self.user, self.home_team)


@dataclass(frozen=True, slots=True)
class Command(UserAction):
    """A slash command as it was typed, or what a button stands for; `home_team` as with a click.

    `app` is our app's id. A button in a modal brings that as `view`, and no `response_url`.
    """

    team: TeamId
    user: UserId
    text: str
    response_url: ResponseUrl | None
    trigger_id: str
    home_team: TeamId | None = None
    app: str = ""
    view: ViewId | None = None


@dataclass(frozen=True, slots=True)
class Click(UserAction):
    """A press on a button or a choice in a select; `home_team` is the workspace that the person belongs to.

    On a message, `response_url` can replace it. In a modal or on the Home tab there is a `view` instead, with its
    `metadata` and what was entered so far; `version` is Slack's hash of how it looked, and `at` when it was clicked.
    `view_name` is its `callback_id`. `message_ref` is a message of ours that stays: one in a direct message. `button`
    is the `action_id` of what can simply be pressed again.
    """

    team: TeamId
    user: UserId
    home_team: TeamId | None
    value: str
    message: str
    response_url: ResponseUrl | None
    trigger_id: str
    message_ref: MessageRef | None = None
    view: ViewId | None = None
    in_modal: bool = False
    metadata: str = ""
    entered: Entered = field(default_factory=dict, repr=False)
    version: str = ""
    at: float = 0.0
    view_name: str = ""
    button: str = ""

    @property
    def at_home(self) -> bool:
        """Whether it was on the Home tab."""
        return self.view is not None and not self.in_modal


@dataclass(frozen=True, slots=True)
class Submission(UserAction):
    """A submitted or closed modal, and how it looked; `arrived` is on the monotonic clock."""

    team: TeamId
    user: UserId
    home_team: TeamId | None
    view: ViewId
    metadata: str
    entered: Entered = field(repr=False)  # there may be a secret in it
    modal: Modal = field(repr=False)
    trigger_id: str
    arrived: float = field(default_factory=time.monotonic)
    response_url: None = None


@dataclass(frozen=True, slots=True)
class Shortcut(UserAction):
    """A shortcut; one on a message has a `response_url`, and its `author` if that is another person."""

    team: TeamId
    user: UserId
    home_team: TeamId | None
    author: UserId | None
    response_url: ResponseUrl | None
    trigger_id: str


@dataclass(frozen=True, slots=True)
class SlackEvent(UserAction):
    """An event of the workspace; `about` is the event itself."""

    team: TeamId
    user: UserId
    about: Mapping[str, Any]
    trigger_id: str
    home_team: None = None
    response_url: None = None

    @property
    def at_home(self) -> bool:
        """Whether a person opened the Home tab (https://docs.slack.dev/reference/events/app_home_opened)."""
        return self.about.get("type") == "app_home_opened" and self.about.get("tab") == "home"

    @property
    def is_message(self) -> bool:
        """Whether it is a message, whose author waits for an answer."""
        return self.about.get("type") == "message"


def read_command(body: Mapping[str, Any], *, now: datetime) -> Command:
    """Read a slash command's payload (https://docs.slack.dev/interactivity/implementing-slash-commands)."""
    return Command(
        team=TeamId(body["team_id"]),
        user=UserId(body["user_id"]),
        text=str(body.get("text") or "").strip(),
        response_url=_response_url(body["response_url"], replaces=False, now=now),
        trigger_id=str(body.get("trigger_id") or ""),
        app=str(body.get("api_app_id") or ""),
    )


def read_click(body: Mapping[str, Any], *, now: datetime) -> Click:
    """Read a `block_actions` payload; clicks in modals and in App Home bring no `response_url`."""
    action = body["actions"][0]
    chosen = action.get("selected_option") or action
    url, container, view = body.get("response_url"), body.get("container") or {}, body.get("view") or {}
    return Click(
        team=team_of(body),
        user=UserId(body["user"]["id"]),
        home_team=_home_team(body),
        value=str(chosen.get("value") or ""),
        message=f"{container.get('channel_id')}:{container.get('message_ts')}",
        response_url=_response_url(url, replaces=True, now=now) if url else None,
        trigger_id=str(body.get("trigger_id") or ""),
        message_ref=_message_ref(container),
        view=ViewId(view["id"]) if view else None,
        in_modal=view.get("type") == "modal",
        metadata=str(view.get("private_metadata") or ""),
        entered=_entered(view),
        version=str(view.get("hash") or ""),
        at=_seconds(action.get("action_ts")),
        view_name=str(view.get("callback_id") or ""),
        button=str(action["action_id"]) if action.get("type") == "button" and "url" not in action else "",
    )


def read_submission(body: Mapping[str, Any], *, now: datetime) -> Submission:  # noqa: ARG001 - the shape of all readers
    """Read a `view_submission` or `view_closed` payload."""
    view = body["view"]
    return Submission(
        team=team_of(body),
        user=UserId(body["user"]["id"]),
        home_team=_home_team(body),
        view=ViewId(view["id"]),
        metadata=str(view.get("private_metadata") or ""),
        entered=_entered(view),
        modal=_modal(view),
        trigger_id=str(body.get("trigger_id") or ""),
    )


def read_shortcut(body: Mapping[str, Any], *, now: datetime) -> Shortcut:
    """Read a shortcut's payload (https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload).

    The text of the message is not kept.
    """
    user, url = body["user"]["id"], body.get("response_url")
    return Shortcut(
        team=team_of(body),
        user=UserId(user),
        home_team=_home_team(body),
        author=_author(body.get("message") or {}, but=user),
        response_url=_response_url(url, replaces=False, now=now) if url else None,
        trigger_id=str(body.get("trigger_id") or ""),
    )


def read_event(body: Mapping[str, Any], *, now: datetime) -> SlackEvent:  # noqa: ARG001 - the shape of all readers
    """Read an event's payload (https://docs.slack.dev/apis/events-api/); repeated ones have the same id."""
    event = body["event"]
    user = event.get("user") or ""
    return SlackEvent(
        team=TeamId(body["team_id"]),
        user=UserId(user["id"] if isinstance(user, dict) else user),
        about=event,
        trigger_id=str(body.get("event_id") or ""),
    )


def team_of(body: Mapping[str, Any]) -> TeamId:
    """Return our workspace: in a shared channel `team` is that of whoever acts (https://docs.slack.dev/apis/slack-connect/).

    An app of a whole organization may find the organization (`E…`) there, or nothing; the person's own is left then.
    """
    clicked = (body.get("message") or {}) if body.get("type") == "block_actions" else {}
    named = (
        (body.get("view") or {}).get("app_installed_team_id"),
        clicked.get("team"),
        (body.get("team") or {}).get("id"),
    )
    ours = (str(one) for one in named if one and not str(one).startswith("E"))
    return TeamId(next(ours, None) or str(body["user"]["team_id"]))


def _home_team(body: Mapping[str, Any]) -> TeamId | None:
    """Return the workspace that a payload names as the person's own.

    In an organization people are in several of its workspaces; there only Slack's answer about the person counts.
    """
    home = None if body.get("enterprise") else body["user"].get("team_id")
    return TeamId(home) if home else None


def _author(message: Mapping[str, Any], *, but: str) -> UserId | None:
    author = str(message.get("user") or "")
    return UserId(author) if author and author != but and not message.get("bot_id") else None


def _entered(view: Mapping[str, Any]) -> Entered:
    """Return what is in a view's inputs, one per block: words, an id, or several."""
    values = (view.get("state") or {}).get("values") or {}
    return {block: _value(next(iter(fields.values()))) for block, fields in values.items() if fields}


def _value(state: Mapping[str, Any]) -> str | tuple[str, ...]:
    if "selected_options" in state:
        return tuple(str(option["value"]) for option in state["selected_options"] or ())
    if "selected_users" in state:
        return tuple(state["selected_users"] or ())
    option = state.get("selected_option") or {}
    return str(state.get("value") or option.get("value") or state.get("selected_user") or "")


def _modal(view: Mapping[str, Any]) -> Modal:
    """Return a modal as it was drawn."""
    return Modal(
        title=_label(view, "title"),
        blocks=tuple(view.get("blocks") or ()),
        name=str(view.get("callback_id") or ""),
        submit=_label(view, "submit") or None,
        close=_label(view, "close"),
        metadata=str(view.get("private_metadata") or ""),
        tells_of_close=bool(view.get("notify_on_close")),
    )


def _label(view: Mapping[str, Any], what: str) -> str:
    return str((view.get(what) or {}).get("text") or "")


def _seconds(ts: object) -> float:
    text = str(ts or "")
    return float(text) if re.fullmatch(r"\d{1,12}(\.\d{1,9})?", text) else 0.0


def _message_ref(container: Mapping[str, Any]) -> MessageRef | None:
    channel, ts = container.get("channel_id"), container.get("message_ts")
    return MessageRef(str(channel), str(ts)) if channel and ts and not container.get("is_ephemeral") else None


def _response_url(url: str, *, replaces: bool, now: datetime) -> ResponseUrl:
    return ResponseUrl(
        SecretStr(url), expires_at=now + RESPONSE_URL_LIFE, posts_left=RESPONSE_URL_POSTS, replaces=replaces
    )
