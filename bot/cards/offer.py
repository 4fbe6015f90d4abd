"""Offers a link on a card: asked for, picked, renewed or opened. Who may have it is checked each time."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bot.ayrshare.errors import ProfileGone
from bot.ayrshare.model import Minted
from bot.ayrshare.transport import CallTimings
from bot.cards.errors import BrokenNotOffered, CardGone, LinkUnderWay
from bot.cards.model import (
    DRAWN_WITHIN,
    LOOKUP_TIMEOUT,
    POSTS_FOR_FRESH_CARD,
    POSTS_FOR_NOTICE,
    Card,
    CardId,
    CardState,
)
from bot.cards.refresh import healthy_accounts
from bot.cards.revoke import mark_replaced, revoke_links, withdraw
from bot.cards.scope import LinkRequest, scope_of
from bot.cards.update import LONGEST_CALL, LONGEST_POST, draw, plan_next, redraw, update
from bot.cards.views import undelivered_card
from bot.core.background import begun
from bot.core.budget import end_budget
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId, Viewer
from bot.deps import Deps
from bot.people import access
from bot.people.audit import AuditRow
from bot.people.errors import AskedTooOften, NotAllowed
from bot.profiles.choose_profile import choose_for_link, profile_of, profiles_of
from bot.profiles.errors import NoSuchProfile, NotMapped, ProfileRefused, ProfileTaken
from bot.profiles.model import REDRAWN_AFTER, HeldProfile
from bot.profiles.titles import renamed
from bot.scheduling.job import Job
from bot.slack.delivery import with_progress_notice
from bot.slack.model import RESPONSE_URL_POSTS, ResponseUrl, Surface
from bot.storage.lock import OWNER_ENDED

LONGEST_OFFER = 3 * CallTimings().total + LOOKUP_TIMEOUT + 5 * LONGEST_POST + LONGEST_CALL
"""A link is made, for one network in two calls, and one is looked up and revoked; a notice, 2 drawings, each after a
wait for another, and a message."""

Asking = asyncio.Future[tuple[tuple[HeldProfile, ...], timedelta]]
_begun: ContextVar[Asking | None] = ContextVar("begun", default=None)
"""What was begun for the present request."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Choice:
    """The profiles that a person has to choose from, and the networks that they named."""

    profiles: tuple[HeldProfile, ...]
    networks: tuple[str, ...] | None


def begin_asking(deps: Deps, viewer: Viewer) -> None:
    """Begin what a link of their own needs of Redis: in one exchange with the next command of this task."""
    _begun.set(_asking(deps, viewer, viewer.user))


async def ask_for_link(deps: Deps, request: LinkRequest, *, owner: UserId, words: str) -> Choice | None:
    """Show a card, or return what there is to choose from where the words fit several profiles."""
    await access.check_may_ask_for_link(deps, request.viewer, owner)
    asking = _begun.get() if owner == request.caller else None
    profiles, wait = await (asking or _asking(deps, request.viewer, owner))
    found, networks = choose_for_link(profiles, owner, words=words)
    if len(found) > 1:
        return Choice(found, networks)
    if wait > timedelta(0):
        raise AskedTooOften(wait, "links")
    request = replace(request, networks=networks)
    await _show_first(deps, request, found[0], owner)
    return None


async def pick_link(deps: Deps, request: LinkRequest, *, owner: UserId, ref_id: RefId, picker: str) -> None:
    """Show a card for the profile chosen in a picker; a second choice meanwhile does nothing."""
    async with single_flight(deps, request.team, f"pick_profile:{picker}") as first:
        if first:
            await link_for(deps, request, owner=owner, ref_id=ref_id)


async def link_for(deps: Deps, request: LinkRequest, *, owner: UserId, ref_id: RefId) -> None:
    """Show a card for one of a person's profiles."""
    await offer(deps, request, _allowed_profile(deps, request, owner, ref_id), owner=owner)


async def renew_link(deps: Deps, request: LinkRequest, *, card_id: CardId, version: str) -> None:
    """Show a new card in place of an old one; a second click on the same drawing of it does nothing."""
    looking = begun(deps.cards.get_for(request.team, card_id, viewer=request.caller))
    async with single_flight(deps, request.team, f"new_link:{card_id}", version=version) as first:
        card = await looking  # in one exchange with Redis
        if card is None:
            raise CardGone
        if first:
            profile, wait = await asyncio.gather(
                _allowed_profile(deps, request, card.owner, card.ref_id),
                deps.limits.take(request.team, request.caller, "links"),
            )
            await _renew(deps, request, card, profile, wait)


async def other_profiles(
    deps: Deps, request: LinkRequest, *, card_id: CardId
) -> tuple[tuple[HeldProfile, ...], UserId]:
    """Return the other profiles of a card's owner, and who that is; raise CardGone, NotAllowed, NotMapped."""
    card = await deps.cards.get_for(request.team, card_id, viewer=request.caller)
    if card is None:
        raise CardGone
    await access.check_may_see_link(deps, request.viewer, card.owner)
    held = await profiles_of(deps, request.team, card.owner)
    return tuple(one for one in held if one.ref_id != card.ref_id) or held, card.owner


async def open_link(deps: Deps, request: LinkRequest, *, card_id: CardId) -> None:
    """Note that the link was opened in the browser; from here on the card counts down through the click's own URL."""
    card = await deps.cards.get_for(request.team, card_id, viewer=request.caller)
    if card is None:
        raise CardGone
    try:
        await _allowed_profile(deps, request, card.owner, card.ref_id)
    except (NotAllowed, NotMapped, NoSuchProfile):
        await withdraw(deps, card, surface=request.surface)
        raise
    now = deps.clock.now()
    if not card.state.live or now >= card.link.expires_at:
        await redraw(deps, card, _expired_on, request.surface)
    elif card.state is CardState.READY:
        opened = await redraw(deps, card, Card.opened, at=now, surface=request.surface)
        end_budget()
        accounts = await healthy_accounts(deps, card.team, card.ref_id)
        await update(deps, opened or card, Card.with_baseline, accounts)
    else:
        moved = await update(deps, card, Card.moved_to, request.surface)
        await plan_next(deps, moved, since=moved.seen_at)


async def offer(deps: Deps, request: LinkRequest, finding: Awaitable[HeldProfile], *, owner: UserId) -> None:
    """Make a link and show it on a new card, which replaces the caller's live card for that profile.

    Raises AskedTooOften, AyrshareError, and NoSuchProfile where the profile was unmapped meanwhile.
    """
    wait, profile = await asyncio.gather(  # one exchange with Redis
        deps.limits.take(request.team, request.caller, "links"), finding
    )
    if wait > timedelta(0):
        raise AskedTooOften(wait, "links")
    await _show_first(deps, request, profile, owner)


@asynccontextmanager
async def single_flight(deps: Deps, team: TeamId, what: str, *, version: str = "") -> AsyncIterator[bool]:
    """Yield whether to make a link: it was not made just now. Raises LinkUnderWay while another request makes it."""
    async with deps.flights.hold(team, what, version=version, longest=LONGEST_OFFER, wait=OWNER_ENDED) as first:
        if first is None:
            raise LinkUnderWay
        yield first


def _asking(deps: Deps, viewer: Viewer, owner: UserId) -> Asking:
    """Begin to read a person's profiles, and to count the link that is asked for."""
    reading, counting = profiles_of(deps, viewer.team, owner), deps.limits.take(viewer.team, viewer.user, "links")
    return begun(asyncio.gather(reading, counting))


async def _allowed_profile(deps: Deps, request: LinkRequest, owner: UserId, ref_id: RefId) -> HeldProfile:
    """Return a profile of `owner` to which the caller may have a link; raise NotAllowed, NotMapped, NoSuchProfile."""
    await access.check_may_see_link(deps, request.viewer, owner)
    return await profile_of(deps, request.team, owner, ref_id)


async def _show_first(deps: Deps, request: LinkRequest, profile: HeldProfile, owner: UserId) -> None:
    """Show a new card, and end the live card that its viewer had."""
    await _end_soon(deps, request.team, await _show(deps, request, profile, owner))


async def _end_soon(deps: Deps, team: TeamId, replaces: Job | None) -> None:
    """Do the job soon that ends a replaced card: the newer one is shown."""
    if replaces:
        await deps.scheduler.plan(team, replaces, at=deps.clock.now() + REDRAWN_AFTER, if_planned="sooner")


async def _renew(deps: Deps, request: LinkRequest, old: Card, profile: HeldProfile, wait: timedelta) -> None:
    """Offer a new card for one that was clicked; where that fails, the old one continues on the click's surface."""
    fresh, rest = _shared(request.surface)
    asked = old.scope.asked if request.networks is None else request.networks
    again = replace(request, surface=fresh, networks=asked, asked_by=old.asked_by, note=old.note, notify=old.notify)
    try:
        if wait > timedelta(0):
            raise AskedTooOften(wait, "links")
        replaces = await _show(deps, again, profile, old.owner, in_place_of=None if rest else old)
    except ConnectbotError:
        moved = await update(deps, old, Card.moved_to, rest or fresh)
        await (plan_next(deps, moved, since=moved.seen_at) if rest else draw(deps, moved))
        raise
    await _end_soon(deps, old.team, replaces if replaces != old.replace_job else None)
    await mark_replaced(deps, old, profile, surface=rest)


async def _show(
    deps: Deps, request: LinkRequest, profile: HeldProfile, owner: UserId, *, in_place_of: Card | None = None
) -> Job | None:
    """Show a new card; return the job that ends the live card that its viewer had for the profile, if any."""
    scope = scope_of(deps.ayrshare.options.offered, profile, request.networks, reconnect=request.reconnect)
    if scope.refused:
        raise BrokenNotOffered(owner, profile, scope)
    links = await deps.ayrshare.links(request.team)
    making = links.mint(profile, networks=scope.networks)
    try:
        minted = await with_progress_notice(deps, request.team, request.surface, making)
    except ProfileGone:
        raise ProfileRefused(owner, own=request.caller == owner) from None
    card = replace(_new_card(deps, request, profile, minted, owner=owner), scope=scope)
    still_mapped, replaces = await _create(deps, card)
    if in_place_of:
        await update(deps, in_place_of, Card.without, card.surface)
    if not still_mapped:
        await revoke_links(deps, card.team, owner, card.ref_id, by=card.viewer)
        raise ProfileTaken(owner)
    try:
        if not await draw(deps, card):
            await deps.direct_messages.post(card.team, card.viewer, undelivered_card(card))
    except ConnectbotError:
        if replaces:  # nobody sees the new one, so the one before goes on
            await deps.scheduler.cancel(card.team, replaces)
        raise
    end_budget()
    return replaces


def _new_card(deps: Deps, request: LinkRequest, profile: HeldProfile, minted: Minted, *, owner: UserId) -> Card:
    card = Card(
        id=CardId(secrets.token_urlsafe(16)),
        team=request.team,
        viewer=request.caller,
        owner=owner,
        ref_id=profile.ref_id,
        title=renamed(profile, minted.title),
        seen=profile.snapshot,
        others=profile.others,
        link=minted.link,
        made_at=deps.clock.now(),
        surface=_without_notice(request.surface),
        asked_by=request.asked_by,
        note=request.note,
        notify=request.notify,
    )
    return card.post_counted()


async def _create(deps: Deps, card: Card) -> tuple[bool, Job | None]:
    """Keep a new card with the job that ends it; return what `CardStore.create` does."""
    made = AuditRow("link_made", by=card.viewer, owner=card.owner, ref_id=card.ref_id, detail=card.id)
    rows = [made] if card.viewer == card.owner else [made, replace(made, action="link_shown_for_other")]
    deadline = card.link.expires_at
    notices = {card.notify: deps.clock.now() + DRAWN_WITHIN} if card.notify else {}  # this process may die
    created = await deps.cards.create(card, jobs={card.end_job: deadline, **notices}, audit=rows)
    await deps.scheduler.wake(card.team, at=deps.clock.now() + (timedelta(0) if deps.events else REDRAWN_AFTER))
    log.info("link_made", card=card.id, team=card.team, viewer=card.viewer, owner=card.owner, expires_at=str(deadline))
    return created


def _expired_on(card: Card, surface: Surface) -> Card:
    return card.moved_to(surface).expired()


def _without_notice(surface: Surface) -> Surface:
    if not isinstance(surface, ResponseUrl):
        return surface
    return replace(surface, posts_left=min(surface.posts_left, RESPONSE_URL_POSTS - POSTS_FOR_NOTICE))


def _shared(surface: Surface) -> tuple[Surface, ResponseUrl | None]:
    """Share a click's `response_url` between a new card and the old one; elsewhere the new card takes the surface.

    Of five posts one is for a notice, two are for the new card, two for the old one.
    """
    if not isinstance(surface, ResponseUrl):
        return surface, None
    rest = replace(surface, posts_left=surface.posts_left - POSTS_FOR_FRESH_CARD - POSTS_FOR_NOTICE)
    return replace(surface, replaces=False, posts_left=POSTS_FOR_FRESH_CARD), rest
