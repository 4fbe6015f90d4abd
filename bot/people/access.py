"""Who may see whose link, who is an admin, and whom the bot serves: the one place that decides. In doubt it refuses.

It judges a caller and an owner by what Slack says of them now, never by what a payload contains. Slack's answers are
cached for a minute at most (`slack/people.py`), so a person who lost their rights is refused within that time.
"""

from datetime import timedelta

from bot.core.model import Membership, Person, TeamId, UserId
from bot.deps import Deps
from bot.people.audit import AuditRow
from bot.people.errors import (
    OWNER_REFUSALS,
    AdminsOnly,
    CallerNotServed,
    FromSharedChannel,
    MailForAdminsOnly,
    NotAllowed,
    NotServed,
    NotTheirs,
    OwnerNotServed,
)

SAME_REFUSAL = timedelta(minutes=1)
"""The same refusal is logged once within this time, so that nobody can flush the audit log by being refused."""


async def check_may_see_link(
    deps: Deps, *, team: TeamId, caller: UserId, owner: UserId, home_team: TeamId | None = None
) -> None:
    """Return if `caller` may see a link to a profile of `owner`: their own, or any as an admin whom the settings let.

    Raises NotAllowed, or SlackError in doubt.
    """
    person = await check_caller(deps, team=team, caller=caller, home_team=home_team)
    if caller == owner:
        return
    if deps.settings.connect_for_others == "nobody" or not await is_admin(deps, person):
        raise await _refused(deps, team, caller, NotTheirs(owner, deps.settings.connect_command), owner=owner)
    await _check_owner_of_link(deps, team, caller, owner)


async def check_may_mail_link(
    deps: Deps, *, team: TeamId, caller: UserId, owner: UserId, home_team: TeamId | None = None
) -> Person:
    """Return `owner` if `caller` may have a link mailed to them: to themselves, or to anybody as an admin.

    Only the owner sees a mailed link, so CONNECT_FOR_OTHERS does not matter. Raises NotAllowed, or SlackError in
    doubt.
    """
    person = await check_caller(deps, team=team, caller=caller, home_team=home_team)
    if caller == owner:
        return person
    if not await is_admin(deps, person):
        raise await _refused(deps, team, caller, MailForAdminsOnly(owner, deps.settings.connect_command), owner=owner)
    return await _check_owner_of_link(deps, team, caller, owner)


async def _check_owner_of_link(deps: Deps, team: TeamId, caller: UserId, owner: UserId) -> Person:
    """Return the person for whom an admin wants a link, if the bot serves them; raise NotAllowed."""
    person = await deps.people.get(team, owner)
    if not _is_served(deps, person):
        raise await _refused(deps, team, caller, OwnerNotServed(owner, person.membership), owner=owner)
    return person


async def check_admin(deps: Deps, *, team: TeamId, caller: UserId, home_team: TeamId | None = None) -> None:
    """Return if `caller` is an admin, who may change mappings; raise NotAllowed, or SlackError in doubt."""
    person = await check_caller(deps, team=team, caller=caller, home_team=home_team)
    if not await is_admin(deps, person):
        raise await _refused(deps, team, caller, AdminsOnly())


async def is_admin(deps: Deps, person: Person) -> bool:
    """Return whether a person is a workspace admin or owner, or named in CONNECT_ADMINS, or in a user group there."""
    if person.is_admin or person.id in deps.settings.connect_admins:
        return True
    return person.id in await _members_of_admin_groups(deps)


async def admins_to_ask(deps: Deps, team: TeamId) -> tuple[UserId, ...]:
    """Return the admins to ask for a mapping: those of CONNECT_ADMINS whom the bot serves, else the owner."""
    named = [UserId(one) for one in deps.settings.connect_admins if not one.startswith("S")]
    found = dict.fromkeys([*named, *sorted(await _members_of_admin_groups(deps))])
    people = [await deps.people.get(team, user) for user in found]
    served = tuple(person.id for person in people if _is_served(deps, person))
    if served:
        return served
    owner = await deps.people.primary_owner()
    return (owner,) if owner else ()


async def _members_of_admin_groups(deps: Deps) -> frozenset[UserId]:
    groups = [await deps.people.group(one) for one in deps.settings.connect_admins if one.startswith("S")]
    return frozenset().union(*groups)


async def check_caller(deps: Deps, *, team: TeamId, caller: UserId, home_team: TeamId | None = None) -> Person:
    """Return the caller if the bot serves them; raise NotAllowed, or SlackError in doubt.

    `home_team` is the workspace that a click's payload names as the caller's: another one's in a shared channel.
    """
    person = await deps.people.get(team, caller)
    if person.membership is Membership.OTHER_ORGANIZATION and home_team not in {None, team}:
        raise await _refused(deps, team, caller, FromSharedChannel())
    if not _is_served(deps, person):
        raise await _refused(deps, team, caller, CallerNotServed(person.membership))
    return person


async def check_owner(deps: Deps, *, team: TeamId, owner: UserId) -> None:
    """Return if a profile may be mapped to this person; raise NotServed, or SlackError in doubt."""
    person = await deps.people.get(team, owner)
    if not _is_served(deps, person):
        raise NotServed(OWNER_REFUSALS[person.membership].format(who="This person"))


def _is_served(deps: Deps, person: Person) -> bool:
    return serves(person.membership, guests=deps.settings.connect_guests == "allow")


def serves(membership: Membership, *, guests: bool) -> bool:
    """Return whether the bot serves people with this membership; `guests` is whether it serves guests."""
    return membership is Membership.MEMBER or (guests and membership is Membership.GUEST)


async def _refused(
    deps: Deps, team: TeamId, caller: UserId, error: NotAllowed, *, owner: UserId | None = None
) -> NotAllowed:
    """Log a refusal in the audit log, and return it to be raised."""
    if await deps.idempotency.claim(team, f"refused:{caller}:{owner}:{error.reason}", within=SAME_REFUSAL):
        await deps.audit.add(team, AuditRow("refused", by=caller, owner=owner, detail=error.reason))
    return error
