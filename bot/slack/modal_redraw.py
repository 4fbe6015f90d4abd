"""A modal is redrawn after a choice in it, unless its submit or a later choice was answered meanwhile."""

from datetime import timedelta

from bot.deps import Deps
from bot.slack.model import Modal, ViewId
from bot.slack.requests import Click

LONGEST = timedelta(seconds=40)
"""More than `views.update` can take."""


async def redraw(deps: Deps, click: Click, view: ViewId, modal: Modal) -> None:
    """Draw the modal that was clicked in; raise ModalClosed, ModalNotUpdated, StoreUnavailable, AskedTooOften.

    Slack refuses to draw over a version that isn't the latest. A version that is ours, of an earlier choice, is drawn
    over all the same; the answer to a submit never is.
    """
    await deps.limits.count(click.team, click.user, "views")
    async with deps.locks.hold(click.team, f"redrawing:{view}", longest=LONGEST, wait=LONGEST):
        version = await deps.views.update(click.team, view, modal, over=click.version)
        if version is None:
            version = await _over_earlier_choice(deps, click, view, modal)
        if version:
            await deps.modal_versions.save(click.team, view, at=click.at, version=version)


async def _over_earlier_choice(deps: Deps, click: Click, view: ViewId, modal: Modal) -> str | None:
    at, version = await deps.modal_versions.get(click.team, view)
    return await deps.views.update(click.team, view, modal, over=version) if version and at < click.at else None
