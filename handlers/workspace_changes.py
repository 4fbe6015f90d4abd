"""Slack's events that a workspace or an organization has uninstalled the app, or revoked its token."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.deps import Deps
from bot.slack.listener import Listener
from bot.slack.requests import sender_of
from bot.storage.errors import StoreUnavailable
from bot.workspaces.leave import plan_check

NAME = "on_uninstalled"


def _checking(deps: Deps) -> Listener:
    """Return a listener that acknowledges once it is planned to ask Slack; what follows is a job."""

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        sender, outcome = sender_of(body), "ok"
        try:
            if sender:
                everywhere = sender.organization if sender.org_wide else None
                await plan_check(deps, everywhere or sender.team)
        except StoreUnavailable as error:
            outcome = error.kind  # each day's check finds it
        deps.metrics.interactions.labels(NAME, outcome).inc()
        await ack()

    return listener


async def _of_the_bot(event: Mapping[str, Any]) -> bool:
    tokens = event.get("tokens")
    return isinstance(tokens, dict) and bool(tokens.get("bot"))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the end of installations, where there are many; one workspace's app isn't subscribed to it."""
    if deps.settings.many_workspaces:
        app.event("app_uninstalled")(_checking(deps))
        app.event("tokens_revoked", matchers=[_of_the_bot])(_checking(deps))
