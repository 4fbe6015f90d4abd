"""What a recipient does with an invitation: gets a link that is theirs alone, is reminded later, or stops them."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app import Bot
from bot.cards.offer import LONGEST_OFFER
from bot.core.model import UserId
from bot.invitations.model import InvitationState, Postponement
from bot.invitations.views import POSTPONE_LABELS
from bot.people import audit
from bot.slack.actions import CONNECT_OTHERS, GET_LINK, MUTE, NEW_LINK, POSTPONE, UNMUTE
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.home.home_helpers import has_at_home, opens
from tests.invitations.invitation_helpers import (
    ASKS,
    BUTTONS,
    Dm,
    becomes,
    has_settled,
    invitation_of,
    invited,
    links_made,
)
from tests.redis_probe import TEAM, trail
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.users import Seen, Someone

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BEN = UserId("U0BEN0001")


@pytest.fixture
async def ben(dm: Dm, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Team")
    return dm("ben")


async def quiet_until(bot: Bot) -> datetime | None:
    return await bot.deps.preferences.snoozed_until(TEAM, BEN)


async def test_its_owner_gets_a_link_in_its_place(ana: Someone, ben: Someone) -> None:
    asked = await invited(ana, ben, "before noon please")
    assert (await ben.clicks(asked, GET_LINK.action_id))["ok"]
    card = await ben.sees_a_card("Acme: Team")
    assert card.ts == asked.ts
    assert card.url is not None
    assert "U0ANA0001" in card.words
    assert "before noon please" in card.words


async def test_its_link_is_for_just_the_accounts_that_need_a_new_sign_in(
    ana: Someone, ben: Someone, sandbox: Sandbox
) -> None:
    asked = await invited(ana, ben)
    assert "🔴 TikTok" in asked.words
    await ben.clicks(asked, GET_LINK.action_id)
    await ben.sees("TikTok is disconnected. Posts to it won't go out", "Reconnect TikTok", CONNECT_OTHERS.label)
    assert sandbox.ayrshare.links.issued[-1].networks == ("tiktok",)


async def test_several_clicks_make_one_link(ana: Someone, ben: Someone, sandbox: Sandbox) -> None:
    asked = await invited(ana, ben)
    await asyncio.gather(*(ben.clicks(asked, GET_LINK.action_id) for _ in range(4)))
    await ben.sees_a_card()
    assert links_made(sandbox) == 1


async def test_who_presses_while_their_link_is_being_made_for_long_reads_that(
    ana: Someone, ben: Someone, sandbox: Sandbox, bot: Bot
) -> None:
    asked = await invited(ana, ben)
    async with bot.deps.locks.hold(TEAM, f"get_link:{invitation_of(asked)}:{asked.ts}", longest=LONGEST_OFFER):
        await ben.clicks(asked, GET_LINK.action_id)
        await ben.sees("I'm already making this link")
    assert links_made(sandbox) == 0
    await ben.clicks(asked, GET_LINK.action_id)
    await ben.sees_a_card()
    assert links_made(sandbox) == 1


async def test_a_click_while_the_link_works_says_so(
    ana: Someone, ben: Someone, sandbox: Sandbox, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, GET_LINK.action_id)
    await ben.sees_a_card()
    place = {"type": "message", "channel_id": ben.channel, "message_ts": asked.ts, "is_ephemeral": False}
    button = asked.element(GET_LINK.action_id)
    await signer.click(response_url.url, user={"id": BEN}, action=button, container=place)
    await response_url.receives("Your link is on the card already")
    assert links_made(sandbox) == 1


async def test_nobody_else_can_use_its_buttons(
    ana: Someone, ben: Someone, sandbox: Sandbox, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    asked = await invited(ana, ben)
    place = {"type": "message", "channel_id": ben.channel, "message_ts": asked.ts, "is_ephemeral": False}
    for action in (GET_LINK.action_id, MUTE.label):
        await signer.click(response_url.url, user={"id": "U0ANA0001"}, action=asked.element(action), container=place)
    await response_url.receives_times(2)
    assert all("too old for its buttons" in said["text"] for said in response_url.messages)
    assert links_made(sandbox) == 0
    assert not await bot_stopped(ben)


async def bot_stopped(ben: Someone) -> bool:
    return any("won't hear from me" in seen.words for seen in await ben.messages())


async def test_a_former_owner_gets_no_link(ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    asked = await invited(ana, ben)
    [mapping] = await bot.deps.mappings.of(TEAM, BEN)
    await bot.deps.mappings.remove(TEAM, BEN, mapping.ref_id, by="test")
    await ben.clicks(asked, GET_LINK.action_id)
    await ben.sees("have a profile yet")
    assert links_made(sandbox) == 0
    assert (await ben.sees(ASKS)).buttons == BUTTONS


async def test_after_a_failure_of_ayrshare_it_can_be_clicked_again(
    ana: Someone, ben: Someone, sandbox: Sandbox
) -> None:
    asked = await invited(ana, ben)
    sandbox.ayrshare.faults.add("bad_api_key", times=None)
    await ben.clicks(asked, GET_LINK.action_id)
    said = await ben.sees("", where=lambda seen: seen.ephemeral)
    assert "Ayrshare" in said.words
    assert (await ben.sees(ASKS)).raw == asked.raw
    sandbox.ayrshare.faults.clear()
    await ben.clicks(asked, GET_LINK.action_id)
    assert (await ben.sees_a_card()).ts == asked.ts


async def test_an_expired_link_can_be_replaced_in_its_place(ana: Someone, ben: Someone, clock: ManualClock) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, GET_LINK.action_id)
    await ben.sees_a_card()
    await clock.advance(5 * MINUTE)
    dead = await ben.sees("expired")
    assert (dead.ts, dead.url, dead.buttons) == (asked.ts, None, [NEW_LINK.label])
    assert "U0ANA0001" in dead.words
    await ben.clicks(dead, NEW_LINK.label)
    fresh = await ben.sees_a_card()
    assert fresh.ts == asked.ts
    assert len(await ben.messages()) == 1


@pytest.mark.parametrize(("choice", "days"), [(Postponement.TOMORROW, 1), (Postponement.WEEK, 7)])
async def test_a_reminder_comes_at_nine_in_its_recipients_own_zone(
    ana: Someone, dm: Dm, mapped: Map, clock: ManualClock, choice: Postponement, days: int
) -> None:
    await mapped("dan", "Acme: Team")
    dan = dm("dan")
    asked = await invited(ana, dan)
    await dan.clicks(asked, POSTPONE, value=POSTPONE_LABELS[choice])
    put_off = await dan.sees("I'll remind you")
    tokyo = ZoneInfo("Asia/Tokyo")
    then = datetime.fromtimestamp(put_off.moments[-1], UTC).astimezone(tokyo)
    assert (then.hour, then.minute) == (9, 0)
    assert then.date() == clock.now().astimezone(tokyo).date() + days * DAY


async def test_a_postponed_invitation_can_be_answered_meanwhile(
    ana: Someone, ben: Someone, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, POSTPONE, value=POSTPONE_LABELS[Postponement.HOUR])
    put_off = await ben.sees("I'll remind you")
    assert put_off.ts == asked.ts
    assert put_off.buttons == BUTTONS
    assert put_off.options == []
    until = await quiet_until(bot)
    assert until is not None
    assert until - clock.now() == pytest.approx(HOUR, abs=timedelta(seconds=1))
    await ben.clicks(put_off, GET_LINK.action_id)
    await ben.sees_a_card()
    await becomes(bot, invitation_of(asked), InvitationState.OPENED)
    await clock.advance(HOUR)
    await nothing_more_comes(bot, ben, asked)


async def nothing_more_comes(bot: Bot, ben: Someone, asked: Seen) -> None:
    await has_settled(bot, invitation_of(asked))
    assert len([seen for seen in await ben.messages() if not seen.ephemeral]) == 1


async def test_stop_refuses_later_requests_and_can_be_undone(
    ana: Someone, ben: Someone, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, MUTE.label)
    stopped = await ben.sees("won't hear from me")
    assert (stopped.ts, stopped.buttons) == (asked.ts, [UNMUTE.label])
    assert await bot.deps.preferences.is_muted(TEAM, BEN)
    await clock.advance(2 * DAY)
    await ana.types("send @ben")
    await ana.sees("has muted these requests")
    await ben.clicks(stopped, UNMUTE.label)
    assert (await ben.sees(ASKS)).buttons == BUTTONS
    assert not await bot.deps.preferences.is_muted(TEAM, BEN)
    assert [row.by for row in await trail(bot, "invitation_stopped", "invitation_allowed")] == [BEN, BEN]


async def test_who_stops_and_allows_again_and_again_fills_no_log(
    ana: Someone, ben: Someone, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "ROWS_AN_HOUR", 2)
    asked = await invited(ana, ben)
    for _ in range(4):
        await ben.clicks(asked, MUTE.label)
        await ben.clicks(await ben.sees("won't hear from me"), UNMUTE.label)
        asked = await ben.sees(ASKS)
    rows = [(row.action, row.detail) for row in await trail(bot) if row.by == BEN]
    assert rows.count(("invitation_stopped", "")) == rows.count(("invitation_allowed", "")) == 2
    assert {row for row in rows if row[0] == audit.MORE} == {
        (audit.MORE, "invitation_stopped:2"),
        (audit.MORE, "invitation_allowed:2"),
    }


async def test_stop_cancels_a_reminder(ana: Someone, ben: Someone, bot: Bot, clock: ManualClock) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, POSTPONE, value=POSTPONE_LABELS[Postponement.HOUR])
    await ben.clicks(await ben.sees("I'll remind you"), MUTE.label)
    await ben.sees("won't hear from me")
    await clock.advance(HOUR)
    await nothing_more_comes(bot, ben, asked)


async def test_stop_can_be_undone_on_the_home_tab(ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    await bot.deps.preferences.mute(TEAM, BEN)
    home = await opens(sandbox, ben, "You've muted me")
    await home.clicks(UNMUTE.label)
    await has_at_home(sandbox, ben, "Acme: Team", but="You've muted me")
    assert not await bot.deps.preferences.is_muted(TEAM, BEN)
