"""Which profiles a request is about: those that the form offers, or those whose title stands before the note."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from bot.core.matching import folded
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings.held import held_by
from bot.slack.mentions import as_seen

SHORTEST_START = 4
"""A word as short as "the" is the beginning of a note rather than of a title."""


async def profiles_of_all(deps: Deps, team: TeamId, people: Sequence[UserId]) -> dict[RefId, str]:
    """Return the titles of the profiles that any of these people has."""
    held = await asyncio.gather(*(held_by(deps, team, one) for one in people))
    return {profile.ref_id: profile.title for profiles in held for profile in profiles}


def split_title(titles: Mapping[RefId, str], typed: str) -> tuple[tuple[RefId, ...], str]:
    """Return the profiles whose titles begin with the first words, as many words as fit, and the note behind them.

    Case and punctuation don't count: `acme team please` is about "Acme: Team". Without a title all of it is the note.
    """
    words = typed.split()
    for count in range(len(words), 0, -1):
        found = tuple(_titled(titles, [_bare(word) for word in words[:count]]))
        if found:
            return found, typed.split(maxsplit=count)[count] if len(words) > count else ""
    return (), typed


def _titled(titles: Mapping[RefId, str], words: Sequence[str]) -> Iterator[RefId]:
    """Yield the profiles with exactly this title, else those whose titles begin so."""
    split = {ref_id: [_bare(word) for word in title.split()] for ref_id, title in titles.items()}
    whole = [ref_id for ref_id, title in split.items() if title == words]
    if whole or len("".join(words)) < SHORTEST_START:
        yield from whole
    else:
        yield from (ref_id for ref_id, title in split.items() if title[: len(words)] == words)


def _bare(word: str) -> str:
    seen = folded(as_seen(word))
    return "".join(letter for letter in seen if letter.isalnum()) or seen
