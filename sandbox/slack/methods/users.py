"""`users.*` and `usergroups.*`: https://docs.slack.dev/reference/methods."""

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.base import Method, page
from sandbox.slack.rate_limiter import TIER_2, TIER_3, TIER_4
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace


def users_info(slack: Workspace, arguments: Arguments) -> Json:
    """Return one user."""
    user = slack.world.users.get(arguments.required("user"))
    if user is None:
        raise ErrorResponse("user_not_found")
    return {"user": _user_json(slack, user)}


def users_list(slack: Workspace, arguments: Arguments) -> Json:
    """Return all users except strangers."""
    users, metadata = page([user for user in slack.world.users.values() if not user.is_stranger], arguments)
    members = [_user_json(slack, user) for user in users]
    return {"members": members, "cache_ts": int(slack.now().timestamp()), **metadata}


def users_lookup_by_email(slack: Workspace, arguments: Arguments) -> Json:
    """Return a user of this workspace by email; deactivated users are not found."""
    email = arguments.required("email").lower()
    for user in slack.world.users.values():
        if user.email == email and user.team_id == slack.world.team.id and not user.deleted:
            return {"user": _user_json(slack, user)}
    raise ErrorResponse("users_not_found")


def _user_json(slack: Workspace, user: User) -> Json:
    return user.as_json(home_team=slack.world.team.id, with_email="users:read.email" in slack.scopes)


def usergroups_list(slack: Workspace, arguments: Arguments) -> Json:
    """Return the user groups, disabled ones only on request."""
    groups = [
        group.as_json(team_id=slack.world.team.id, with_users=arguments.flag("include_users"))
        for group in slack.world.usergroups.values()
        if arguments.flag("include_disabled") or not group.is_disabled
    ]
    return {"usergroups": groups}


def usergroups_users_list(slack: Workspace, arguments: Arguments) -> Json:
    """Return a group's members; a disabled group is only found on request."""
    group = slack.world.usergroups.get(arguments.required("usergroup"))
    if group is None or (group.is_disabled and not arguments.flag("include_disabled")):
        raise ErrorResponse("no_such_subteam")
    return {"users": list(group.users)}


METHODS = {
    "users.info": Method(users_info, TIER_4, "users:read"),
    "users.list": Method(users_list, TIER_2, "users:read"),
    "users.lookupByEmail": Method(users_lookup_by_email, TIER_3, "users:read.email"),
    "usergroups.list": Method(usergroups_list, TIER_2, "usergroups:read"),
    "usergroups.users.list": Method(usergroups_users_list, TIER_2, "usergroups:read"),
}
