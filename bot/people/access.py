"""Who may see whose link, who is an admin, and whom the bot serves: the one place that decides. In doubt it refuses.

It judges a caller and an owner by what Slack says of them, never by what a payload contains. What it says is remembered
for a minute at most, or until it tells of a change (`directory.py`); before anything that lasts it is asked. Only a
member who types the command for a profile of their own is known from the daily reading.
"""

import asyncio
from datetime import timedelta

from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import Membership, Person, TeamId, UserId, Viewer
from bot.deps import Deps
from bot.people.audit import AuditRow
from bot.people.errors import (
    AdminsOnly,
    CallerNotServed,
    ChosenNotServed,
    FromSharedChannel,
    MailForAdminsOnly,
    NotAllowed,
    NotTheirs,
    OwnerNotServed,
)
from bot.slack.actions import WHO_TAKES_OVER

SAME_REFUSAL = timedelta(minutes=1)
"""The same refusal is logged once within this time, so that nobody can flush the audit log by being refused."""


async def check_may_see_link(deps: Deps, viewer: Viewer, owner: UserId) -> None:
    """Return if a person may see a link to a profile of `owner`: their own, or any as an admin whom the settings let.

    Raises NotAllowed, or SlackError in doubt.
    """
    team, caller, person = viewer.team, viewer.user, await check_caller(deps, viewer)
    if caller == owner:
        return
    if not await _may_see_others(deps, team, person):
        refusal = NotTheirs(owner, await _name(deps, team, owner, by=caller))
        raise await _refused(deps, team, caller, refusal, owner=owner)
    await _served_owner(deps, team, caller, await deps.people.get(team, owner, by=caller))


async def check_may_ask_for_link(deps: Deps, viewer: Viewer, owner: UserId) -> None:
    """Return if a person may have a new link to a profile of `owner`, by a command of theirs that Slack has signed.

    A member whom the bot knows from the daily reading, and of whom Slack has told no change, may have their own.
    Raises NotAllowed, or SlackError in doubt.
    """
    known = await deps.people.unchanged(viewer.team, owner) if viewer.user == owner else None
    if known is None or not is_served(deps, known):
        await check_may_see_link(deps, viewer, owner)


async def check_may_mail_link(deps: Deps, viewer: Viewer, owner: UserId) -> Person:
    """Return `owner` if a person may have a link mailed to them: to themselves, or to anybody as an admin.

    Slack is asked for the owner's present address. Only the owner sees a mailed link, so CONNECT_FOR_OTHERS does not
    matter. Raises NotAllowed, or SlackError in doubt.
    """
    team, caller, person = viewer.team, viewer.user, await check_caller(deps, viewer)
    if caller == owner:
        return await deps.people.ask(team, owner)
    if not await is_admin(deps, team, person):
        refusal = MailForAdminsOnly(owner, await _name(deps, team, owner, by=caller))
        raise await _refused(deps, team, caller, refusal, owner=owner)
    return await _served_owner(deps, team, caller, await deps.people.ask(team, owner, by=caller))


async def may_keep_link(deps: Deps, *, team: TeamId, viewer: UserId, owner: UserId) -> bool:
    """Return whether a person may still see a link that they were shown; raise SlackError in doubt."""
    person = await deps.people.get(team, viewer)
    if not is_served(deps, person):
        return False
    if viewer == owner:
        return True
    return await _may_see_others(deps, team, person) and is_served(deps, await deps.people.get(team, owner))


async def may_have_links(deps: Deps, *, team: TeamId, owner: UserId) -> bool:
    """Return whether an app may get links to a profile of `owner`: whether the bot serves them, as far as it knows.

    A member whom the bot knows from the daily reading, and of whom Slack has told no change, isn't asked about.
    Raises SlackError in doubt.
    """
    known = await deps.people.unchanged(team, owner)
    return (known is not None and is_served(deps, known)) or is_served(deps, await deps.people.get(team, owner))


async def _may_see_others(deps: Deps, team: TeamId, person: Person) -> bool:
    """Return whether a person may see links to other people's profiles: an admin, where the settings let admins."""
    return deps.settings.connect_for_others == "admins" and await is_admin(deps, team, person)


async def _served_owner(deps: Deps, team: TeamId, caller: UserId, owner: Person) -> Person:
    """Return the person for whom an admin wants a link, if the bot serves them; raise NotAllowed."""
    if not is_served(deps, owner):
        raise await _refused(deps, team, caller, OwnerNotServed(owner.id, owner.membership), owner=owner.id)
    return owner


async def check_admin(deps: Deps, viewer: Viewer) -> None:
    """Return if a person is an admin, who may change mappings; raise NotAllowed, or SlackError in doubt."""
    person = await check_caller(deps, viewer)
    if not await is_admin(deps, viewer.team, person):
        raise await _refused(deps, viewer.team, viewer.user, AdminsOnly(await _admins(deps, viewer.team)))


async def is_still_admin(deps: Deps, team: TeamId, user: UserId) -> bool:
    """Return whether somebody who began something as an admin is one whom the bot serves; raise SlackError in doubt."""
    person = await deps.people.get(team, user)
    return is_served(deps, person) and await is_admin(deps, team, person)


async def is_still_served(deps: Deps, team: TeamId, user: UserId) -> bool:
    """Return whether the bot serves somebody who began something; raise SlackError in doubt."""
    return is_served(deps, await deps.people.get(team, user))


async def is_admin(deps: Deps, team: TeamId, person: Person) -> bool:
    """Return whether a person is a workspace admin or owner, named in CONNECT_ADMINS, or a member in a group there.

    A guest is none by a user group: who may edit one isn't always who may make admins. Raises SlackError in doubt.
    """
    if person.is_admin or person.id in deps.settings.admins_named(team):
        return True
    return person.membership is Membership.MEMBER and person.id in await _members_of_admin_groups(deps, team, person.id)


async def admins_to_ask(deps: Deps, team: TeamId, *, besides: UserId | None = None) -> tuple[UserId, ...]:
    """Return the admins to ask for a mapping: those of CONNECT_ADMINS whom the bot serves, else the owner.

    `besides` is left out. Raises SlackError in doubt, or while many people are being looked up.
    """
    named = [UserId(one) for one in deps.settings.admins_named(team) if not one.startswith("S")]
    in_groups = await _members_of_admin_groups(deps, team)
    people = await deps.people.remembered_all(team, [*named, *sorted(in_groups)])
    served = [
        person.id
        for person in people
        if is_served(deps, person) and (person.id in named or person.membership is Membership.MEMBER)
    ]
    found = tuple(admin for admin in served if admin != besides)
    if found:
        return found
    owner = await deps.people.primary_owner(team)
    return (owner,) if owner and owner != besides else ()


async def _members_of_admin_groups(deps: Deps, team: TeamId, wanted: UserId | None = None) -> frozenset[UserId]:
    """Return who is in the groups of CONNECT_ADMINS; a group that can't be read in time matters only if it might."""
    groups = [one for one in deps.settings.admins_named(team) if one.startswith("S")]
    read = await asyncio.gather(*(deps.people.group(team, one) for one in groups), return_exceptions=True)
    members = frozenset[UserId]().union(*(one for one in read if not isinstance(one, BaseException)))
    failed = next((one for one in read if isinstance(one, BaseException)), None)
    if failed and wanted not in members:
        raise failed
    return members


async def check_caller(deps: Deps, viewer: Viewer) -> Person:
    """Return the person if the bot serves them; raise NotAllowed, or SlackError in doubt.

    In a shared channel a click's payload names another workspace as theirs.
    """
    person = await deps.people.get(viewer.team, viewer.user)
    if person.membership is Membership.OTHER_ORGANIZATION and viewer.home_team not in {None, viewer.team}:
        raise await _refused(deps, viewer.team, viewer.user, FromSharedChannel())
    if not is_served(deps, person):
        raise await _refused(deps, viewer.team, viewer.user, CallerNotServed(person.membership))
    return person


async def check_owner(deps: Deps, *, team: TeamId, owner: UserId, by: UserId) -> None:
    """Return if a profile may be mapped to this person, as Slack says now; raise NotServed, or SlackError in doubt.

    Raises AskedTooOften if `by` has asked about too many people.
    """
    _check_served(deps, await deps.people.ask(team, owner, by=by))


async def check_recipient(deps: Deps, *, team: TeamId, user: UserId, by: UserId | None = None) -> Person:
    """Return a person who may be messaged, as far as is remembered; raise NotServed, SlackError, AskedTooOften."""
    person = await deps.people.remembered(team, user, by=by)
    if not is_served(deps, person):
        left = person.membership is Membership.DEACTIVATED
        admin = by is not None and left and await is_admin(deps, team, await deps.people.remembered(team, by))
        raise ChosenNotServed(person.membership, NextStep(WHO_TAKES_OVER, user) if admin else None)
    return person


def _check_served(deps: Deps, person: Person) -> None:
    if not is_served(deps, person):
        raise ChosenNotServed(person.membership)


def is_served(deps: Deps, person: Person) -> bool:
    """Return whether the bot serves a person, by the settings."""
    return serves(person.membership, guests=deps.settings.connect_guests == "allow")


def serves(membership: Membership, *, guests: bool) -> bool:
    """Return whether the bot serves people with this membership; `guests` is whether it serves guests."""
    return membership is Membership.MEMBER or (guests and membership is Membership.GUEST)


async def _admins(deps: Deps, team: TeamId) -> tuple[UserId, ...]:
    """Return the admins who can be asked, or none if Slack doesn't tell them now."""
    try:
        return await admins_to_ask(deps, team)
    except ConnectbotError:
        return ()


async def _name(deps: Deps, team: TeamId, user: UserId, *, by: UserId) -> str:
    """Return a person's name, or nothing if Slack doesn't tell it now."""
    try:
        return (await deps.people.ask(team, user, by=by)).name
    except ConnectbotError:
        return ""


async def _refused(
    deps: Deps, team: TeamId, caller: UserId, error: NotAllowed, *, owner: UserId | None = None
) -> NotAllowed:
    """Log a refusal in the audit log, and return it to be raised."""
    if await deps.idempotency.claim(team, f"refused:{caller}:{owner}:{error.reason}", within=SAME_REFUSAL):
        await deps.audit.add(team, AuditRow("refused", by=caller, owner=owner, detail=error.reason))
    return error
