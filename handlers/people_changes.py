"""Slack's events that somebody, or a user group, is something else than before: an admin, a guest, or gone.

What follows is decided in `bot/mappings/person_changed.py`.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.core.model import UserId
from bot.deps import Deps
from bot.slack.client import UNREADABLE
from bot.slack.listener import Listener, read_or_count
from bot.slack.requests import SlackEvent, read_event
from bot.storage.errors import StoreUnavailable

Drop = Callable[[Deps, SlackEvent], Awaitable[None]]


async def on_user_change(deps: Deps, event: SlackEvent) -> None:
    """Remember what the event says of a person."""
    await deps.people.told(event.team, event.about["user"])


async def on_group_change(deps: Deps, event: SlackEvent) -> None:
    """Forget a group's members; links end that people of a group in CONNECT_ADMINS may no longer see.

    https://docs.slack.dev/reference/events/subteam_members_changed, https://docs.slack.dev/reference/events/subteam_updated
    """
    shown = event.about if "subteam_id" in event.about else event.about["subteam"]
    group, removed = str(shown.get("subteam_id") or shown["id"]), shown.get("removed_users") or ()
    if group not in deps.settings.admins_named(event.team):
        removed = ()
    elif shown.get("date_delete"):  # switched off
        removed = await deps.people.known_members(event.team, group)
    await deps.people.group_changed(event.team, group, [UserId(str(one)) for one in removed])


def _dropping(deps: Deps, drop: Drop) -> Listener:
    """Return a listener that acknowledges once what was remembered has been dropped in all processes.

    What follows is a job. A repeated delivery changes nothing.
    """
    name = drop.__name__

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        event, outcome = read_or_count(deps, read_event, body, interaction=name), "ok"
        try:
            if event:
                await drop(deps, event)
        except StoreUnavailable as error:
            outcome = error.kind
        except UNREADABLE:
            outcome = "unreadable"
        if event:
            deps.metrics.interactions.labels(name, outcome).inc()
        await ack()

    return listener


async def _names_a_person(event: Mapping[str, Any]) -> bool:
    user = event.get("user")
    return isinstance(user, dict) and isinstance(user.get("id"), str)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to changed people (https://docs.slack.dev/reference/events/user_change) and groups."""
    app.event("user_change", matchers=[_names_a_person])(_dropping(deps, on_user_change))
    for changed in ("subteam_members_changed", "subteam_updated"):
        app.event(changed)(_dropping(deps, on_group_change))
