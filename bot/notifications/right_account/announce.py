"""Who hears which account was connected, and when; and its row in the audit log.

Whoever connected it sees it on their card, and reads it in a direct message once that is over. Who asked for it, and
where no card of one person was used everybody who has the profile, read it a minute later, by day; so do the admins
where another profile has the account as well.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog

from bot.ayrshare.model import AccountChange
from bot.cards.model import Card
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.notifications.model import CARD_SHOWS_IT, GATHERED_FOR, PAGE_STAYS_OPEN, TELL_ACCOUNT
from bot.notifications.right_account.settled import SEPARATOR, plan_settled
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.account_changes import known_accounts
from bot.profiles.account_status import accounts_of
from bot.profiles.model import ChangeRef
from bot.scheduling.job import Job

log = structlog.get_logger()


async def check_accounts(deps: Deps, team: TeamId, ref_id: RefId) -> None:
    """Look at a profile of which an account was connected; raise AyrshareError."""
    for profile in await deps.profiles.get(team, ref_id):
        await accounts_of(deps, team, profile)


async def on_account_changed(deps: Deps, team: TeamId, ref_id: RefId) -> None:
    """Record what is new about a profile's accounts, and plan who reads it, or reads what is over; raise SlackError."""
    for ended in await deps.account_ids.ended(team, ref_id):
        await plan_settled(deps, team, ended)
    for account in (await known_accounts(deps, team, ref_id)).values():
        if account.change and not account.change.recorded:
            await _announce(deps, team, ref_id, account.change)


async def _announce(deps: Deps, team: TeamId, ref_id: RefId, change: AccountChange) -> None:
    card = await _used_card(deps, team, ref_id, change)
    by = card.viewer if card and not card.issued_by else None
    if change.questionable:
        people = await _audience(deps, team, ref_id, change, card)
        await deps.account_ids.add_readers(team, change.id, people)
        for user, at in people.items():
            job_id = SEPARATOR.join((user, by or "", ref_id, change.account.network, change.id))
            await deps.scheduler.plan(team, Job(TELL_ACCOUNT, job_id), at=at)
    if change.before:
        await plan_settled(deps, team, ChangeRef(ref_id, change.account.network, change.before))
    outcome = "changed" if change.former else "shared" if change.shared_with else "reconnected"
    row = AuditRow(f"account_{outcome}", by=by or "bot", ref_id=ref_id, detail=_detail(change))
    if await deps.account_ids.record(team, change, row):
        deps.metrics.account_changes.labels(outcome).inc()
        log.info("account_connected", profile=ref_id, network=change.account.network, outcome=outcome)


async def _used_card(deps: Deps, team: TeamId, ref_id: RefId, change: AccountChange) -> Card | None:
    """Return the card by whose link an account was connected: the newest one that was opened, or worked then.

    One whose page can't have been open any more when the former account was last seen was used for something else.
    """
    for card in await deps.cards.kept(team, ref_id):
        ends = card.link.expires_at
        might = card.made_at <= change.at and change.after <= ends + PAGE_STAYS_OPEN
        if might and (card.opened_at or change.at <= ends):
            return card
    return None


async def _audience(
    deps: Deps, team: TeamId, ref_id: RefId, change: AccountChange, card: Card | None
) -> Mapping[UserId, datetime]:
    """Return who is told and when."""
    now = deps.clock.now()
    holders = {card.owner} if card and not card.shared else {*await deps.mappings.holders(team, ref_id)}
    asked = (card.asked_by,) if card and card.asked_by else ()
    admins = await access.admins_to_ask(deps, team) if change.shared_with else ()
    people: dict[UserId, datetime] = dict.fromkeys((*holders, *asked, *admins), now + GATHERED_FOR)
    if card and not card.shared:
        ends = min(card.link.expires_at, now + CARD_SHOWS_IT) if card.state.live else now
        people[card.viewer] = max(ends, now + GATHERED_FOR)
    return people


def _detail(change: AccountChange) -> str:
    """Say in ids which account it is, which it was before, and which profiles share it."""
    former = f" instead of {change.former.id}" if change.former else ""
    shared = f", shared with {' '.join(change.shared_with)}" if change.shared_with else ""
    return f"{change.account.network} {change.account.id}{former}{shared}"
