"""An invitation at its recipient's: what it says, the link that its owner alone gets, reminders, and an end to it."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.invitations.model import DELIVER_INVITATION, InvitationState
from bot.slack.actions import ALLOW_AGAIN, GET_LINK, HOME_ALLOW, NEW_LINK, STOP_THESE
from bot.worker import RETRY_SLACK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.home.home_helpers import has_at_home, opens
from tests.invitations.invitation_helpers import (
    ASKS,
    BUTTONS,
    ON_ITS_WAY,
    Dm,
    becomes,
    deliver_again,
    invitation_of,
    invited,
    links_made,
    nothing_is_due,
)
from tests.redis_probe import TEAM, trail
from tests.signed_requests import Hearing, Signer
from tests.time_travel import planned
from tests.users import Someone

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
BEN = UserId("U0BEN0001")
REMINDERS = ["In 1 hour", "Tomorrow at 9:00", "Next week"]


@pytest.fixture
async def ben(dm: Dm, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Team")
    return dm("ben")


async def quiet_until(bot: Bot) -> datetime | None:
    return await bot.deps.preferences.snoozed_until(TEAM, BEN)


async def test_it_says_what_needs_attention_and_offers_three_ways(ana: Someone, ben: Someone) -> None:
    asked = await invited(ana, ben)
    assert "Needs attention now: TikTok" in asked.words
    assert asked.buttons == BUTTONS
    assert asked.element(GET_LINK.label)["style"] == "primary"
    assert asked.options == REMINDERS
    assert not asked.ephemeral


async def test_its_owner_gets_a_link_in_its_place(ana: Someone, ben: Someone) -> None:
    asked = await invited(ana, ben, "before noon please")
    assert (await ben.clicks(asked, GET_LINK.label))["ok"]
    card = await ben.sees_a_card("Acme: Team")
    assert card.ts == asked.ts
    assert card.url is not None
    assert "U0ANA0001" in card.words
    assert "before noon please" in card.words


async def test_pressed_several_times_it_makes_one_link(ana: Someone, ben: Someone, sandbox: Sandbox) -> None:
    asked = await invited(ana, ben)
    await asyncio.gather(*(ben.clicks(asked, GET_LINK.label) for _ in range(4)))
    await ben.sees_a_card()
    assert links_made(sandbox) == 1


async def test_pressed_again_while_its_link_works_it_says_so(
    ana: Someone, ben: Someone, sandbox: Sandbox, signer: Signer, heard: Hearing
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, GET_LINK.label)
    await ben.sees_a_card()
    place = {"type": "message", "channel_id": ben.channel, "message_ts": asked.ts, "is_ephemeral": False}
    button = asked.element(GET_LINK.label)
    await signer.click(heard.url, user={"id": BEN}, action=button, container=place)
    await heard.hears("Your link is on the card already")
    assert links_made(sandbox) == 1


async def test_nobody_else_gets_a_link_by_it(
    ana: Someone, ben: Someone, sandbox: Sandbox, signer: Signer, heard: Hearing
) -> None:
    asked = await invited(ana, ben)
    place = {"type": "message", "channel_id": ben.channel, "message_ts": asked.ts, "is_ephemeral": False}
    for action in (GET_LINK.label, STOP_THESE.label):
        await signer.click(heard.url, user={"id": "U0ANA0001"}, action=asked.element(action), container=place)
    await heard.hears_times(2)
    assert all("too old for its buttons" in said["text"] for said in heard.said)
    assert links_made(sandbox) == 0
    assert not await bot_stopped(ben)


async def bot_stopped(ben: Someone) -> bool:
    return any("won't send you" in seen.words for seen in await ben.messages())


async def test_who_lost_the_profile_gets_no_link_by_it(ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    asked = await invited(ana, ben)
    [mapping] = await bot.deps.mappings.of(TEAM, BEN)
    await bot.deps.mappings.remove(TEAM, BEN, mapping.ref_id, by="test")
    await ben.clicks(asked, GET_LINK.label)
    await ben.sees("No Ayrshare profile is mapped")
    assert links_made(sandbox) == 0
    assert (await ben.sees(ASKS)).buttons == BUTTONS


async def test_where_ayrshare_fails_it_stays_and_can_be_pressed_again(
    ana: Someone, ben: Someone, sandbox: Sandbox
) -> None:
    asked = await invited(ana, ben)
    sandbox.ayrshare.faults.add("bad_api_key", times=None)
    await ben.clicks(asked, GET_LINK.label)
    said = await ben.sees("", where=lambda seen: seen.ephemeral)
    assert "Ayrshare" in said.words
    assert (await ben.sees(ASKS)).raw == asked.raw
    sandbox.ayrshare.faults.clear()
    await ben.clicks(asked, GET_LINK.label)
    assert (await ben.sees_a_card()).ts == asked.ts


async def test_when_its_link_has_died_it_offers_a_fresh_one(ana: Someone, ben: Someone, clock: ManualClock) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, GET_LINK.label)
    await ben.sees_a_card()
    clock.advance(5 * MINUTE)
    dead = await ben.sees("expired")
    assert (dead.ts, dead.url, dead.buttons) == (asked.ts, None, [NEW_LINK.label])
    assert "U0ANA0001" in dead.words
    await ben.clicks(dead, NEW_LINK.label)
    fresh = await ben.sees_a_card()
    assert fresh.ts == asked.ts
    assert len(await ben.messages()) == 1


@pytest.mark.parametrize(("choice", "days"), [("Tomorrow at 9:00", 1), ("Next week", 7)])
async def test_a_reminder_comes_at_nine_in_its_recipients_own_zone(
    ana: Someone, dm: Dm, mapped: Map, clock: ManualClock, choice: str, days: int
) -> None:
    await mapped("dan", "Acme: Team")
    dan = dm("dan")
    asked = await invited(ana, dan)
    await dan.clicks(asked, "remind_later", value=choice)
    put_off = await dan.sees("I'll remind you")
    tokyo = ZoneInfo("Asia/Tokyo")
    then = datetime.fromtimestamp(put_off.moments[-1], UTC).astimezone(tokyo)
    assert (then.hour, then.minute) == (9, 0)
    assert then.date() == clock.now().astimezone(tokyo).date() + days * DAY


async def test_put_off_it_says_until_when_and_can_be_answered_meanwhile(
    ana: Someone, ben: Someone, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, "remind_later", value="In 1 hour")
    put_off = await ben.sees("I'll remind you")
    assert put_off.ts == asked.ts
    assert put_off.buttons == BUTTONS
    assert put_off.options == []
    until = await quiet_until(bot)
    assert until is not None
    assert until - clock.now() == pytest.approx(HOUR, abs=timedelta(seconds=1))
    await ben.clicks(put_off, GET_LINK.label)
    await ben.sees_a_card()
    await becomes(bot, invitation_of(asked), InvitationState.OPENED)
    clock.advance(HOUR)
    await nothing_more_comes(ben)


async def nothing_more_comes(ben: Someone) -> None:
    await asyncio.sleep(0.2)
    assert len([seen for seen in await ben.messages() if not seen.ephemeral]) == 1


async def test_a_reminder_is_a_new_message_and_the_old_one_says_so(
    ana: Someone, ben: Someone, clock: ManualClock
) -> None:
    asked = await invited(ana, ben, "please")
    await ben.clicks(asked, "remind_later", value="In 1 hour")
    await ben.sees("I'll remind you")
    clock.advance(HOUR)
    again = await ben.sees(ASKS, "please", where=lambda seen: seen.ts != asked.ts)
    assert again.buttons == BUTTONS
    old = await ben.sees("sent this again")
    assert (old.ts, old.buttons) == (asked.ts, [])
    await ben.clicks(again, GET_LINK.label)
    assert (await ben.sees_a_card()).ts == again.ts


async def test_a_stop_holds_for_all_that_would_come_and_can_be_taken_back(
    ana: Someone, ben: Someone, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, STOP_THESE.label)
    stopped = await ben.sees("won't send you such messages any more")
    assert (stopped.ts, stopped.buttons) == (asked.ts, [ALLOW_AGAIN.label])
    assert await bot.deps.preferences.is_muted(TEAM, BEN)
    clock.advance(2 * DAY)
    await ana.types("send @ben")
    await ana.sees("don't want me to send them such messages")
    await ben.clicks(stopped, ALLOW_AGAIN.label)
    assert (await ben.sees(ASKS)).buttons == BUTTONS
    assert not await bot.deps.preferences.is_muted(TEAM, BEN)
    assert [row.by for row in await trail(bot, "invitation_stopped", "invitation_allowed")] == [BEN, BEN]


async def test_a_stop_holds_back_what_somebody_had_put_off(
    ana: Someone, ben: Someone, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, "remind_later", value="In 1 hour")
    await ben.clicks(await ben.sees("I'll remind you"), STOP_THESE.label)
    await ben.sees("won't send you")
    clock.advance(HOUR)
    await nothing_more_comes(ben)


async def test_a_stop_can_be_taken_back_at_home(ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    await bot.deps.preferences.mute(TEAM, BEN)
    home = await opens(sandbox, ben, "You get no messages from me")
    await home.clicks(HOME_ALLOW.label)
    await has_at_home(sandbox, ben, "Acme: Team", but="You get no messages from me")
    assert not await bot.deps.preferences.is_muted(TEAM, BEN)


async def test_a_message_whose_answer_was_lost_is_not_sent_twice(
    ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("lost_answer", method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    asked = await ben.sees(ASKS)
    await planned(bot, DELIVER_INVITATION, at=before + RETRY_SLACK)
    clock.advance(RETRY_SLACK)
    await becomes(bot, invitation_of(asked), InvitationState.DELIVERED)
    assert len(await ben.messages()) == 1
    await ben.clicks(asked, GET_LINK.label)
    assert (await ben.sees_a_card()).ts == asked.ts


async def test_who_is_quicker_than_the_news_of_its_delivery_is_heard(
    ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("lost_answer", method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    asked = await ben.sees(ASKS)
    await planned(bot, DELIVER_INVITATION, at=before + RETRY_SLACK)
    await ben.clicks(asked, "remind_later", value="In 1 hour")
    await ben.sees("I'll remind you")
    clock.advance(RETRY_SLACK)
    await asyncio.sleep(0.2)
    assert len(await ben.messages()) == 1
    clock.advance(HOUR)
    await ben.sees(ASKS, where=lambda seen: seen.ts != asked.ts)


async def test_what_was_due_once_is_done_once(ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    asked = await invited(ana, ben)
    invitation = invitation_of(asked)
    await nothing_is_due(bot, invitation)
    await deliver_again(bot, invitation)
    await asyncio.sleep(0.2)
    assert len(await ben.messages()) == 1


async def test_while_slack_takes_no_messages_it_waits_as_long_as_slack_says(
    ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("ratelimited", ms=20_000, method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    await ana.sees(ON_ITS_WAY)
    await planned(bot, DELIVER_INVITATION, at=before + timedelta(seconds=20))
    assert await ben.messages() == []
    clock.advance(timedelta(seconds=20))
    await ben.sees(ASKS)


async def test_what_nobody_answers_is_over_after_a_week_and_another_may_ask(
    ana: Someone, ben: Someone, person: Person, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await nothing_is_due(bot, invitation_of(asked))
    clock.advance(WEEK)
    await becomes(bot, invitation_of(asked), InvitationState.UNANSWERED)
    await person("cara").types("send @ben")
    await ben.sees(ASKS, "U0CARA001", where=lambda seen: seen.ts != asked.ts)
