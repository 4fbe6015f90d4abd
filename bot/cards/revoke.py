"""Ends a card early: its viewer cancels the link, a newer card replaces it, or its person loses the profile.

The link is revoked where Ayrshare's API can do that; elsewhere the card says until when a copy works.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from bot.ayrshare.links import Links
from bot.ayrshare.model import Profile
from bot.cards.errors import CardGone, NoLinkWorks, NotCancelled
from bot.cards.model import REPLACE_CARD, Card, CardId, CardState
from bot.cards.refresh import profile_to_ask, sync_with_session
from bot.cards.store import CardStore
from bot.cards.update import draw, end, get_unless_drawn, redraw, show_end, update
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId, Viewer
from bot.deps import Deps
from bot.people import access
from bot.people.audit import AuditRow, AuditStore
from bot.people.page_reader import BOT
from bot.profiles.holders import is_held
from bot.profiles.redraw import views_changed
from bot.profiles.store import ProfileStore
from bot.scheduling.job import Job
from bot.slack.model import Surface

READ_AT_ONCE = 200
"""Profiles whose cards are looked up together."""

log = structlog.get_logger()


async def cancel_link(deps: Deps, viewer: Viewer, *, card_id: CardId, surface: Surface | None = None) -> Card:
    """Cancel the link of a card for its viewer, who needs no other right, and return the card.

    It is drawn through `surface`, or else where it stands. Raises NotCancelled, CardGone.
    """
    card = await deps.cards.get_for(viewer.team, card_id, viewer=viewer.user)
    if card is None:
        raise CardGone
    works = card.state.live and deps.clock.now() < card.link.expires_at
    try:
        revoked = works and await _revoke(deps.profiles, await deps.ayrshare.links(card.team), card)
    except ConnectbotError:
        if surface:
            await update(deps, card, Card.moved_to, surface)
        raise NotCancelled(card.id) from None
    ended = await update(deps, card, _cancelled, works=works, revoked=revoked, surface=surface)
    if works:
        await deps.audit.add(card.team, _row("link_cancelled", card, by=card.viewer))
        await views_changed(deps, card.team)
    if surface:
        await draw(deps, ended)
    else:
        await draw_ends(deps, [ended])
    return ended


async def cancel_links(deps: Deps, team: TeamId, viewer: UserId, profiles: Sequence[Profile]) -> tuple[Card, ...]:
    """Cancel the links to some profiles that a person was shown, and return their cards; raise NoLinkWorks."""
    live = await deps.cards.live(team, *(one.ref_id for one in profiles))
    shown = [card for card in live if card.viewer == viewer and card.state.live and not card.shared]
    cancelled = await _end(deps, team, shown, by=viewer, made_before=None)
    if not cancelled:
        raise NoLinkWorks
    await draw_ends(deps, cancelled)
    return cancelled


async def take_back(deps: Deps, card: Card, *, by: str) -> bool:
    """Revoke a link, and return whether it is dead, which it is not where the API can't revoke; raise AyrshareError."""
    revoked = await _revoke(deps.profiles, await deps.ayrshare.links(card.team), card)
    if revoked:
        await deps.audit.add(card.team, _row("link_taken_back", card, by=by))
        await views_changed(deps, card.team)
        await update(deps, card, _cancelled_as, ref_id=card.ref_id, revoked=True)
    return revoked


async def withdraw(deps: Deps, card: Card, *, surface: Surface) -> None:
    """Take the link off the card of a person who may no longer have it."""
    revoked = await _try_to_revoke(deps.profiles, await deps.ayrshare.links(card.team), card)
    await redraw(deps, card, _withdrawn, revoked=revoked, surface=surface)


async def on_newer_card(deps: Deps, team: TeamId, job: str) -> None:
    """End the live card that a `replace_job` names, if its viewer was shown a newer one."""
    viewer, ref_id, card_id = job.split(":")
    found, newest = await asyncio.gather(
        get_unless_drawn(deps, team, CardId(card_id), lambda _: Job(REPLACE_CARD, job)),
        deps.cards.newest(team, UserId(viewer), RefId(ref_id)),
    )
    if found and found.card.state.live and newest not in {None, card_id}:
        await mark_replaced(deps, found.card, profile_to_ask(deps, found))


async def mark_replaced(deps: Deps, card: Card, profile: Profile | None, *, surface: Surface | None = None) -> None:
    """Mark a profile's card as replaced, and draw that where its message can be changed, or through `surface`."""
    if card.state is CardState.REPLACED:
        return
    if card.state.live:
        card = await sync_with_session(deps, card, profile)
    links = await deps.ayrshare.links(card.team)
    revoked = card.state.live and await _try_to_revoke(deps.profiles, links, card, profile)
    await end(deps, card, _replaced, revoked=revoked, surface=surface)


async def revoke_links(
    deps: Deps, team: TeamId, owner: UserId, ref_id: RefId, *, by: str, made_before: datetime | None = None
) -> tuple[Card, ...]:
    """End all of a person's links to a profile, or those made before a moment; return their cards, not yet drawn.

    Those in the right of all who have the profile end with the last of them. Raises SlackError in doubt of that.
    """
    live = await deps.cards.live(team, ref_id)
    held = any(card.shared for card in live) and await is_held(deps, team, ref_id)
    theirs = [card for card in live if card.ends_without(owner, held=held)]
    return await _end(deps, team, theirs, by=by, made_before=made_before)


async def _end(
    deps: Deps, team: TeamId, cards: Sequence[Card], *, by: str, made_before: datetime | None
) -> tuple[Card, ...]:
    cards = [card for card in cards if made_before is None or card.made_at <= made_before]
    links = await deps.ayrshare.links(team)
    ended = [await end_link(deps.cards, deps.profiles, links, deps.audit, card, by=by) for card in cards]
    if ended:
        await views_changed(deps, team)
    if any(card.notify for card in cards):
        await deps.scheduler.wake(team, at=deps.clock.now())
    return tuple(card for card in ended if card)


async def end_all_links(deps: Deps, team: TeamId, *, by: str) -> None:
    """End every link of a workspace, and draw that as far as its messages can be changed."""
    ref_ids = await deps.profiles.ref_ids(team)
    for start in range(0, len(ref_ids), READ_AT_ONCE):
        cards = await deps.cards.live(team, *ref_ids[start : start + READ_AT_ONCE])
        await draw_ends(deps, await _end(deps, team, cards, by=by, made_before=None))


async def on_unmapped(deps: Deps, team: TeamId, job: str) -> None:
    """End the links that a job of `end_links_job` or `end_old_links_job` names."""
    await end_links_of(deps, team, job)


async def end_links_of(deps: Deps, team: TeamId, job: str) -> tuple[Card, ...]:
    """End the links that a job's id names, draw their cards, and return them."""
    owner, ref_id, by, moment, *now_called = job.split(":")
    before = datetime.fromtimestamp(float(moment), UTC)
    if now_called:
        ended = await _end_old_links(deps, team, RefId(ref_id), RefId(now_called[0]), by=by, made_before=before)
    else:
        held = any(mapping.ref_id == ref_id for mapping in await deps.mappings.of(team, UserId(owner)))
        kept = before if held else None
        ended = await revoke_links(deps, team, UserId(owner), RefId(ref_id), by=by, made_before=kept)
    await draw_ends(deps, ended)
    return ended


async def _end_old_links(
    deps: Deps, team: TeamId, ref_id: RefId, now_called: RefId, *, by: str, made_before: datetime
) -> tuple[Card, ...]:
    """End everybody's links made before; under the profile's ref_id of now its key is found and *New link* works."""
    cards = [replace(card, ref_id=now_called) for card in await deps.cards.live(team, ref_id)]
    return await _end(deps, team, cards, by=by, made_before=made_before)


async def draw_ends(deps: Deps, cards: Iterable[Card]) -> None:
    """Draw cards that have ended, as far as their messages can be changed now."""
    for card in cards:
        try:
            await show_end(deps, card)
        except ConnectbotError as error:
            log.info("end_not_drawn", card=card.id, cause=error.kind)


async def revoke_ended(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Revoke the link of a card that has ended, and show that; raise AyrshareError, after which it is tried again."""
    card = await deps.cards.get(team, card_id)
    if card is None or not card.can_be_revoked or deps.clock.now() >= card.link.expires_at:
        return
    if await _revoke(deps.profiles, await deps.ayrshare.links(card.team), card):
        await draw_ends(deps, [await update(deps, card, Card.revoked_later)])


async def end_links_without_right(deps: Deps, team: TeamId, user: UserId) -> None:
    """End the links that a person may no longer see, and those to their profiles that others may not; draw their cards.

    Raises SlackError in doubt.
    """
    ref_ids, held = await deps.profiles.ref_ids(team), {one.ref_id for one in await deps.mappings.of(team, user)}
    for start in range(0, len(ref_ids), READ_AT_ONCE):
        found = await asyncio.gather(*(deps.cards.live(team, one) for one in ref_ids[start : start + READ_AT_ONCE]))
        for card in (one for cards in found for one in cards):
            theirs = card.ref_id in held if card.shared else user in {card.viewer, card.owner}
            if theirs and not await _is_rightful(deps, card):
                links = await deps.ayrshare.links(team)
                ended = await end_link(deps.cards, deps.profiles, links, deps.audit, card, by=BOT)
                await draw_ends(deps, [ended or card])


async def _is_rightful(deps: Deps, card: Card) -> bool:
    if card.shared:
        return await is_held(deps, card.team, card.ref_id)
    return await access.may_keep_link(deps, team=card.team, viewer=card.viewer, owner=card.owner)


async def end_link(
    cards: CardStore, profiles: ProfileStore, links: Links | None, audit: AuditStore, card: Card, *, by: str
) -> Card | None:
    """End one link, revoked if that can be done, and return its card if it is still kept; without `links` none can."""
    revoked = await _try_to_revoke(profiles, links, card)
    if card.state.live or revoked:
        await audit.add(card.team, _row("link_taken_back", card, by=by))
    ended, _ = await cards.update(card, _cancelled_as, ref_id=card.ref_id, revoked=revoked)
    return ended


async def _try_to_revoke(
    profiles: ProfileStore, links: Links | None, card: Card, profile: Profile | None = None
) -> bool:
    """Revoke a link that ends in any case; where that fails, the card says that the link still works."""
    try:
        return await _revoke(profiles, links, card, profile)
    except ConnectbotError as error:
        log.warning("link_not_revoked", card=card.id, cause=error.kind)
        return False


async def _revoke(profiles: ProfileStore, links: Links | None, card: Card, profile: Profile | None = None) -> bool:
    """Revoke a card's link at Ayrshare, and return whether it is dead; raise ConnectbotError."""
    if card.link.session_id is None:
        return False
    found = [profile] if profile else await profiles.get(card.team, card.ref_id)
    return await links.revoke(found[0], card.link) if found and links else False


def _cancelled(card: Card, *, works: bool, revoked: bool, surface: Surface | None) -> Card:
    ended = card.cancelled(revoked=revoked) if works else card.expired()
    return ended.moved_to(surface).post_counted() if surface else ended


def _cancelled_as(card: Card, *, ref_id: RefId, revoked: bool) -> Card:
    return replace(card, ref_id=ref_id).cancelled(revoked=revoked)


def _withdrawn(card: Card, *, revoked: bool, surface: Surface) -> Card:
    return card.cancelled(revoked=revoked).moved_to(surface)


def _replaced(card: Card, *, revoked: bool, surface: Surface | None) -> Card:
    return (card.moved_to(surface) if surface else card).replaced(revoked=revoked)


def _row(what: str, card: Card, *, by: str) -> AuditRow:
    return AuditRow(what, by=by, owner=card.named_owner, ref_id=card.ref_id, detail=card.id)
