"""The control call that shows who and what there is, and where the services are."""

from sandbox.control.request import Asked
from sandbox.control.services import Services
from sandbox.slack.api_types import Json
from sandbox.slack.conversations import Channel
from sandbox.slack.users import User, UserGroup


async def world(services: Services, asked: Asked) -> Json:  # noqa: ARG001  # all control calls have this shape
    """Show all that another client has to know."""
    slack, ayrshare, url = services.slack, services.ayrshare, services.url()
    team = slack.world.team
    return {
        "team": {"id": team.id, "domain": team.domain, "name": team.name},
        "users": [_person(services, user) for user in slack.world.users.values()],
        "usergroups": [_group(group) for group in slack.world.usergroups.values()],
        "channels": [_conversation(channel) for channel in slack.world.channels.values()],
        "profiles": [{"ref_id": p.ref_id, "title": p.title, "key": p.key} for p in ayrshare.profiles],
        "slack": {
            "api_url": f"{url}/slack/api/",
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "socket_mode": slack.socket_mode,
            "signing_secret": slack.signing_secret,
        },
        "ayrshare": {
            "api_url": f"{url}/ayrshare/api",
            "api_key": ayrshare.api_key,
            "domain": ayrshare.domain,
            "private_key": ayrshare.private_key_pem,
        },
        "bot": {"url": slack.bot_url},
    }


def _person(services: Services, user: User) -> Json:
    dm = services.slack.world.dm(user.id)
    named = {"id": user.id, "name": user.name, "real_name": user.real_name, "team_id": user.team_id, "tz": user.tz}
    return named | {"dm": dm.id if dm else None, **user.flags}


def _group(group: UserGroup) -> Json:
    return {"id": group.id, "handle": group.handle, "name": group.name, "users": group.users}


def _conversation(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "is_private": channel.is_private,
        "is_ext_shared": channel.is_ext_shared,
        "is_archived": channel.is_archived,
        "members": channel.members,
    }
