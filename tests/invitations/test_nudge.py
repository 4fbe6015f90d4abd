"""*Nudge* on a receipt: the request comes again, once a day."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import UserId, Viewer
from bot.invitations.errors import NotNudged
from bot.invitations.group.nudge import nudge
from bot.invitations.model import Postponement
from bot.invitations.views import POSTPONE_LABELS
from bot.scheduling.queue import queue_key
from bot.slack.actions import GET_LINK, NUDGE, POSTPONE
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.invitations.invitation_helpers import ASKS, Dm, invitation_of, invited
from tests.redis_probe import TEAM, idle, redis_of
from tests.users import Someone

Later = Callable[[], Awaitable[None]]
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def ben(dm: Dm, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Jane")
    return dm("ben")


@pytest.fixture
def box(dm: Dm) -> Someone:
    """Ana in front of the bot's direct message with her."""
    return dm("ana")


@pytest.fixture
async def later(bot: Bot, clock: ManualClock) -> Later:
    """Let a moment pass: Slack takes one message a second for each direct message."""

    async def later() -> None:
        await idle(bot)
        clock.jump_seconds(2)

    return later


async def test_it_sends_the_request_again_once_a_day(
    ana: Someone, ben: Someone, box: Someone, bot: Bot, clock: ManualClock, later: Later
) -> None:
    await invited(ana, ben, "please")
    receipt = await box.sees("has your request")
    await later()
    await box.clicks(receipt, NUDGE.label)
    await box.sees("Nudged <@U0BEN0001>")
    await ben.sees("Reminder: <@U0ANA0001> asks you to", "please")
    await ben.sees("is below, sent again")
    again = await box.sees("Delivered again", "nudged")
    assert again.ts == receipt.ts
    await box.clicks(again, NUDGE.label)
    await box.sees("You can nudge once a day")
    await later()
    await bot.deps.idempotency.release(TEAM, "nudged:U0BEN0001")  # the next day; Redis's own time can't be moved
    await box.clicks(again, NUDGE.label)
    await ben.sees_times(3)


async def test_a_nudge_that_failed_can_be_pressed_again(
    ana: Someone, ben: Someone, box: Someone, bot: Bot, later: Later
) -> None:
    await invited(ana, ben)
    receipt = await box.sees("has your request")
    await later()
    redis, jobs, aside = redis_of(bot), queue_key(TEAM), f"connectbot:{{{TEAM}}}:aside"
    await redis.rename(jobs, aside)
    await redis.set(jobs, "damaged")
    await box.clicks(receipt, NUDGE.label)
    await bot.deps.background.idle()
    await redis.rename(aside, jobs)
    await box.clicks(receipt, NUDGE.label)
    await box.sees("Nudged <@U0BEN0001>")
    await ben.sees("Reminder: <@U0ANA0001> asks you to")


async def test_a_link_that_was_fetched_and_expired_can_be_nudged(
    ana: Someone, ben: Someone, box: Someone, bot: Bot, clock: ManualClock, later: Later
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, GET_LINK.action_id)
    await ben.sees_a_card()
    assert (await box.sees("opened the request")).buttons == []
    await idle(bot)
    await clock.advance(5 * MINUTE)
    await later()
    await box.clicks(await box.sees("Their link expired"), NUDGE.label)
    again = await ben.sees("Reminder:")
    await later()
    await box.sees("has your request")
    await ben.clicks(again, GET_LINK.action_id)
    await ben.sees_a_card()
    await box.sees("opened the request")


async def test_whoever_asked_for_time_is_not_nudged(ana: Someone, ben: Someone, box: Someone, bot: Bot) -> None:
    asked = await invited(ana, ben)
    await box.sees("has your request")
    await ben.clicks(asked, POSTPONE, value=POSTPONE_LABELS[Postponement.WEEK])
    assert (await box.sees("wants a reminder")).buttons == []
    with pytest.raises(NotNudged):
        await nudge(bot.deps, Viewer(TEAM, UserId("U0ANA0001")), invitation_of(asked))


async def test_only_the_sender_can_nudge(ana: Someone, ben: Someone, box: Someone, person: Person) -> None:
    asked = await invited(ana, ben)
    receipt = await box.sees("has your request")
    await person("cara").post(
        "click", channel=box.channel, message_ts=receipt.ts, action_id=NUDGE.action_id, value=invitation_of(asked)
    )
    assert len(await ben.messages()) == 1


async def test_of_several_people_only_those_who_have_not_answered_are_nudged(
    ana: Someone, ben: Someone, box: Someone, dm: Dm, mapped: Map, later: Later
) -> None:
    await mapped("eve", "Globex")
    await ana.types("send @ben @eve")
    await dm("ben").clicks(await dm("ben").sees(ASKS), POSTPONE, value=POSTPONE_LABELS[Postponement.WEEK])
    await dm("ben").sees("I'll remind you")
    await later()
    await box.clicks(await box.sees("2 of 2 people"), NUDGE.label)
    await box.sees("Nudged <@U0EVE0001>")
    await dm("eve").sees("Reminder:")
    assert not any("Reminder:" in seen.words for seen in await ben.messages())
