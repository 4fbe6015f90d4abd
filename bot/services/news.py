"""What Ayrshare tells of its own accord: that a network of a profile was linked or unlinked.

All that may be lost is kept in Redis before a delivery counts as taken: each live card has it written on it that a
network changed. So a death in between costs a second delivery, and one afterwards leaves cards that are looked after at
their next moment, or at the next click.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.deps import Deps
from bot.errors import ConnectbotError
from bot.model import Account, Card, RefId
from bot.services import card_steps as steps
from bot.services.card_changes import apply
from bot.services.linked import healthy_accounts, show_look

CLOCKS_APART = timedelta(minutes=1)
"""By how much Ayrshare's clock and ours may differ."""
SOMETHING = ""
"""In a network's place: what changed is older than the card."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Change:
    """That a network of a profile changed; `id` is the same however often it is told, `at` (UTC) may be unknown."""

    id: str
    ref_id: RefId
    network: str
    at: datetime | None


async def take(deps: Deps, change: Change) -> str:
    """Take note of a change, go on in the background, and say in a word what came of it; raise StoreUnavailable."""
    if deps.background.full(""):
        return "busy"
    if await deps.deliveries.taken(change.id):
        return "repeated"
    cards = await _tell(deps, change)
    if not await deps.deliveries.take(change.id):
        return "repeated"
    log.info("network_changed", profile=change.ref_id, network=change.network, cards=len(cards))
    if not cards:
        return "nobody_waits"
    deps.background.start(_show(deps, cards))
    return "ok"


async def _tell(deps: Deps, change: Change) -> tuple[Card, ...]:
    """Write on the live cards of the profile that a network changed, and return them."""
    told = []
    for team in await deps.mappings.teams():
        for card in await deps.cards.live(team, change.ref_id):
            older = change.at is not None and change.at + CLOCKS_APART < card.made_at
            network = SOMETHING if older else change.network
            told.append(await apply(deps.cards, card, partial(steps.told, network=network)))
    return tuple(card for card in told if card and card.state.live)


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
        await show_look(deps, card, accounts)
    except ConnectbotError as error:
        log.info("change_not_shown", card=card.id, cause=error.kind)
