"""What Slack sent, read into our words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from bot.model import RESPONSE_URL_LIFE, RESPONSE_URL_POSTS, Answer, TeamId, UserId


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as somebody typed it."""

    team: TeamId
    user: UserId
    text: str
    answer: Answer
    trigger_id: str


@dataclass(frozen=True, slots=True)
class Click:
    """A press on a button or a choice in a select; `answer` can replace its message; `home` is who they belong to."""

    team: TeamId
    user: UserId
    home: TeamId | None
    value: str
    message: str
    answer: Answer | None
    trigger_id: str


def read_command(body: Mapping[str, Any], *, now: datetime) -> Command:
    """Read a slash command's payload (https://docs.slack.dev/interactivity/implementing-slash-commands)."""
    return Command(
        team=TeamId(body["team_id"]),
        user=UserId(body["user_id"]),
        text=str(body.get("text") or "").strip(),
        answer=_answer(body["response_url"], replaces=False, now=now),
        trigger_id=str(body.get("trigger_id") or ""),
    )


def read_click(body: Mapping[str, Any], *, now: datetime) -> Click:
    """Read a `block_actions` payload; clicks in modals and in App Home bring no `response_url`."""
    action = body["actions"][0]
    chosen = action.get("selected_option") or action
    url, container = body.get("response_url"), body.get("container") or {}
    return Click(
        team=TeamId(body["team"]["id"] if body.get("team") else body["user"]["team_id"]),
        user=UserId(body["user"]["id"]),
        home=TeamId(home) if (home := body["user"].get("team_id")) else None,
        value=str(chosen.get("value") or ""),
        message=f"{container.get('channel_id')}:{container.get('message_ts')}",
        answer=_answer(url, replaces=True, now=now) if url else None,
        trigger_id=str(body.get("trigger_id") or ""),
    )


def _answer(url: str, *, replaces: bool, now: datetime) -> Answer:
    return Answer(SecretStr(url), expires_at=now + RESPONSE_URL_LIFE, posts_left=RESPONSE_URL_POSTS, replaces=replaces)
