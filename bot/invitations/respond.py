"""What the recipient of an invitation can do with it: get a link, postpone it, or mute these messages.

Only its recipient can, and what they may have is checked at each click.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.cards import offer
from bot.cards.offer import single_flight
from bot.cards.scope import LinkRequest
from bot.core.background import begun
from bot.core.model import Message, TeamId, UserId
from bot.deps import Deps
from bot.invitations import transitions
from bot.invitations.deliver import plan_next
from bot.invitations.errors import InvitationGone
from bot.invitations.model import (
    DRAW_RECEIPT,
    POSTPONED_BY,
    POSTPONED_TO,
    Invitation,
    InvitationId,
    InvitationState,
    Postponement,
)
from bot.invitations.transitions import update
from bot.invitations.views import LINK_ON_CARD, invitation_message, muted_message, postponed_message
from bot.people import access
from bot.people.audit import AuditRow
from bot.people.preferences import zone_of
from bot.profiles.choose_profile import profile_of
from bot.profiles.model import Snapshot
from bot.profiles.redraw import views_changed
from bot.scheduling.job import Job
from bot.slack.blocks import sentence
from bot.slack.delivery import reply
from bot.slack.errors import ResponseUrlRefused
from bot.slack.model import DirectMessage, MessageRef, ResponseUrl
from bot.slack.requests import UserAction


@dataclass(frozen=True, slots=True)
class InvitationClick(UserAction):
    """A click on a button of an invitation; `home_team` is the person's own workspace, if Slack named it."""

    team: TeamId
    user: UserId
    invitation: InvitationId
    message: MessageRef
    response_url: ResponseUrl
    home_team: TeamId | None = None


async def get_link(deps: Deps, click: InvitationClick) -> None:
    """Make a link and replace the invitation by its card; a second click makes no second link."""
    await access.check_caller(deps, click.viewer)
    looking = begun(_own(deps, click))
    showing = begun(deps.cards.newest_notifying(click.team, Job(DRAW_RECEIPT, click.invitation)))
    async with single_flight(deps, click.team, f"get_link:{click.invitation}:{click.message.ts}") as first:
        invitation, card = await asyncio.gather(looking, showing)  # in one exchange with Redis
        if card is not None and card.state.live and deps.clock.now() < card.link.expires_at:
            await deps.scheduler.plan(click.team, card.tick_job, at=deps.clock.now())  # its maker may have died before
            await reply(deps, click.team, click.user, click.response_url, sentence(LINK_ON_CARD))
        elif first:
            await _offer(deps, click, invitation)


async def _offer(deps: Deps, click: InvitationClick, invitation: Invitation) -> None:
    request = LinkRequest(
        click.viewer,
        DirectMessage(click.message, click.response_url),
        asked_by=invitation.sender,
        note=invitation.note,
        reconnect=True,
        notify=invitation.receipt_job,
    )
    finding = profile_of(deps, click.team, click.user, invitation.ref_id)
    await offer.offer(deps, request, finding, owner=click.user)
    await update(deps, invitation, transitions.opened, message=click.message, at=deps.clock.now())


async def postpone(deps: Deps, click: InvitationClick, postponement: Postponement) -> None:
    """Plan the next delivery of the invitation, and hold back digests until then."""
    invitation = await _checked(deps, click)
    zone = (await deps.people.get(click.team, click.user)).zone
    now = deps.clock.now()
    until = postponed_until(postponement, now=now, zone=zone)
    await deps.scheduler.plan(click.team, invitation.delivery_job, at=until)
    postponed = await update(deps, invitation, transitions.postponed, message=click.message, until=until, at=now)
    if postponed.state is not InvitationState.POSTPONED:
        await reply(deps, click.team, click.user, click.response_url, sentence(LINK_ON_CARD))
        return
    await plan_next(deps, postponed)
    await deps.preferences.snooze(click.team, click.user, until)
    seen = await _last_seen(deps, postponed)
    await _redraw(deps, click, postponed_message(postponed, seen, offered=deps.ayrshare.options.offered))


async def mute(deps: Deps, click: InvitationClick) -> None:
    """Mute invitations and digests for this person."""
    invitation = await _own(deps, click)
    if await deps.preferences.mute(click.team, click.user):
        await _audit(deps, "invitation_stopped", click.team, click.user, invitation)
        await views_changed(deps, click.team)
    muted = await update(deps, invitation, transitions.muted, message=click.message, at=deps.clock.now())
    await _redraw(deps, click, muted_message(muted))


async def unmute(deps: Deps, click: InvitationClick) -> None:
    """Undo `mute`; the invitation waits for an answer again."""
    invitation = await _checked(deps, click)
    await unmute_person(deps, click.team, click.user)
    unmuted = await update(deps, invitation, transitions.unmuted, at=deps.clock.now())
    await plan_next(deps, unmuted)
    seen = await _last_seen(deps, unmuted)
    await _redraw(deps, click, invitation_message(unmuted, seen, offered=deps.ayrshare.options.offered))


async def unmute_person(deps: Deps, team: TeamId, user: UserId) -> None:
    """Unmute invitations and digests for a person."""
    if await deps.preferences.unmute(team, user):
        await _audit(deps, "invitation_allowed", team, user, None)
        await views_changed(deps, team)


def postponed_until(postponement: Postponement, *, now: datetime, zone: str) -> datetime:
    """Return when to ask again (UTC): in an hour, or at 9:00 of a later day in the zone, UTC where that is unknown."""
    if postponement is Postponement.HOUR:
        return now + POSTPONED_BY
    days = {Postponement.TOMORROW: 1, Postponement.WEEK: 7}[postponement]
    day = now.astimezone(zone_of(zone)).date() + timedelta(days=days)  # calendar days, also of 23 or 25 hours
    return datetime.combine(day, POSTPONED_TO, tzinfo=zone_of(zone)).astimezone(UTC)


async def _checked(deps: Deps, click: InvitationClick) -> Invitation:
    await access.check_caller(deps, click.viewer)
    return await _own(deps, click)


async def _own(deps: Deps, click: InvitationClick) -> Invitation:
    """Return the invitation if it is stored and the click is its recipient's; raise InvitationGone."""
    invitation = await deps.invitations.get(click.team, click.invitation)
    if invitation is None or invitation.recipient != click.user:
        raise InvitationGone
    return invitation


async def _audit(deps: Deps, what: str, team: TeamId, user: UserId, invitation: Invitation | None) -> None:
    row = AuditRow(what, by=user, owner=user, ref_id=invitation.ref_id if invitation else None)
    await deps.audit.add(team, row)


async def _last_seen(deps: Deps, invitation: Invitation) -> Snapshot | None:
    """Return how the profile was last seen, without asking Ayrshare."""
    return (await deps.snapshots.of(invitation.team, invitation.ref_id)).get(invitation.ref_id)


async def _redraw(deps: Deps, click: InvitationClick, message: Message) -> None:
    """Replace the clicked message, through the click's response URL if Slack still takes it."""
    try:
        await deps.response_urls.post(click.response_url, message, replace=True)
    except ResponseUrlRefused:
        await deps.direct_messages.update(click.team, click.message, message)
