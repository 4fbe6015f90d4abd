"""A card's life: `ready → opened → expired`, `replaced` by a newer one.

What happens to a card goes through `_change`, which keeps it only if nobody else changed it meanwhile.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from bot.deps import Deps
from bot.errors import AnswerRefused, CardGone
from bot.model import RESPONSE_URL_POSTS, Answer, Card, CardId, CardState, Profile, TeamId, UserId
from bot.services import card_steps as steps
from bot.services import countdown
from bot.services.limits import count_link
from bot.services.linked import healthy_accounts, look
from bot.services.patience import patiently
from bot.views.card import card_message, undelivered_card

log = structlog.get_logger()

POSTS_FOR_A_FRESH_CARD = 2
POSTS_FOR_WORDS = 1
"""Kept of a `response_url` that a link is made for: Ayrshare may be slow, or fail."""


async def offer(deps: Deps, profile: Profile, *, team: TeamId, viewer: UserId, owner: UserId, answer: Answer) -> None:
    """Make a link and show it on a fresh card, which takes the place of the viewer's live one for that profile."""
    await count_link(deps, team, viewer)
    minted = await patiently(deps, answer, deps.links.mint(profile))
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
            answer=replace(answer, posts_left=min(answer.posts_left, RESPONSE_URL_POSTS - POSTS_FOR_WORDS)),
        )
    )
    previous = await deps.cards.add(card)
    log.info("link_made", card=card.id, team=team, viewer=viewer, owner=owner, expires_at=str(card.link.expires_at))
    if not await _draw(deps, card, in_place=answer.replaces):
        await deps.direct.post(viewer, undelivered_card(card))
    if previous is not None:
        await _retire(deps, team, previous)


async def open_link(deps: Deps, card: Card, *, answer: Answer) -> None:
    """Note that the linking page was opened; from here on the card counts down through the click's own URL."""
    now = deps.clock.now()
    if not card.state.live or now >= card.link.expires_at:
        ended = await _change(deps, card, lambda c: steps.spent(steps.ended(steps.answered_by(c, answer))))
        await _draw(deps, ended, in_place=True)
    elif card.state is CardState.READY:
        opened = await _change(deps, card, lambda c: steps.spent(steps.opened(c, at=now, answer=answer)))
        await _draw(deps, opened, in_place=True)
        await _remember_what_was_linked(deps, opened)
    else:
        await _schedule(deps, await _change(deps, card, lambda c: steps.answered_by(c, answer)), since=now)


async def withdraw(deps: Deps, card: Card, *, answer: Answer) -> None:
    """Take the link out of the card of somebody who may no longer have it."""
    withdrawn = await _change(deps, card, lambda c: steps.spent(replace(c, state=CardState.CANCELLED, answer=answer)))
    await _draw(deps, withdrawn, in_place=True)


async def renew(deps: Deps, card: Card, profile: Profile, *, answer: Answer) -> None:
    """Make a fresh card and mark this one, whose click brought `answer`, as replaced.

    The click's posts are shared out: one for words, two for the fresh card (itself, its end), two for this one.
    """
    now = deps.clock.now()
    fresh = replace(answer, replaces=False, posts_left=POSTS_FOR_A_FRESH_CARD)
    rest = replace(answer, posts_left=answer.posts_left - POSTS_FOR_A_FRESH_CARD - POSTS_FOR_WORDS)
    await _schedule(deps, await _change(deps, card, lambda c: replace(c, answer=rest)), since=now)
    await offer(deps, profile, team=card.team, viewer=card.viewer, owner=card.owner, answer=fresh)
    await _retire(deps, card.team, card.id)


async def come_due(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Do what the present moment asks of a card: end it, redraw the time left, look what got linked."""
    card = await deps.cards.get(team, card_id)
    if card is None or not card.state.live:
        return
    now = deps.clock.now()
    due = countdown.due(card, now=now)
    if due.end:
        await _expire(deps, card)
        return
    before, linked = await look(deps, card) if due.look else (card.linked_before, card.linked)
    shows = due.tick or (linked != card.linked and countdown.has_spare_post(card, now=now))
    looked = await _change(deps, card, lambda c: steps.looked(c, before, linked, at=now, shows=shows))
    if looked.state.live and shows:
        await _draw(deps, looked, in_place=True)
    else:
        await _schedule(deps, looked, since=now)


async def get(deps: Deps, team: TeamId, card_id: CardId, *, viewer: UserId) -> Card:
    """Return a card to the one who sees it; raise CardGone to anybody else, or once it is forgotten."""
    card = await deps.cards.get(team, card_id)
    if card is None or card.viewer != viewer:
        raise CardGone(deps.settings.connect_command)
    return card


async def _expire(deps: Deps, card: Card) -> None:
    opened = card.state is CardState.OPENED
    _, linked = await look(deps, card) if opened else (None, card.linked)
    expired = await _change(deps, card, lambda c: steps.spent(steps.ended(replace(c, linked=linked))))
    if expired.state is CardState.EXPIRED:
        await _draw(deps, expired, in_place=expired.answer.replaces)


async def _retire(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Mark a card as replaced, and say so where its message can be changed."""
    card = await deps.cards.get(team, card_id)
    if card is None or card.state is CardState.REPLACED:
        return
    replaced = await _change(deps, card, lambda c: steps.spent(replace(c, state=CardState.REPLACED)))
    if countdown.can_change(card, now=deps.clock.now()):
        await _draw(deps, replaced, in_place=True)


async def _remember_what_was_linked(deps: Deps, card: Card) -> None:
    before = await healthy_accounts(deps, card)
    await _change(deps, card, lambda c: replace(c, linked_before=before))


async def _draw(deps: Deps, card: Card, *, in_place: bool) -> bool:
    """Post a card as it stands and see to its next moment; return whether Slack took it.

    The post was spent when the card was changed: whatever happens in between, none is made twice.
    """
    now = deps.clock.now()
    try:
        await deps.answers.post(card.answer, card_message(card, now=now), replace=in_place)
    except AnswerRefused as refusal:
        if refusal.for_good:
            await _change(deps, card, lambda c: steps.mute(c, card.answer))
        else:
            await _schedule(deps, card, since=now)
        return False
    await _schedule(deps, card, since=now)
    return True


async def _schedule(deps: Deps, card: Card, *, since: datetime) -> None:
    """See to the next moment; one that passed while we were busy comes at once."""
    moment = countdown.next_moment(card, since=since)
    if moment is not None:
        await deps.later.redraw_card(card.team, card.id, at=moment)


async def _change(deps: Deps, card: Card, step: Callable[[Card], Card]) -> Card:
    """Apply a step to a card, or to its newest version if it is no longer that; raise CardGone if it is forgotten."""
    newest: Card | None = card
    while newest is not None:
        changed = replace(step(newest), version=newest.version + 1)
        if await deps.cards.update(changed):
            return changed
        newest = await deps.cards.get(card.team, card.id)
    raise CardGone(deps.settings.connect_command)
