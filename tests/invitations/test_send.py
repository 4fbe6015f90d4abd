"""`/connect send @someone` by command, by shortcut and from a refusal: who may ask whom, with what, and how often."""

import asyncio
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.slack.actions import GET_LINK, SEND_ANYWHERE, SEND_TO_AUTHOR
from bot.slack.blocks import quoted
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.invitations.invitation_helpers import ASKS, ON_ITS_WAY, Dm, answer_to, invited, links_made, posts
from tests.modals import sees_modal
from tests.redis_probe import TEAM, trail
from tests.users import Someone

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BEN = UserId("U0BEN0001")
FORM = "Who should connect their accounts?"


@pytest.fixture
def cara(person: Person) -> Someone:
    return person("cara")


async def test_anyone_may_ask_and_the_person_who_was_mentioned_gets_a_message(
    cara: Someone, dm: Dm, mapped: Map, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    asked = await invited(cara, dm("ben"), "Instagram fell off")
    assert "U0CARA001" in asked.words
    assert "*Acme: Jane*" in asked.words
    assert "Instagram fell off" in asked.words
    said = await cara.sees(ON_ITS_WAY, BEN)
    assert said.ephemeral
    [row] = await trail(bot, "link_sent_for")
    assert (row.by, row.owner) == ("U0CARA001", BEN)


async def test_no_link_is_made_before_its_owner_wants_one(cara: Someone, dm: Dm, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    asked = await invited(cara, dm("ben"))
    assert asked.url is None
    assert links_made(sandbox) == 0


async def test_a_note_notifies_nobody(cara: Someone, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    asked = await invited(cara, dm("ben"), "tell @dan & @here & @social-leads *now*")
    [note] = [block for block in asked.raw["blocks"] if "tell" in str(block)]
    assert note["elements"] == quoted("tell @dan & @here & @social-leads *now*")["elements"]
    assert "<!" not in asked.text
    assert "U0DAN0001" not in asked.text


REFUSALS = (
    ("send", "Who should I ask?"),
    ("send please mend it", "Who should I ask?"),
    ("send @nobody please", "I don't know who @nobody is"),
    ("send please @ben", "Who should I ask?"),
    ("send @cara", "That's you"),
    ("send @dan", "doesn't have a profile yet"),
    ("send @leo", "has left"),
    ("send @gus", "is a guest"),
    ("send @robo", "is a bot"),
    ("send @ben see https://evil.example/x", "can't have a link"),
    ("send @ben see www.evil.example", "can't have a link"),
    ("send @ben log in at evil.example/x", "can't have a link"),
    ("send @ben " + "x" * 301, "300 characters"),
)


async def test_each_refusal_has_its_own_sentence(cara: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    for text, words in REFUSALS:
        await answer_to(cara, text, words)
    assert posts(sandbox) == 0


async def test_a_muted_person_is_not_asked(cara: Someone, mapped: Map, bot: Bot, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await bot.deps.preferences.mute(TEAM, BEN)
    await cara.types("send @ben")
    await cara.sees("has muted these requests")
    assert posts(sandbox) == 0


async def test_a_guest_may_not_ask(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await person("gus").types("send @ben")
    await person("gus").sees("Guests can't use this bot")
    assert posts(sandbox) == 0


@pytest.mark.parametrize("overrides", [{"CONNECT_GUESTS": "allow"}])
async def test_a_sender_may_ask_five_times_an_hour(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    sandbox.slack.world.user("ida").is_invited_user = False
    people = ("ben", "cara", "dan", "eve", "gus", "ida")
    for name in people:
        await mapped(name, "Acme: Jane")
    for name in people[:5]:
        await person("ana").types(f"send @{name}")
        await person("ana").sees(ON_ITS_WAY, sandbox.slack.world.user(name).id)
    await person("ana").types("send @ida")
    await person("ana").sees("five people an hour", "60 min")
    await clock.advance(HOUR)
    await person("ana").types("send @ida")
    await person("ana").sees(ON_ITS_WAY, sandbox.slack.world.user("ida").id)


async def test_an_unanswered_request_is_not_repeated(
    ana: Someone, cara: Someone, dm: Dm, mapped: Map, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await invited(ana, dm("ben"))
    await clock.advance(2 * DAY)
    await cara.types("send @ben")
    await cara.sees("haven't answered yet")
    assert len(await dm("ben").messages()) == 1


async def test_a_recipient_is_asked_once_a_day(
    ana: Someone, cara: Someone, dm: Dm, mapped: Map, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    asked = await invited(ana, dm("ben"))
    await dm("ben").clicks(asked, GET_LINK.action_id)
    await dm("ben").sees_a_card()
    await cara.types("send @ben")
    await cara.sees("got a request today")
    await clock.advance(DAY)
    await cara.types("send @ben")
    await cara.sees(ON_ITS_WAY)
    await dm("ben").sees(ASKS, "U0CARA001")


async def test_of_several_requests_at_once_one_is_sent(person: Person, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    askers = [person(name) for name in ("ana", "cara", "dan", "eve")]
    await asyncio.gather(*(one.types("send @ben") for one in askers))
    said = await asyncio.gather(*(one.sees("", where=lambda seen: seen.ephemeral) for one in askers))
    assert sorted(ON_ITS_WAY in one.words for one in said) == [False, False, False, True]
    await dm("ben").sees(ASKS)
    assert len(await dm("ben").messages()) == 1


async def test_it_is_for_the_profile_that_needs_attention(cara: Someone, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Globex", default=True)
    await mapped("ben", "Acme: Team")
    assert "*Acme: Team*" in (await invited(cara, dm("ben"))).words


async def test_otherwise_it_is_for_the_default_profile(cara: Someone, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Initech")
    await mapped("ben", "Globex", default=True)
    assert "*Globex*" in (await invited(cara, dm("ben"))).words


async def test_while_ayrshare_is_away_it_is_for_the_default_profile(
    cara: Someone, dm: Dm, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane", default=True)
    await mapped("ben", "Acme: Team")
    sandbox.ayrshare.faults.add("error_503", times=None)
    asked = await invited(cara, dm("ben"))
    assert "*Acme: Jane*" in asked.words
    assert "expires soon" not in asked.words


async def test_a_refused_link_can_be_sent_to_its_owner(cara: Someone, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await cara.types("@ben")
    refused = await cara.sees("Only <@U0BEN0001> can connect these accounts.")
    assert refused.buttons == ["Ask Ben"]
    await cara.clicks(refused, "Ask Ben")
    await cara.sees(ON_ITS_WAY)
    await dm("ben").sees(ASKS, "U0CARA001")


async def test_the_global_shortcut_opens_the_form(cara: Someone, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    assert (await cara.post("shortcut", callback_id=SEND_ANYWHERE))["ok"]
    modal = await sees_modal(cara, FORM)
    assert modal.submit == "Send"
    assert (await modal.submits(person=["ben"], note="please"))["ok"]
    await sees_modal(cara, ON_ITS_WAY)
    await dm("ben").sees(ASKS, "please")


async def test_the_shortcut_on_a_message_suggests_its_author(
    cara: Someone, dm: Dm, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.say(sandbox.slack.world.channel("general"), user_id=BEN, text="my reels are gone")
    said = await cara.sees("", where=lambda seen: "reels" in seen.text)
    assert (await cara.post("shortcut", callback_id=SEND_TO_AUTHOR, message_ts=said.ts))["ok"]
    modal = await sees_modal(cara, FORM)
    assert modal.entered["person"]["selected_users"] == [BEN]
    await modal.submits()
    await dm("ben").sees(ASKS)


ERRORS = (
    ({"person": ["dan"]}, "person", "doesn't have a profile yet"),
    ({"person": ["cara"]}, "person", "That's you"),
    ({"person": ["leo"]}, "person", "This person has left"),
    ({"person": ["ben"], "note": "see https://evil.example"}, "note", "can't have a link"),
)


async def test_in_the_modal_an_error_stands_under_its_field(cara: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await cara.post("shortcut", callback_id=SEND_ANYWHERE)
    modal = await sees_modal(cara, FORM)
    for entered, field, words in ERRORS:
        errors = (await modal.submits(**entered))["errors"]
        assert list(errors) == [field]
        assert words in errors[field]
        assert "<@" not in errors[field]
    assert posts(sandbox) == 0


async def test_in_the_modal_a_slow_ayrshare_is_not_waited_for(
    cara: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("ben", "Acme: Team")
    await cara.post("shortcut", callback_id=SEND_ANYWHERE)
    modal = await sees_modal(cara, FORM)
    sandbox.ayrshare.faults.add("latency", times=None, ms=1900)
    assert (await modal.submits(person=["ben"]))["ack_ms"] < 2000
    await sees_modal(cara, "One moment")
    sandbox.ayrshare.faults.clear()
    await clock.sleeper()
    clock.jump_seconds(1)
    await sees_modal(cara, ON_ITS_WAY)
    await dm("ben").sees(ASKS)
