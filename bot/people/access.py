"""Who may see whose link: the one place that decides. In doubt the answer is no.

Caller and owner are judged by what Slack says of them now, never by what a payload carries; Slack's answers are
remembered for a minute at most, so somebody who lost their rights is refused within that time.
"""

from datetime import timedelta

from bot.core.model import Membership, Person, TeamId, UserId
from bot.deps import Deps
from bot.people.audit import AuditRow
from bot.people.errors import NotAllowed, NotServed, NotTheirs

SAME_REFUSAL = timedelta(minutes=1)
"""So that nobody can wash the trail out by being refused."""
ADMINS_ONLY = "Only admins can do that: workspace admins and owners, and those whom CONNECT_ADMINS names."
CALLER = {
    Membership.GUEST: "Guests can't use this bot here. Ask a member of the workspace, or an admin to allow guests.",
    Membership.INVITED: "Your invitation to this workspace isn't accepted yet. Join first, then try again.",
    Membership.DEACTIVATED: "Your account in this workspace is deactivated. A workspace admin can bring it back.",
    Membership.BOT: "Bots get no links: a person has to sign in to the networks.",
    Membership.OTHER_ORGANIZATION: (
        "You are here from another organization, and this bot serves only this workspace's own people."
    ),
    Membership.STRANGER: "I don't know you in this workspace. Ask one of its members.",
}
FROM_SHARED_CHANNEL = (
    "You reached me through a channel that this workspace shares with yours. I serve only this workspace's own people."
)
OWNER = {
    Membership.GUEST: "<@{0}> is a guest, and guests get no links here. An admin can allow it.",
    Membership.INVITED: "<@{0}> was invited but has never joined. Try again when they have.",
    Membership.DEACTIVATED: "<@{0}>'s account is deactivated. Map the profile to somebody else.",
    Membership.BOT: "<@{0}> is a bot. Only people can sign in to the networks: mention a person.",
    Membership.OTHER_ORGANIZATION: "<@{0}> belongs to another organization; this bot serves only this workspace's own.",
    Membership.STRANGER: "<@{0}> is a stranger to this workspace. Mention one of its members.",
}


async def check_caller(deps: Deps, *, team: TeamId, caller: UserId, home_team: TeamId | None = None) -> Person:
    """Return who asks, if this bot serves them; raise NotAllowed, or SlackUnavailable in doubt.

    `home` is the workspace that a click says its person belongs to: another one's where a channel is shared.
    """
    person = await deps.people.get(team, caller)
    if person.membership is Membership.OTHER_ORGANIZATION and home_team not in {None, team}:
        raise await _refusal(deps, team, caller, None, why="shared_channel", words=FROM_SHARED_CHANNEL)
    if not _served(deps, person):
        raise await _refusal(deps, team, caller, None, why=person.membership, words=CALLER[person.membership])
    return person


async def check_may_see_link(
    deps: Deps, *, team: TeamId, caller: UserId, owner: UserId, home_team: TeamId | None = None
) -> None:
    """Return if `caller` may hold a link to a profile of `owner`; raise NotAllowed, or SlackUnavailable in doubt."""
    asking = await check_caller(deps, team=team, caller=caller, home_team=home_team)
    if caller == owner:
        return
    if deps.settings.connect_for_others == "nobody" or not await is_admin(deps, asking):
        await _note_refusal(deps, team, caller, owner, why="not_admin")
        raise NotTheirs(owner, deps.settings.connect_command)
    await _check_others(deps, team, caller, owner)


async def check_may_mail_link(
    deps: Deps, *, team: TeamId, caller: UserId, owner: UserId, home_team: TeamId | None = None
) -> Person:
    """Return `owner` if `caller` may have a link mailed to them; raise NotAllowed, or SlackUnavailable in doubt.

    That shows the link to nobody but its owner, so CONNECT_FOR_OTHERS is not asked.
    """
    asking = await check_caller(deps, team=team, caller=caller, home_team=home_team)
    if caller == owner:
        return asking
    if not await is_admin(deps, asking):
        words = (
            "Only admins can have a link mailed to somebody else. "
            f"<@{owner}> gets one by typing `{deps.settings.connect_command}`."
        )
        raise await _refusal(deps, team, caller, owner, why="not_admin", words=words)
    return await _check_others(deps, team, caller, owner)


async def check_admin(deps: Deps, *, team: TeamId, caller: UserId, home_team: TeamId | None = None) -> None:
    """Return if `caller` may configure who is mapped to what; raise NotAllowed, or SlackUnavailable in doubt."""
    asking = await check_caller(deps, team=team, caller=caller, home_team=home_team)
    if not await is_admin(deps, asking):
        raise await _refusal(deps, team, caller, None, why="not_admin", words=ADMINS_ONLY)


async def check_owner(deps: Deps, *, team: TeamId, owner: UserId) -> None:
    """Return if somebody can look after a profile; raise NotServed, or SlackUnavailable in doubt."""
    person = await deps.people.get(team, owner)
    if not _served(deps, person):
        raise NotServed(OWNER[person.membership].replace("<@{0}>", "This person"))


async def is_admin(deps: Deps, person: Person) -> bool:
    """Tell whether somebody is a workspace admin or owner, or is named, or in a group named, in CONNECT_ADMINS."""
    if person.is_admin or person.id in deps.settings.connect_admins:
        return True
    return person.id in await _named_by_group(deps)


async def admins_to_ask(deps: Deps, team: TeamId) -> tuple[UserId, ...]:
    """Return whom to ask for a mapping: those of CONNECT_ADMINS who are served, else the primary owner."""
    named = [UserId(one) for one in deps.settings.connect_admins if not one.startswith("S")]
    found = dict.fromkeys([*named, *sorted(await _named_by_group(deps))])
    people = [await deps.people.get(team, user) for user in found]
    served = tuple(person.id for person in people if _served(deps, person))
    if served:
        return served
    owner = await deps.people.primary_owner()
    return (owner,) if owner else ()


async def _check_others(deps: Deps, team: TeamId, caller: UserId, owner: UserId) -> Person:
    """Return the owner of a profile for whom an admin wants something, if they are served; raise NotAllowed."""
    owning = await deps.people.get(team, owner)
    if not _served(deps, owning):
        words = OWNER[owning.membership].format(owner)
        raise await _refusal(deps, team, caller, owner, why=f"owner_{owning.membership}", words=words)
    return owning


async def _refusal(
    deps: Deps, team: TeamId, caller: UserId, owner: UserId | None, *, why: str, words: str
) -> NotAllowed:
    """Write a refusal to the audit trail, and return it."""
    await _note_refusal(deps, team, caller, owner, why=why)
    return NotAllowed(words)


async def _note_refusal(deps: Deps, team: TeamId, caller: UserId, owner: UserId | None, *, why: str) -> None:
    """Write a refusal to the audit trail, the same one once a minute."""
    if await deps.idempotency.claim(team, f"refused:{caller}:{owner}:{why}", within=SAME_REFUSAL):
        await deps.audit.add(team, AuditRow("refused", by=caller, owner=owner, detail=why))


async def _named_by_group(deps: Deps) -> frozenset[UserId]:
    groups = [await deps.people.group(one) for one in deps.settings.connect_admins if one.startswith("S")]
    return frozenset().union(*groups)


def serves(membership: Membership, *, guests: bool) -> bool:
    """Tell whether somebody of that standing is served, where `guests` are or are not."""
    return membership is Membership.MEMBER or (guests and membership is Membership.GUEST)


def _served(deps: Deps, person: Person) -> bool:
    return serves(person.membership, guests=deps.settings.connect_guests == "allow")
