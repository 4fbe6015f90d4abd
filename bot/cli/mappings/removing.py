"""`mappings remove`: a profile is taken from a person, and their links to it with it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Annotated

import typer

from bot.ayrshare.links import LinkOptions, Links
from bot.ayrshare.session_links import SessionLinks
from bot.cards.model import Card
from bot.cards.revoke import end_link
from bot.cards.store import CardStore
from bot.cli.boundary import console, finish, settings_of, stop
from bot.cli.mappings.arguments import Team, User
from bot.cli.mappings.stores import SHELL, Stores, stores_of
from bot.connections import ayrshare_of
from bot.core.clock import SystemClock
from bot.core.errors import ConnectbotError
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import AuditStore
from bot.settings import AyrshareSettings, SettingsError, StoreSettings, load
from bot.storage.envelope import key_ring


def remove_mapping(
    team: Team,
    user: User,
    profile: Annotated[
        str | None, typer.Argument(help="The profile's ref_id or title, where there are several")
    ] = None,
) -> None:
    """Take a profile from a person's, and their links to it; those can be revoked if AYRSHARE_API_KEY is set."""
    settings = settings_of(StoreSettings)
    with suppress(SettingsError):
        settings = load(AyrshareSettings)
    for line in finish(_remove(settings, TeamId(team), UserId(user), profile)):
        console.print(line)


async def _remove(settings: StoreSettings, team: TeamId, user: UserId, wanted: str | None) -> list[str]:
    async with stores_of(settings) as stores:
        titles = await stores.profiles.titles(team)
        ref_id = await _only(stores, titles, team, user, wanted)
        removed = await stores.mappings.remove(team, user, ref_id, by=SHELL)
        ended = [*await _links_ended(settings, stores, team, user, ref_id)]
        if not removed and not ended:
            stop(f"{user} has no such profile in {team}.")
        return [f"{user} no longer looks after {titles.get(ref_id, ref_id)!r}.", *ended]


async def _only(stores: Stores, titles: dict[RefId, str], team: TeamId, user: UserId, wanted: str | None) -> RefId:
    """Return the profile that is meant; one that is named may be gone already, and links to it be left."""
    refs = [mapping.ref_id for mapping in await stores.mappings.of(team, user)]
    fitting = [ref for ref in refs if wanted in {None, ref, titles.get(ref)}]
    fitting = fitting or [ref for ref, title in titles.items() if wanted in {ref, title}]
    if not fitting:
        stop(f"{user} has no such profile in {team}." if refs else f"{user} has no profile in {team}.")
    if len(fitting) > 1:
        stop(f"{user} has several profiles; name one:", *(f"  {ref}  {titles.get(ref, '?')}" for ref in fitting))
    return fitting[0]


async def _links_ended(
    settings: StoreSettings, stores: Stores, team: TeamId, user: UserId, ref_id: RefId
) -> Iterable[str]:
    redis = stores.mappings.connection
    try:
        cards = CardStore(redis, key_ring(settings.encryption_keys, data_dir=settings.data_dir), SystemClock())
        theirs, audit = [card for card in await cards.live(team, ref_id) if card.owner == user], AuditStore(redis)
        async with _links(settings) as links:
            ended = [await end_link(cards, stores.profiles, links, audit, card, by=SHELL) for card in theirs]
    except ConnectbotError as error:
        return [f"Their links that still work could not be ended. {error.sentence}"]
    return [_words(card, asked=links is not None) for card in ended if card]


@asynccontextmanager
async def _links(settings: StoreSettings) -> AsyncIterator[Links | None]:
    """Yield what revokes links, or None where the settings for Ayrshare are missing."""
    if not isinstance(settings, AyrshareSettings):
        yield None
        return
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        yield SessionLinks(ayrshare, options=LinkOptions())


def _words(card: Card, *, asked: bool) -> str:
    """Say what became of a link; only a link session can be revoked."""
    if card.revoked:
        return "A link of theirs was revoked."
    why = "links by generateJWT can't be revoked"
    if card.link.session_id is not None:
        why = "Ayrshare didn't revoke it" if asked else "without AYRSHARE_API_KEY it can't be revoked"
    return f"A link of theirs works until {card.link.expires_at:%Y-%m-%d %H:%M:%S} UTC for whoever has a copy: {why}."
