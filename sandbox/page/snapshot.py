"""The whole world at one moment as plain JSON, from which the page is drawn, and what changed since another moment."""

from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.ayrshare.account import Profile
from sandbox.control.request import Services
from sandbox.page.entries import entries
from sandbox.slack import LocalSlack
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.inputs import state_json
from sandbox.slack.oauth.grants import Grant
from sandbox.slack.payloads import shown_view
from sandbox.slack.users import User, UserGroup

Json = dict[str, Any]
Snapshot = dict[str, dict[str, Any]]
"""Values by kind and id; a message's id is its channel's and its `ts`."""
KINDS = (
    "meta",
    "users",
    "groups",
    "channels",
    "messages",
    "modals",
    "homes",
    "profiles",
    "entries",
    "mails",
    "refused",
)
Change = tuple[str, str, Any]
"""A kind, an id, and the new value: None if it is gone."""


def snapshot(services: Services) -> Snapshot:
    """Return the world as it is now; nothing in it is masked."""
    slack, ayrshare = services.slack, services.ayrshare
    world = slack.world
    return {
        "meta": {"world": _meta(services)},
        "users": {user.id: _user(user) for user in world.users.values()},
        "groups": {group.id: _group(group) for group in world.usergroups.values()},
        "channels": {channel.id: _channel(channel) for channel in world.channels.values()},
        "messages": dict(_messages(world.channels.values())),
        "modals": {
            user: {"view": shown_view(slack, stack[-1]), "depth": len(stack)}
            for user, stack in slack.views.stacks.items()
            if stack
        },
        "homes": {user: shown_view(slack, view) for user, view in slack.views.homes.items()},
        "profiles": {profile.ref_id: _profile(profile) for profile in ayrshare.profiles},
        "entries": {f"{entry['order']:09d}": entry for entry in entries(services)},
        "refused": _refused(services),
        "mails": {str(number): mail for number, mail in enumerate(ayrshare.emails.sent)},
    }


def changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Yield what differs, and put the former objects in the place of equal ones, so that drawings can be remembered."""
    for kind, values in after.items():
        former = before.get(kind, {})
        for key, value in values.items():
            if key in former and former[key] == value:
                values[key] = former[key]
            else:
                yield kind, key, value
        yield from ((kind, key, None) for key in former if key not in values)


def make_changes(values: Snapshot, differences: Iterable[Change]) -> None:
    """Make these changes in a snapshot."""
    for kind, key, value in differences:
        if value is None:
            values.setdefault(kind, {}).pop(key, None)
        else:
            values.setdefault(kind, {})[key] = value


def _refused(services: Services) -> dict[str, Json]:
    """Return what came of the last thing that each person did, empty names the demo's own side."""
    slack = services.slack
    first = next(iter(slack.teams))
    here = (one for one in services.done.exchanges if (one.sent or {}).get("team", first) == slack.world.team.id)
    last = {str((one.sent or {}).get("user", "")): one for one in here}
    return {
        user: {
            "order": one.order,
            "view": (one.sent or {}).get("view_id", ""),
            "error": (one.answer or {}).get("error", ""),
            "errors": (one.answer or {}).get("errors", {}),
        }
        for user, one in last.items()
    }


def _meta(services: Services) -> Json:
    slack, ayrshare = services.slack, services.ayrshare
    live = [link.expires_at.timestamp() for link in ayrshare.links.issued if link.works(slack.now())]
    return {
        "ahead": int(services.clock.ahead.total_seconds()),
        "team": slack.world.team.name,
        "team_id": slack.world.team.id,
        "bot_user": slack.world.app.bot_user_id,
        "manifest": slack.manifest,
        "plan": ayrshare.plan,
        "max_pack": ayrshare.max_pack,
        "link_seconds": ayrshare.link_seconds,
        "link_ends": max(live, default=None),
        "signed_in": ayrshare.signed_in or "",
        "token_style": ayrshare.token_style,
        "oauth": _oauth(services),
        "socket_mode": slack.socket_mode,
        "faults": {"slack": slack.faults.pending, "ayrshare": ayrshare.faults.pending},
    }


def _oauth(services: Services) -> Json:
    slack, oauth = services.slack, services.slack.oauth
    teams = {team.id: team.name for team in slack.teams.values()}
    places = teams | {one.id: one.name for one in slack.organizations.values()}
    open_to = {team.id for grant in oauth.grants for team in slack.teams_of(grant)}
    whole = [grant for grant in oauth.grants if grant.team is None]
    within = {team: team not in one.closed for one in whole for team in sorted(teams) if _is_within(slack, team, one)}
    return {
        "approves": oauth.approves,
        "rotation": oauth.rotation,
        "installed": [grant.place for grant in oauth.grants],
        "places": places,
        "teams": {team: name for team, name in teams.items() if team in {slack.world.team.id, *open_to}},
        "within": within,
    }


def _is_within(slack: LocalSlack, team: str, grant: Grant) -> bool:
    return slack.teams[team].organization == grant.organization


def _user(user: User) -> Json:
    names = {"id": user.id, "name": user.name, "real_name": user.real_name, "team": user.team_id, "tz": user.tz}
    return names | user.flags | {"is_bot": bool(user.bot_id), "can_sign_in": user.can_sign_in}


def _group(group: UserGroup) -> Json:
    return {"handle": group.handle, "users": [*group.users], "disabled": group.is_disabled}


def _channel(channel: Channel) -> Json:
    kinds = {"kind": channel.kind, "is_ext_shared": channel.is_ext_shared, "is_archived": channel.is_archived}
    return {"id": channel.id, "name": channel.name, "members": [*channel.members], **kinds}


def _messages(channels: Iterable[Channel]) -> Iterator[tuple[str, Json]]:
    for channel in channels:
        for message in channel.messages:
            yield f"{channel.id}/{message.ts}", _message(message)


def _message(message: Message) -> Json:
    """Return what is drawn of a message; `values` are those of its elements that were used."""
    return {
        "ts": message.ts,
        "channel": message.channel_id,
        "user": message.user_id,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread_ts": message.thread_ts,
        "visible_to": message.visible_to,
        "edited_ts": message.edited_ts,
        "values": state_json(message.blocks, message.states)["values"] if message.states else {},
    }


def _profile(profile: Profile) -> Json:
    accounts = {
        network: {
            "name": account.name,
            "refresh_by": account.refresh_by.timestamp() if account.refresh_by else None,
            "refresh_required": account.refresh_required,
        }
        for network, account in profile.accounts.items()
    }
    return {"title": profile.title, "suspended": profile.suspended, "accounts": accounts}
