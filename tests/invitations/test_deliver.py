"""The delivery of an invitation: at once, as a reminder, after a lost answer, and never twice."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.invitations.model import DELIVER_INVITATION, InvitationState, Postponement
from bot.invitations.views import POSTPONE_LABELS
from bot.job_runner import RETRY_SLACK
from bot.scheduling.job import Job
from bot.slack.actions import GET_LINK, POSTPONE
from bot.slack.delivery import LATE_POST
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.invitations.invitation_helpers import (
    ASKS,
    BUTTONS,
    ON_ITS_WAY,
    Dm,
    becomes,
    has_settled,
    invitation_of,
    invited,
)
from tests.redis_probe import TEAM
from tests.time_travel import planned
from tests.users import Someone

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


@pytest.fixture
async def ben(dm: Dm, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Team")
    return dm("ben")


async def test_it_says_what_needs_attention_and_offers_three_answers(ana: Someone, ben: Someone) -> None:
    asked = await invited(ana, ben)
    assert "🔴 TikTok" in asked.words
    assert asked.buttons == BUTTONS
    assert asked.element(GET_LINK.action_id)["style"] == "primary"
    assert asked.options == list(POSTPONE_LABELS.values())
    assert not asked.ephemeral


async def test_a_reminder_is_a_new_message_and_the_old_one_says_so(
    ana: Someone, ben: Someone, clock: ManualClock
) -> None:
    asked = await invited(ana, ben, "please")
    await ben.clicks(asked, POSTPONE, value=POSTPONE_LABELS[Postponement.HOUR])
    await ben.sees("I'll remind you")
    await clock.advance(HOUR)
    again = await ben.sees(ASKS, "please", where=lambda seen: seen.ts != asked.ts)
    assert again.buttons == BUTTONS
    old = await ben.sees("sent again")
    assert (old.ts, old.buttons) == (asked.ts, [])
    await ben.clicks(again, GET_LINK.action_id)
    assert (await ben.sees_a_card()).ts == again.ts


async def test_a_message_whose_answer_was_lost_is_not_sent_twice(
    ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("lost_answer", method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    asked = await ben.sees(ASKS)
    await planned(bot, DELIVER_INVITATION, at=before + RETRY_SLACK)
    await clock.advance(RETRY_SLACK)
    await becomes(bot, invitation_of(asked), InvitationState.DELIVERED)
    assert len(await ben.messages()) == 1
    await ben.clicks(asked, GET_LINK.action_id)
    assert (await ben.sees_a_card()).ts == asked.ts


async def test_a_message_that_slack_accepts_long_after_we_gave_up_is_not_sent_twice(
    ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("late_post", ms=15_000, method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    await planned(bot, DELIVER_INVITATION, at=before + RETRY_SLACK)
    await clock.advance(RETRY_SLACK)
    await planned(bot, DELIVER_INVITATION, at=before + LATE_POST)
    await clock.advance(LATE_POST - RETRY_SLACK)
    asked = await ben.sees(ASKS)
    await has_settled(bot, invitation_of(asked))
    assert len(await ben.messages()) == 1


async def test_an_answer_counts_that_comes_before_the_delivery_is_recorded(
    ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("lost_answer", method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    asked = await ben.sees(ASKS)
    await planned(bot, DELIVER_INVITATION, at=before + RETRY_SLACK)
    await ben.clicks(asked, POSTPONE, value=POSTPONE_LABELS[Postponement.HOUR])
    await ben.sees("I'll remind you")
    await clock.advance(RETRY_SLACK)
    await has_settled(bot, invitation_of(asked))
    assert len(await ben.messages()) == 1
    await clock.advance(HOUR)
    await ben.sees(ASKS, where=lambda seen: seen.ts != asked.ts)


async def test_a_job_that_runs_twice_delivers_once(ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    asked = await invited(ana, ben)
    invitation = invitation_of(asked)
    await has_settled(bot, invitation)
    await bot.deps.scheduler.plan(TEAM, Job(DELIVER_INVITATION, invitation), at=bot.deps.clock.now())
    await has_settled(bot, invitation)
    assert len(await ben.messages()) == 1


async def test_a_rate_limited_delivery_waits_as_long_as_slack_says(
    ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("ratelimited", ms=20_000, method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    await ana.sees(ON_ITS_WAY)
    await planned(bot, DELIVER_INVITATION, at=before + timedelta(seconds=20))
    assert await ben.messages() == []
    await clock.advance(timedelta(seconds=20))
    await ben.sees(ASKS)


async def test_an_unanswered_invitation_ends_after_a_week_and_another_may_ask(
    ana: Someone, ben: Someone, person: Person, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await has_settled(bot, invitation_of(asked))
    await clock.advance(WEEK)
    await becomes(bot, invitation_of(asked), InvitationState.UNANSWERED)
    await person("cara").types("send @ben")
    await ben.sees(ASKS, "U0CARA001", where=lambda seen: seen.ts != asked.ts)
