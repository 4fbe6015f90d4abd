"""Control calls that prepare the workspace, the sockets, the Ayrshare account, and faults."""

from typing import Final

from sandbox.ayrshare.link_endpoints import TokenStyle
from sandbox.ayrshare.plans import PLANS
from sandbox.control.request import BadRequest, ControlRequest, Services
from sandbox.slack.api_types import Json
from sandbox.slack.events import change_group, change_user
from sandbox.slack.local import change_access
from sandbox.slack.local import uninstall as uninstall_app
from sandbox.slack.members import add_group, add_members
from sandbox.slack.methods import METHODS
from sandbox.slack.oauth.methods import OAUTH_METHODS
from sandbox.slack.response_url_endpoint import CALL as RESPONSE_URL
from sandbox.slack.users import FLAGS

MAX_PEOPLE: Final = 10_000
FAULTY_METHODS: Final = frozenset({*METHODS, *OAUTH_METHODS, RESPONSE_URL})
"""What a fault of Slack can be limited to."""
TOKEN_STYLES: Final[dict[str, TokenStyle]] = {"jwt": "jwt", "session": "session"}


async def people(services: Services, request: ControlRequest) -> Json:
    """Add `count` members, with `group` a user group of them with that handle, with `profiles` a profile for each."""
    world, handle = services.slack.world, request.optional("group")
    count = request.number("count", 0, minimum=1, maximum=MAX_PEOPLE)
    with_profiles = request.flag("profiles", default=False)
    try:
        group = add_group(world, handle) if handle else None
    except ValueError as error:
        raise BadRequest(str(error)) from None
    members = add_members(world, count)
    if group:
        group.users += [member.id for member in members]
    if with_profiles:
        services.ayrshare.add_profiles(member.real_name for member in members)
    return {"ok": True, "users": [member.id for member in members], "usergroup": group.id if group else None}


async def person(services: Services, request: ControlRequest) -> Json:
    """Change the flags of a user, for example `{"is_admin": false}` or `{"deleted": true}`."""
    slack = services.slack
    user, flags = slack.world.user(request.text("user")), request.flags("flags", known=FLAGS)
    return (await change_user(slack, slack.events, user=user, flags=flags)).as_json()


async def group(services: Services, request: ControlRequest) -> Json:
    """Change a user group's members by `add` and `remove`, each a person, and whether it is `disabled`."""
    slack = services.slack
    found = slack.world.group(request.text("group"))
    if found is None:
        raise BadRequest(f"there is no group {request.text('group')!r}")
    users = list(found.users)
    if added := request.optional("add"):
        users.append(slack.world.user(added).id)
    if removed := request.optional("remove"):
        users.remove(slack.world.user(removed).id)
    disabled = request.flag("disabled", default=found.is_disabled)
    return (await change_group(slack, slack.events, group=found, users=users, is_disabled=disabled)).as_json()


async def oauth(services: Services, request: ControlRequest) -> Json:
    """Allow each request to install the app at once in the workspace or organization `approves`, empty for the page.

    `rotation` is whether the app's tokens expire. `uninstall` names where an admin uninstalls the app; `close` and
    `open` name a workspace that its organization's app may not access any more, or may again.
    """
    request.check_names("approves", "rotation", "uninstall", "close", "open")
    known = services.slack.oauth
    if "approves" in request:
        known.approves = request.optional("approves")
    known.rotation = request.flag("rotation", default=known.rotation)
    if place := request.optional("uninstall"):
        grant = known.grant_in(place)
        if grant is None:
            raise BadRequest(f"the app is not installed in {place!r}")
        in_org = (team.id for team in services.slack.teams.values() if team.organization == grant.organization)
        return await uninstall_app(services.slack.workspace(grant.team.id if grant.team else next(in_org)), grant)
    for do in ("close", "open"):
        if team := request.optional(do):
            slack = services.slack.workspace(team)
            organization = slack.world.team.organization
            grant = known.grant_in(organization.id) if organization else None
            if grant is None:
                raise BadRequest(f"no organization of {team!r} has installed the app")
            return await change_access(slack, grant, opened=do == "open")
    return {"ok": True, "installed": [grant.place for grant in known.grants]}


async def socket(services: Services, request: ControlRequest) -> Json:
    """Warn, refresh, disable, silence, resume or drop the app's sockets, as `do` says."""
    action, sockets = request.text("do"), services.slack.sockets
    if action in {"silence", "resume"}:
        sockets.silent = action == "silence"
        return {"ok": True}
    actions = {"warn": sockets.warn, "refresh": sockets.refresh, "disable": sockets.disable, "drop": sockets.drop}
    if action not in actions:
        raise BadRequest("'do' must be warn, refresh, disable, silence, resume or drop")
    await actions[action]()
    return {"ok": True}


async def switch(services: Services, request: ControlRequest) -> Json:
    """Change the Ayrshare account; `link_seconds` is the lifetime of every link, null for the usual one.

    `signed_in` names the person whose accounts get connected, null for each profile's own people.
    """
    request.check_names("plan", "max_pack", "token_style", "link_seconds", "signed_in")
    ayrshare = services.ayrshare
    max_pack = request.flag("max_pack", default=ayrshare.max_pack)
    style = TOKEN_STYLES.get(request.optional("token_style") or ayrshare.token_style)
    seconds = _link_seconds(request, ayrshare.link_seconds)
    plan = PLANS.get(request.optional("plan") or ayrshare.plan)
    if style is None:
        raise BadRequest(f"'token_style' must be {' or '.join(TOKEN_STYLES)}")
    if plan is None:
        raise BadRequest(f"'plan' must be {' or '.join(PLANS)}")
    if "signed_in" in request:
        ayrshare.signed_in = request.optional("signed_in") or None
    ayrshare.max_pack, ayrshare.token_style, ayrshare.link_seconds, ayrshare.plan = max_pack, style, seconds, plan
    return {
        "ok": True,
        "plan": plan,
        "max_pack": max_pack,
        "token_style": style,
        "link_seconds": seconds,
        "signed_in": ayrshare.signed_in,
    }


def _link_seconds(request: ControlRequest, current: int | None) -> int | None:
    if "link_seconds" not in request:
        return current
    if request.value("link_seconds") is None:
        return None
    return request.number("link_seconds", 0, minimum=1)


async def fault(services: Services, request: ControlRequest) -> Json:
    """Add a fault to every call of a service or to one `method` of Slack's; the kind `none` removes all faults.

    `ms` is how long a latency or a timeout takes; for a rate limit it is the `Retry-After`, rounded up to seconds.
    """
    faults_by_target = {"slack": services.slack.faults, "ayrshare": services.ayrshare.faults}
    target, method = request.text("target"), request.optional("method")
    faults = faults_by_target.get(target)
    if faults is None:
        raise BadRequest("'target' must be slack or ayrshare")
    if method and (target != "slack" or method not in FAULTY_METHODS):
        raise BadRequest(f"'method' must be one of Slack's, or {RESPONSE_URL}")
    if request.text("kind") == "none":
        faults.clear()
        return {"ok": True}
    try:
        faults.add(request.text("kind"), times=request.number("times", 1), ms=request.number("ms", 0), method=method)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return {"ok": True}
