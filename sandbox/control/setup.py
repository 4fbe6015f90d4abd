"""Control calls that arrange what people and the app will meet."""

from typing import Final

from sandbox.ayrshare.link_endpoints import TokenStyle
from sandbox.control.request import Asked, BadCall
from sandbox.control.services import Services
from sandbox.slack.api_types import Json
from sandbox.slack.members import add_group, add_members
from sandbox.slack.methods import METHODS
from sandbox.slack.response_url_endpoint import CALL as RESPONSE_URL

MOST_PEOPLE: Final = 10_000
TOKEN_STYLES: Final[dict[str, TokenStyle]] = {"jwt": "jwt", "session": "session"}


async def people(services: Services, asked: Asked) -> Json:
    """Add ordinary members, a user group of them if `group` is its handle, and a profile for each if `profiles`."""
    world, handle = services.slack.world, asked.optional("group")
    count, with_profiles = asked.number("count", 0, least=1, most=MOST_PEOPLE), asked.flag("profiles", default=False)
    try:
        group = add_group(world, handle) if handle else None
    except ValueError as error:
        raise BadCall(str(error)) from None
    members = add_members(world, count)
    if group:
        group.users += [member.id for member in members]
    if with_profiles:
        services.ayrshare.add_profiles(member.real_name for member in members)
    return {"ok": True, "users": [member.id for member in members], "usergroup": group.id if group else None}


async def switch(services: Services, asked: Asked) -> Json:
    """Switch what the Ayrshare account has; `link_seconds` is a lifetime for all links, null for the usual one."""
    asked.only("max_pack", "token_style", "link_seconds")
    ayrshare = services.ayrshare
    max_pack = asked.flag("max_pack", default=ayrshare.max_pack)
    style = TOKEN_STYLES.get(asked.optional("token_style") or ayrshare.token_style)
    seconds = _seconds(asked, ayrshare.link_seconds)
    if style is None:
        raise BadCall(f"'token_style' must be {' or '.join(TOKEN_STYLES)}")
    ayrshare.max_pack, ayrshare.token_style, ayrshare.link_seconds = max_pack, style, seconds
    return {"ok": True, "max_pack": max_pack, "token_style": style, "link_seconds": seconds}


def _seconds(asked: Asked, before: int | None) -> int | None:
    if "link_seconds" not in asked:
        return before
    if asked.value("link_seconds") is None:
        return None
    return asked.number("link_seconds", 0, least=1)


async def fault(services: Services, asked: Asked) -> Json:
    """Make something go wrong, in any call or in one `method` of Slack's; kind `none` puts everything right again.

    `ms` is how long a latency or a timeout takes, and rounded up to seconds what a refusal for the rate says to wait.
    """
    services_by_name = {"slack": services.slack.faults, "ayrshare": services.ayrshare.faults}
    target, method = asked.text("target"), asked.optional("method")
    faults = services_by_name.get(target)
    if faults is None:
        raise BadCall("'target' must be slack or ayrshare")
    if method and (target != "slack" or method not in {*METHODS, RESPONSE_URL}):
        raise BadCall(f"'method' must be one of Slack's, or {RESPONSE_URL}")
    if asked.text("kind") == "none":
        faults.clear()
        return {"ok": True}
    try:
        faults.add(asked.text("kind"), times=asked.number("times", 1), ms=asked.number("ms", 0), method=method)
    except ValueError as error:
        raise BadCall(str(error)) from None
    return {"ok": True}
