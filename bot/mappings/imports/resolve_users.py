"""Which Slack users a file means: by ID, or by e-mail address through the list of everybody.

What stands in the file is not repeated: what passes for an address or an ID may be a key.
"""

from collections import defaultdict
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bot.core.model import Membership, UserId
from bot.mappings.imports.mapping_file import FileRow
from bot.mappings.imports.records import Problem
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
    Membership.OTHER_ORGANIZATION: "this person belongs to another organization",
    Membership.STRANGER: "this person is a stranger to the workspace",
}


def is_email(user: str) -> bool:
    """Whether somebody is meant by an e-mail address rather than by a user ID."""
    return "@" in user


@dataclass(frozen=True, slots=True)
class UnresolvedUser:
    """Why somebody can't be mapped."""

    words: str


@dataclass(slots=True)
class RequestedUsers:
    """Those members whom a file names, out of any number; the rest is not kept."""

    names: frozenset[str]
    by_id: defaultdict[str, list[Member]] = field(default_factory=lambda: defaultdict(list))
    by_email: defaultdict[str, list[Member]] = field(default_factory=lambda: defaultdict(list))
    emails_shown: bool = False

    def add(self, member: Member) -> None:
        """Keep a member if the file names them."""
        self.emails_shown = self.emails_shown or bool(member.email)
        if member.id in self.names:
            self.by_id[member.id].append(member)
        if member.email in self.names:
            self.by_email[member.email].append(member)


async def wanted(
    rows: Iterable[FileRow], pages: AsyncIterable[Sequence[Member]], *, seen: Callable[[int], None]
) -> RequestedUsers:
    """Look through everybody for whom the rows name; `seen` is told how many were looked at."""
    found = RequestedUsers(frozenset(row.user.casefold() if is_email(row.user) else row.user for row in rows))
    async for page in pages:
        for member in page:
            found.add(member)
        seen(len(page))
    return found


def identified(
    rows: Iterable[FileRow], found: RequestedUsers | None, *, check_ids: bool, guests: bool = False
) -> tuple[dict[int, UserId], tuple[Problem, ...]]:
    """Return whom the rows mean, by line, and what is wrong with those of the other rows.

    Without a list of everybody no address can be looked up, and IDs are taken as they are. `guests` are served or not.
    """
    users: dict[int, UserId] = {}
    problems: list[Problem] = []
    for row in rows:
        told = _told(row.user, found, guests=guests) if is_email(row.user) or check_ids else UserId(row.user)
        if isinstance(told, UnresolvedUser):
            problems.append(Problem(row.line, f"user: {told.words}"))
        else:
            users[row.line] = told
    return users, tuple(problems)


def _told(user: str, found: RequestedUsers | None, *, guests: bool) -> UserId | UnresolvedUser:
    if found is None:
        return UnresolvedUser(NO_LIST)
    if is_email(user) and not found.emails_shown:
        return UnresolvedUser(SCOPE_MISSING)
    members = found.by_email[user.casefold()] if is_email(user) else found.by_id[user]
    active = [member for member in members if member.membership is not Membership.DEACTIVATED] or members
    if not active:
        return UnresolvedUser(f"nobody in the workspace has that {'e-mail address' if is_email(user) else 'ID'}")
    if len(active) > 1:
        return UnresolvedUser("several people have that e-mail address; write the ID")
    standing = active[0].membership
    return active[0].id if serves(standing, guests=guests) else UnresolvedUser(NOT_SERVED[standing])
