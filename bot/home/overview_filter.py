"""Which of all rows fit what somebody wants to see; pure, and quick with 10,000 of them."""

from collections.abc import Mapping, Sequence

from bot.core.model import RefId
from bot.home.model import Entry, OverviewQuery, Workspace, entries_of
from bot.profiles.model import ProfileHealth
from bot.slack.mentions import person_in


def fitting(workspace: Workspace, wanted: OverviewQuery, listed: Mapping[RefId, str]) -> Sequence[Entry]:
    """Return, in their order, the rows that fit all that is wanted but a kind that only snapshots tell.

    `listed` are the titles of profiles that Ayrshare tells of, whether they are known here or not.
    """
    rows = _unmapped(workspace, listed) if wanted.only is ProfileHealth.UNMAPPED else workspace.entries
    if wanted.person:
        rows = [row for row in rows if row.user == wanted.person]
    if wanted.words:
        words, meant = wanted.words.casefold(), person_in(wanted.words)
        rows = [row for row in rows if words in row.title or row.user == meant]
    return rows


def _unmapped(workspace: Workspace, listed: Mapping[RefId, str]) -> Sequence[Entry]:
    unmapped = [row for row in workspace.entries if not row.user]
    unknown = {ref_id: title for ref_id, title in listed.items() if ref_id not in workspace.titles}
    return sorted([*unmapped, *entries_of((), unknown)])
