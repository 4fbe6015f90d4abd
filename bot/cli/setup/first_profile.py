"""The first mapping: whoever sets the bot up is found in the workspace, and gets an existing or a new profile."""

import asyncio
from enum import StrEnum

from pydantic import SecretStr

from bot.ayrshare.errors import AyrshareError, BadRequest, ProfileGone, ProfileLimit, TitleTaken, Unavailable
from bot.ayrshare.model import Profile
from bot.cli.mappings.changing import save_mapping
from bot.cli.mappings.common import directory_of, stores_of, team_of
from bot.cli.names import Names, read_names
from bot.cli.setup import terminal
from bot.cli.setup.account import reason_of
from bot.cli.setup.answers import given, without_name
from bot.cli.setup.secret_step import Refused
from bot.connections import ayrshare_of
from bot.core.clock import SystemClock
from bot.core.matching import best_matches
from bot.core.metrics import Metrics
from bot.core.model import Membership, TeamId, UserId
from bot.core.visible import is_visible
from bot.mappings.create_profile import KEY_LIKE
from bot.mappings.model import KEY_SHAPE, MAX_TITLE_LENGTH
from bot.settings import ImportSettings, SlackAppSettings
from bot.slack.mentions import is_user_id
from bot.slack.people import Member

LATER = "you can do that in Slack too: {slash} map @yourself"
SHOWN = 9
WHERE_KEYS_ARE = (
    'At https://app.ayrshare.com open "User Profiles", and switch to the profile.',
    'Open the page "Profile Key" in the menu on the left, and copy the key.',
)


class Way(StrEnum):
    """Where the profile comes from."""

    CREATED = "a new one"
    EXISTING = "one that exists at Ayrshare, by its profile key"
    LATER = "none yet"


WAYS = tuple(Way)


def map_yourself() -> None:
    """Give a profile to whoever sets the bot up, unless the workspace has a mapping; it may be left for later."""
    settings = given(ImportSettings)
    team, mapped = asyncio.run(_what_there_is(settings))
    if mapped:
        terminal.done(f"people who have a profile: {mapped}")
        return
    person = _who(asyncio.run(read_names()))
    profile = _profile(settings) if person else None
    if person is None or profile is None:
        terminal.done(LATER.format(slash=given(SlackAppSettings).connect_command))
        return
    asyncio.run(save_mapping(settings, team, person.id, profile, default=True, quiet=True))
    terminal.done(f'{person.name or person.id} has "{profile.title}"')


def _profile(settings: ImportSettings) -> Profile | None:
    """Return a profile that exists or is made now; None for later."""
    while (way := WAYS[terminal.choose("Which profile?", WAYS)]) is not Way.LATER:
        if way is Way.EXISTING:
            terminal.clicks(*WHERE_KEYS_ARE)
        try:
            return asyncio.run(_existing(settings) if way is Way.EXISTING else _created(settings))
        except Refused as refused:
            terminal.wrong(str(refused))
    return None


async def _what_there_is(settings: ImportSettings) -> tuple[TeamId, int]:
    """Return the workspace, and how many people have a profile there."""
    async with stores_of(settings) as stores, directory_of(settings) as directory:
        team = await team_of(directory, stores)
        return team, len({mapping.user for mapping in await stores.mappings.all(team)})


def _who(names: Names) -> Member | None:
    """Return the person who is meant by a name, a handle, an address or an ID; None for later."""
    while typed := terminal.ask("Your name, @handle or member ID in Slack (empty: later)"):
        found = _people_called(typed, names)[:SHOWN]
        if not found:
            terminal.wrong('Slack shows nobody of that name. "Copy member ID" is in the menu of your Slack profile.')
            continue
        options = [f"{one.name} (@{one.handle})" if one.name else one.id for one in found]
        chosen = terminal.choose("Is that you?", [*options, "no"])
        if chosen < len(found):
            return found[chosen]
    return None


def _people_called(typed: str, names: Names) -> list[Member]:
    people = [one for one in names.people.values() if one.membership in {Membership.MEMBER, Membership.GUEST}]
    exact = names.called(typed)
    if is_user_id(typed) and not exact:
        known = [one for one in people if one.id == typed]
        return known or [Member(UserId(typed), "", Membership.MEMBER)]
    matching = best_matches(people, typed.removeprefix("@"), title=lambda one: f"{one.name} {one.handle}")
    return [one for one in exact if one in people] or list(matching)


async def _existing(settings: ImportSettings) -> Profile:
    """Ask for a profile key, and return its profile; raise Refused."""
    key = SecretStr(without_name(terminal.ask_secret("Paste the profile key")))
    if not KEY_SHAPE.fullmatch(key.get_secret_value()):
        raise Refused("That's no profile key. It looks like AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA.")
    if key == settings.ayrshare_api_key:
        raise Refused("That's the account's API key. Switch to the profile first, then copy its Profile Key.")
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        try:
            with terminal.unseen():
                connected, primary = await ayrshare.accounts(key), await ayrshare.primary()
        except (ProfileGone, BadRequest):
            raise Refused("This account has no such profile, or it is suspended. Copy the key again.") from None
        except AyrshareError as error:
            raise Refused(reason_of(error)) from None
    if connected.ref_id == primary:
        raise Refused("That's the key of your Primary Profile, which only you use. Use another profile's key.")
    return Profile(connected.ref_id, connected.title, key)


async def _created(settings: ImportSettings) -> Profile:
    """Ask for a title, and return a new profile; raise Refused."""
    title = terminal.ask("Its title, such as a brand or a person")
    if not is_visible(title) or len(title) > MAX_TITLE_LENGTH or not title.isprintable():
        raise Refused(f"A title has 1 to {MAX_TITLE_LENGTH} characters.")
    if KEY_LIKE.search(title):
        raise Refused("That looks like a profile key. Anyone can read a title.")
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        try:
            return await ayrshare.create_profile(title)
        except (TitleTaken, ProfileLimit) as error:
            raise Refused(error.sentence) from None
        except Unavailable:
            raise Refused(
                "Ayrshare's answer didn't arrive, so the profile may exist now. Look for it under User Profiles there; "
                "its key is on its page Profile Key."
            ) from None
        except AyrshareError as error:
            raise Refused(reason_of(error)) from None
