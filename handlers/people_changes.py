"""Slack's event that somebody is something else than before: an admin, a guest, or gone."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.slack.listener import acknowledged
from bot.slack.requests import Event, read_event


async def on_user_change(deps: Deps, event: Event) -> None:
    """Drop what was remembered of the person, in all processes; what follows is a job."""
    await deps.people.told(event.team, event.about["user"])


async def _names_a_person(event: Mapping[str, Any]) -> bool:
    user = event.get("user")
    return isinstance(user, dict) and isinstance(user.get("id"), str)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to changed people (https://docs.slack.dev/reference/events/user_change)."""
    app.event("user_change", matchers=[_names_a_person])(acknowledged(deps, read_event, on_user_change))
