"""`/connect status`: the accounts of one's own profiles, and what needs attention by when."""

from datetime import timedelta

from bot.slack.actions import RECONNECT
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person


async def test_every_profile_is_listed_with_its_accounts(person: Person, mapped: Map) -> None:
    await mapped("cara", "Acme: Jane")
    await mapped("cara", "Initech")
    await person("cara").types("status")
    status = await person("cara").sees("*Acme: Jane*", "*Initech*")
    assert status.ephemeral
    assert "Connected: " in status.words


async def test_what_needs_attention_is_said_with_its_day_or_as_now(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    for profile in sandbox.ayrshare.profiles:
        await mapped("cara", profile.title)
    await person("cara").types("status")
    status = await person("cara").sees(
        "expires soon", "TikTok (Acme) has been disconnected since", "The network requires a new sign-in."
    )
    nine_days = (clock.now() + timedelta(days=9)).replace(hour=12, minute=0, second=0)
    assert int(nine_days.timestamp()) in status.moments


async def test_a_profile_without_accounts_is_listed_too(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    bare = next(profile for profile in sandbox.ayrshare.profiles if not profile.accounts)
    await mapped("ben", bare.title)
    await person("ben").types("status")
    await person("ben").sees("Nothing connected yet")


async def test_words_choose_the_profiles(person: Person, mapped: Map) -> None:
    await mapped("cara", "Acme: Jane")
    await mapped("cara", "Globex")
    await person("cara").types("STATUS glob")
    status = await person("cara").sees("*Globex*")
    assert "Acme" not in status.words


async def test_words_that_match_no_title_are_answered_with_what_there_is(person: Person, mapped: Map) -> None:
    await mapped("cara", "Globex")
    await person("cara").types("status nothing-like-it")
    answer = await person("cara").sees('No profile matches "nothing-like-it". You have Globex.')
    await person("cara").clicks(answer, answer.buttons[0])
    await person("cara").sees("*Globex*")


async def test_someone_without_a_profile_is_told_so(person: Person) -> None:
    await person("dan").types("status")
    await person("dan").sees("have a profile yet")


async def test_one_profile_in_trouble_does_not_hide_the_others(person: Person, mapped: Map) -> None:
    await mapped("cara", "Globex", key="GONE1234-KEY12345-AAAA1111-BBBB2222")
    await mapped("cara", "Acme: Jane")
    await person("cara").types("status")
    status = await person("cara").sees("*Globex*", "*Acme: Jane*")
    assert "Ask an admin" in status.buttons
    assert "Connected: " in status.words


async def test_after_ten_profiles_the_rest_are_counted(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    seed = sandbox.ayrshare.profiles[0]
    for number in range(12):
        await mapped("cara", seed.title, ref_id=f"{number:040x}")
    await person("cara").types("status")
    await person("cara").sees("2 more are on my Home tab.")


async def test_reconnect_makes_a_link_for_just_what_needs_a_new_sign_in(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("cara", "Acme: Jane")
    await mapped("cara", "Acme: Team")
    cara = person("cara")
    await cara.types("status")
    status = await cara.sees("*Acme: Jane*", "*Acme: Team*")
    assert status.buttons == [RECONNECT.label] * 2
    (block,) = [one for one in status.raw["blocks"] if "linkedin" in one["accessory"]["value"]]
    await cara.post("click", message_ts=status.ts, action_id=RECONNECT.action_id, block_id=block["block_id"])
    await cara.sees("Acme: Jane", "Reconnect LinkedIn")
    assert sandbox.ayrshare.links.issued[-1].networks == ("linkedin",)


async def test_a_broken_x_has_a_sentence_in_place_of_the_button(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("cara", "Initech")
    sandbox.ayrshare.connect_as_user("Initech", "twitter")
    await person("cara").types("status")
    await person("cara").sees("Connected: X")
    sandbox.ayrshare.disconnect_as_system("Initech", "twitter", "")
    await person("cara").types("status")
    status = await person("cara").sees("X (Initech) has been disconnected", "X can't be connected")
    assert status.buttons == []


async def test_of_somebody_else_an_admin_gets_their_list_and_a_member_none(person: Person, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    await person("ana").types("status @ben")
    assert "Globex" not in (await person("ana").sees("*Acme: Jane*", "<@U0BEN0001>", "Status and more")).words
    await person("cara").types("status @ben")
    await person("cara").sees("shows your own profiles only", "See status")
