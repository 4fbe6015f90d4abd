"""Profiles with one title are told apart by the beginning of their ref_ids, stored with the title: "Acme · 3f9a".

Two share one where Ayrshare deleted a profile and its title was used again, or where only case or blanks differ.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Protocol, TypeVar

from bot.core.matching import best_matches, folded
from bot.core.model import RefId

MARK = re.compile(r" · (\S{4,})$")
SHORTEST_MARK = 4


class Titled(Protocol):
    """What has a profile's id and title."""

    @property
    def ref_id(self) -> RefId:
        """The profile."""

    @property
    def title(self) -> str:
        """Its title as it is shown."""


T = TypeVar("T", bound=Titled)


def told_apart_titles(titles: Mapping[RefId, str]) -> dict[RefId, str]:
    """Return the titles as they are shown: those that several profiles have with the shortest mark that differs."""
    plain = {ref_id: plain_title(ref_id, title) for ref_id, title in titles.items()}
    sharing: defaultdict[str, list[RefId]] = defaultdict(list)
    for ref_id, title in plain.items():
        sharing[folded(title)].append(ref_id)
    marks = {ref_id: mark for some in sharing.values() if len(some) > 1 for ref_id, mark in _marks(some)}
    return {ref_id: f"{title}{marks.get(ref_id, '')}" for ref_id, title in plain.items()}


def plain_title(ref_id: RefId, title: str) -> str:
    """Return a title without its mark, as Ayrshare has it."""
    mark = MARK.search(title)
    return title[: mark.start()] if mark and ref_id.startswith(mark[1]) else title


def renamed(profile: Titled, title: str | None) -> str:
    """Return the title that Ayrshare tells now, if it does, with the mark that the profile has here."""
    mark = profile.title.removeprefix(plain_title(profile.ref_id, profile.title))
    return f"{title}{mark}" if title else profile.title


def is_called(profile: Titled, words: str) -> bool:
    """Return whether the words are the profile's whole title, with or without its mark."""
    return folded(words) in names_of(profile.ref_id, profile.title)


def names_of(ref_id: RefId, title: str) -> set[str]:
    """Return the title with and without its mark, in the form that is compared."""
    return {folded(title), folded(plain_title(ref_id, title))}


def called(profiles: Sequence[T], words: str) -> tuple[T, ...]:
    """Return the profiles with exactly this title, else those in whose titles each of the words begins a word."""
    exact = tuple(one for one in profiles if folded(one.title) == folded(words))
    exact = exact or tuple(one for one in profiles if is_called(one, words))
    return exact or best_matches(profiles, words, title=lambda one: one.title)


def _marks(sharing: Sequence[RefId]) -> list[tuple[RefId, str]]:
    """Return the shortest beginnings of ref_ids that differ, as marks."""
    length = next(n for n in count(SHORTEST_MARK) if len({one[:n] for one in sharing}) == len(sharing))
    return [(ref_id, f" · {ref_id[:length]}") for ref_id in sharing]
