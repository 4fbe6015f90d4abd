"""Which rows of the overview somebody is shown: what they search and filter for, ten a page."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.home.model import OverviewQuery, Page
from bot.home.overview_filter import fitting
from bot.profiles.account_status import TOO_SLOW
from bot.profiles.model import ProfileHealth, Row

PAGE = 10
PATIENCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Listed:
    """The titles of all profiles that Ayrshare lists, if it was `asked`, or in a sentence why they can't be told."""

    titles: Mapping[RefId, str] = field(default_factory=dict)
    trouble: str = ""
    asked: bool = True


UNASKED = Listed(asked=False)


async def listed_for(deps: Deps, team: TeamId, wanted: OverviewQuery) -> Listed:
    """Ask Ayrshare for a while which profiles there are, where somebody wants to see those that nobody looks after.

    The account may serve several workspaces: what another one has is none of this one's business.
    """
    if wanted.only is not ProfileHealth.UNMAPPED:
        return UNASKED
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            others = await _of_others(deps, team)
            profiles = await deps.ayrshare.profiles()
            return Listed({one.ref_id: one.title for one in profiles if one.ref_id not in others})
    except TimeoutError:
        return Listed(trouble=TOO_SLOW)
    except ConnectbotError as error:
        return Listed(trouble=error.sentence)


async def _of_others(deps: Deps, team: TeamId) -> frozenset[RefId]:
    """Return the profiles that other workspaces know."""
    others = [other for other in await deps.mappings.teams() if other != team]
    return frozenset().union(*[await deps.profiles.titles(other) for other in others])


async def everybodys(
    deps: Deps, team: TeamId, wanted: OverviewQuery, listed: Listed
) -> tuple[Page, Mapping[RefId, str]]:
    """Return a page of everybody's profiles and all titles; only an admin may see them.

    What only Ayrshare knows is among the profiles that nobody looks after.
    """
    workspace = await deps.overviews.read(team)
    found = fitting(workspace, wanted, listed.titles)
    unseen = 0
    if wanted.only not in {None, ProfileHealth.UNMAPPED}:
        kinds = await deps.snapshots.health(team)
        unseen = sum(entry.ref_id not in kinds for entry in found)
        found = [entry for entry in found if kinds.get(entry.ref_id) == wanted.only]
    number = _nearest(wanted.page, len(found))
    shown = [(UserId(user) or None, ref_id) for _, user, ref_id in found[PAGE * number : PAGE * (number + 1)]]
    titles = {ref_id: workspace.titles.get(ref_id) or listed.titles.get(ref_id, "") for _, ref_id in shown}
    rows = await _rows(deps, team, shown, titles)
    known = tuple(replace(row, known=bool(row.user) or row.ref_id in workspace.titles) for row in rows)
    return Page(known, number=number, start=PAGE * number, total=len(found), unseen=unseen), workspace.titles


async def own(deps: Deps, team: TeamId, user: UserId, *, page: int) -> Page:
    """Return a page of the profiles that somebody looks after, the default first."""
    mappings = await deps.mappings.of(team, user)
    number = _nearest(page, len(mappings))
    shown = [mapping.ref_id for mapping in mappings[PAGE * number : PAGE * (number + 1)]]
    titles = await deps.overviews.titles(team, *shown)
    rows = await _rows(deps, team, [(user, ref_id) for ref_id in shown], titles)
    return Page(rows, number=number, start=PAGE * number, total=len(mappings))


def _nearest(page: int, total: int) -> int:
    """Return the page that is nearest to the one asked for: rows may be gone by now."""
    return min(page, max(0, total - 1) // PAGE)


async def _rows(
    deps: Deps, team: TeamId, shown: Sequence[tuple[UserId | None, RefId]], titles: Mapping[RefId, str]
) -> tuple[Row, ...]:
    seen = await deps.snapshots.of(team, *(ref_id for _, ref_id in shown))
    named = ((user, ref_id, titles.get(ref_id) or f"Profile {ref_id[:8]}") for user, ref_id in shown)
    return tuple(Row(ref_id, title, user, seen.get(ref_id)) for user, ref_id, title in named)
