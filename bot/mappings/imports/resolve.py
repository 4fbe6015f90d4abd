"""What a file's users and keys mean: Slack users by ID, name, handle or e-mail address, and each key's profile.

A message never repeats what is in the file: what looks like an address or an ID may be a key.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import BadRequest, ProfileGone
from bot.ayrshare.model import Profile
from bot.core.model import Membership, RefId, UserId
from bot.core.text import printable
from bot.mappings.imports.mapping_file import FileRow, RowProblem, is_email, is_id
from bot.mappings.model import CONCURRENT_KEY_CHECKS, is_unchecked, unchecked_profile
from bot.people.access import serves
from bot.slack.people import Member, as_name
from bot.slack.text import several

SCOPE_MISSING = (
    "Slack shows this bot no e-mail addresses; add the scope users:read.email to the Slack app and install it again, "
    "or write the ID"
)
NO_LIST = "names and e-mail addresses can be looked up only with that workspace's SLACK_BOT_TOKEN; write the ID"
MOST_CANDIDATES = 5
NOT_SERVED = {
    Membership.GUEST: "this person is a guest, and guests are not served here (CONNECT_GUESTS)",
    Membership.INVITED: "this person was invited but has never joined",
    Membership.DEACTIVATED: "this person has left the workspace",
    Membership.BOT: "that is a bot",
    Membership.OTHER_ORGANIZATION: "this person belongs to another workspace",
    Membership.STRANGER: "this person is a stranger to the workspace",
}
KEY_REFUSED = "Ayrshare doesn't know that key, or has suspended its profile"
OWN_KEY = "that is the account's own API key; a profile's is wanted"

ResolvedKeys = Mapping[SecretStr, Profile | str]
"""Each key's profile, or why the key is refused."""


@dataclass(slots=True)
class RequestedMembers:
    """The members whom a file means by their IDs or names; all others are left out."""

    wanted: frozenset[str]
    found: defaultdict[str, list[Member]] = field(default_factory=lambda: defaultdict(list))
    emails_shown: bool = False

    def add(self, member: Member) -> None:
        """Add a member if the file means them."""
        self.emails_shown = self.emails_shown or bool(member.email)
        for one in self.wanted & {member.id, *member.names}:
            self.found[one].append(member)

    def name(self, user: UserId) -> str:
        """Return what a person is called, if the file means them."""
        return next((member.name for some in self.found.values() for member in some if member.id == user), "")

    def meant(self, user: str) -> list[Member]:
        """Return those whom a cell of the file may mean; whoever left only where nobody else is called so."""
        found = (self.found.get(user) if is_id(user) else None) or self.found.get(as_name(user), [])
        return [member for member in found if member.membership is not Membership.DEACTIVATED] or found


async def find_members(
    rows: Iterable[FileRow], pages: AsyncIterable[Sequence[Member]], *, on_progress: Callable[[int], None]
) -> RequestedMembers:
    """Search all members for those whom the rows name; `on_progress` gets the size of each page."""
    found = RequestedMembers(frozenset(one for row in rows for one in (row.user, as_name(row.user))))
    async for page in pages:
        for member in page:
            found.add(member)
        on_progress(len(page))
    return found


def resolve_users(
    rows: Iterable[FileRow], found: RequestedMembers | None, *, check_ids: bool, guests: bool = False
) -> tuple[dict[int, UserId], tuple[RowProblem, ...]]:
    """Return the users that the rows mean, by line, and what is wrong with the other rows.

    Without members no name can be looked up, and IDs aren't checked. `guests` is whether guests are served.
    """
    users: dict[int, UserId] = {}
    problems: list[RowProblem] = []
    for row in rows:
        checked = check_ids or not is_id(row.user)
        user = _resolve_user(row, found, guests=guests) if checked else UserId(row.user)
        if isinstance(user, RowProblem):
            problems.append(user)
        else:
            users[row.line] = user
    return users, tuple(problems)


def _resolve_user(row: FileRow, found: RequestedMembers | None, *, guests: bool) -> UserId | RowProblem:
    if found is None:
        return RowProblem(row.line, f"user: {NO_LIST}")
    if is_email(row.user) and not found.emails_shown:
        return RowProblem(row.line, f"user: {SCOPE_MISSING}")
    meant = found.meant(row.user)
    if len(meant) != 1:
        return RowProblem(row.line, f"user: {_not_one(row.user, meant)}")
    membership = meant[0].membership
    served = serves(membership, guests=guests)
    return meant[0].id if served else RowProblem(row.line, f"user: {NOT_SERVED[membership]}")


def _not_one(user: str, meant: Sequence[Member]) -> str:
    """Say that nobody is meant, or who may be."""
    named = "ID" if is_id(user) else "e-mail address" if is_email(user) else "name"
    if not meant:
        return f"nobody in the workspace has that {named}"
    candidates = [f"{printable(one.name)} ({one.id})" for one in meant]
    return f"several people have that {named}: {several(candidates, limit=MOST_CANDIDATES)}; write the ID"


async def check_keys(
    ayrshare: AyrshareClient,
    keys: Iterable[SecretStr],
    *,
    own: SecretStr,
    primary: RefId,
    on_progress: Callable[[int], None],
) -> ResolvedKeys:
    """Ask Ayrshare about each key once, a few at a time; raise AyrshareError if a failure isn't the key's.

    `own` is the account's API key and `primary` its Primary Profile, on which nobody else may act.
    """
    resolved: dict[SecretStr, Profile | str] = {own: OWN_KEY}
    waiting = iter({*keys} - {own})

    async def check() -> None:
        for key in waiting:
            profile = await _check_key(ayrshare, key)
            resolved[key] = OWN_KEY if isinstance(profile, Profile) and profile.ref_id == primary else profile
            on_progress(1)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(CONCURRENT_KEY_CHECKS):
                group.create_task(check())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return resolved


async def _check_key(ayrshare: AyrshareClient, key: SecretStr) -> Profile | str:
    try:
        profile = await ayrshare.accounts(key)
    except (ProfileGone, BadRequest):
        return KEY_REFUSED
    return Profile(profile.ref_id, profile.title, key)


def match_keys(keys: Iterable[SecretStr], known: Iterable[Profile]) -> dict[SecretStr, Profile]:
    """Find each key's profile among the known ones, preferring checked ones, or name it after the key."""
    stored = {profile.key: profile for profile in sorted(known, key=lambda p: not is_unchecked(p.ref_id))}
    return {key: stored.get(key) or unchecked_profile(key) for key in keys}
