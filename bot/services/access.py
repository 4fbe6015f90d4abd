"""Who may see whose link: the one place that decides."""

from bot.deps import Deps
from bot.errors import NotAllowed
from bot.model import UserId


async def check_may_see_link(deps: Deps, *, caller: UserId, owner: UserId) -> None:
    """Return if `caller` may hold a link to a profile of `owner`; raise NotAllowed, or SlackUnavailable in doubt."""
    if caller == owner:
        return
    if deps.settings.connect_for_others == "admins" and await is_admin(deps, caller):
        return
    raise NotAllowed(
        f"Only <@{owner}> can open their linking page, so I can't show it to you. "
        f"Ask them to type `{deps.settings.connect_command}` themselves."
    )


async def is_admin(deps: Deps, user: UserId) -> bool:
    """Tell whether somebody is a workspace admin or owner, or named in CONNECT_ADMINS; raise SlackUnavailable."""
    return user in deps.settings.connect_admins or (await deps.people.get(user)).is_admin
