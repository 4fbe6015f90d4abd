"""Two profiles with one title: wherever one is chosen or shown they can be told apart, and the right one is taken."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId
from bot.home.views import ADMIN_TITLE
from bot.profiles.titles import called, plain_title, renamed, told_apart_titles
from bot.slack.actions import PICK_PROFILE
from bot.slack.text import escaped
from sandbox.server import Sandbox
from tests.commands import command
from tests.conftest import Map, Person
from tests.home.home_helpers import fill, has_at_home, opens
from tests.mappings.test_map_profile import suggestion
from tests.modals import sees_modal
from tests.redis_probe import TEAM, trail
from tests.signed_requests import Signer
from tests.users import Someone

A, B = RefId("1f2e" + "a" * 36), RefId("3d4c" + "b" * 36)
ONE, OTHER = "Acme: Jane · 1f2e", "Acme: Jane · 3d4c"
BEN = "U0BEN0001"


@pytest.fixture
def recreated(sandbox: Sandbox) -> tuple[str, str]:
    """Return the keys of two profiles of one title at Ayrshare."""
    jane, other = (one for one in sandbox.ayrshare.profiles if one.title in {"Acme: Jane", "Globex"})
    other.title, jane.ref_id, other.ref_id = jane.title, A, B
    return jane.key, other.key


@pytest.fixture
async def both(bot: Bot, mapped: Map, recreated: tuple[str, str]) -> None:
    """Map both to Ben."""
    for ref_id, key in zip((A, B), recreated, strict=True):
        await mapped("ben", "Acme: Jane", ref_id=ref_id, key=key)
    await bot.deps.profiles.tell_apart(TEAM)


def test_only_titles_that_several_have_are_marked_and_case_and_blanks_make_no_difference() -> None:
    titles = {A: "Acme: Jane", B: "ACME:  Jane", RefId("c"): "Globex"}
    assert told_apart_titles(titles) == {A: ONE, B: "ACME:  Jane · 3d4c", "c": "Globex"}


def test_marks_go_once_a_title_is_only_ones_own() -> None:
    assert told_apart_titles({A: ONE, B: "Globex · 3d4c"}) == {A: "Acme: Jane", B: "Globex"}


def test_a_mark_is_as_long_as_it_takes() -> None:
    marked = told_apart_titles({RefId("12345x"): "A", RefId("12345y"): "A", RefId("12340y"): "A"})
    assert sorted(marked.values()) == ["A · 12340y", "A · 12345x", "A · 12345y"]


def test_what_only_looks_like_a_mark_belongs_to_the_title() -> None:
    assert plain_title(A, "Acme · 2024") == "Acme · 2024"


def test_a_title_that_was_changed_at_ayrshare_keeps_the_mark() -> None:
    assert renamed(Profile(A, ONE, SecretStr("k")), "Acme: June") == "Acme: June · 1f2e"
    assert renamed(Profile(A, "Acme", SecretStr("k")), None) == "Acme"


def test_the_whole_title_without_a_mark_means_both_and_with_it_one() -> None:
    profiles = [Profile(A, ONE, SecretStr("k")), Profile(B, OTHER, SecretStr("k"))]
    profiles.append(Profile(RefId("c"), "Acme: Jane Two", SecretStr("k")))
    assert called(profiles, "acme: jane") == tuple(profiles[:2])
    assert called(profiles, OTHER.upper()) == (profiles[1],)
    assert called(profiles, "3d4c") == (profiles[1],)


@pytest.mark.usefixtures("both")
async def test_a_link_is_made_for_the_one_that_was_picked(bot: Bot, ben: Someone) -> None:
    await ben.types("Acme: Jane")
    picker = await ben.sees("Which profile")
    assert picker.options == [ONE, OTHER]
    await ben.clicks(picker, "pick_profile", value=picker.element("pick_profile")["options"][1]["value"])
    await ben.sees_a_card(OTHER)
    assert [len(await bot.deps.cards.kept(TEAM, ref_id)) for ref_id in (A, B)] == [0, 1]


@pytest.mark.usefixtures("both")
async def test_a_title_with_its_mark_is_typed_as_it_is_shown(ben: Someone) -> None:
    await ben.types(f"  {OTHER.lower()} ")
    await ben.sees_a_card(OTHER)


@pytest.mark.usefixtures("both")
async def test_status_list_unmapping_and_sending_tell_them_apart(person: Person, ben: Someone) -> None:
    await ben.types("status")
    await ben.sees(ONE, OTHER)
    ana = person("ana")
    await ana.types("list")
    await ana.sees(ADMIN_TITLE, ONE, OTHER)
    await ana.types("unmap @ben acme: jane")
    modal = await sees_modal(ana, "several profiles")
    assert [one["text"]["text"] for one in modal.element("profile")["options"]][:2] == [ONE, OTHER]


@pytest.mark.usefixtures("both")
async def test_at_the_shell_the_title_alone_is_not_enough(bot: Bot, environment: dict[str, str]) -> None:
    unclear = await command("mappings", "remove", TEAM, BEN, "Acme: Jane", environment=environment)
    assert (unclear.code, ONE in unclear.err, OTHER in unclear.err) == (1, True, True)
    done = await command("mappings", "remove", TEAM, BEN, OTHER, "--quiet", environment=environment)
    assert (done.code, done.err) == (0, "")
    assert [one.ref_id for one in await bot.deps.profiles.held_by(TEAM, BEN)] == [A]  # type: ignore[arg-type] # a plain str


async def test_an_import_tells_them_apart_and_is_done_when_it_is_made_again(
    bot: Bot, environment: dict[str, str], recreated: tuple[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("user,profile_key\n" + "".join(f"{BEN},{key}\n" for key in recreated))
    assert (await command("mappings", "import", str(file), "--apply", environment=environment)).code == 0
    assert await bot.deps.profiles.all_titles(TEAM) == {A: ONE, B: OTHER}
    again = await command("mappings", "import", str(file), "--apply", environment=environment)
    assert "There is nothing to change." in again.out


ODD = {
    "O'Neil": "O\u2019Neil", "Acme -- West": "Acme \u2014 West", "Acme.com": "<http://acme.com|acme.com>",
    "Party \U0001f389": ":tada: party", "Say \u201chi\u201d": 'say "hi"',
}  # fmt: skip
"""Titles, and what Slack's editor makes of them."""


async def test_a_title_is_found_in_homes_search_a_select_and_at_the_shell_as_in_a_command(
    bot: Bot, sandbox: Sandbox, person: Person, signer: Signer, environment: dict[str, str]
) -> None:
    await fill(
        bot,
        sandbox,
        {"ben": [*ODD], "dan": [f"Many {number}" for number in range(10)]},
        key=sandbox.ayrshare.profiles[0].key,
    )
    ana = person("ana")
    home = await opens(sandbox, ana, "1 to 10 of 15")
    for title, typed in ODD.items():
        await home.chooses("search", typed)
        home = await has_at_home(sandbox, ana, f"*{escaped(title)}*", but="Many")
        await signer.form(suggestion("U0ANA0001", typed))
        assert [one["text"]["text"] for one in json.loads(signer.acknowledgement)["options"]] == [title]
    for typed, title in (("o\u2019neil", "O'Neil"), ("<http://acme.com|acme.com>", "Acme.com")):
        ended = await command("mappings", "remove", TEAM, "@Ben\u00a0brandt", typed, environment=environment)
        assert (ended.code, title in ended.out) == (0, True), ended.err


async def test_long_titles_that_differ_at_their_end_are_told_apart_where_one_is_picked(
    sandbox: Sandbox, mapped: Map, ben: Someone, bot: Bot
) -> None:
    start, end = "Acme Worldwide Holdings International, " * 3, ", the department of everything" * 3
    named = [f"{start}West", f"{start}East", f"{start}North{end}", f"{start}South{end}"]
    for profile, title in zip(sandbox.ayrshare.profiles, named, strict=False):
        profile.title = title
        await mapped("ben", title)
    await ben.types("acme")
    picker = await ben.sees("Which profile?")
    assert len(set(picker.options)) == len(picker.options) == min(len(named), len(sandbox.ayrshare.profiles))
    east = next(
        one
        for one in picker.element(PICK_PROFILE)["options"]
        if one["text"]["text"].partition(" (")[0].endswith("East")
    )
    await ben.clicks(picker, PICK_PROFILE, value=east["value"])
    await ben.sees_a_card()
    (made,) = await trail(bot, "link_made")
    assert made.ref_id == sandbox.ayrshare.profiles[1].ref_id
