"""What a webhook event about an account changes: live cards are redrawn, and people are alerted of what they lost.

Before a delivery counts as processed, everything is stored: each live card has the changed network, and the alerts are
recorded. A crash before that costs a second delivery; after it, cards are redrawn at their next update or click.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from bot.ayrshare.model import Account
from bot.cards.model import Card
from bot.cards.refresh import healthy_accounts, show_accounts
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.invitations.transitions import record_connected_account
from bot.notifications import account_diff
from bot.notifications.model import CHECK_ACCOUNTS, CLOCK_SKEW, REASON_KEPT, Alert, AlertKind
from bot.profiles.model import ACCOUNT_CHANGED, Disconnected
from bot.profiles.redraw import views_changed
from bot.scheduling.job import Job

UNKNOWN_NETWORK = ""
"""The event names no network, or the change is older than the card: the card is refreshed, its link gets no credit."""

log = structlog.get_logger()


class ChangeKind(StrEnum):
    """What happened to an account; DROPPED is by Ayrshare, REMOVED by its own people, DISCONNECTED by nobody named."""

    CONNECTED = "connected"
    DROPPED = "dropped"
    REMOVED = "removed"
    DISCONNECTED = "disconnected"
    EXPIRING = "expiring"


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """A change of one of a profile's accounts, at a moment (UTC) that may be unknown.

    `id` is the same for every delivery. `name` is the account's, `reason` is Ayrshare's text, `refresh_by` (UTC) is the
    deadline of a new sign-in.
    """

    id: str
    ref_id: RefId
    network: str
    at: datetime | None
    kind: ChangeKind = ChangeKind.CONNECTED
    name: str | None = None
    reason: str = ""
    refresh_by: datetime | None = None


async def on_ayrshare_event(deps: Deps, change: AccountEvent) -> str:
    """Store a change, redraw cards in the background, and return the outcome's label; raise StoreUnavailable."""
    if deps.background.full(""):
        return "busy"
    if await deps.webhook_deliveries.is_claimed(change.id):
        return "repeated"
    cards = () if change.kind is ChangeKind.EXPIRING else await _mark_cards(deps, change)
    alerted = change.network != UNKNOWN_NETWORK and await _alert_holders(deps, change, looks=not cards)
    if not await deps.webhook_deliveries.claim(change.id):
        return "repeated"
    log.info("network_changed", profile=change.ref_id, network=change.network, cards=len(cards))
    watching = [team for team in await deps.mappings.teams() if await _is_shown(deps, team, change.ref_id)]
    if cards or watching:
        deps.background.start(_show_change(deps, change.ref_id, cards, watching))
    return "ok" if cards or watching or alerted else "nobody_waits"


async def _is_shown(deps: Deps, team: TeamId, ref_id: RefId) -> bool:
    """Return whether anyone in a workspace that knows the profile has something open that may show it."""
    known = await deps.profiles.titles(team, ref_id)
    return bool(known and await deps.open_views.open_now(team, now=deps.clock.now()))


async def _mark_cards(deps: Deps, change: AccountEvent) -> tuple[Card, ...]:
    """Store the changed network with the profile's live cards, and return them."""
    marked = []
    for team in await deps.mappings.teams():
        for card in await deps.cards.live(team, change.ref_id):
            older = change.at is not None and change.at + CLOCK_SKEW < card.made_at
            network = UNKNOWN_NETWORK if older else change.network
            marked.append((await deps.cards.update(card, Card.with_changed_network, network))[0])
    return tuple(card for card in marked if card and card.state.live)


async def _alert_holders(deps: Deps, change: AccountEvent, *, looks: bool) -> bool:
    """Alert the profile's people of what they didn't do themselves; return whether anyone will be notified.

    `looks`: no card looks which account was connected.
    """
    alert, alerted = _alert_of(change, now=deps.clock.now()), False
    for team in await deps.mappings.teams():
        if not await deps.profiles.titles(team, change.ref_id):
            continue  # the workspace doesn't know the profile
        await _note_account(deps, team, change, looks=looks)
        if change.kind is ChangeKind.CONNECTED:
            holders = await deps.mappings.holders(team, change.ref_id)
            await account_diff.record_connected(deps, team, change.ref_id, change.network, at=change.at)
            account = Account(change.network, change.name)
            alerted |= await record_connected_account(deps, team, holders, change.ref_id, account)
        elif change.kind is ChangeKind.REMOVED:
            await account_diff.record_removed(deps, team, alert)
            await deps.snapshots.hide_dropped(team, change.ref_id, change.network, at=deps.clock.now())
        elif change.kind is not ChangeKind.DISCONNECTED:
            if change.kind is ChangeKind.DROPPED:
                dropped = Disconnected(change.network, change.name or "", change.at or deps.clock.now(), alert.reason)
                if await deps.snapshots.note_dropped(team, change.ref_id, dropped):
                    await deps.scheduler.wake(team, at=deps.clock.now())
                await account_diff.update_accounts(
                    deps, team, change.ref_id, {}, resolved=[(AlertKind.BACK, change.network)]
                )
                await account_diff.note_drops(deps, team, [alert])
            alerted |= bool(await account_diff.alert_holders(deps, team, [alert]))
    return alerted


async def _note_account(deps: Deps, team: TeamId, change: AccountEvent, *, looks: bool) -> None:
    """Note that an account is gone, or plan a look at which one was connected; whoever was told of it reads that."""
    if change.kind is ChangeKind.CONNECTED and looks:
        await deps.scheduler.plan(team, Job(CHECK_ACCOUNTS, change.ref_id), at=deps.clock.now())
    elif change.kind not in {ChangeKind.CONNECTED, ChangeKind.EXPIRING}:
        at = change.at or deps.clock.now()
        if await deps.account_ids.gone(team, change.ref_id, change.network, at=at):
            await deps.scheduler.plan(team, Job(ACCOUNT_CHANGED, change.ref_id), at=deps.clock.now())


def _alert_of(change: AccountEvent, *, now: datetime) -> Alert:
    kind = AlertKind.EXPIRING if change.kind is ChangeKind.EXPIRING else AlertKind.DISCONNECTED
    reason = change.reason[:REASON_KEPT]
    return Alert(kind, now, change.ref_id, change.network, reason=reason, refresh_by=change.refresh_by)


async def _show_change(deps: Deps, ref_id: RefId, cards: tuple[Card, ...], watching: Sequence[TeamId]) -> None:
    """Read the profile's accounts and show them on its cards and Home tabs; what fails, the next look shows."""
    accounts = await _read_accounts(deps, ref_id, [*(card.team for card in cards), *watching])
    if accounts is not None:
        await asyncio.gather(*(_refresh_card(deps, card, accounts) for card in cards))
    for team in watching:
        await views_changed(deps, team)


async def _read_accounts(deps: Deps, ref_id: RefId, teams: Sequence[TeamId]) -> tuple[Account, ...] | None:
    """Ask Ayrshare once for all; try another workspace's profile key only if the first one's call fails."""
    for team in dict.fromkeys(teams):
        accounts = await healthy_accounts(deps, team, ref_id)
        if accounts is not None:
            return accounts
    return None


async def _refresh_card(deps: Deps, card: Card, accounts: tuple[Account, ...]) -> None:
    try:
        await show_accounts(deps, card, accounts)
    except ConnectbotError as error:
        log.info("change_not_shown", card=card.id, cause=error.kind)
