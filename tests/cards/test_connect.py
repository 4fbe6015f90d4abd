"""`/connect`: who gets a link, for which profile, and what the card says."""

import re
import time

import pytest

from bot.slack.actions import CANCEL_LINK, NEW_LINK, OPEN_LINK, WHO_TAKES_OVER
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.modals import sees_modal


async def test_a_mapped_person_gets_an_ephemeral_card_with_a_link(
    person: Person, mapped: Map, clock: ManualClock, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    answer = await ben.types()
    assert answer["ok"]
    card = await ben.sees_a_card("Acme: Jane")
    assert card.ephemeral
    assert (card.buttons, card.choices) == ([OPEN_LINK.label], [NEW_LINK.label, CANCEL_LINK.label])
    assert card.element(OPEN_LINK.label)["style"] == "primary"
    assert "(5-minute link) · only you can see this" in card.words
    assert abs(card.moments[-1] - (clock.now().timestamp() + 300)) < 2


async def test_the_command_is_acknowledged_with_nothing_and_one_card_follows(person: Person, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await ben.types()
    await ben.sees_a_card()
    assert len(await ben.messages()) == 1


async def test_nobody_else_sees_the_card(person: Person, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees_a_card()
    assert await person("ana").messages() == []


async def test_the_link_opens_the_profiles_page_with_the_address_untouched(
    person: Person, mapped: Map, sandbox: Sandbox, session: object
) -> None:
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await ben.types()
    card = await ben.sees_a_card()
    clicked = await ben.clicks(card, OPEN_LINK.label)
    assert clicked["opens"] == card.url
    async with ben.session.get(clicked["opens"]) as page:
        assert page.status == 200
        assert "Acme: Jane" in await page.text()


async def test_the_link_ends_any_earlier_session_in_the_browser(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("ana", "Globex")
    async with person("ben").session as browser:
        for name, title in (("ben", "Acme: Jane"), ("ana", "Globex")):
            await person(name).types()
            card = await person(name).sees_a_card(title)
            async with browser.get(card.url or "") as page:
                assert title in await page.text()


async def test_the_text_for_notifications_is_a_whole_sentence_without_the_link(person: Person, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await ben.types()
    card = await ben.sees_a_card()
    assert card.text.startswith(
        "Acme: Jane: Connect the accounts that this profile should post to. The link expires at"
    )
    assert "http" not in card.text


async def test_slack_crawls_nothing(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees_a_card()
    assert sandbox.slack.crawler.calls.since() == []


async def test_an_address_in_a_title_is_not_crawled_either(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    sandbox.ayrshare.profiles[0].title = "https://127.0.0.1:1/once"
    await mapped("ben", "https://127.0.0.1:1/once")
    for text in ("", "status", "help"):
        await person("ben").types(text)
    await person("ben").sees_times(3)
    assert sandbox.slack.crawler.calls.since() == []


@pytest.mark.parametrize("channel", ["random", "secret-plans", "D0ANABEN1", "mpdm-ana--ben--cara-1"])
async def test_it_works_where_the_bot_is_not_a_member(person: Person, mapped: Map, channel: str) -> None:
    await mapped("ana", "Acme: Jane")
    ana = person("ana", channel=channel)
    assert (await ana.types())["ok"]
    await ana.sees_a_card("Acme: Jane")


async def test_part_of_a_title_chooses_one_of_several_profiles(person: Person, mapped: Map) -> None:
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Globex")
    await person("cara").types("gLoB")
    await person("cara").sees_a_card("Globex")


async def test_a_whole_title_beats_a_part_of_another(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    sandbox.ayrshare.profiles[0].title = "Globex Europe"
    await mapped("cara", "Globex Europe")
    await mapped("cara", "Globex")
    await person("cara").types("globex")
    card = await person("cara").sees_a_card()
    assert card.words.startswith("*Globex*\n")


async def test_without_words_the_default_profile_is_meant(person: Person, mapped: Map) -> None:
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Globex", default=True)
    await person("cara").types()
    await person("cara").sees_a_card("Globex")


async def test_a_picker_asks_where_the_words_fit_several_and_becomes_the_card(person: Person, mapped: Map) -> None:
    await mapped("cara", "Acme: Jane")
    await mapped("cara", "Acme: Team")
    cara = person("cara")
    await cara.types("acme")
    picker = await cara.sees("Which profile")
    assert picker.options == ["Acme: Jane", "Acme: Team"]
    option = picker.element("pick_profile")["options"][1]
    await cara.clicks(picker, "pick_profile", value=option["value"])
    card = await cara.sees_a_card("Acme: Team")
    assert card.ts == picker.ts
    assert len(await cara.messages()) == 1


async def test_somebody_not_mapped_is_told_so(person: Person) -> None:
    await person("dan").types()
    assert (await person("dan").sees("have a profile yet")).ephemeral


async def test_an_admin_may_open_somebody_elses_link_and_is_warned(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    ana = person("ana")
    await ana.types("@ben")
    card = await ana.sees_a_card("Acme: Jane")
    assert f"<@{sandbox.slack.world.user('ben').id}>'s profile" in card.words
    assert await person("ben").messages() == []


async def test_an_admin_may_name_the_profile_behind_the_mention(person: Person, mapped: Map) -> None:
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Globex")
    await person("ana").types("@cara glob")
    await person("ana").sees_a_card("Globex")


async def test_a_mention_of_oneself_needs_no_admin(person: Person, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("@ben")
    assert "link.*" not in (await person("ben").sees_a_card("Acme: Jane")).words


async def test_anybody_else_is_refused_plainly(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await person("dan").types("@ben")
    refusal = await person("dan").sees("can connect these accounts.")
    assert refusal.url is None
    assert [c for c in sandbox.ayrshare.calls.since() if "generateJWT" in str(c)] == []


async def test_an_admin_is_asked_who_takes_over_from_somebody_who_has_left(person: Person, mapped: Map) -> None:
    await mapped("leo", "Globex")
    ana = person("ana")
    for typed in ("@leo", "send @leo please"):
        await ana.types(typed)
        refused = await ana.sees("has left.", WHO_TAKES_OVER.label)
        await ana.clicks(refused, WHO_TAKES_OVER.label)
        await sees_modal(ana, "Globex")
        await ana.reloads()
    await person("cara").types("send @leo please")
    assert (await person("cara").sees("has left.")).buttons == []


@pytest.mark.parametrize("overrides", [{"CONNECT_FOR_OTHERS": "nobody"}])
async def test_not_even_an_admin_may_where_the_settings_say_nobody(
    person: Person, mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ana").types("@ben")
    await person("ana").sees("can connect these accounts.")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0DAN0001"}])
async def test_a_person_named_in_the_settings_is_an_admin(
    person: Person, mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("dan").types("@ben")
    await person("dan").sees_a_card()


async def test_when_slack_cannot_say_who_asks_the_answer_is_no(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("internal_error", times=None)
    await person("ana").types("@ben")
    assert (await person("ana").sees("Slack isn't responding")).url is None


@pytest.mark.parametrize("text", ["@nobody-here", "@ben @cara", "<!here>", "#general", "@ben @nobody"])
async def test_what_is_not_a_mention_of_one_person_is_explained(person: Person, mapped: Map, text: str) -> None:
    await mapped("ana", "Acme: Jane")
    await person("ana").types(text)
    assert "\n" not in (await person("ana").sees()).words


async def test_a_command_with_the_word_payload_in_it_is_not_lost(person: Person, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    assert (await person("ben").types("payload"))["ok"]
    await person("ben").sees("No profile matches")


@pytest.mark.parametrize("overrides", [{"CONNECT_COMMAND": "/link-up"}])
async def test_the_command_can_have_another_name(person: Person, mapped: Map, overrides: dict[str, str]) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types(command="/link-up")
    await person("ben").sees_a_card()
    await person("ben").types("help", command="/link-up")
    assert "/connect" not in (await person("ben").sees("connects your social accounts")).words


async def test_a_command_under_another_name_is_answered_with_the_help(person: Person) -> None:
    assert (await person("ben").types(command="/old-name"))["ok"]
    await person("ben").sees("connects your social accounts")


async def test_a_title_is_shown_as_it_is_and_means_nothing_to_slack(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    sandbox.ayrshare.profiles[0].title = "R&D <!channel> *x*"
    await mapped("ben", "R&D <!channel> *x*")
    await person("ben").types("r&d")
    card = await person("ben").sees_a_card()
    assert card.words.startswith("*R&amp;D &lt;!channel&gt; *x**\n")
    assert "R&amp;D &lt;!channel&gt;" in card.text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("bad_api_key", "whoever runs this bot"),
        ("profile_gone", "admin"),
        ("plan", "plan"),
        ("bad_key", "private key"),
        ("status_error", "try"),
        ("empty", "try"),
        ("truncated", "try"),
    ],
)
async def test_every_failure_of_ayrshare_has_a_sentence(
    person: Person, mapped: Map, sandbox: Sandbox, fault: str, words: str
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add(fault, times=None)
    began = time.monotonic()
    answer = await person("ben").types()
    assert answer["ok"]
    assert time.monotonic() - began < 1
    said = await person("ben").sees(where=lambda m: words in m.text.lower(), within=16)
    assert said.url is None
    assert "Traceback" not in said.text


@pytest.mark.parametrize("overrides", [{"AYRSHARE_EXPIRES_IN": "120"}])
async def test_links_that_live_long_are_warned_about_at_start_and_the_card_says_how_long(
    person: Person, mapped: Map, sandbox: Sandbox, overrides: dict[str, str], log_lines: Lines
) -> None:
    assert "links_live_long" in "".join(log_lines.lines)
    sandbox.ayrshare.max_pack = True
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    card = await person("ben").sees_a_card()
    assert "2-hour link" in card.words
    assert re.search(r"expires \d\d \w{3} \d{4}, \d\d:\d\d UTC", card.text)


@pytest.mark.parametrize("overrides", [{"AYRSHARE_EXPIRES_IN": "30"}])
async def test_a_missing_max_pack_is_named(person: Person, mapped: Map, overrides: dict[str, str]) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees("Max Pack", "Tell whoever runs this bot.")
