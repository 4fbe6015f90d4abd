"""What an overview shows, ten rows a page: the limits, the query of a search and its filters, the rows and pages."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from bot.core.matching import folded, search_form
from bot.core.model import RefId, UserId
from bot.profiles.model import ProfileHealth, Row
from bot.slack.mentions import USER_ID

ROWS_A_PAGE = 10
CHANGES_SHOWN = 6
"""Lines of the last changes on an admin's Home."""
CHANGES_LOOKED_AT = 300
"""Rows of the audit log that these lines sum up."""
AGED = timedelta(minutes=15)
"""The age from which a snapshot is shown with its moment."""
SEARCH_LIMIT = 150
"""Characters; a longer search is cut."""
LIST_TIMEOUT = timedelta(seconds=2)
"""How long Ayrshare may take to list its profiles."""
OPEN_FOR = timedelta(minutes=30)
"""How long after they were opened Home tabs and windows are drawn again when something changes."""
FIRST_DRAWING = timedelta(seconds=10)
"""How long the first drawing may take to arrive; what changed meanwhile is drawn after it."""
DRAWN_AT_ONCE = 8
CACHED_FOR = timedelta(minutes=1)
"""How long titles are cached; a change of a mapping shows at once."""
CHANGES_READ = 200
"""Rows of the audit log read to update the cache; after more, the workspace is read again."""


class Filter(StrEnum):
    """Which profiles an overview shows, in the words that people type."""

    ATTENTION = "needs attention"
    DISCONNECTED = "disconnected"
    EXPIRING = "expires soon"
    NOTHING_CONNECTED = "nothing connected"
    CONNECTED = "connected"
    REFUSED = "refused"
    UNMAPPED = "unmapped"


SHOWS: Mapping[Filter, frozenset[ProfileHealth]] = {
    Filter.ATTENTION: frozenset({ProfileHealth.DISCONNECTED, ProfileHealth.STALE, ProfileHealth.EXPIRING}),
    Filter.DISCONNECTED: frozenset({ProfileHealth.DISCONNECTED}),
    Filter.EXPIRING: frozenset({ProfileHealth.EXPIRING}),
    Filter.NOTHING_CONNECTED: frozenset({ProfileHealth.NOTHING_CONNECTED}),
    Filter.CONNECTED: frozenset({ProfileHealth.CONNECTED}),
    Filter.REFUSED: frozenset({ProfileHealth.STALE}),
    Filter.UNMAPPED: frozenset(ProfileHealth),
}
OTHER_WORDS = {
    "broken": Filter.DISCONNECTED,
    "attention": Filter.ATTENTION,
    "expiring": Filter.EXPIRING,
    "nothing linked": Filter.NOTHING_CONNECTED,
    "stale": Filter.REFUSED,
}
"""What people may type as well, and what buttons of old messages still say."""


@dataclass(frozen=True, slots=True)
class OverviewQuery:
    """Which rows someone wants to see; pages count from 0. It travels through Slack and proves no rights."""

    only: Filter | None = None
    words: str = ""
    person: UserId | None = None
    page: int = 0

    def on_page(self, page: int) -> "OverviewQuery":
        """Return the query for another page."""
        return replace(self, page=page)

    def to_json(self) -> str:
        """Return JSON for a button's value or a view's metadata; `parse_query` reads it."""
        fields = {"only": self.only, "words": self.words, "person": self.person, "page": self.page}
        return json.dumps({name: value for name, value in fields.items() if value}, ensure_ascii=False)


def parse_query(text: str) -> OverviewQuery:
    """Return the query in a JSON text, without the parts that are invalid."""
    try:
        fields: Any = json.loads(text)
    except (ValueError, RecursionError):
        return OverviewQuery()
    if not isinstance(fields, dict):
        return OverviewQuery()
    page, person = fields.get("page"), fields.get("person")
    return OverviewQuery(
        only=parse_filter(fields.get("only")),
        words=trimmed(str(fields.get("words") or "")),
        person=UserId(person) if isinstance(person, str) and USER_ID.fullmatch(person) else None,
        page=page if isinstance(page, int) and page > 0 else 0,
    )


def parse_filter(words: object) -> Filter | None:
    """Return the filter that the words name, ignoring case."""
    named = folded(words) if isinstance(words, str) else ""
    return Filter(named) if named in set(Filter) else OTHER_WORDS.get(named)


def trimmed(words: str) -> str:
    """Return a search without surrounding space, cut to SEARCH_LIMIT."""
    return words.strip()[:SEARCH_LIMIT]


class Entry(NamedTuple):
    """A title in its search form, the user it is mapped to (empty: nobody) and its ref_id; there may be 10,000."""

    title: str
    user: str
    ref_id: RefId


@dataclass(frozen=True, slots=True)
class Workspace:
    """All entries of a workspace, sorted, and all titles as they are written."""

    entries: Sequence[Entry]
    titles: Mapping[RefId, str]


def entries_of(mapped: Iterable[tuple[str, Sequence[RefId]]], titles: Mapping[RefId, str]) -> list[Entry]:
    """Return an entry for each profile of each person, and one for each unmapped profile, sorted."""
    compared = {ref_id: search_form(title) for ref_id, title in titles.items()}
    entries = [
        Entry(compared.get(ref_id, f" {ref_id}"), user, ref_id) for user, ref_ids in mapped for ref_id in ref_ids
    ]
    taken = {entry.ref_id for entry in entries}
    entries += [Entry(title, "", ref_id) for ref_id, title in compared.items() if ref_id not in taken]
    return sorted(entries)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of `total` rows for `viewer`, worst first, from the `start`th; `client_links`: whether they can make one."""

    viewer: UserId
    rows: tuple[Row, ...]
    number: int
    start: int
    total: int
    client_links: bool = False

    @property
    def end(self) -> int:
        """The number of the last row, counted from 1."""
        return self.start + len(self.rows)

    def with_troubles(self, troubles: Mapping[RefId, str]) -> "Page":
        """Return the page with a sentence for each profile that can't be asked about."""
        return replace(self, rows=tuple(replace(row, trouble=troubles.get(row.ref_id, "")) for row in self.rows))


@dataclass(frozen=True, slots=True)
class Triage:
    """How many profiles of a workspace have which health, and how many of them nobody has.

    `broken_people` have a disconnected account that they can reconnect; `to_ask` of them weren't asked within a day.
    `not_offered` says why nobody can reconnect the rest.
    """

    counts: Mapping[ProfileHealth, int] = field(default_factory=dict)
    unmapped: int = 0
    broken_people: int = 0
    to_ask: int = 0
    not_offered: str = ""
