"""A card's life: `ready → opened → expired`, with `replaced` and `cancelled` in card_ends.py."""

import secrets
from dataclasses import replace
from datetime import datetime

import structlog

from bot.ayrshare.model import Profile
from bot.cards import schedule as countdown
from bot.cards import transitions as steps
from bot.cards.model import DRAW_RECEIPT, Card, CardId, CardState, Origin
from bot.cards.refresh import healthy_accounts, refresh_accounts
from bot.cards.revoke import mark_replaced, revoke_links, show_end
from bot.cards.sync import sync_with_session
from bot.cards.update import change, change_if, draw, draw_dm_card, schedule
from bot.cards.views import undelivered_card
from bot.core.errors import ConnectbotError
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.profiles.errors import NoSuchProfile
from bot.scheduling.job import Job
from bot.slack.delivery import with_progress_notice
from bot.slack.model import RESPONSE_URL_POSTS, ResponseUrl, Surface

log = structlog.get_logger()

POSTS_FOR_A_FRESH_CARD = 2
POSTS_FOR_WORDS = 1
"""Kept of a `response_url` that a link is made for: Ayrshare may be slow, or fail."""


async def offer(  # noqa: PLR0913 - what a card is made of
    deps: Deps,
    profile: Profile,
    *,
    team: TeamId,
    viewer: UserId,
    owner: UserId,
    surface: Surface,
    origin: Origin | None = None,
    instead_of: Card | None = None,
) -> None:
    """Make a link and show it on a fresh card, which takes the place of the viewer's live one for that profile.

    In a window or a direct message it also takes the place where another one is drawn.
    """
    await deps.limits.count(team, viewer, "links")
    minted = await with_progress_notice(deps, surface, deps.links.mint(profile))
    card = steps.spent(
        Card(
            id=CardId(secrets.token_urlsafe(16)),
            team=team,
            viewer=viewer,
            owner=owner,
            ref_id=profile.ref_id,
            title=minted.title or profile.title,
            link=minted.link,
            made_at=deps.clock.now(),
            surface=_without_words(surface),
            origin=origin,
        )
    )
    await _hand_out(deps, card, in_place=isinstance(surface, ResponseUrl) and surface.replaces, instead_of=instead_of)


async def _hand_out(deps: Deps, card: Card, *, in_place: bool, instead_of: Card | None) -> None:
    """Keep a fresh card, show it, and retire the one that its viewer had; raise NoSuchProfile."""
    place = card.surface
    previous = await deps.cards.add(card)
    if instead_of and place and not isinstance(place, ResponseUrl):
        await change(deps, instead_of, lambda c: steps.closed(c, place))
    team, viewer, owner = card.team, card.viewer, card.owner
    await deps.scheduler.plan(team, card.end, at=card.link.expires_at)
    log.info("link_made", card=card.id, team=team, viewer=viewer, owner=owner, expires_at=str(card.link.expires_at))
    if all(mapping.ref_id != card.ref_id for mapping in await deps.mappings.of(team, owner)):
        await revoke_links(deps, team, owner, card.ref_id, by=viewer)  # unmapped while Ayrshare made the link
        raise NoSuchProfile(f"That profile is no longer mapped to <@{owner}>.")
    if not await draw(deps, card, in_place=in_place):
        await deps.direct_messages.post(viewer, undelivered_card(card))
    if previous is not None:
        await mark_replaced(deps, team, previous)


async def open_link(deps: Deps, card: Card, *, surface: Surface) -> None:
    """Note that the linking page was opened; from here on the card counts down through the click's own URL."""
    now = deps.clock.now()
    if not card.state.live or now >= card.link.expires_at:
        ended = await change(deps, card, lambda c: steps.spent(steps.ended(steps.placed(c, surface))))
        await draw(deps, ended, in_place=True)
    elif card.state is CardState.READY:
        opened = await change(deps, card, lambda c: steps.spent(steps.opened(c, at=now, place=surface)))
        await draw(deps, opened, in_place=True)
        await _remember_what_was_linked(deps, opened)
    else:
        placed = await change(deps, card, lambda c: steps.placed(c, surface))
        await schedule(deps, placed, since=placed.seen_at)


async def renew(deps: Deps, card: Card, profile: Profile, *, surface: Surface) -> None:
    """Make a fresh card and mark this one, on which was clicked, as replaced; where that fails it goes on."""
    fresh, rest = _shared(surface)
    moved = await change(deps, card, lambda c: replace(c, surface=rest))
    await schedule(deps, moved, since=moved.seen_at)
    try:
        await offer(
            deps,
            profile,
            team=card.team,
            viewer=card.viewer,
            owner=card.owner,
            surface=fresh,
            origin=card.origin,
            instead_of=moved,
        )
    except ConnectbotError:
        if not isinstance(surface, ResponseUrl):
            await draw(deps, await change(deps, card, lambda c: replace(c, surface=surface)), in_place=True)
        raise
    await mark_replaced(deps, card.team, card.id)


async def on_tick(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Redraw the time left on a live card, or look what got linked; show an end that came from elsewhere."""
    card = await deps.cards.get(team, card_id)
    now = deps.clock.now()
    due = countdown.due(card, now=now) if card else countdown.Due(end=True)
    if card and card.state.live and not due.end:
        await _go_on(deps, await sync_with_session(deps, card) if due.tick else card, due, now=now)
    elif card and card.needs_redraw and card.state is not CardState.EXPIRED:
        await show_end(deps, card)


async def on_deadline(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """End a card whose link has died; show an end that Slack didn't take before."""
    card = await deps.cards.get(team, card_id)
    if card and card.state.live and countdown.due(card, now=deps.clock.now()).end:
        await _expire(deps, card)
    elif card and card.needs_redraw:
        await show_end(deps, card)


async def redraw_dm_card(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Draw a direct message's card, whose turn it is, as the present moment has it; raise SlackUnavailable."""
    card = await deps.cards.get(team, card_id)
    now = deps.clock.now()
    due = countdown.due(card, now=now) if card else countdown.Due(end=True)
    if card and card.state.live and not due.end:
        card = await sync_with_session(deps, card)
        accounts = await healthy_accounts(deps, card.team, card.ref_id) if due.look else None
        heard = card.changed_networks
        await draw_dm_card(deps, await change(deps, card, lambda c: steps.looked(c, accounts, heard=heard, at=now)))
    elif card and card.needs_redraw and card.state is not CardState.EXPIRED:
        await draw_dm_card(deps, card)


async def end_dm_card(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """End a direct message's card whose link has died, and draw an end that isn't drawn; raise SlackUnavailable."""
    card = await deps.cards.get(team, card_id)
    if card and card.state.live and countdown.due(card, now=deps.clock.now()).end:
        card = await _ended(deps, card) or await deps.cards.get(team, card_id)
    if card and card.needs_redraw:
        await _tell_of_end(deps, card)
        await draw_dm_card(deps, card)


async def _tell_of_end(deps: Deps, card: Card) -> None:
    """Have whoever asked told, even where a process died between the card's end and its being told."""
    if card.origin:
        await deps.scheduler.plan(card.team, Job(DRAW_RECEIPT, card.origin.invitation), at=deps.clock.now())


async def _go_on(deps: Deps, card: Card, due: countdown.Due, *, now: datetime) -> None:
    if not card.state.live:
        await show_end(deps, card)
        return
    accounts = await healthy_accounts(deps, card.team, card.ref_id) if due.look else None
    looked, drawn = await refresh_accounts(deps, card, accounts, now=now)
    if not drawn:
        await schedule(deps, looked, since=now)


async def _expire(deps: Deps, card: Card) -> None:
    speaks = countdown.can_speak(card, now=deps.clock.now())
    expired = await _ended(deps, card)
    if expired and speaks:
        await draw(deps, expired, in_place=not isinstance(expired.surface, ResponseUrl) or expired.surface.replaces)


async def _ended(deps: Deps, card: Card) -> Card | None:
    """Return a card as it stands after its link has died, with what got linked until then; None if it is over."""
    looks = card.state is CardState.OPENED or bool(card.changed_networks)  # there is time for one question only
    heard, now = card.changed_networks, deps.clock.now()
    card = card if looks else await sync_with_session(deps, card)
    accounts = await healthy_accounts(deps, card.team, card.ref_id) if looks else None

    def ended(newest: Card) -> Card | None:
        over = steps.ended(steps.looked(newest, accounts, heard=heard, at=now))
        return steps.spent(over) if over.needs_redraw and over.state is CardState.EXPIRED else None

    return await change_if(deps, card, ended)


async def _remember_what_was_linked(deps: Deps, card: Card) -> None:
    accounts = await healthy_accounts(deps, card.team, card.ref_id)
    await change(deps, card, lambda c: steps.remembered(c, accounts))


def _without_words(place: Surface) -> Surface:
    if not isinstance(place, ResponseUrl):
        return place
    return replace(place, posts_left=min(place.posts_left, RESPONSE_URL_POSTS - POSTS_FOR_WORDS))


def _shared(place: Surface) -> tuple[Surface, Surface | None]:
    """Share a click's place out to a fresh card and the old one; in a window the fresh one takes it all.

    Likewise in a direct message. Of a `response_url`'s posts one is for words, two for the fresh card (itself, its
    end), two for the old one.
    """
    if not isinstance(place, ResponseUrl):
        return place, place
    rest = replace(place, posts_left=place.posts_left - POSTS_FOR_A_FRESH_CARD - POSTS_FOR_WORDS)
    return replace(place, replaces=False, posts_left=POSTS_FOR_A_FRESH_CARD), rest
