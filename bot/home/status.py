"""The window with one profile's status, for admins: how it is filled, and drawn again."""

from dataclasses import replace

from bot.core.model import RefId, UserId, Viewer
from bot.deps import Deps
from bot.home.open_store import OpenView
from bot.home.status_views import status_modal
from bot.people import access
from bot.profiles.account_status import read_profile_status, stored_status
from bot.profiles.model import ProfileStatus
from bot.slack.actions import read_owned
from bot.slack.delivery import fingerprint
from bot.slack.model import Modal, ViewId


async def open_status(deps: Deps, viewer: Viewer, view: ViewId, *, owner: UserId, ref_id: RefId) -> None:
    """Fill a window with what Ayrshare tells now; raise NotAllowed, NotMapped, NoSuchProfile, AskedTooOften."""
    await access.check_admin(deps, viewer)
    opened = OpenView(viewer, deps.clock.now(), f"{owner}:{ref_id}", view)
    await deps.open_views.save(opened)
    found = await read_profile_status(deps, viewer, owner=owner or None, ref_id=ref_id)
    await _show(deps, opened, view, await _modal(deps, viewer, found, owner))


async def show_stored_status(
    deps: Deps, viewer: Viewer, view: ViewId, *, owner: UserId, ref_id: RefId, note: str = ""
) -> None:
    """Fill a window with what was seen last, without asking Ayrshare; raise NotAllowed, SlackError."""
    await access.check_admin(deps, viewer)
    opened = OpenView(viewer, deps.clock.now(), f"{owner}:{ref_id}", view, note=note)
    found = await stored_status(deps, viewer.team, ref_id)
    await _show(deps, opened, view, await _modal(deps, viewer, found, owner, note=note))


async def draw_open_status(deps: Deps, opened: OpenView) -> Modal:
    """Draw a window that is open, as it was opened, from stored data, with whoever has the profile now.

    Raises NotAllowed, NotServed, SlackError.
    """
    viewer, (owner, ref_id) = opened.viewer, read_owned(opened.shows)
    await access.check_admin(deps, viewer)
    holders = await deps.mappings.holders(viewer.team, ref_id)
    owner = owner if owner in holders else next(iter(holders), UserId(""))
    found = await stored_status(deps, viewer.team, ref_id)
    return await _modal(deps, viewer, found, owner, note=opened.note)


async def _show(deps: Deps, opened: OpenView, view: ViewId, modal: Modal) -> None:
    version = await deps.views.update(opened.viewer.team, view, modal)
    await deps.open_views.save(replace(opened, drawn=fingerprint(modal), version=version or ""))


async def _modal(deps: Deps, viewer: Viewer, found: ProfileStatus, owner: UserId, *, note: str = "") -> Modal:
    asked = await deps.invitations.last_asked(viewer.team, found.ref_id)
    return status_modal(
        found, owner, viewer.user, deps.ayrshare.options.offered, asked_at=asked.get(found.ref_id), note=note
    )
