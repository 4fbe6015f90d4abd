"""The window with one profile's status, for admins: how it is filled, and drawn again. Handlers check the rights."""

from bot.core.model import RefId, UserId
from bot.deps import Deps
from bot.home.status_views import status_modal
from bot.profiles.account_status import read_profile_status, stored_status
from bot.profiles.model import ProfileStatus, Viewer
from bot.slack.model import Modal, ViewId


async def open_status(deps: Deps, viewer: Viewer, view: ViewId, *, owner: UserId, ref_id: RefId) -> None:
    """Fill a window with what Ayrshare tells now; raise NotMapped, NoSuchProfile, AskedTooOften."""
    found = await read_profile_status(deps, viewer, owner=owner or None, ref_id=ref_id)
    await deps.views.update(viewer.team, view, await _modal(deps, viewer, found, owner))


async def redraw_status(
    deps: Deps, viewer: Viewer, view: ViewId, *, owner: UserId, ref_id: RefId, note: str = ""
) -> None:
    """Draw a window again from stored data; raise SlackError."""
    found = await stored_status(deps, viewer.team, ref_id)
    await deps.views.update(viewer.team, view, await _modal(deps, viewer, found, owner, note=note))


async def _modal(deps: Deps, viewer: Viewer, found: ProfileStatus, owner: UserId, *, note: str = "") -> Modal:
    asked = await deps.invitations.last_asked(viewer.team, found.ref_id)
    return status_modal(found, owner, deps.links.options.offered, asked_at=asked.get(found.ref_id), note=note)
