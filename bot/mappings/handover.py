"""An admin hands a person's profiles over to another one; admins are asked to when a person's account is deactivated.

Handlers check before (people/access.py) that the admin may do that.
"""

from collections.abc import Sequence

import structlog

from bot.cards.model import Card
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings.held import held_by, live_links
from bot.mappings.model import DEACTIVATION_INTERVAL, RemovalResult
from bot.mappings.told_views import deactivated_message
from bot.mappings.unmap import take
from bot.people import access
from bot.people.errors import NotServed
from bot.profiles.errors import NoSuchProfile
from bot.profiles.model import ProfileRef
from bot.slack.delivery import deliver_once
from bot.slack.errors import SlackError

log = structlog.get_logger()


async def profiles_to_hand_over(
    deps: Deps, team: TeamId, old: UserId
) -> tuple[tuple[ProfileRef, ...], tuple[Card, ...]]:
    """Return a person's profiles, and their links that still work; raise NoSuchProfile."""
    held = await held_by(deps, team, old)
    if not held:
        raise NoSuchProfile(f"<@{old}> has no profile, so there's nothing to hand over.")
    return held, await live_links(deps, team, old, held)


async def check_successor(deps: Deps, team: TeamId, *, old: UserId, new: UserId, by: UserId) -> None:
    """Return if a person can take profiles over, as Slack says now; raise NotServed, SlackError, AskedTooOften."""
    if old == new:
        raise NotServed("They have these profiles already. Choose another person.")
    await access.check_owner(deps, team=team, owner=new, by=by)


async def hand_over(
    deps: Deps, team: TeamId, *, old: UserId, new: UserId, ref_ids: Sequence[RefId], by: UserId
) -> RemovalResult:
    """Hand over all of the profiles or none, end the old person's links and tell both."""
    return await take(deps, team, old, ref_ids, to=new, by=by)


async def on_user_deactivated(deps: Deps, team: TeamId, user: UserId) -> None:
    """Ask the admins, once a day, who takes over the profiles of a person whose account was deactivated.

    Raises SlackError where one couldn't be asked yet; those who were asked aren't asked again.
    """
    held, asked = await held_by(deps, team, user), f"deactivated:{user}"
    if not held or await deps.idempotency.is_claimed(team, asked):
        return
    message, today = deactivated_message(user, held), f"{deps.clock.now():%Y-%m-%d}"
    failure: SlackError | None = None
    for admin in await access.admins_to_ask(deps, team, besides=user):
        try:
            await deliver_once(deps, team, admin, message, mark=f"{asked}:{today}:{admin}")
        except SlackError as error:
            log.warning("admin_not_notified", admin=admin, error=error.reason)
            failure = error if error.retryable else failure
    if failure:
        raise failure
    await deps.idempotency.claim(team, asked, within=DEACTIVATION_INTERVAL)
