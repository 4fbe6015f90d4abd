"""What the recipient of an invitation does with it: they fetch a link, want to be reminded, or want no more of these.

It is theirs alone, and what they may have is decided at each click.
"""

from dataclasses import dataclass
from functools import partial

from bot.ayrshare.model import Account
from bot.cards import offer
from bot.cards.links import single_flight
from bot.cards.model import Origin
from bot.core.model import InvitationId, Message, TeamId, UserId
from bot.deps import Deps
from bot.invitations import transitions as steps
from bot.invitations.deliver import await_answer
from bot.invitations.model import DELIVER_INVITATION, Invitation, InvitationState, Reminder
from bot.invitations.reminders import moment_of
from bot.invitations.update import Step, change, theirs
from bot.invitations.views import invitation_message, postponed_message, stopped_message
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.choose_profile import profile_of
from bot.scheduling.job import Job
from bot.slack.blocks import sentence
from bot.slack.delivery import reply
from bot.slack.errors import ResponseUrlRefused
from bot.slack.model import DirectMessage, MessageRef, ResponseUrl

THERE_ALREADY = "Your link is on the card already. It says until when it works."


@dataclass(frozen=True, slots=True)
class InvitationClick:
    """Who pressed a button of an invitation, and on which message; `home` is their own workspace, as Slack told."""

    team: TeamId
    user: UserId
    invitation: InvitationId
    message: MessageRef
    response_url: ResponseUrl
    home_team: TeamId | None = None


async def get_link(deps: Deps, press: InvitationClick) -> None:
    """Make a link and let the invitation become its card; a second press makes no second one."""
    invitation = await _checked(deps, press)
    profile = await profile_of(deps, press.team, press.user, invitation.ref_id)
    card = await deps.cards.of_invitation(press.team, invitation.id)
    if card is not None and card.state.live and deps.clock.now() < card.link.expires_at:
        await deps.scheduler.plan(press.team, card.tick, at=deps.clock.now())  # whoever made it may have died before
        await reply(deps, press.user, press.response_url, sentence(THERE_ALREADY))
        return
    async with single_flight(deps, press.team, f"get_link:{invitation.id}") as first:
        if first:
            origin = Origin(invitation.id, invitation.sender, invitation.note)
            place = DirectMessage(press.message, press.response_url)
            await offer.offer(
                deps, profile, team=press.team, viewer=press.user, owner=press.user, surface=place, origin=origin
            )
            await _answered(deps, press, invitation, partial(steps.opened, at=deps.clock.now()))


async def remind_later(deps: Deps, press: InvitationClick, reminder: Reminder) -> None:
    """Let the invitation come again, and no news before that."""
    invitation = await _checked(deps, press)
    zone = (await deps.people.get(press.team, press.user)).zone
    now = deps.clock.now()
    until = moment_of(reminder, now=now, zone=zone)
    await deps.scheduler.plan(press.team, Job(DELIVER_INVITATION, invitation.id), at=until)
    postponed = await _answered(deps, press, invitation, partial(steps.postponed, until=until, at=now))
    if postponed.state is not InvitationState.POSTPONED:
        await reply(deps, press.user, press.response_url, sentence(THERE_ALREADY))
        return
    await await_answer(deps, postponed)
    await deps.preferences.snooze(press.team, press.user, until)
    await _redraw(deps, press, postponed_message(postponed, await _seen(deps, postponed)))


async def stop(deps: Deps, press: InvitationClick) -> None:
    """Send this person no more invitations and no news."""
    invitation = await theirs(deps, press.team, press.invitation, recipient=press.user)
    await deps.preferences.mute(press.team, press.user)
    await _noted(deps, "invitation_stopped", press.team, press.user, invitation)
    stopped = await _answered(deps, press, invitation, partial(steps.stopped, at=deps.clock.now()))
    await _redraw(deps, press, stopped_message(stopped))


async def allow(deps: Deps, press: InvitationClick) -> None:
    """Take that back; the invitation waits for an answer again."""
    invitation = await _checked(deps, press)
    await allow_again(deps, press.team, press.user)
    allowed = await change(deps, invitation, partial(steps.allowed, at=deps.clock.now()))
    await await_answer(deps, allowed)
    await _redraw(deps, press, invitation_message(allowed, await _seen(deps, allowed)))


async def allow_again(deps: Deps, team: TeamId, user: UserId) -> None:
    """Let somebody have invitations and news again."""
    await deps.preferences.unmute(team, user)
    await _noted(deps, "invitation_allowed", team, user, None)


async def _checked(deps: Deps, press: InvitationClick) -> Invitation:
    await access.check_caller(deps, team=press.team, caller=press.user, home_team=press.home_team)
    return await theirs(deps, press.team, press.invitation, recipient=press.user)


async def _answered(deps: Deps, press: InvitationClick, invitation: Invitation, step: Step) -> Invitation:
    """Keep an answer, which may be there before whoever delivers the invitation has noted that it arrived."""
    now = deps.clock.now()
    return await change(deps, invitation, lambda one: step(steps.arrived(one, posted=press.message, at=now)))


async def _noted(deps: Deps, what: str, team: TeamId, user: UserId, invitation: Invitation | None) -> None:
    row = AuditRow(what, by=user, owner=user, ref_id=invitation.ref_id if invitation else None)
    await deps.audit.add(team, row)


async def _seen(deps: Deps, invitation: Invitation) -> tuple[Account, ...] | None:
    """Return what was linked to the profile when we last asked; nobody waits for Ayrshare here."""
    snapshot = (await deps.snapshots.of(invitation.team, invitation.ref_id)).get(invitation.ref_id)
    return snapshot.accounts if snapshot else None


async def _redraw(deps: Deps, press: InvitationClick, message: Message) -> None:
    """Draw the message anew that was pressed on."""
    try:
        await deps.response_urls.post(press.response_url, message, replace=True)
    except ResponseUrlRefused:
        await deps.direct_messages.update(press.message, message)
