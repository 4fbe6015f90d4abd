"""Slack's events that a place has uninstalled the app or revoked its token, or that an organization closed a workspace.

Each makes the bot ask Slack how things are, in a job.
"""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.core.model import TeamId
from bot.deps import Deps
from bot.slack.listener import Listener
from bot.slack.sender import organization_of, sender_of
from bot.storage.errors import StoreUnavailable
from bot.workspaces.leave import plan_check

NAME = "on_uninstalled"

ReadPlace = Callable[[Mapping[str, Any]], TeamId | None]


def _checking(deps: Deps, place_of: ReadPlace) -> Listener:
    """Return a listener that acknowledges once it is planned to ask Slack about a place."""

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        place, outcome = place_of(body), "ok"
        try:
            if place:
                await plan_check(deps, place)
        except StoreUnavailable as error:
            outcome = error.kind  # each day's check finds it
        deps.metrics.interactions.labels(NAME, outcome).inc()
        await ack()

    return listener


def _installed_in(body: Mapping[str, Any]) -> TeamId | None:
    sender = sender_of(body)
    if sender is None:
        return None
    return (sender.organization if sender.org_wide else None) or sender.team


async def _of_the_bot(event: Mapping[str, Any]) -> bool:
    tokens = event.get("tokens")
    return isinstance(tokens, dict) and bool(tokens.get("bot"))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the end of installations, where there are many; one workspace's app isn't subscribed to it."""
    if deps.settings.many_workspaces:
        app.event("app_uninstalled")(_checking(deps, _installed_in))
        app.event("tokens_revoked", matchers=[_of_the_bot])(_checking(deps, _installed_in))
        for changed in ("team_access_revoked", "team_access_granted"):
            app.event(changed)(_checking(deps, organization_of))
