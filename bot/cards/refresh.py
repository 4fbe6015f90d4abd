"""What is due on a card: to look up what was connected, to ask Ayrshare about its link, to redraw it, to end it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from bot.ayrshare.model import Account, LinkUse, Profile
from bot.cards import schedule
from bot.cards.model import LOOKUP_TIMEOUT, Card, CardId, CardState
from bot.cards.scope import LinkRequest
from bot.cards.update import (
    draw,
    draw_dm_card,
    get_unless_drawn,
    redraw,
    show_end,
    update,
    update_and_plan,
    update_if,
)
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId
from bot.core.time_limit import limited_to
from bot.deps import Deps
from bot.profiles.account_changes import known_accounts
from bot.profiles.account_status import accounts_of
from bot.profiles.model import ChangeRef, Snapshot
from bot.slack.model import Surface

log = structlog.get_logger()


async def on_tick(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Redraw the time left on a live card, or look up its accounts; draw an end that came from elsewhere."""
    card, now = await get_unless_drawn(deps, team, card_id, lambda card: card.tick_job), deps.clock.now()
    if card is None:
        return
    due = schedule.due(card, now=now)
    if card.state.live and not due.end:
        await _redraw_due(deps, await sync_with_session(deps, card) if due.tick else card, due, now=now)
    elif card.needs_redraw and card.state is not CardState.EXPIRED:
        await show_end(deps, card)


async def on_deadline(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """End a card whose link has expired; draw an end that Slack refused before."""
    card, now = await get_unless_drawn(deps, team, card_id, lambda card: card.end_job), deps.clock.now()
    if card is None:
        return
    if card.state.live and not schedule.due(card, now=now).end:
        await _plan_end(deps, card)
    elif card.state.live:
        can_post = schedule.can_post(card, now=now)
        expired = await _expire(deps, card)
        if expired and can_post:
            await draw(deps, expired)
    elif card.needs_redraw:
        await show_end(deps, card)


async def redraw_dm_card(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Redraw a card in a direct message, for which a `chat.update` slot was acquired; raise SlackError."""
    card, now = await deps.cards.get(team, card_id), deps.clock.now()
    if card is None:
        return
    due = schedule.due(card, now=now)
    if card.state.live and not due.end:
        card = await sync_with_session(deps, card)
        accounts = await healthy_accounts(deps, team, card.ref_id) if due.refresh else None
        seen, snapshot = card.changed_networks, await snapshot_of(deps, card, accounts)
        await draw_dm_card(deps, await update(deps, card, Card.refreshed, accounts, snapshot, seen=seen, at=now))
    elif card.needs_redraw and card.state is not CardState.EXPIRED:
        await draw_dm_card(deps, card)


async def end_dm_card(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """End a card in a direct message whose link has expired, and draw an end that isn't drawn; raise SlackError."""
    card = await deps.cards.get(team, card_id)
    if card and card.state.live and not schedule.due(card, now=deps.clock.now()).end:
        await _plan_end(deps, card)
    elif card and card.state.live:
        card = await _expire(deps, card) or await deps.cards.get(team, card_id)
    if card and card.needs_redraw:
        await draw_dm_card(deps, card)


async def show_accounts(deps: Deps, card: Card, accounts: tuple[Account, ...] | None) -> None:
    """Show on a live card what is connected; one that is about to end looks it up itself."""
    now = deps.clock.now()
    if card.state.live and not schedule.due(card, now=now).end:
        await refresh_accounts(deps, card, accounts, now=now)


async def refresh_accounts(deps: Deps, card: Card, accounts: tuple[Account, ...] | None, *, now: datetime) -> None:
    """Keep what is connected, and redraw the card if its time left is due, or it changed and a post can be spared."""
    seen, snapshot = card.changed_networks, await snapshot_of(deps, card, accounts)
    if await redraw(deps, card, _refreshed_to_draw, accounts, snapshot, seen=seen, at=now) is None:
        await update_and_plan(deps, card, now, Card.refreshed, accounts, snapshot, seen=seen, at=now)


async def snapshot_of(deps: Deps, card: Card, accounts: tuple[Account, ...] | None) -> Snapshot | None:
    """Return how the profile is, if its accounts were looked up just now."""
    return None if accounts is None else (await deps.snapshots.of(card.team, card.ref_id)).get(card.ref_id)


async def healthy_accounts(deps: Deps, team: TeamId, ref_id: RefId) -> tuple[Account, ...] | None:
    """Return the accounts of a profile that are in order, or None where Ayrshare doesn't tell in time.

    `refresh_by` is left out: Ayrshare counts it from the moment of asking, so it differs each time.
    """
    try:
        async with limited_to(LOOKUP_TIMEOUT):
            profiles = await deps.profiles.get(team, ref_id)
            connected = await accounts_of(deps, team, profiles[0]) if profiles else None
            known = await known_accounts(deps, team, ref_id)
    except (ConnectbotError, TimeoutError) as error:
        log.info("refresh_failed", profile=ref_id, cause=type(error).__name__)
        return None
    accounts = connected.accounts if connected else ()
    return tuple(_as_known(account, known) for account in accounts if not account.needs_attention)


def _as_known(account: Account, known: Mapping[str, Account]) -> Account:
    """Add what is known of an account: since when the profile has it, or that it is another one than before."""
    of_network = known.get(account.network, account)
    return replace(account, refresh_by=None, known_since=of_network.known_since, change=of_network.change)


async def sync_with_session(deps: Deps, card: Card, profile: Profile | None = None) -> Card:
    """Return a live card as it stands after asking Ayrshare about its link, where its API can tell."""
    use, now = await _link_use(deps, card, profile), deps.clock.now()
    if use is None or card.synced(use, at=now) == card:
        return card
    return await update(deps, card, Card.synced, use, at=now)


async def _link_use(deps: Deps, card: Card, profile: Profile | None) -> LinkUse | None:
    """Return whether a link was opened, revoked or expired, or None where Ayrshare doesn't tell in time."""
    if card.link.session_id is None:
        return None
    try:
        async with limited_to(LOOKUP_TIMEOUT):
            profiles = [profile] if profile else await deps.profiles.get(card.team, card.ref_id)
            links = await deps.ayrshare.links(card.team)
            return await links.use(profiles[0], card.link) if profiles else None
    except (ConnectbotError, TimeoutError) as error:
        log.info("link_use_unknown", card=card.id, cause=type(error).__name__)
        return None


async def _redraw_due(deps: Deps, card: Card, due: schedule.CardDue, *, now: datetime) -> None:
    if not card.state.live:
        await show_end(deps, card)
        return
    accounts = await healthy_accounts(deps, card.team, card.ref_id) if due.refresh else None
    await refresh_accounts(deps, card, accounts, now=now)


async def _plan_end(deps: Deps, card: Card) -> None:
    """Plan the end of a live card whose job ran too early, as it does where the clock was turned back."""
    await deps.scheduler.plan(card.team, card.end_job, at=card.link.expires_at)


async def _expire(deps: Deps, card: Card) -> Card | None:
    """End a card at its deadline, with what was connected until then; return None if it has ended otherwise."""
    used = card.state is CardState.OPENED or bool(card.changed_networks)
    seen, now = card.changed_networks, deps.clock.now()
    card = card if used else await sync_with_session(deps, card)
    looks = used or bool(card.issued_by)  # on the screen, there is time for one call only
    accounts = await healthy_accounts(deps, card.team, card.ref_id) if looks else None
    return await update_if(deps, card, _expired, accounts, seen=seen, at=now)


def _expired(card: Card, accounts: tuple[Account, ...] | None, *, seen: tuple[str, ...], at: datetime) -> Card | None:
    ended = card.refreshed(accounts, None, seen=seen, at=at).expired()
    return ended.post_counted() if ended.needs_redraw and ended.state is CardState.EXPIRED else None


def _refreshed_to_draw(
    card: Card,
    accounts: tuple[Account, ...] | None,
    snapshot: Snapshot | None,
    *,
    seen: tuple[str, ...],
    at: datetime,
) -> Card | None:
    """Return the refreshed card if it is to be drawn: a tick is due, or it changed and a post can be spared."""
    refreshed = card.refreshed(accounts, snapshot, seen=seen, at=at)
    ticks = schedule.due(card, now=at).tick
    changes = (refreshed.connected, refreshed.broken) != (card.connected, card.broken)
    return refreshed if card.state.live and (ticks or (changes and schedule.has_spare_post(card, now=at))) else None


async def show_settled(deps: Deps, request: LinkRequest, *, card_id: CardId) -> None:
    """Redraw a card through the click on it, with what is connected now."""
    card = await deps.cards.get_for(request.team, card_id, viewer=request.caller)
    if card and card.state.live:
        accounts = await healthy_accounts(deps, card.team, card.ref_id)
        await redraw(deps, card, _settled, accounts, await snapshot_of(deps, card, accounts), request.surface)


async def settle_ended(deps: Deps, team: TeamId, ref: ChangeRef) -> None:
    """Have those told who follow a profile's ended cards, where one shows a change of an account that is over."""
    here = (await known_accounts(deps, team, ref.ref_id)).get(ref.network)
    for card in await deps.cards.kept(team, ref.ref_id):
        if any(one.change and one.change.id == ref.id for one in card.connected):
            await update_if(deps, card, _settled_after_end, ref.id, here)


def _settled_after_end(card: Card, change_id: str, here: Account | None) -> Card | None:
    """Show an account that may have been the wrong one as any other if it was kept, or else no longer."""
    if card.state.live:
        return None
    doubtful = [one for one in card.connected if one.change and one.change.id == change_id]
    kept = [one for one in doubtful if here and here.id == one.id and here.change is None]
    rest = (one for one in card.connected if one not in doubtful or one in kept)
    return replace(card, connected=tuple(replace(one, change=None) if one in kept else one for one in rest))


def _settled(
    card: Card, accounts: tuple[Account, ...] | None, snapshot: Snapshot | None, surface: Surface
) -> Card | None:
    refreshed = card.refreshed(accounts, snapshot, seen=card.changed_networks, at=card.seen_at)
    return refreshed.moved_to(surface) if card.state.live else None
