"""Control calls that show something."""

import asyncio
import time
from typing import Any

from sandbox.control.request import Asked, BadCall
from sandbox.control.services import Services
from sandbox.slack import LocalSlack
from sandbox.slack.api_types import Impossible, Json
from sandbox.slack.conversations import Message
from sandbox.slack.events import open_home
from sandbox.slack.payloads import shown_view
from sandbox.slack.users import User
from sandbox.slack.views import View

FIRST_PATIENCE, AGAIN_PATIENCE, LOOK_EVERY = 1.0, 0.2, 0.02
"""Seconds that an app is given to publish a Home tab for the first time or anew, and between two looks."""


async def messages(services: Services, asked: Asked) -> list[Json]:
    """Show what a viewer sees in a conversation now, oldest first."""
    viewer = services.slack.world.user(asked.text("viewer"))
    channel = services.slack.world.channel(asked.text("channel"))
    if viewer.id not in channel.members:
        raise Impossible(f"{viewer.name} is not in {channel.name or channel.id}")
    return [_message(message) for message in channel.seen_by(viewer.id)]


def _message(message: Message) -> Json:
    return {
        "ts": message.ts,
        "user": message.user_id,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread_ts": message.thread_ts or None,
        "ephemeral": message.is_ephemeral,
        "edited": bool(message.edited_ts),
    }


async def view(services: Services, asked: Asked) -> Json | None:
    """Show the modal on top of a person's stack."""
    slack = services.slack
    top = slack.views.top(slack.world.user(asked.text("user")).id)
    return shown_view(slack, top) if top else None


async def home(services: Services, asked: Asked) -> Json | None:
    """Open the Home tab, let the app answer, and show what it published."""
    slack = services.slack
    user = slack.world.user(asked.text("user"))
    before = slack.views.homes.get(user.id)
    drawing = before.hash if before else ""
    await open_home(slack, slack.events, user=user)
    published = await _published(slack, user, over=drawing)
    return shown_view(slack, published) if published else None


async def _published(slack: LocalSlack, user: User, *, over: str) -> View | None:
    """Return what the app published after its acknowledgement, which it is given a moment for."""
    deadline = time.monotonic() + (AGAIN_PATIENCE if over else FIRST_PATIENCE)
    while time.monotonic() < deadline:
        home = slack.views.homes.get(user.id)
        if home is not None and home.hash != over:
            return home
        await asyncio.sleep(LOOK_EVERY)
    return slack.views.homes.get(user.id)


async def calls(services: Services, asked: Asked) -> list[Any]:
    """Show what the app called, or what Slack's crawler fetched."""
    logs = {
        "slack": services.slack.calls,
        "ayrshare": services.ayrshare.calls,
        "crawler": services.slack.crawler.calls,
    }
    log = logs.get(asked.optional("target") or "slack")
    if log is None:
        raise BadCall("'target' must be slack, ayrshare or crawler")
    return log.since(asked.number("since", 0))
