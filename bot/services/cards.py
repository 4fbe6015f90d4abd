"""A card's life: `ready → opened → expired`, `replaced` by a newer one.

What happens to a card goes through `_change`, which keeps it only if nobody else changed it meanwhile.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from bot.deps import Deps
from bot.errors import AnswerRefused, CardGone, ConnectbotError
from bot.model import Account, Answer, Card, CardId, CardState, Profile, TeamId, UserId
from bot.services import countdown
from bot.views.card import card_message

log = structlog.get_logger()

POSTS_FOR_A_FRESH_CARD = 2


async def offer(deps: Deps, profile: Profile, *, team: TeamId, viewer: UserId, owner: UserId, answer: Answer) -> None:
    """Make a link and show it on a fresh card, which takes the place of the viewer's live one for that profile."""
    minted = await deps.links.mint(profile)
    card = Card(
        id=CardId(secrets.token_urlsafe(16)),
        team=team,
        viewer=viewer,
        owner=owner,
        ref_id=profile.ref_id,
        title=minted.title or profile.title,
        link=minted.link,
        made_at=deps.clock.now(),
        answer=answer,
    )
    previous = await deps.cards.add(card)
    log.info("link_made", card=card.id, team=team, viewer=viewer, owner=owner, expires_at=str(card.link.expires_at))
    if not await _draw(deps, card, replace_message=answer.replaces):
        raise AnswerRefused
    if previous is not None:
        await _retire(deps, team, previous)


async def open_link(deps: Deps, team: TeamId, card_id: CardId, *, viewer: UserId, answer: Answer) -> None:
    """Note that the linking page was opened; from here on the card counts down through the click's own URL."""
    now = deps.clock.now()
    card = await get(deps, team, card_id, viewer=viewer)
    if not card.state.live or now >= card.link.expires_at:
        ended = await _change(deps, team, card_id, lambda c: replace(_ended(c, CardState.EXPIRED), answer=answer))
        await _draw(deps, ended, replace_message=True)
        return
    first = card.state is CardState.READY
    opened = await _change(deps, team, card_id, lambda c: _opened(c, at=now, answer=answer))
    if first:
        await _draw(deps, opened, replace_message=True)
        await _remember_what_was_linked(deps, opened)
    else:
        await _schedule(deps, opened, since=now)


async def renew(deps: Deps, card: Card, profile: Profile, *, answer: Answer) -> None:
    """Make a fresh card and mark this one, whose click brought `answer`, as replaced.

    The click's posts are shared out: two for the fresh card (itself, its end), the rest for this one.
    """
    fresh = replace(answer, replaces=False, posts_left=POSTS_FOR_A_FRESH_CARD)
    rest = replace(answer, posts_left=answer.posts_left - POSTS_FOR_A_FRESH_CARD)
    now = deps.clock.now()
    await _schedule(deps, await _change(deps, card.team, card.id, lambda c: replace(c, answer=rest)), since=now)
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
    linked = await _look(deps, card) if due.look else card.linked
    news = linked != card.linked
    card = await _change(deps, team, card_id, lambda c: replace(c, linked=linked, checked_at=now))
    if card.state.live and (due.tick or (news and countdown.has_spare_post(card, now=now))):
        await _draw(deps, card, replace_message=True)
    else:
        await _schedule(deps, card, since=now)


async def get(deps: Deps, team: TeamId, card_id: CardId, *, viewer: UserId) -> Card:
    """Return a card to the one who sees it; raise CardGone to anybody else, or once it is forgotten."""
    card = await deps.cards.get(team, card_id)
    if card is None or card.viewer != viewer:
        raise CardGone(deps.settings.connect_command)
    return card


async def _expire(deps: Deps, card: Card) -> None:
    expired = await _change(deps, card.team, card.id, lambda c: _ended(c, CardState.EXPIRED))
    if expired.state is CardState.EXPIRED:
        await _draw(deps, expired, replace_message=expired.answer.replaces)


async def _retire(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Mark a card as replaced, and say so where its message can be changed."""
    card = await deps.cards.get(team, card_id)
    if card is None or card.state is CardState.REPLACED:
        return
    replaced = await _change(deps, team, card_id, lambda c: replace(c, state=CardState.REPLACED))
    if countdown.can_change(replaced, now=deps.clock.now()):
        await _draw(deps, replaced, replace_message=True)


async def _remember_what_was_linked(deps: Deps, card: Card) -> None:
    before = await _accounts(deps, card)
    await _change(deps, card.team, card.id, lambda c: replace(c, linked_before=before))


async def _look(deps: Deps, card: Card) -> tuple[Account, ...]:
    """Return what got linked since the page was opened."""
    accounts = await _accounts(deps, card)
    if accounts is None or card.linked_before is None:
        return card.linked
    return tuple(a for a in accounts if a not in card.linked_before and not a.needs_attention)


async def _accounts(deps: Deps, card: Card) -> tuple[Account, ...] | None:
    """Ask what is linked; a look is a courtesy, so its failure shows nothing to the person."""
    try:
        profiles = await deps.profiles.get(card.team, card.ref_id)
        return (await deps.ayrshare.accounts(profiles[0].key)).accounts if profiles else None
    except ConnectbotError as error:
        log.info("look_failed", card=card.id, kind=error.kind)
        return None


async def _draw(deps: Deps, card: Card, *, replace_message: bool) -> bool:
    """Post a card as it stands, note the post and see to its next moment; return whether Slack took it."""
    now = deps.clock.now()
    try:
        await deps.answers.post(card.answer, card_message(card, now=now), replace=replace_message)
        taken, left = True, card.answer.posts_left - 1
    except AnswerRefused:
        taken, left = False, 0
    drawn = await _change(deps, card.team, card.id, lambda c: _posted(c, card.answer, left=left))
    await _schedule(deps, drawn, since=now)
    return taken


async def _schedule(deps: Deps, card: Card, *, since: datetime) -> None:
    """See to the next moment; one that passed while we were busy comes at once."""
    moment = countdown.next_moment(card, since=since)
    if moment is not None:
        await deps.later.redraw_card(card.team, card.id, at=moment)


async def _change(deps: Deps, team: TeamId, card_id: CardId, step: Callable[[Card], Card]) -> Card:
    """Apply a step to the newest version of a card; raise CardGone if it is no longer kept."""
    while (card := await deps.cards.get(team, card_id)) is not None:
        changed = replace(step(card), version=card.version + 1)
        if await deps.cards.update(changed):
            return changed
    raise CardGone(deps.settings.connect_command)


def _opened(card: Card, *, at: datetime, answer: Answer) -> Card:
    if not card.state.live:
        return card
    return replace(
        card,
        state=CardState.OPENED,
        opened_at=card.opened_at or at,
        answer=answer,
        checked_at=card.checked_at or at,
    )


def _ended(card: Card, state: CardState) -> Card:
    return replace(card, state=state) if card.state.live else card


def _posted(card: Card, answer: Answer, *, left: int) -> Card:
    return replace(card, answer=replace(answer, posts_left=left)) if card.answer.url == answer.url else card
