"""What is due on a card: to look up what was connected, to ask Ayrshare about its link, to redraw it, to end it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.ayrshare.model import Account, LinkUse, Profile
from bot.cards import schedule
from bot.cards.model import LOOKUP_TIMEOUT, Card, CardId, CardState
from bot.cards.scope import LinkRequest
from bot.cards.store import ToRedraw
from bot.cards.update import (
    draw_dm_card,
    get_unless_drawn,
    redraw,
    redraw_spaced,
    show_end,
    undrawn,
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
    found, now = await get_unless_drawn(deps, team, card_id, lambda card: card.tick_job), deps.clock.now()
    if found is None:
        return
    card, due = found.card, schedule.due(found.card, now=now)
    if card.state.live and not due.end:
        card = await sync_with_session(deps, card, profile_to_ask(deps, found)) if due.tick else card
        await _redraw_due(deps, card, due, now=now, spacing=schedule.modal_spacing(found.open_modals))
    elif card.needs_redraw and card.state is not CardState.EXPIRED:
        await show_end(deps, card)


async def on_deadline(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """End a card whose link has expired; draw an end that Slack refused before."""
    found, now = await get_unless_drawn(deps, team, card_id, lambda card: card.end_job), deps.clock.now()
    if found is None:
        return
    card = found.card
    if card.state.live and not schedule.due(card, now=now).end:
        await _plan_end(deps, card)
    elif card.state.live:
        await _expire(deps, found, redraw if schedule.can_post(card, now=now) else update_if)
    elif card.needs_redraw:
        await show_end(deps, card)


async def redraw_dm_card(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Redraw a card in a direct message, for which a `chat.update` slot was acquired; raise SlackError."""
    found, now = await deps.cards.get_to_redraw(team, card_id), deps.clock.now()
    if found is None:
        return
    card, due = found.card, schedule.due(found.card, now=now)
    if card.state.live and not due.end:
        card = await sync_with_session(deps, card, profile_to_ask(deps, found))
        accounts = await healthy_accounts(deps, team, card.ref_id) if due.refresh else None
        seen, snapshot = card.changed_networks, await snapshot_of(deps, card, accounts)
        await draw_dm_card(deps, card, Card.refreshed, accounts, snapshot, seen=seen, at=now)
    elif card.needs_redraw and card.state is not CardState.EXPIRED:
        await draw_dm_card(deps, card, undrawn)


async def end_dm_card(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """End a card in a direct message whose link has expired, and draw an end that isn't drawn; raise SlackError."""
    found = await deps.cards.get_to_redraw(team, card_id)
    if found is None:
        return
    if found.card.state.live and not schedule.due(found.card, now=deps.clock.now()).end:
        await _plan_end(deps, found.card)
    elif found.card.state.live:
        await _expire(deps, found, draw_dm_card)
    elif found.card.needs_redraw:
        await draw_dm_card(deps, found.card, undrawn)


async def show_accounts(deps: Deps, card: Card, accounts: tuple[Account, ...] | None) -> None:
    """Show on a live card what is connected; one that is about to end looks it up itself."""
    now = deps.clock.now()
    if card.state.live and not schedule.due(card, now=now).end:
        await refresh_accounts(deps, card, accounts, now=now)


async def refresh_accounts(
    deps: Deps, card: Card, accounts: tuple[Account, ...] | None, *, now: datetime, spacing: timedelta | None = None
) -> None:
    """Keep what is connected, and redraw the card if its time left is due, or it changed and a post can be spared.

    `spacing` is the time between two ticks of a modal, if that is known.
    """
    seen, snapshot = card.changed_networks, await snapshot_of(deps, card, accounts)
    to_draw = partial(_refreshed_to_draw, accounts=accounts, snapshot=snapshot, seen=seen, at=now)
    if await redraw_spaced(deps, card, to_draw, spacing=spacing) is None:
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


def profile_to_ask(deps: Deps, found: ToRedraw) -> Profile | None:
    """Return the profile with whose key Ayrshare is asked about a link, where its API can tell."""
    card, record = found.card, found.profile
    return deps.profiles.opened(card.team, card.ref_id, record) if record and card.link.session_id else None


async def _redraw_due(deps: Deps, card: Card, due: schedule.CardDue, *, now: datetime, spacing: timedelta) -> None:
    if not card.state.live:
        await show_end(deps, card)
        return
    accounts = await healthy_accounts(deps, card.team, card.ref_id) if due.refresh else None
    await refresh_accounts(deps, card, accounts, now=now, spacing=spacing)


async def _plan_end(deps: Deps, card: Card) -> None:
    """Plan the end of a live card whose job ran too early, as it does where the clock was turned back."""
    await deps.scheduler.plan(card.team, card.end_job, at=card.link.expires_at)


async def _expire(deps: Deps, found: ToRedraw, apply: Callable[..., Awaitable[object]]) -> None:
    """End a card at its deadline, with what was connected until then, unless it has ended otherwise."""
    card = found.card
    used = card.state is CardState.OPENED or bool(card.changed_networks)
    seen, now = card.changed_networks, deps.clock.now()
    use = None if used else await _link_use(deps, card, profile_to_ask(deps, found))
    looks = used or bool(card.issued_by)  # on the screen, there is time for one call only
    accounts = await healthy_accounts(deps, card.team, card.ref_id) if looks else None
    await apply(deps, card, _expired, use, accounts, seen=seen, at=now)


def _expired(
    card: Card, use: LinkUse | None, accounts: tuple[Account, ...] | None, *, seen: tuple[str, ...], at: datetime
) -> Card | None:
    if not (card.state.live or card.state is CardState.EXPIRED):
        return None  # whatever ended it draws that
    synced = card.synced(use, at=at) if use else card
    ended = synced.refreshed(accounts, None, seen=seen, at=at).expired()
    return ended if ended.needs_redraw else None


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
