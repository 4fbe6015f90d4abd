"""What an overview of profiles and of who looks after them is made of, as values."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from bot.core.model import RefId, UserId
from bot.profiles.model import ProfileHealth, Row
from bot.slack.mentions import USER_ID

LONGEST_SEARCH = 150

FILTERS = (ProfileHealth.UNMAPPED, ProfileHealth.NOTHING_LINKED, ProfileHealth.NEEDS_ATTENTION, ProfileHealth.STALE)


@dataclass(frozen=True, slots=True)
class OverviewQuery:
    """What somebody wants to see of the overview; pages count from 0. It proves no rights: it can be replayed."""

    only: ProfileHealth | None = None
    words: str = ""
    person: UserId | None = None
    page: int = 0

    def turned(self, page: int) -> "OverviewQuery":
        """Return the same on another page."""
        return replace(self, page=page)

    def written(self) -> str:
        """Write it for a button's value or a view's metadata."""
        known = {"only": self.only, "words": self.words, "person": self.person, "page": self.page}
        return json.dumps({name: value for name, value in known.items() if value}, ensure_ascii=False)


def read_query(text: str) -> OverviewQuery:
    """Read what was written; whatever makes no sense is left out."""
    try:
        told: Any = json.loads(text)
    except ValueError:
        return OverviewQuery()
    if not isinstance(told, dict):
        return OverviewQuery()
    page, person = told.get("page"), told.get("person")
    return OverviewQuery(
        only=health_of(told.get("only")),
        words=searched(str(told.get("words") or "")),
        person=UserId(person) if isinstance(person, str) and USER_ID.fullmatch(person) else None,
        page=page if isinstance(page, int) and page > 0 else 0,
    )


def health_of(words: object) -> ProfileHealth | None:
    """Return what the words choose, if anything; case does not count."""
    return next((kind for kind in FILTERS if isinstance(words, str) and words.casefold() == kind), None)


def searched(words: str) -> str:
    """Cut what is searched for to a length that fits wherever it is carried along."""
    return words.strip()[:LONGEST_SEARCH]


class Entry(NamedTuple):
    """A title in small letters, who looks after it (nobody is empty) and its ref_id; there may be 10,000."""

    title: str
    user: str
    ref_id: RefId


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that somebody looks after or could look after, in order, and all titles as they are written."""

    entries: Sequence[Entry]
    titles: Mapping[RefId, str]


def entries_of(mapped: Iterable[tuple[str, Sequence[RefId]]], titles: Mapping[RefId, str]) -> list[Entry]:
    """Return an entry for each profile of each person, and for each that nobody has."""
    small = {ref_id: title.casefold() for ref_id, title in titles.items()}
    entries = [Entry(small.get(ref_id, ref_id), user, ref_id) for user, ref_ids in mapped for ref_id in ref_ids]
    taken = {entry.ref_id for entry in entries}
    entries += [Entry(title, "", ref_id) for ref_id, title in small.items() if ref_id not in taken]
    return sorted(entries)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of `total` rows, those behind the first `start`; of `unseen` more nobody knows whether they would fit."""

    rows: tuple[Row, ...]
    number: int
    start: int
    total: int
    unseen: int = 0

    @property
    def end(self) -> int:
        """The number of the last of these rows, counted from 1."""
        return self.start + len(self.rows)

    def with_troubles(self, troubles: Mapping[RefId, str]) -> "Page":
        """Return the same with what is wrong with some of the profiles."""
        return replace(self, rows=tuple(replace(row, trouble=troubles.get(row.ref_id, "")) for row in self.rows))
