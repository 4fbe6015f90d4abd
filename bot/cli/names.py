"""People and profiles at the shell: their names beside their IDs, and found by them as in Slack."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from bot.cli.boundary import stop
from bot.cli.tokens import open_directory
from bot.core.matching import best_matches, folded
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.titles import names_of
from bot.settings import SettingsError, WorkspaceSettings, load
from bot.slack.client import open_session
from bot.slack.errors import DirectoryClosed
from bot.slack.mentions import as_seen, is_user_id
from bot.slack.people import Member, as_name

TIMEOUT = 5.0
"""Seconds for Slack to tell people's names; those that it has told by then are shown."""
SHORT = 8
"""Letters of a profile's ID that are shown where a whole one is too wide, and from which one is recognised."""
ID = re.compile(rf"[0-9a-f]{{{SHORT},40}}")


@dataclass(frozen=True, slots=True)
class Names:
    """The people of a workspace by ID, as far as Slack tells them."""

    team: TeamId | None = None
    people: dict[UserId, Member] = field(default_factory=dict)

    def of(self, team: TeamId, user: str | None) -> str:
        """Return a person's name, or nothing."""
        member = self.people.get(UserId(user or "")) if team == self.team else None
        return member.name if member else ""

    def called(self, typed: str) -> list[Member]:
        """Return the people with this name, handle or address."""
        return [one for one in self.people.values() if as_name(typed) in one.names]


async def read_names(team: TeamId | None = None) -> Names:
    """Return the names that Slack tells the workspace's token, if there is one; without them IDs are shown.

    With many workspaces those of `team`.
    """
    try:
        settings = load(WorkspaceSettings)
    except SettingsError:
        return Names()
    names, people = Names(), dict[UserId, Member]()
    with suppress(DirectoryClosed, TimeoutError):
        async with asyncio.timeout(TIMEOUT), open_session() as session:
            directory = await open_directory(session, settings, team)
            if directory is None:
                return names
            names = Names(await directory.team(), people)
            async for page in directory.members():
                people |= {member.id: member for member in page}
            return names
    return names if people else Names()


@dataclass(frozen=True, slots=True)
class Called:
    """A person who was named: their ID, and what to call them: by name, too, unless only the ID was typed."""

    id: UserId
    shown: str


async def user_named(team: TeamId, typed: str) -> Called:
    """Return the person of an ID, a name, a handle or an address; exit with 2 if that isn't one person."""
    names = Names() if is_user_id(typed) and not typed.isalpha() else await read_names(team)
    found = names.called(typed) if names.team == team else []
    if not found and is_user_id(typed):
        return Called(UserId(typed), typed)
    if len(found) != 1:
        several = (f"  {one.id}  {one.name}" for one in found)
        many = f"{len(found)} people are" if found else "Nobody is"
        why = f"{many} called {typed} in {team}, as far as Slack tells. Write the user ID, such as U0123ABC."
        stop(why, *several, code=2)
    return Called(found[0].id, f"{found[0].name} ({found[0].id})")


def profiles_named(titles: Mapping[RefId, str], typed: str) -> list[RefId]:
    """Return the profiles with this ID or the beginning of it, with this title, or with these words in their titles."""
    typed = as_seen(typed)
    if ID.fullmatch(typed) and (by_id := [ref_id for ref_id in titles if ref_id.startswith(typed)]):
        return by_id
    if typed in titles:
        return [RefId(typed)]
    whole = [ref_id for ref_id, title in titles.items() if folded(typed) in names_of(ref_id, title)]
    return whole or [ref_id for ref_id, _ in best_matches(titles.items(), typed, title=lambda one: one[1])]


def short(ref_id: str | None) -> str:
    """Return the beginning of a profile's ID."""
    return (ref_id or "")[:SHORT]
