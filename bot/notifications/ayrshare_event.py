"""What Ayrshare tells of its own accord: that a network of a profile was linked or unlinked, or will be lost soon.

All that may be lost is kept in Redis before a delivery counts as taken: each live card has it written on it that a
network changed, and what people are to be told waits for them. So a death in between costs a second delivery, and one
afterwards leaves cards that are looked after at their next moment, or at the next click.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

import structlog

from bot.ayrshare.model import Account
from bot.cards import transitions as steps
from bot.cards.model import Card
from bot.cards.refresh import healthy_accounts, show_accounts
from bot.cards.update import apply
from bot.core.errors import ConnectbotError
from bot.core.model import RefId
from bot.deps import Deps
from bot.invitations.transitions import tell_of_account
from bot.notifications import account_diff
from bot.notifications.model import Alert, AlertKind

CLOCKS_APART = timedelta(minutes=1)
"""By how much Ayrshare's clock and ours may differ."""
LONGEST_WHY = 500
"""More than is shown, and as much as is worth keeping."""
SOMETHING = ""
"""In a network's place: what changed is older than the card."""

log = structlog.get_logger()


class ChangeKind(StrEnum):
    """What happened to a network: Ayrshare dropped its link, its own people took it off, or nobody says which."""

    LINKED = "linked"
    DROPPED = "dropped"
    TAKEN_OFF = "taken_off"
    UNLINKED = "unlinked"
    EXPIRES = "expires"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """That a network of a profile changed; `id` is the same however often it is told, `at` (UTC) may be unknown.

    `name` is the account's, where that was told; `why` are Ayrshare's words, `by` (UTC) is when the network wants a new
    sign-in.
    """

    id: str
    ref_id: RefId
    network: str
    at: datetime | None
    kind: ChangeKind = ChangeKind.LINKED
    name: str | None = None
    why: str = ""
    by: datetime | None = None


async def on_ayrshare_event(deps: Deps, change: AccountChange) -> str:
    """Take note of a change, go on in the background, and say in a word what came of it; raise StoreUnavailable."""
    if deps.background.full(""):
        return "busy"
    if await deps.webhook_deliveries.is_claimed(change.id):
        return "repeated"
    cards = () if change.kind is ChangeKind.EXPIRES else await _tell(deps, change)
    told = change.network != SOMETHING and await _alert(deps, change)
    if not await deps.webhook_deliveries.claim(change.id):
        return "repeated"
    log.info("network_changed", profile=change.ref_id, network=change.network, cards=len(cards))
    if not cards:
        return "ok" if told else "nobody_waits"
    deps.background.start(_show(deps, cards))
    return "ok"


async def _tell(deps: Deps, change: AccountChange) -> tuple[Card, ...]:
    """Write on the live cards of the profile that a network changed, and return them."""
    told = []
    for team in await deps.mappings.teams():
        for card in await deps.cards.live(team, change.ref_id):
            older = change.at is not None and change.at + CLOCKS_APART < card.made_at
            network = SOMETHING if older else change.network
            told.append(await apply(deps.cards, card, partial(steps.told, network=network)))
    return tuple(card for card in told if card and card.state.live)


async def _alert(deps: Deps, change: AccountChange) -> bool:
    """Let those who look after the profile hear of it where they didn't do it; return whether anybody will."""
    alert, told = _alert_of(change, now=deps.clock.now()), False
    for team in await deps.mappings.teams():
        holders = await deps.mappings.holders(team, change.ref_id)
        if holders and change.kind is ChangeKind.LINKED:
            await account_diff.linked(deps, team, change.ref_id, change.network)
            account = Account(change.network, change.name)
            told |= await tell_of_account(deps, team, holders, change.ref_id, account)
        elif holders and change.kind is ChangeKind.TAKEN_OFF:
            await account_diff.taken_off(deps, team, alert)
        elif holders and change.kind is not ChangeKind.UNLINKED:
            await account_diff.tell(deps, team, [alert], holders)
            told = True
    return told


def _alert_of(change: AccountChange, *, now: datetime) -> Alert:
    what = AlertKind.EXPIRING if change.kind is ChangeKind.EXPIRES else AlertKind.LOST
    return Alert(what, now, change.ref_id, change.network, why=change.why[:LONGEST_WHY], by=change.by)


async def _show(deps: Deps, cards: tuple[Card, ...]) -> None:
    accounts = await _accounts(deps, cards)
    if accounts is not None:
        await asyncio.gather(*(_show_on(deps, card, accounts) for card in cards))


async def _accounts(deps: Deps, cards: tuple[Card, ...]) -> tuple[Account, ...] | None:
    """Ask once what is linked to the profile; with another workspace's key only where one gets no answer."""
    for team in dict.fromkeys(card.team for card in cards):
        accounts = await healthy_accounts(deps, team, cards[0].ref_id)
        if accounts is not None:
            return accounts
    return None


async def _show_on(deps: Deps, card: Card, accounts: tuple[Account, ...]) -> None:
    try:
        await show_accounts(deps, card, accounts)
    except ConnectbotError as error:
        log.info("change_not_shown", card=card.id, cause=error.kind)
