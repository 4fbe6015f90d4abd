"""`mappings set` and `mappings remove`: one profile of one person. Removing ends their links to it, too."""

import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Annotated

import typer
from pydantic import SecretStr

from bot.ayrshare.errors import ProfileGone
from bot.ayrshare.links import LinkOptions, Links
from bot.ayrshare.model import Profile
from bot.ayrshare.session_links import SessionLinks
from bot.cards.model import Card
from bot.cards.revoke import end_link
from bot.cards.store import CardStore
from bot.cli.boundary import console, finish, settings_of, stop
from bot.cli.mappings.common import SHELL, Quiet, Stores, Team, User, account_of, stores_of
from bot.cli.names import Called, profiles_named, user_named
from bot.core.clock import SystemClock
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId
from bot.mappings.follow_up import new_change, removal
from bot.mappings.imports.mapping_file import FileRow
from bot.mappings.imports.plan import make_plan
from bot.mappings.imports.resolve import match_keys
from bot.mappings.model import KEY_SHAPE
from bot.people.audit import AuditStore
from bot.settings import AyrshareSettings, SettingsError, StoreSettings, load
from bot.storage.envelope import key_ring


def set_mapping(
    team: Team,
    user: User,
    *,
    default: Annotated[bool, typer.Option("--default", help="Make it the person's default profile")] = False,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Ask Ayrshare whether the key works")] = True,
    quiet: Quiet = False,
) -> None:
    """Read a profile key from standard input and map its profile to a person.

    They are told of it. Links that were made with another key of the profile end.
    """
    settings = settings_of(AyrshareSettings if check else StoreSettings)
    meant = finish(user_named(TeamId(team), user))
    key = _read_key(settings)
    finish(_set(settings, TeamId(team), meant, key, default=default, quiet=quiet))


def _read_key(settings: StoreSettings) -> SecretStr:
    typed = typer.prompt("Profile key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    key = str(typed).strip()
    if not KEY_SHAPE.fullmatch(key):
        stop("That is no profile key: one word is expected on standard input, as Ayrshare showed it.")
    if isinstance(settings, AyrshareSettings) and key == settings.ayrshare_api_key.get_secret_value():
        stop("That is the account's own API key. A profile key is named: Ayrshare shows it when a profile is made.")
    return SecretStr(key)


async def _set(
    settings: StoreSettings, team: TeamId, user: Called, key: SecretStr, *, default: bool, quiet: bool
) -> None:
    if isinstance(settings, AyrshareSettings):
        profile = await _check_key(settings, team, key)
    else:
        profile = await _match_key(settings, team, key)
    new = await save_mapping(settings, team, user.id, profile, default=default, quiet=quiet)
    console.print(f'{user.shown} {"now has" if new else "has"} "{profile.title}" ({profile.ref_id}).')


async def save_mapping(
    settings: StoreSettings, team: TeamId, user: UserId, profile: Profile, *, default: bool, quiet: bool
) -> bool:
    """Save a profile and map it to a person; return whether they didn't have it before."""
    async with stores_of(settings) as stores:
        row = FileRow(1, user, profile.key, ref_id=None, default=default)
        plan, _ = make_plan([row], {1: user}, {profile.key: profile}, await stores.known(team))
        await stores.imports.apply(team, plan.batch, by=SHELL, quiet=quiet)
        await stores.profiles.tell_apart(team)
        await stores.wake_worker(team)
    return any(change.new for change in plan.changes)


async def _match_key(settings: StoreSettings, team: TeamId, key: SecretStr) -> Profile:
    async with stores_of(settings) as stores:
        return match_keys([key], await stores.profiles.readable(team))[key]


async def _check_key(settings: AyrshareSettings, team: TeamId, key: SecretStr) -> Profile:
    async with stores_of(settings) as stores, account_of(settings, stores, team) as ayrshare:
        try:
            connected = await ayrshare.accounts(key)
        except ProfileGone:
            stop("Ayrshare doesn't know that profile key, or has suspended its profile. Nothing was stored.")
    return Profile(ref_id=connected.ref_id, title=connected.title, key=key)


def remove_mapping(
    team: Team,
    user: User,
    profile: Annotated[
        str | None, typer.Argument(help="The profile's ID, title or part of its title, where there are several")
    ] = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Unmap a profile from a person and end their links to it; they are revoked if AYRSHARE_API_KEY is set.

    The person is told of it.
    """
    settings = settings_of(StoreSettings)
    with suppress(SettingsError):
        settings = load(AyrshareSettings)
    for line in finish(_remove(settings, TeamId(team), user, profile, quiet=quiet)):
        console.print(line)


async def _remove(settings: StoreSettings, team: TeamId, person: str, named: str | None, *, quiet: bool) -> list[str]:
    named_user = await user_named(team, person)
    user = named_user.id
    async with stores_of(settings) as stores:
        titles = await stores.profiles.all_titles(team)
        ref_id = await _profile_meant(stores, titles, team, named_user, named)
        change = new_change(SHELL, old=user)
        follows = removal(change, user, [ref_id], now=SystemClock().now(), quiet=quiet)
        removed = await stores.mappings.remove(team, user, ref_id, by=SHELL, follow_up=follows)
        await stores.wake_worker(team)
        ended = [*await _end_links(settings, stores, team, user, ref_id)]
        if not removed and not ended:
            stop(f"{named_user.shown} has no such profile in {team}.")
        return [f'{named_user.shown} no longer has "{titles.get(ref_id, ref_id)}".', *ended]


async def _profile_meant(
    stores: Stores, titles: dict[RefId, str], team: TeamId, user: Called, named: str | None
) -> RefId:
    """Return the one profile that fits; it may be unmapped already, with links to it left."""
    refs = [mapping.ref_id for mapping in await stores.mappings.of(team, user.id)]
    theirs = {ref: titles.get(ref, "") for ref in refs}
    matching = refs if named is None else profiles_named(theirs, named) or profiles_named(titles, named)
    if not matching:
        have = ", ".join(titles.get(ref, ref) for ref in refs)
        none = f'{user.shown} has no profile "{named}" in {team}. They have {have}.'
        stop(none if refs else f"{user.shown} has no profile in {team}.")
    if len(matching) > 1:
        stop(f"{user.shown} has several profiles; name one:", *(f"  {ref}  {titles.get(ref, '?')}" for ref in matching))
    return matching[0]


async def _end_links(
    settings: StoreSettings, stores: Stores, team: TeamId, user: UserId, ref_id: RefId
) -> Iterable[str]:
    redis = stores.mappings.connection
    try:
        cards = CardStore(redis, key_ring(settings.encryption_keys, data_dir=settings.data_dir), SystemClock())
        held, audit = bool(await stores.mappings.holders(team, ref_id)), AuditStore(redis)
        theirs = [card for card in await cards.live(team, ref_id) if card.ends_without(user, held=held)]
        async with _links(settings, stores, team) as links:
            ended = [await end_link(cards, stores.profiles, links, audit, card, by=SHELL) for card in theirs]
    except ConnectbotError as error:
        return [f"Their links that still work could not be ended. {error.sentence}"]
    return [_link_outcome(card, asked=links is not None) for card in ended if card]


@asynccontextmanager
async def _links(settings: StoreSettings, stores: Stores, team: TeamId) -> AsyncIterator[Links | None]:
    """Yield the API that revokes links, or None without the settings for Ayrshare."""
    if not isinstance(settings, AyrshareSettings):
        yield None
        return
    async with account_of(settings, stores, team) as ayrshare:
        yield SessionLinks(ayrshare, options=LinkOptions())


def _link_outcome(card: Card, *, asked: bool) -> str:
    """Return a sentence on what happened to a link; only a link session can be revoked."""
    if card.revoked:
        return "A link of theirs was revoked."
    why = "links by generateJWT can't be revoked"
    if card.link.session_id is not None:
        why = "Ayrshare didn't revoke it" if asked else "without AYRSHARE_API_KEY it can't be revoked from here"
        why = f"{why}; a bot that runs goes on trying"
    return f"A link of theirs works until {card.link.expires_at:%Y-%m-%d %H:%M:%S} UTC for whoever has a copy: {why}."
