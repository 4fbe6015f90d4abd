"""What a file's users and keys mean: Slack users by ID or e-mail address, and each key's profile.

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
from bot.mappings.imports.mapping_file import FileRow, RowProblem, is_email
from bot.mappings.model import CONCURRENT_KEY_CHECKS, is_unchecked, unchecked_profile
from bot.people.access import serves
from bot.slack.people import Member

SCOPE_MISSING = (
    "Slack shows this bot no e-mail addresses; add the scope users:read.email to the Slack app and install it again, "
    "or write the ID"
)
NO_LIST = "e-mail addresses can be looked up only with that workspace's SLACK_BOT_TOKEN; write the ID"
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
    """The members whom a file names; all others are left out."""

    names: frozenset[str]
    by_id: defaultdict[str, list[Member]] = field(default_factory=lambda: defaultdict(list))
    by_email: defaultdict[str, list[Member]] = field(default_factory=lambda: defaultdict(list))
    emails_shown: bool = False

    def add(self, member: Member) -> None:
        """Add a member if the file names them."""
        self.emails_shown = self.emails_shown or bool(member.email)
        if member.id in self.names:
            self.by_id[member.id].append(member)
        if member.email in self.names:
            self.by_email[member.email].append(member)


async def find_members(
    rows: Iterable[FileRow], pages: AsyncIterable[Sequence[Member]], *, on_progress: Callable[[int], None]
) -> RequestedMembers:
    """Search all members for those whom the rows name; `on_progress` gets the size of each page."""
    found = RequestedMembers(frozenset(row.user.casefold() if is_email(row.user) else row.user for row in rows))
    async for page in pages:
        for member in page:
            found.add(member)
        on_progress(len(page))
    return found


def resolve_users(
    rows: Iterable[FileRow], found: RequestedMembers | None, *, check_ids: bool, guests: bool = False
) -> tuple[dict[int, UserId], tuple[RowProblem, ...]]:
    """Return the users that the rows mean, by line, and what is wrong with the other rows.

    Without members no address can be looked up, and IDs aren't checked. `guests` is whether guests are served.
    """
    users: dict[int, UserId] = {}
    problems: list[RowProblem] = []
    for row in rows:
        checked = is_email(row.user) or check_ids
        user = _resolve_user(row, found, guests=guests) if checked else UserId(row.user)
        if isinstance(user, RowProblem):
            problems.append(user)
        else:
            users[row.line] = user
    return users, tuple(problems)


def _resolve_user(row: FileRow, found: RequestedMembers | None, *, guests: bool) -> UserId | RowProblem:
    if found is None:
        return RowProblem(row.line, f"user: {NO_LIST}")
    by_email = is_email(row.user)
    if by_email and not found.emails_shown:
        return RowProblem(row.line, f"user: {SCOPE_MISSING}")
    members = found.by_email[row.user.casefold()] if by_email else found.by_id[row.user]
    active = [member for member in members if member.membership is not Membership.DEACTIVATED] or members
    if not active:
        return RowProblem(row.line, f"user: nobody in the workspace has that {'e-mail address' if by_email else 'ID'}")
    if len(active) > 1:
        return RowProblem(row.line, "user: several people have that e-mail address; write the ID")
    membership = active[0].membership
    served = serves(membership, guests=guests)
    return active[0].id if served else RowProblem(row.line, f"user: {NOT_SERVED[membership]}")


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
