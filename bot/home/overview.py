"""Which rows of the overview someone sees: everyone's for admins, one's own, those that match a search and a filter."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.core.errors import ConnectbotError
from bot.core.matching import has_words, search_form
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.home.model import LIST_TIMEOUT, ROWS_A_PAGE, Entry, OverviewQuery, Page, Workspace, entries_of
from bot.profiles.account_status import TOO_SLOW
from bot.profiles.model import ProfileHealth, Row
from bot.profiles.titles import told_apart_titles
from bot.slack.mentions import person_in


@dataclass(frozen=True, slots=True)
class ListedTitles:
    """The titles of the profiles that Ayrshare lists, if it was `asked`, or a sentence on why it failed."""

    titles: Mapping[RefId, str] = field(default_factory=dict)
    trouble: str = ""
    asked: bool = True


NOT_LISTED = ListedTitles(asked=False)


async def list_titles(deps: Deps, team: TeamId, user: UserId, query: OverviewQuery) -> ListedTitles:
    """Ask Ayrshare for all its profiles, if the query is for unmapped ones and the person hasn't asked too often.

    Profiles that another workspace knows are left out: the account may serve several.
    """
    if query.only is not ProfileHealth.UNMAPPED:
        return NOT_LISTED
    try:
        await deps.limits.count(team, user, "lists")
        async with asyncio.timeout(LIST_TIMEOUT.total_seconds()):
            others = await _known_elsewhere(deps, team)
            profiles = await deps.ayrshare.profiles()
            return ListedTitles({one.ref_id: one.title for one in profiles if one.ref_id not in others})
    except TimeoutError:
        return ListedTitles(trouble=TOO_SLOW)
    except ConnectbotError as error:
        return ListedTitles(trouble=error.sentence)


async def _known_elsewhere(deps: Deps, team: TeamId) -> frozenset[RefId]:
    others = [other for other in await deps.mappings.teams() if other != team]
    return frozenset().union(*[await deps.profiles.titles(other) for other in others])


async def everyone_page(
    deps: Deps, team: TeamId, query: OverviewQuery, listed: ListedTitles
) -> tuple[Page, Mapping[RefId, str]]:
    """Return a page of everyone's profiles and all titles, for admins only.

    Profiles that only Ayrshare knows are unmapped ones.
    """
    workspace = await deps.overviews.read(team)
    found = matching_entries(workspace, query, listed.titles)
    unseen = 0
    if query.only not in {None, ProfileHealth.UNMAPPED}:
        kinds = await deps.snapshots.health(team)
        unseen = sum(entry.ref_id not in kinds for entry in found)
        broken = query.only is ProfileHealth.NEEDS_ATTENTION
        fitting = {query.only, ProfileHealth.DISCONNECTED} if broken else {query.only}
        found = [entry for entry in found if kinds.get(entry.ref_id) in fitting]
    number = _existing_page(query.page, len(found))
    start = ROWS_A_PAGE * number
    shown = [(UserId(user) or None, ref_id) for _, user, ref_id in found[start : start + ROWS_A_PAGE]]
    titles = told_apart_titles({**listed.titles, **workspace.titles}) if listed.titles else workspace.titles
    rows = await _rows(deps, team, shown, titles)
    known = tuple(replace(row, known=bool(row.user) or row.ref_id in workspace.titles) for row in rows)
    return Page(known, number=number, start=start, total=len(found), unseen=unseen), workspace.titles


async def own_page(deps: Deps, team: TeamId, user: UserId, *, page: int) -> Page:
    """Return a page of someone's own profiles, the default first."""
    mappings = await deps.mappings.of(team, user)
    number = _existing_page(page, len(mappings))
    start = ROWS_A_PAGE * number
    shown = [mapping.ref_id for mapping in mappings[start : start + ROWS_A_PAGE]]
    titles = await deps.overviews.titles(team, *shown)
    rows = await _rows(deps, team, [(user, ref_id) for ref_id in shown], titles)
    return Page(rows, number=number, start=start, total=len(mappings))


def matching_entries(workspace: Workspace, query: OverviewQuery, listed: Mapping[RefId, str]) -> Sequence[Entry]:
    """Return the entries that match a query, but for a health that only snapshots tell; sorted. Pure.

    `listed` are titles from Ayrshare's list, of profiles known here or not. Fast with 10,000 entries.
    """
    rows = _unmapped(workspace, listed) if query.only is ProfileHealth.UNMAPPED else workspace.entries
    if query.person:
        rows = [row for row in rows if row.user == query.person]
    if query.words:
        words, person = search_form(query.words), person_in(query.words)
        rows = [row for row in rows if has_words(row.title, words) or row.user == person]
    return rows


def _unmapped(workspace: Workspace, listed: Mapping[RefId, str]) -> Sequence[Entry]:
    unmapped = [row for row in workspace.entries if not row.user]
    unknown = {ref_id: title for ref_id, title in listed.items() if ref_id not in workspace.titles}
    return sorted([*unmapped, *entries_of((), unknown)])


def _existing_page(page: int, total: int) -> int:
    """Return the requested page, or the last one if there are fewer by now."""
    return min(page, max(0, total - 1) // ROWS_A_PAGE)


async def _rows(
    deps: Deps, team: TeamId, shown: Sequence[tuple[UserId | None, RefId]], titles: Mapping[RefId, str]
) -> tuple[Row, ...]:
    snapshots = await deps.snapshots.of(team, *(ref_id for _, ref_id in shown))
    named = ((user, ref_id, titles.get(ref_id) or f"Profile {ref_id[:8]}") for user, ref_id in shown)
    return tuple(Row(ref_id, title, user, snapshots.get(ref_id)) for user, ref_id, title in named)
