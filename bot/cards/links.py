"""Ways to a link: asked for, picked, made anew, opened. Who may have it is decided at each of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.ayrshare.model import Profile
from bot.cards import offer, revoke
from bot.cards.model import CardId
from bot.cards.update import get as get_card
from bot.cards.update import leave
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.people import access
from bot.people.errors import NotAllowed
from bot.profiles.choose_profile import choose, profile_of
from bot.profiles.errors import NoSuchProfile, NotMapped
from bot.slack.model import Surface

DOUBLE_PRESS = timedelta(minutes=2)
IMPATIENCE = timedelta(seconds=5)
"""A second press so soon on a card that has been redrawn in between was meant for the first drawing."""


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Who asks, and where the answer is shown; `home` is their own workspace, as far as Slack told."""

    team: TeamId
    caller: UserId
    surface: Surface
    home_team: TeamId | None = None


async def ask_for_link(deps: Deps, asking: LinkRequest, *, owner: UserId, words: str) -> tuple[Profile, ...]:
    """Show a card and return nothing, or return the profiles that somebody has to choose from."""
    await _check(deps, asking, owner)
    found = await choose(deps, asking.team, owner, words=words)
    if len(found) > 1:
        return found
    await _offer(deps, asking, found[0], owner=owner)
    return ()


async def pick_link(deps: Deps, asking: LinkRequest, *, owner: UserId, ref_id: RefId, picker: str) -> None:
    """Show a card for the profile chosen in a picker; a second choice while the first is made does nothing."""
    await _check(deps, asking, owner)
    profile = await profile_of(deps, asking.team, owner, ref_id)
    async with single_flight(deps, asking.team, f"pick_profile:{picker}") as first:
        if first:
            await _offer(deps, asking, profile, owner=owner)


async def link_for(deps: Deps, asking: LinkRequest, *, owner: UserId, ref_id: RefId) -> None:
    """Show a card for one of a person's profiles."""
    await _check(deps, asking, owner)
    await _offer(deps, asking, await profile_of(deps, asking.team, owner, ref_id), owner=owner)


async def close_card(deps: Deps, team: TeamId, *, viewer: UserId, card_id: CardId) -> None:
    """Take note that the window of a card was closed."""
    await leave(deps, await get_card(deps, team, card_id, viewer=viewer))


async def renew_link(deps: Deps, asking: LinkRequest, *, card_id: CardId, version: str) -> None:
    """Make a fresh card in place of an old one; a second press on the same drawing of it does nothing."""
    card = await get_card(deps, asking.team, card_id, viewer=asking.caller)
    await _check(deps, asking, card.owner)
    profile = await profile_of(deps, asking.team, card.owner, card.ref_id)
    async with (
        single_flight(deps, asking.team, f"new_link:{card_id}:{version}") as first,
        single_flight(deps, asking.team, f"new_link:{card_id}", within=IMPATIENCE) as calm,
    ):
        if first and calm:
            await offer.renew(deps, card, profile, surface=asking.surface)


async def open_link(deps: Deps, asking: LinkRequest, *, card_id: CardId) -> None:
    """Note that the linking page was opened; the browser has it already."""
    card = await get_card(deps, asking.team, card_id, viewer=asking.caller)
    try:
        await _check(deps, asking, card.owner)
        await profile_of(deps, asking.team, card.owner, card.ref_id)
    except (NotAllowed, NotMapped, NoSuchProfile):
        await revoke.withdraw(deps, card, surface=asking.surface)
        raise
    await offer.open_link(deps, card, surface=asking.surface)


async def cancel_link(deps: Deps, asking: LinkRequest, *, card_id: CardId) -> None:
    """Kill the link of a card; whoever sees it may do that, whatever else they may."""
    card = await get_card(deps, asking.team, card_id, viewer=asking.caller)
    await revoke.cancel(deps, card, surface=asking.surface)


async def _check(deps: Deps, asking: LinkRequest, owner: UserId) -> None:
    await access.check_may_see_link(
        deps, team=asking.team, caller=asking.caller, owner=owner, home_team=asking.home_team
    )


async def _offer(deps: Deps, asking: LinkRequest, profile: Profile, *, owner: UserId) -> None:
    await offer.offer(deps, profile, team=asking.team, viewer=asking.caller, owner=owner, surface=asking.surface)


@asynccontextmanager
async def single_flight(
    deps: Deps, team: TeamId, press: str, *, within: timedelta = DOUBLE_PRESS
) -> AsyncIterator[bool]:
    """Yield whether this press is the first; one that fails, or that a restart cut short, may be repeated."""
    first = await deps.idempotency.claim(team, press, within=within)
    try:
        yield first
    except BaseException:
        if first:
            await deps.idempotency.release(team, press)
        raise
