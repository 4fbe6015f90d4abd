"""What Slack sent, read into our words."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from bot.core.model import RefId, TeamId, UserId
from bot.slack.model import RESPONSE_URL_LIFE, RESPONSE_URL_POSTS, MessageRef, ResponseUrl, ViewId

Entered = Mapping[str, str | tuple[str, ...]]
"""What was entered into inputs; nothing is an empty text."""


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as somebody typed it."""

    team: TeamId
    user: UserId
    text: str
    response_url: ResponseUrl
    trigger_id: str


@dataclass(frozen=True, slots=True)
class Click:
    """A press on a button or a choice in a select; `answer` can replace its message; `home` is who they belong to.

    In a modal or on the Home tab there is no `answer`, but a `view` with its `metadata` and what was entered so far.
    `posted` is the message, if it is one that stays: ours stand in direct messages only.
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

    @property
    def at_home(self) -> bool:
        """Whether it was made on the Home tab."""
        return self.view is not None and not self.in_modal


@dataclass(frozen=True, slots=True)
class Submission:
    """A submitted or closed modal; `entered` is by the `block_id` of the input, `arrived` on the monotonic clock."""

    team: TeamId
    user: UserId
    home_team: TeamId | None
    view: ViewId
    metadata: str
    entered: Entered = field(repr=False)  # there may be a secret in it
    trigger_id: str
    arrived: float = field(default_factory=time.monotonic)
    response_url: None = None


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut; one on a message brings who wrote that, if it was another person, and an `answer`."""

    team: TeamId
    user: UserId
    home_team: TeamId | None
    author: UserId | None
    response_url: ResponseUrl | None
    trigger_id: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the workspace; `about` is the event itself."""

    team: TeamId
    user: UserId
    about: Mapping[str, Any]
    trigger_id: str
    response_url: None = None

    @property
    def at_home(self) -> bool:
        """Whether somebody looks at the Home tab (https://docs.slack.dev/reference/events/app_home_opened)."""
        return self.about.get("type") == "app_home_opened" and self.about.get("tab") == "home"


def read_command(body: Mapping[str, Any], *, now: datetime) -> Command:
    """Read a slash command's payload (https://docs.slack.dev/interactivity/implementing-slash-commands)."""
    return Command(
        team=TeamId(body["team_id"]),
        user=UserId(body["user_id"]),
        text=str(body.get("text") or "").strip(),
        response_url=_answer(body["response_url"], replaces=False, now=now),
        trigger_id=str(body.get("trigger_id") or ""),
    )


def read_click(body: Mapping[str, Any], *, now: datetime) -> Click:
    """Read a `block_actions` payload; clicks in modals and in App Home bring no `response_url`."""
    action = body["actions"][0]
    chosen = action.get("selected_option") or action
    url, container, view = body.get("response_url"), body.get("container") or {}, body.get("view") or {}
    return Click(
        team=TeamId(body["team"]["id"] if body.get("team") else body["user"]["team_id"]),
        user=UserId(body["user"]["id"]),
        home_team=TeamId(home) if (home := body["user"].get("team_id")) else None,
        value=str(chosen.get("value") or ""),
        message=f"{container.get('channel_id')}:{container.get('message_ts')}",
        response_url=_answer(url, replaces=True, now=now) if url else None,
        trigger_id=str(body.get("trigger_id") or ""),
        message_ref=_posted(container),
        view=ViewId(view["id"]) if view else None,
        in_modal=view.get("type") == "modal",
        metadata=str(view.get("private_metadata") or ""),
        entered=_entered(view),
    )


def read_submission(body: Mapping[str, Any], *, now: datetime) -> Submission:  # noqa: ARG001 - the shape of all readers
    """Read a `view_submission` or `view_closed` payload."""
    view = body["view"]
    return Submission(
        team=TeamId(body["team"]["id"] if body.get("team") else body["user"]["team_id"]),
        user=UserId(body["user"]["id"]),
        home_team=TeamId(home) if (home := body["user"].get("team_id")) else None,
        view=ViewId(view["id"]),
        metadata=str(view.get("private_metadata") or ""),
        entered=_entered(view),
        trigger_id=str(body.get("trigger_id") or ""),
    )


def read_shortcut(body: Mapping[str, Any], *, now: datetime) -> Shortcut:
    """Read a shortcut's payload (https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload).

    What is on the message itself is not kept.
    """
    user, url = body["user"]["id"], body.get("response_url")
    return Shortcut(
        team=TeamId(body["team"]["id"] if body.get("team") else body["user"]["team_id"]),
        user=UserId(user),
        home_team=TeamId(home) if (home := body["user"].get("team_id")) else None,
        author=_author(body.get("message") or {}, but=user),
        response_url=_answer(url, replaces=False, now=now) if url else None,
        trigger_id=str(body.get("trigger_id") or ""),
    )


def read_event(body: Mapping[str, Any], *, now: datetime) -> Event:  # noqa: ARG001 - the shape of all readers
    """Read an event's payload (https://docs.slack.dev/apis/events-api/); repeated ones have the same id."""
    event = body["event"]
    user = event.get("user") or ""
    return Event(
        team=TeamId(body["team_id"]),
        user=UserId(user["id"] if isinstance(user, dict) else user),
        about=event,
        trigger_id=str(body.get("event_id") or ""),
    )


def read_owned(value: str) -> tuple[UserId, RefId]:
    """Read who and which profile a button stands beside; both may be empty, and neither proves any rights."""
    owner, _, ref_id = value.partition(":")
    return UserId(owner), RefId(ref_id)


def _author(message: Mapping[str, Any], *, but: str) -> UserId | None:
    author = str(message.get("user") or "")
    return UserId(author) if author and author != but and not message.get("bot_id") else None


def _entered(view: Mapping[str, Any]) -> Entered:
    """Return what is in a view's inputs, each block having one: words, an id, or several."""
    values = (view.get("state") or {}).get("values") or {}
    return {block: _value(next(iter(fields.values()))) for block, fields in values.items() if fields}


def _value(state: Mapping[str, Any]) -> str | tuple[str, ...]:
    if "selected_options" in state:
        return tuple(str(option["value"]) for option in state["selected_options"] or ())
    option = state.get("selected_option") or {}
    return str(state.get("value") or option.get("value") or state.get("selected_user") or "")


def _posted(container: Mapping[str, Any]) -> MessageRef | None:
    channel, ts = container.get("channel_id"), container.get("message_ts")
    return MessageRef(str(channel), str(ts)) if channel and ts and not container.get("is_ephemeral") else None


def _answer(url: str, *, replaces: bool, now: datetime) -> ResponseUrl:
    return ResponseUrl(
        SecretStr(url), expires_at=now + RESPONSE_URL_LIFE, posts_left=RESPONSE_URL_POSTS, replaces=replaces
    )
