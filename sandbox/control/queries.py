"""Control calls that show the state of the sandbox."""

import asyncio
import time
from typing import Any

from sandbox.control.request import BadRequest, ControlRequest, Services
from sandbox.drawing import Names, desktop_notification, notifies, phone_notification
from sandbox.slack import LocalSlack
from sandbox.slack.api_types import ActionUnavailable, Json
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.events import open_home
from sandbox.slack.payloads import shown_view
from sandbox.slack.users import User, UserGroup
from sandbox.slack.views import View

FIRST_PUBLISH_SECONDS, NEXT_PUBLISH_SECONDS, POLL_SECONDS = 1.0, 0.2, 0.02
"""How long the app has to publish a Home tab for the first time and later, and the pause between two checks."""


async def world(services: Services, request: ControlRequest) -> Json:  # noqa: ARG001  # all control calls have this shape
    """Show users, channels, profiles, and where the services are: all that another client needs."""
    slack, ayrshare, url = services.slack, services.ayrshare, services.url()
    team = slack.world.team
    return {
        "team": {"id": team.id, "domain": team.domain, "name": team.name},
        "users": [_user_json(services, user) for user in slack.world.users.values()],
        "usergroups": [_group_json(group) for group in slack.world.usergroups.values()],
        "channels": [_channel_json(channel) for channel in slack.world.channels.values()],
        "profiles": [{"ref_id": p.ref_id, "title": p.title, "key": p.key} for p in ayrshare.profiles],
        "slack": {
            "api_url": f"{url}/slack/api/",
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "socket_mode": slack.socket_mode,
            "signing_secret": slack.signing_secret,
            "client_id": slack.oauth.client_id,
            "client_secret": slack.oauth.client_secret,
            "workspaces": [{"id": one.id, "name": one.name} for one in slack.teams.values()],
            "organizations": [{"id": one.id, "name": one.name} for one in slack.organizations.values()],
        },
        "ayrshare": {
            "api_url": f"{url}/ayrshare/api",
            "api_key": ayrshare.api_key,
            "domain": ayrshare.domain,
            "private_key": ayrshare.private_key_pem,
        },
        "bot": {"url": slack.bot_url},
    }


def _user_json(services: Services, user: User) -> Json:
    dm = services.slack.world.dm(user.id)
    names = {"id": user.id, "name": user.name, "real_name": user.real_name, "team_id": user.team_id, "tz": user.tz}
    return names | {"dm": dm.id if dm else None, **user.flags}


def _group_json(group: UserGroup) -> Json:
    return {"id": group.id, "handle": group.handle, "name": group.name, "users": group.users}


def _channel_json(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "is_private": channel.is_private,
        "is_ext_shared": channel.is_ext_shared,
        "is_archived": channel.is_archived,
        "members": channel.members,
    }


async def messages(services: Services, request: ControlRequest) -> list[Json]:
    """Show what a viewer sees in a channel now, oldest first."""
    viewer = services.slack.world.user(request.text("viewer"))
    channel = services.slack.world.channel(request.text("channel"))
    if viewer.id not in channel.members:
        raise ActionUnavailable(f"{viewer.name} is not in {channel.name or channel.id}")
    return [_message_json(message) for message in channel.messages_for(viewer.id)]


def _message_json(message: Message) -> Json:
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


async def notifications(services: Services, request: ControlRequest) -> list[Json]:
    """Show what the desktop and a phone say of each message that a viewer got, oldest first.

    `notifies`: Slack shows it unasked. Of the others, such as ephemeral ones, it is what screen readers and lists take.
    """
    world = services.slack.world
    viewer = world.user(request.text("viewer"))
    channels = [channel for channel in world.channels.values() if viewer.id in channel.members]
    got = [
        (message.ts, message, channel)
        for channel in channels
        for message in channel.messages_for(viewer.id)
        if message.user_id != viewer.id
    ]
    names = Names(
        users={user.id: user.real_name for user in world.users.values()},
        channels={channel.id: channel.name for channel in world.channels.values()},
        groups={group.id: group.handle for group in world.usergroups.values()},
    )
    got.sort(key=lambda one: one[0])
    return [_notification_json(message, channel, viewer, names) for _, message, channel in got]


def _notification_json(message: Message, channel: Channel, viewer: User, names: Names) -> Json:
    said = {"user": message.user_id, "text": message.text, "blocks": message.blocks, "visible_to": message.visible_to}
    return {
        "channel": channel.id,
        "ts": message.ts,
        "ephemeral": message.is_ephemeral,
        "notifies": notifies(said, viewer.id, channel_kind=channel.kind),
        "desktop": desktop_notification(said, names),
        "phone": phone_notification(said, names),
    }


async def view(services: Services, request: ControlRequest) -> Json | None:
    """Show the modal on top of a user's stack."""
    slack = services.slack
    top = slack.views.top(slack.world.user(request.text("user")).id)
    return shown_view(slack, top) if top else None


async def home(services: Services, request: ControlRequest) -> Json | None:
    """Open a user's Home tab, wait until the app publishes it, and show it."""
    slack = services.slack
    user = slack.world.user(request.text("user"))
    previous = slack.views.homes.get(user.id)
    previous_hash = previous.hash if previous else ""
    await open_home(slack, slack.events, user=user)
    published = await _published_home(slack, user, previous_hash=previous_hash)
    return shown_view(slack, published) if published else None


async def _published_home(slack: LocalSlack, user: User, *, previous_hash: str) -> View | None:
    """Return the Home tab once the app has published it, which may be after the acknowledgement, or the old one."""
    deadline = time.monotonic() + (NEXT_PUBLISH_SECONDS if previous_hash else FIRST_PUBLISH_SECONDS)
    while time.monotonic() < deadline:
        home = slack.views.homes.get(user.id)
        if home is not None and home.hash != previous_hash:
            return home
        await asyncio.sleep(POLL_SECONDS)
    return slack.views.homes.get(user.id)


async def calls(services: Services, request: ControlRequest) -> list[Any]:
    """Show the calls of the app, or the fetches of Slack's crawler."""
    logs = {
        "slack": services.slack.calls,
        "ayrshare": services.ayrshare.calls,
        "crawler": services.slack.crawler.calls,
    }
    log = logs.get(request.optional("target") or "slack")
    if log is None:
        raise BadRequest("'target' must be slack, ayrshare or crawler")
    return log.since(request.number("since", 0))


async def emails(services: Services, request: ControlRequest) -> list[Any]:  # noqa: ARG001  # all control calls have this shape
    """Show the connect emails that Ayrshare sent, oldest first."""
    return services.ayrshare.emails.sent
