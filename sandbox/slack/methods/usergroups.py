"""`usergroups.*`: https://docs.slack.dev/reference/methods/usergroups.list."""

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limiter import TIER_2
from sandbox.slack.workspace import Workspace


def usergroups_list(slack: Workspace, given: Arguments) -> Json:
    """List the groups; the disabled ones on request."""
    groups = [
        group.as_json(team_id=slack.world.team.id, with_users=given.flag("include_users"))
        for group in slack.world.usergroups.values()
        if given.flag("include_disabled") or not group.is_disabled
    ]
    return {"usergroups": groups}


def usergroups_users_list(slack: Workspace, given: Arguments) -> Json:
    """List a group's members; a disabled group is not found unless asked for."""
    group = slack.world.usergroups.get(given.required("usergroup"))
    if group is None or (group.is_disabled and not given.flag("include_disabled")):
        raise Refusal("no_such_subteam")
    return {"users": list(group.users)}


METHODS = {
    "usergroups.list": Method(usergroups_list, TIER_2, "usergroups:read"),
    "usergroups.users.list": Method(usergroups_users_list, TIER_2, "usergroups:read"),
}
