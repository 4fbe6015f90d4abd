"""Slack's event that somebody is something else than before: an admin, a guest, or gone."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.deps import Deps
from bot.slack.client import UNREADABLE
from bot.slack.listener import Listener, read_or_count
from bot.slack.requests import read_event
from bot.storage.errors import StoreUnavailable

NAME = "on_user_change"


def _dropping(deps: Deps) -> Listener:
    """Return a listener that acknowledges once what was remembered has been dropped in all processes.

    What follows is a job. A repeated delivery changes nothing.
    """

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        event, outcome = read_or_count(deps, read_event, body, interaction=NAME), "ok"
        try:
            if event:
                await deps.people.told(event.team, event.about["user"])
        except StoreUnavailable as error:
            outcome = error.kind
        except UNREADABLE:
            outcome = "unreadable"
        if event:
            deps.metrics.interactions.labels(NAME, outcome).inc()
        await ack()

    return listener


async def _names_a_person(event: Mapping[str, Any]) -> bool:
    user = event.get("user")
    return isinstance(user, dict) and isinstance(user.get("id"), str)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to changed people (https://docs.slack.dev/reference/events/user_change)."""
    app.event("user_change", matchers=[_names_a_person])(_dropping(deps))
