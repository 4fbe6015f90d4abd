"""`auth.*`, `team.*` and `users.*`: https://docs.slack.dev/reference/methods."""

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.method import Method
from sandbox.slack.methods.pages import page
from sandbox.slack.rate_limiter import TIER_2, TIER_3, TIER_4
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace

HUNDREDS = 600


def auth_test(slack: Workspace, given: Arguments) -> Json:  # noqa: ARG001  # all methods have this shape
    """Tell the app who it is."""
    team, app = slack.world.team, slack.world.app
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": slack.world.users[app.bot_user_id].name,
        "team_id": team.id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def team_info(slack: Workspace, given: Arguments) -> Json:
    """Describe the workspace."""
    team = slack.world.team
    if given.text("team", team.id) != team.id:
        raise Refusal("team_not_found")
    icon = {"image_default": True}
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": icon}}


def users_info(slack: Workspace, given: Arguments) -> Json:
    """Describe one user."""
    user = slack.world.users.get(given.required("user"))
    if user is None:
        raise Refusal("user_not_found")
    return {"user": _shown(slack, user)}


def users_list(slack: Workspace, given: Arguments) -> Json:
    """List everybody but strangers."""
    users, metadata = page([user for user in slack.world.users.values() if not user.is_stranger], given)
    members = [_shown(slack, user) for user in users]
    return {"members": members, "cache_ts": int(slack.now().timestamp()), **metadata}


def users_lookup_by_email(slack: Workspace, given: Arguments) -> Json:
    """Find a user of this workspace; the deactivated are not found."""
    email = given.required("email").lower()
    for user in slack.world.users.values():
        if user.email == email and user.team_id == slack.world.team.id and not user.deleted:
            return {"user": _shown(slack, user)}
    raise Refusal("users_not_found")


def _shown(slack: Workspace, user: User) -> Json:
    return user.as_json(home_team=slack.world.team.id, with_email="users:read.email" in slack.scopes)


METHODS = {
    "auth.test": Method(auth_test, HUNDREDS),
    "team.info": Method(team_info, TIER_3, "team:read"),
    "users.info": Method(users_info, TIER_4, "users:read"),
    "users.list": Method(users_list, TIER_2, "users:read"),
    "users.lookupByEmail": Method(users_lookup_by_email, TIER_3, "users:read.email"),
}
