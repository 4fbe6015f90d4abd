"""What people type is understood as they meant it; what isn't found is answered in one line with what there is."""

import pytest

from bot.slack.actions import ASK_ADMIN, ASK_COLLEAGUE, CONNECT_ACCOUNTS, MAP_A_PROFILE, SEE_STATUS
from sandbox.server import Sandbox
from tests.conftest import Map, Person
from tests.modals import sees_modal
from tests.users import Someone


@pytest.fixture
async def cara(person: Person, mapped: Map) -> Someone:
    """Somebody with two profiles."""
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Globex")
    return person("cara")


async def test_what_is_not_found_is_answered_in_one_line_with_what_there_is_to_choose(cara: Someone) -> None:
    await cara.types("globax")
    answer = await cara.sees('No profile matches "globax". You have Acme: Team and Globex.')
    assert (answer.ephemeral, answer.options) == (True, ["Acme: Team", "Globex"])
    assert "\n" not in answer.words
    assert "/connect" not in answer.words
    menu = answer.element("pick_profile")
    await cara.clicks(answer, "pick_profile", value=menu["options"][1]["value"])
    assert (await cara.sees_a_card("Globex")).ts == answer.ts


async def test_of_many_profiles_the_line_names_a_few(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    for number in range(8):
        sandbox.ayrshare.profiles[0].title = f"Brand {number}"
        await mapped("ben", f"Brand {number}", ref_id=f"{number:040x}")
    await person("ben").types("acme")
    await person("ben").sees("You have Brand 0, Brand 1, Brand 2, Brand 3, Brand 4 and 3 more.")


async def test_an_admin_reads_what_the_other_person_has(person: Person, cara: Someone) -> None:
    await person("ana").types("@cara initech")
    await person("ana").sees('No profile matches "initech". <@U0CARA001> has Acme: Team and Globex.')


@pytest.mark.parametrize("typed", ["hlep", "halp", "helpp"])
async def test_a_mistyped_word_is_guessed_with_a_button_that_does_it(cara: Someone, typed: str) -> None:
    await cara.types(typed)
    answer = await cara.sees(f'No profile matches "{typed}".', "Did you mean *help*?")
    await cara.clicks(answer, "/connect help")
    await cara.sees("connects your social accounts")


@pytest.mark.parametrize(
    ("typed", "meant"), [("globex linkedn", "globex linkedin"), ("instagarm", "instagram"), ("can you help me", "help")]
)
async def test_a_mistyped_network_and_a_cry_for_help_are_guessed(cara: Someone, typed: str, meant: str) -> None:
    await cara.types(typed)
    answer = await cara.sees(f'No profile matches "{typed}".', f"Did you mean *{meant}*?")
    assert answer.buttons[0] == f"/connect {meant}"


async def test_what_follows_a_mistyped_word_is_kept(cara: Someone) -> None:
    await cara.types("statsu globex")
    answer = await cara.sees("Did you mean *status globex*?")
    await cara.clicks(answer, "typed")
    assert "Acme" not in (await cara.sees("*Globex*", where=lambda seen: seen.ts != answer.ts)).words


async def test_what_a_subcommand_does_not_know_is_answered_with_the_subcommand(cara: Someone) -> None:
    await cara.types("cancel everything")
    answer = await cara.sees('No profile matches "everything".', "Did you mean *cancel*?")
    assert answer.buttons == ["/connect cancel"]


async def test_a_link_is_cancelled_as_the_menu_calls_it(cara: Someone) -> None:
    await cara.types()
    await cara.sees_a_card()
    await cara.types("Cancel link")
    await cara.sees("This link is cancelled.")


async def test_who_has_no_profile_is_guessed_too_or_told_so(person: Person) -> None:
    dan = person("dan")
    await dan.types("statsu")
    assert "No profile" not in (await dan.sees("Did you mean *status*?")).words
    await dan.types("whatever")
    await dan.sees(ASK_ADMIN.label)


async def test_a_mistyped_request_for_a_colleague_is_no_refusal(person: Person, cara: Someone) -> None:
    await person("dan").types("sned @cara please")
    answer = await person("dan").sees("Did you mean *send @cara please*?")
    assert answer.buttons == ["/connect send @cara please"]


@pytest.mark.parametrize("typed", ["me", "Me", "@me", "connect me"])
async def test_me_is_oneself(person: Person, mapped: Map, typed: str) -> None:
    await mapped("ana", "Acme: Jane")
    await person("ana").types(typed.replace("@me", "@ana"))
    await person("ana").sees_a_card("Acme: Jane")


async def test_me_is_oneself_behind_a_subcommand(person: Person, cara: Someone) -> None:
    await cara.types("status me")
    await cara.sees("*Acme: Team*", "*Globex*")
    await person("ana").types("map me")
    modal = await sees_modal(person("ana"), "A new one", title="Map a profile")
    assert "U0ANA0001" in str(modal.entered)


async def test_a_whole_title_is_taken_though_it_begins_with_a_subcommand(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    for profile, title in zip(sandbox.ayrshare.profiles, ("Status Quo", "Me And My Dog", "@acme_jane"), strict=False):
        profile.title = title
        await mapped("ben", title)
    for title in ("Status Quo", "Me And My Dog", "@acme_jane"):
        await person("ben").types(title.upper())
        await person("ben").sees_a_card(title)


async def test_a_word_that_nothing_follows_is_part_of_a_title_where_something_does(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    sandbox.ayrshare.profiles[0].title = "Home Depot Europe"
    await mapped("ben", "Home Depot Europe")
    await person("ben").types("home depot")
    await person("ben").sees_a_card("Home Depot Europe")
    await person("ben").types("home")
    await person("ben").sees("My Home tab> shows your profiles")


@pytest.mark.parametrize(
    "typed", ["“Acme: Jane”", "ACME:  jane", "*Acme: Jane*", "jane\u00a0acme", "Acme:\u200b Jane", "acme — jane"]
)
async def test_a_title_is_found_as_editors_and_people_spell_it(person: Person, mapped: Map, typed: str) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types(typed)
    await person("ben").sees_a_card("Acme: Jane")


async def test_reconnect_offers_only_what_is_broken(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    for title in ("Initech", "Globex", "Acme: Team"):
        await mapped("cara", title)
    cara = person("cara")
    sandbox.ayrshare.connect_as_user("Globex", "tiktok")
    await cara.types("status")
    await cara.sees("*Globex*", "*Initech*", "*Acme: Team*")
    for broken in ("Globex", "Acme: Team"):
        sandbox.ayrshare.disconnect_as_system(broken, "tiktok", "")
    await cara.types("status")
    await cara.sees("TikTok (Globex) has been disconnected since")
    await cara.types("reconnect glob")
    await cara.sees("Globex", "Reconnect TikTok")
    await cara.types("reconnect")
    answer = await cara.sees("*Globex*", "*Acme: Team*", where=lambda seen: "Initech" not in seen.words)
    assert answer.buttons == ["Reconnect", "Reconnect"]
    await cara.types("reconnect team tiktok")
    await cara.sees("Acme: Team", "Reconnect TikTok", where=lambda seen: seen.url is not None)


async def test_reconnect_means_what_is_due_soon_too(person: Person, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("status")
    await person("ben").sees("LinkedIn", "Reconnect")
    await person("ben").types("reconnect")
    await person("ben").sees_a_card("Reconnect LinkedIn")


@pytest.mark.parametrize(
    "typed", ["reconnect @cara xyz", "cancel @cara xyz", "@cara xyz", "status @cara", "email @cara"]
)
async def test_what_others_have_is_told_to_nobody_else(person: Person, cara: Someone, typed: str) -> None:
    await person("dan").types(typed)
    answer = await person("dan").sees()
    assert "Globex" not in str(answer.raw)


async def test_a_network_may_stand_behind_a_title_that_begins_like_a_subcommand(
    ben: Someone, mapped: Map, sandbox: Sandbox
) -> None:
    for profile, title in zip(sandbox.ayrshare.profiles, ("Status Quo", "Help Desk"), strict=False):
        profile.title = title
        await mapped("ben", title)
    for title in ("Status Quo", "Help Desk"):
        await ben.types(f"{title.lower()} reddit")
        await ben.sees(f"*{title}*", "Connect Reddit.")
    await ben.types("help reddit")
    await ben.sees("connects your social accounts")


async def test_a_subcommand_behind_the_person_is_understood(person: Person, cara: Someone) -> None:
    await person("ana").types("@cara unmap glob")
    answer = await person("ana").sees("Did you mean *unmap @cara glob*?")
    await person("ana").clicks(answer, "/connect unmap @cara glob")
    await sees_modal(person("ana"), "Globex", title="Unmap a profile")


async def test_where_nothing_is_broken_reconnect_says_so(person: Person, mapped: Map) -> None:
    await mapped("ben", "Initech")
    await person("ben").types("reconnect")
    answer = await person("ben").sees("Nothing needs reconnecting, as far as I know.")
    await person("ben").clicks(answer, SEE_STATUS.label)
    await person("ben").sees("*Initech*")


async def test_cancel_ends_the_links_that_one_was_shown(person: Person, cara: Someone, sandbox: Sandbox) -> None:
    await cara.types("cancel")
    await cara.sees("You have no working link")
    for typed in ("globex", "acme"):
        await cara.types(typed)
    await cara.sees_a_card("Globex")
    await cara.sees_a_card("Acme: Team")
    await cara.types("cancel globex")
    assert "Acme" not in (await cara.sees("*Globex*: This link is cancelled.")).words
    await cara.types("cancel")
    assert "Globex" not in (await cara.sees("*Acme: Team*: This link is cancelled.")).words


async def test_home_and_version_are_answered(person: Person, sandbox: Sandbox) -> None:
    await person("ben").types("home")
    world = sandbox.slack.world
    shown = await person("ben").sees(f"<slack://app?team={world.team.id}&id={world.app.app_id}&tab=home|My Home tab>")
    assert "://" not in shown.text
    await person("ben").types("version")
    await person("ben").sees("This is connectbot ")


async def test_ask_asks_a_colleague(person: Person, mapped: Map) -> None:
    await mapped("cara", "Globex")
    await person("ben").types("ask @cara please")
    await person("ben").sees("Sent to <@U0CARA001>")


async def test_who_is_asked_nobody_is_offered_the_form(person: Person) -> None:
    await person("ben").types("ask")
    await person("ben").clicks(await person("ben").sees("Who should I ask?"), ASK_COLLEAGUE.label)
    await sees_modal(person("ben"), title="Ask a colleague")


async def test_the_help_has_three_lines_and_a_button_for_each_thing(cara: Someone, sandbox: Sandbox) -> None:
    await cara.types("help")
    answer = await cara.sees("connects your social accounts", "threads")
    assert answer.buttons == [CONNECT_ACCOUNTS.label, SEE_STATUS.label, ASK_COLLEAGUE.label]
    assert len(answer.text.split("\n")) == 3
    assert "map" not in answer.words
    await cara.clicks(answer, CONNECT_ACCOUNTS.label)
    await cara.sees_a_card("Acme: Team")
    await cara.clicks(answer, SEE_STATUS.label)
    await cara.sees("*Acme: Team*", "*Globex*")
    await cara.clicks(answer, ASK_COLLEAGUE.label)
    await sees_modal(cara, title="Ask a colleague")


async def test_an_admins_help_has_a_second_block(person: Person) -> None:
    await person("ana").types("help")
    answer = await person("ana").sees("*For admins*", "`/connect map @ben`", "`/connect handover @ben @cara`")
    assert MAP_A_PROFILE.label in answer.buttons


async def test_where_slack_cannot_tell_who_somebody_is_the_help_is_a_members(person: Person, sandbox: Sandbox) -> None:
    sandbox.slack.faults.add("internal_error", times=None, method="users.info")
    await person("ana").types("help")
    assert "For admins" not in (await person("ana").sees("connects your social accounts")).words
