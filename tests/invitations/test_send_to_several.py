"""Several people are asked at once, about a profile that is named: one request each, one receipt for all."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import RefId, UserId
from bot.invitations.choose import split_title
from bot.invitations.model import SEND_GROUP_REQUEST
from bot.invitations.views import ANY_LABEL
from bot.slack.actions import ASK_ADMIN, CONNECT, GET_LINK, MAP_A_PROFILE, SEND_ANYWHERE
from sandbox.server import Sandbox
from sandbox.slack.events import change_user
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.invitations.invitation_helpers import ASKS, ON_ITS_WAY, Dm, answer_to, invitations_posted, runs_until
from tests.modals import sees_modal
from tests.redis_probe import TEAM, idle
from tests.time_travel import planned
from tests.users import Someone

TITLES = {RefId("j"): "Acme: Jane", RefId("t"): "Acme: Team", RefId("g"): "Globex", RefId("gym"): "The Gym"}


@pytest.fixture
async def cara(person: Person, mapped: Map) -> Someone:
    """Cara, while Ben has two profiles and Eve has one."""
    await mapped("ben", "Acme: Jane", default=True)
    await mapped("ben", "Globex")
    await mapped("eve", "Globex")
    return person("cara")


@pytest.mark.parametrize(
    ("typed", "profiles", "note"),
    [
        ("Globex please mend it", "g", "please mend it"),
        ("globex, please", "g", "please"),
        ('"Acme: Team" by Friday\nplease', "t", "by Friday\nplease"),
        ("acme team by Friday", "t", "by Friday"),
        ("Acme please", "j t", "please"),
        ("Globex", "g", ""),
        ("please mend Globex", "", "please mend Globex"),
        ("the reels are gone", "", "the reels are gone"),
        ("The Gym is down", "gym", "is down"),
        ("", "", ""),
    ],
)
def test_a_title_may_stand_before_the_note(typed: str, profiles: str, note: str) -> None:
    assert split_title(TITLES, typed) == (tuple(map(RefId, profiles.split())), note)


async def test_the_command_names_the_profile_before_the_note(cara: Someone, dm: Dm) -> None:
    said = await answer_to(cara, "send @ben Globex please mend it", ON_ITS_WAY)
    assert said.words.startswith("*Globex*\n")
    asked = await dm("ben").sees(ASKS)
    assert "*Globex*" in asked.words
    assert "please mend it" in asked.words
    assert "Globex please" not in asked.words


async def test_several_people_get_one_request_each_and_the_sender_one_receipt(cara: Someone, dm: Dm) -> None:
    await answer_to(cara, "send @ben @eve Globex by Friday", "I'm asking <@U0BEN0001> and <@U0EVE0001>", ON_ITS_WAY)
    asked = [await dm(name).sees(ASKS, "*Globex*", "by Friday") for name in ("ben", "eve")]
    assert [len(await dm(name).messages()) for name in ("ben", "eve")] == [1, 1]
    receipt = await dm("cara").sees("2 of 2 people", "<@U0BEN0001> has your request", "<@U0EVE0001> has your request")
    await dm("eve").clicks(asked[1], GET_LINK.action_id)
    await dm("eve").sees_a_card()
    assert len(await dm("cara").messages()) == 1
    assert receipt.text == "Your request. 2 of 2 people got your request."


@pytest.mark.parametrize("flags", [{"deleted": True}, {"is_restricted": True}])
async def test_a_sender_who_has_left_or_is_a_guest_now_asks_nobody_else(
    cara: Someone, dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock, flags: dict[str, bool]
) -> None:
    slack = sandbox.slack
    slack.faults.add("ratelimited", method="chat.postMessage", ms=5_000, times=2)
    before = clock.now()
    await cara.types("send @ben @eve Globex by Friday")
    await planned(bot, SEND_GROUP_REQUEST, at=before + timedelta(seconds=5))
    await change_user(slack, slack.events, user=slack.world.user("cara"), flags=flags)
    await idle(bot)
    for _ in range(3):  # Slack asks for a pause again
        await clock.advance(timedelta(seconds=30))
        await idle(bot)
    assert invitations_posted(sandbox) == 0


async def test_whoever_could_not_be_asked_stands_in_the_receipt_with_the_reason(
    cara: Someone, dm: Dm, bot: Bot, sandbox: Sandbox
) -> None:
    await bot.deps.preferences.mute(TEAM, UserId("U0EVE0001"))
    await answer_to(cara, "send @ben @eve @dan @leo @cara please", ON_ITS_WAY)
    receipt = await dm("cara").sees("1 of 5 people", "that's you")
    for words in (
        "<@U0BEN0001> has your request",
        "<@U0EVE0001> has muted these requests",
        "<@U0DAN0001> doesn't have a profile yet",
        "<@U0LEO0001> has left this workspace",
        "<@U0CARA001>, that's you",
    ):
        assert words in receipt.words
    assert invitations_posted(sandbox) == 1


async def test_whoever_lacks_the_profile_that_was_named_stands_in_the_receipt(
    cara: Someone, dm: Dm, mapped: Map
) -> None:
    await mapped("ana", "Acme: Team")
    await cara.types("send @ben @ana globex")
    await dm("cara").sees("<@U0BEN0001> has your request", "<@U0ANA0001> doesn't have that profile")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("send @ben @nobody please", "I don't know who @nobody is"),
        ("send @ben @social-leads please", "people or one group, not both"),
        ("send @ben @cara @dan @eve @gus @ida", "five people at once"),
    ],
)
async def test_nobody_is_left_out_silently(cara: Someone, sandbox: Sandbox, text: str, words: str) -> None:
    await answer_to(cara, text, words)
    assert invitations_posted(sandbox) == 0


async def test_each_of_several_people_counts_for_the_senders_limit(
    cara: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    for name in ("ana", "dan"):
        await mapped(name, "Acme: Team")
    await answer_to(cara, "send @ben @eve", ON_ITS_WAY)
    await dm("cara").sees("2 of 2 people")
    sandbox.slack.world.user("gus").is_restricted = False
    sandbox.slack.world.user("ida").is_invited_user = False
    for name in ("gus", "ida"):
        await mapped(name, "Acme: Team")
    await answer_to(cara, "send @ana @dan @gus @ida", ON_ITS_WAY)
    await runs_until(clock, dm("cara"), "3 of 4 people", "you can ask five people an hour")
    assert invitations_posted(sandbox) == 5


async def test_the_form_asks_several_people_and_offers_the_profiles_that_they_have(cara: Someone, dm: Dm) -> None:
    assert (await cara.post("shortcut", callback_id=SEND_ANYWHERE))["ok"]
    modal = await sees_modal(cara, "Who should connect their accounts?")
    assert modal.fields == ["person", "note"]
    await modal.chooses("person", ["ben", "eve"])
    modal = await sees_modal(cara, "Which profile?")
    assert modal.options("profile") == [ANY_LABEL, "Acme: Jane", "Globex"]
    globex = next(one["value"] for one in modal.element("profile")["options"] if one["text"]["text"] == "Globex")
    assert (await modal.submits(profile=globex, note="by Friday,\nplease"))["ok"]
    await sees_modal(cara, ON_ITS_WAY)
    for name in ("ben", "eve"):
        await dm(name).sees(ASKS, "*Globex*", "by Friday,\nplease")
    await dm("cara").sees("2 of 2 people")


async def test_the_form_comes_back_as_it_was_filled_in_where_slow_work_fails(
    cara: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await cara.post("shortcut", callback_id=SEND_ANYWHERE)
    modal = await sees_modal(cara, "Who should connect their accounts?")
    await modal.chooses("person", ["dan"])
    sandbox.slack.faults.add("latency", times=None, ms=1900, method="users.info")
    assert (await modal.submits(note="by Friday,\nplease"))["ok"]
    await sees_modal(cara, "One moment")
    sandbox.slack.faults.clear()
    await clock.sleeper()
    clock.jump_seconds(1)
    again = await sees_modal(cara, "doesn't have a profile yet")
    assert again.entered["person"]["selected_users"] == ["U0DAN0001"]
    assert again.entered["note"]["value"] == "by Friday,\nplease"


async def test_an_admin_is_offered_the_way_on(ana: Someone, cara: Someone) -> None:
    refused = await answer_to(ana, "send @dan", "doesn't have a profile yet")
    assert refused.buttons == [MAP_A_PROFILE.label]
    await ana.clicks(refused, MAP_A_PROFILE.label)
    modal = await sees_modal(ana, "A new one")
    assert modal.entered["person"]["selected_user"] == "U0DAN0001"
    assert (await answer_to(cara, "send @dan", "An admin can give them one")).buttons == [ASK_ADMIN.label]


async def test_whoever_asks_themselves_is_offered_their_own_link(cara: Someone, mapped: Map) -> None:
    await mapped("cara", "Acme: Team")
    refused = await answer_to(cara, "send @cara", "That's you")
    await cara.clicks(refused, CONNECT.label)
    await sees_modal(cara, "Acme: Team", title="")
