"""A title typed as it is shown is found, whatever Slack, editors and keyboards make of it, in each place."""
# ruff: noqa: RUF001 - quotes and dashes that look alike are the matter

import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from sandbox.slack.members import add_members
from tests.commands import command
from tests.conftest import Map, Person
from tests.home.home_helpers import fill, has_at_home, opens, titles
from tests.modals import sees_modal
from tests.users import Someone

AS_TYPED = {
    "O’Neil": "Ben O'Neil",
    "“ben o’neil”": "Ben O'Neil",
    "Acme — West": "Acme -- West",
    "Acme.com": "Acme.com",
    "Acme :tada:": "Acme 🎉",
    "Schmidt :flag-de:": "Schmidt 🇩🇪",
    "Schmidt :de:": "Schmidt 🇩🇪",
    "grill :male-cook:": "Grill 👨\u200d🍳",
}
TITLES = sorted(set(AS_TYPED.values()))


@pytest.fixture
async def ben(person: Person, mapped: Map, sandbox: Sandbox) -> Someone:
    """Somebody with a profile of each title."""
    sandbox.ayrshare.add_profiles(TITLES)
    for title in TITLES:
        await mapped("ben", title)
    return person("ben")


async def shows(who: Someone, typed: str, title: str) -> None:
    """Type a command, and wait for a new message that shows this title and none of the others."""
    before = {message.ts for message in await who.messages()}
    await who.types(typed)
    others = [f"*{one}*" for one in TITLES if one != title]
    await who.sees(
        f"*{title}*",
        where=lambda seen: seen.ts not in before and not any(one in seen.words for one in others),
        within=5,
    )


@pytest.mark.parametrize("word", ["", "status", "list"])
async def test_a_profile_is_found_by_its_title_as_it_is_shown(person: Person, ben: Someone, word: str) -> None:
    who = person("ana") if word == "list" else ben
    for typed, title in AS_TYPED.items():
        await shows(who, f"{word} {typed}", title)


async def test_a_profile_to_unmap_is_found_so_too(person: Person, ben: Someone) -> None:
    for typed, title in AS_TYPED.items():
        await person("ana").types(f"unmap @ben {typed}")
        modal = await sees_modal(person("ana"), "Unmap *", title="Unmap a profile")
        assert f"Unmap *{title}* from" in modal.words
        await modal.closes()


async def test_a_colleague_is_asked_for_the_profile_of_that_title(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    sandbox.ayrshare.add_profiles(TITLES)
    asked = ("“ben o’neil”", "Acme — West", "Acme.com", "Schmidt :de:", "grill :male-cook:")
    for who, typed in zip(add_members(sandbox.slack.world, len(asked)), asked, strict=True):
        await mapped(who.name, AS_TYPED[typed])
        await mapped(who.name, "Globex")
        await person("cara").types(f"send @{who.name} {typed} please")
        await person("cara").sees(f"*{AS_TYPED[typed]}*", f"Sent to <@{who.id}>")


async def test_homes_search_finds_titles_as_they_are_shown(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": [*TITLES, *(f"Other {number}" for number in range(8))]})
    home = await opens(sandbox, person("ana"), f"of {len(TITLES) + 8}")
    for typed, title in AS_TYPED.items():
        await home.chooses("search", typed)
        home = await has_at_home(sandbox, person("ana"), f"for “{typed}”")
        assert titles(home.raw) == [title]


async def test_people_and_profiles_are_found_so_at_the_shell(
    ben: Someone, sandbox: Sandbox, environment: dict[str, str]
) -> None:
    sandbox.slack.world.user("ben").real_name = "Ben O'Neil-Brandt 🎉"
    for person, typed in (("“Ben O’Neil–Brandt :tada:”", "Acme — West"), ("@ben", "Schmidt :flag-de:")):
        removed = await command("mappings", "remove", "T0CONNECT", person, typed, environment=environment)
        assert removed.out.endswith(f'(U0BEN0001) no longer has "{AS_TYPED[typed]}".\n'), removed.err
