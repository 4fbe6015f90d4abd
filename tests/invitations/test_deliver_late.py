"""A failure of our own keeps an invitation back for an hour: its sender is told, as of any other cause."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.invitations.model import DELIVER_INVITATION, DELIVERY_TIMEOUT, InvitationState
from bot.job_runner import RETRY_SLACK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.invitations.invitation_helpers import ASKS, ON_ITS_WAY, Dm, becomes, invited
from tests.redis_probe import TEAM, idle, jobs, redis_of
from tests.time_travel import planned
from tests.users import Someone

MAPPINGS, BEN = f"connectbot:{{{TEAM}}}:mappings", "U0BEN0001"


@pytest.fixture
async def ben(dm: Dm, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Team")
    return dm("ben")


@pytest.fixture
async def held_back(ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock) -> str:
    """Ana has asked Ben, and the first delivery has failed; return the invitation."""
    sandbox.slack.faults.add("bad_gateway", times=1, method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    await ana.sees(ON_ITS_WAY)
    await planned(bot, DELIVER_INVITATION, at=before + RETRY_SLACK)
    (job,) = await jobs(bot, DELIVER_INVITATION)
    return job.id


async def test_what_we_cannot_do_for_an_hour_is_told_and_may_be_asked_again(
    ana: Someone, ben: Someone, dm: Dm, bot: Bot, clock: ManualClock, held_back: str
) -> None:
    redis = redis_of(bot)
    whole = await redis.hget(MAPPINGS, BEN)
    await redis.hset(MAPPINGS, BEN, "damaged")
    await clock.advance(RETRY_SLACK)
    await idle(bot)
    assert await dm("ana").messages() == []
    await clock.advance(DELIVERY_TIMEOUT)
    await becomes(bot, held_back, InvitationState.FAILED)  # type: ignore[arg-type] # the job's id is the invitation's
    await dm("ana").sees("Something of mine failed", "<@U0BEN0001> didn't get your request")
    await redis.hset(MAPPINGS, BEN, whole)
    await invited(ana, ben)


async def test_what_is_delivered_late_because_nobody_was_at_work_says_so(
    ben: Someone, dm: Dm, clock: ManualClock, held_back: str
) -> None:
    await clock.advance(timedelta(hours=3))
    await ben.sees(ASKS)
    await dm("ana").sees("<@U0BEN0001> has your request", "Delivered", "late, because I was offline")


async def test_what_is_delivered_in_time_says_nothing_of_it(ana: Someone, ben: Someone, dm: Dm) -> None:
    await invited(ana, ben)
    assert "late" not in (await dm("ana").sees("<@U0BEN0001> has your request", "Delivered")).words
