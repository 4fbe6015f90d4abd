"""Which rows of the overview someone sees: everyone's for admins, one's own, those that match a search and a filter."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.client_links.access import may_make_client_links
from bot.core.errors import ConnectbotError
from bot.core.matching import has_words, search_form
from bot.core.model import RefId, TeamId, UserId, Viewer
from bot.core.time_limit import limited_to
from bot.deps import Deps
from bot.home.model import (
    LIST_TIMEOUT,
    ROWS_A_PAGE,
    SHOWS,
    Entry,
    Filter,
    OverviewQuery,
    Page,
    Triage,
    Workspace,
    entries_of,
)
from bot.profiles.account_status import disconnected_profiles
from bot.profiles.errors import AyrshareSlow
from bot.profiles.model import WORST_FIRST, ProfileHealth, Row
from bot.profiles.titles import told_apart_titles
from bot.slack.mentions import as_seen, person_in

T = TypeVar("T")
HealthByProfile = Mapping[RefId, ProfileHealth]


@dataclass(frozen=True, slots=True)
class ListedTitles:
    """The titles of the profiles that Ayrshare lists, if it was `asked`, or a sentence on why it failed."""

    titles: Mapping[RefId, str] = field(default_factory=dict)
    trouble: str = ""
    asked: bool = True


NOT_LISTED = ListedTitles(asked=False)


@dataclass(frozen=True, slots=True)
class Overview:
    """A page of everyone's profiles, how the workspace's profiles fare, and all titles."""

    page: Page
    triage: Triage
    titles: Mapping[RefId, str]


async def list_titles(deps: Deps, team: TeamId, user: UserId, query: OverviewQuery) -> ListedTitles:
    """Ask Ayrshare for all its profiles, if the query is for unmapped ones and the person hasn't asked too often.

    Profiles that another workspace knows are left out: the account may serve several.
    """
    if query.only is not Filter.UNMAPPED:
        return NOT_LISTED
    try:
        await deps.limits.count(team, user, "lists")
        async with limited_to(LIST_TIMEOUT):
            others = await _known_elsewhere(deps, team)
            profiles = await (await deps.ayrshare.of(team)).profiles()
            return ListedTitles({one.ref_id: one.title for one in profiles if one.ref_id not in others})
    except TimeoutError:
        return ListedTitles(trouble=AyrshareSlow.says)
    except ConnectbotError as error:
        return ListedTitles(trouble=error.sentence)


async def everyone(deps: Deps, viewer: Viewer, query: OverviewQuery, listed: ListedTitles) -> Overview:
    """Return a page of everyone's profiles, for admins only; profiles that only Ayrshare knows are unmapped ones."""
    team = viewer.team
    workspace, health = await asyncio.gather(deps.overviews.read(team), deps.snapshots.health(team))
    found = worst_first(matching_entries(workspace, query, listed.titles), health)
    if query.only:
        found = [entry for entry in found if _health(entry, health) in SHOWS[query.only]]
    shown, number = _slice(found, query.page)
    titles = told_apart_titles({**listed.titles, **workspace.titles}) if listed.titles else workspace.titles
    people = [(UserId(entry.user) or None, entry.ref_id) for entry in shown]
    rows = await _rows(deps, team, people, titles)
    known = tuple(replace(row, known=bool(row.user) or row.ref_id in workspace.titles) for row in rows)
    allowed = may_make_client_links(deps, admin=True)
    page = Page(viewer.user, known, number, start=ROWS_A_PAGE * number, total=len(found), client_links=allowed)
    return Overview(page, await _triage(deps, viewer, workspace, health), workspace.titles)


async def own_page(deps: Deps, team: TeamId, user: UserId, *, page: int) -> Page:
    """Return a page of someone's own profiles."""
    ref_ids = [mapping.ref_id for mapping in await deps.mappings.of(team, user)]
    health = await deps.snapshots.health_of(team, *ref_ids)
    found = sorted(ref_ids, key=lambda ref_id: WORST_FIRST[health.get(ref_id, ProfileHealth.UNSEEN)])
    shown, number = _slice(found, page)
    rows = await _rows(deps, team, [(user, ref_id) for ref_id in shown], await deps.profiles.titles(team, *shown))
    allowed = may_make_client_links(deps, admin=False)
    return Page(user, rows, number, start=ROWS_A_PAGE * number, total=len(found), client_links=allowed)


async def _known_elsewhere(deps: Deps, team: TeamId) -> frozenset[RefId]:
    others = [other for other in await deps.mappings.teams() if other != team]
    return frozenset().union(*[await deps.profiles.all_titles(other) for other in others])


async def _triage(deps: Deps, viewer: Viewer, workspace: Workspace, health: HealthByProfile) -> Triage:
    """Count profiles by health, and whom *Remind everyone* would ask."""
    held = ((UserId(entry.user), entry.ref_id) for entry in workspace.entries if entry.user)
    broken = await disconnected_profiles(deps, viewer.team, health)
    people = broken.people(held, besides=viewer.user)
    asked = await deps.invitations.asked_lately(viewer.team, people)
    return Triage(
        counts=Counter(health.get(ref_id, ProfileHealth.UNSEEN) for ref_id in workspace.titles),
        unmapped=sum(not entry.user for entry in workspace.entries),
        broken_people=len(people),
        to_ask=len(people - asked),
        not_offered=broken.not_offered,
    )


def worst_first(entries: Sequence[Entry], health: HealthByProfile) -> list[Entry]:
    """Return entries by their profiles' health, then by title. Pure, and fast with 10,000."""
    return sorted(entries, key=lambda entry: WORST_FIRST[_health(entry, health)])


def _health(entry: Entry, health: HealthByProfile) -> ProfileHealth:
    return health.get(entry.ref_id, ProfileHealth.UNSEEN)


def matching_entries(workspace: Workspace, query: OverviewQuery, listed: Mapping[RefId, str]) -> Sequence[Entry]:
    """Return the entries that match a query, but for a health that only snapshots tell; sorted. Pure.

    `listed` are titles from Ayrshare's list, of profiles known here or not. Fast with 10,000 entries.
    """
    rows = _unmapped(workspace, listed) if query.only is Filter.UNMAPPED else workspace.entries
    if query.person:
        rows = [row for row in rows if row.user == query.person]
    if query.words:
        words, person = search_form(as_seen(query.words)), person_in(query.words)
        rows = [row for row in rows if has_words(row.title, words) or row.user == person]
    return rows


def _unmapped(workspace: Workspace, listed: Mapping[RefId, str]) -> Sequence[Entry]:
    unmapped = [row for row in workspace.entries if not row.user]
    unknown = {ref_id: title for ref_id, title in listed.items() if ref_id not in workspace.titles}
    return sorted([*unmapped, *entries_of((), unknown)])


def _slice(found: Sequence[T], page: int) -> tuple[Sequence[T], int]:
    """Return what is on the requested page, or on the last one if there are fewer by now, and that page's number."""
    number = min(page, max(0, len(found) - 1) // ROWS_A_PAGE)
    return found[ROWS_A_PAGE * number : ROWS_A_PAGE * (number + 1)], number


async def _rows(
    deps: Deps, team: TeamId, shown: Sequence[tuple[UserId | None, RefId]], titles: Mapping[RefId, str]
) -> tuple[Row, ...]:
    ref_ids = [ref_id for _, ref_id in shown]
    snapshots, asked = await asyncio.gather(
        deps.snapshots.of(team, *ref_ids), deps.invitations.last_asked(team, *ref_ids)
    )
    named = ((user, ref_id, titles.get(ref_id) or f"Profile {ref_id[:8]}") for user, ref_id in shown)
    return tuple(
        Row(ref_id, title, user, snapshots.get(ref_id), asked_at=asked.get(ref_id)) for user, ref_id, title in named
    )
