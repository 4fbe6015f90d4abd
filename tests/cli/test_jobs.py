"""A job that fails for a reason nobody knows is tried for a day, then set aside where operators see it and retry it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from bot.app import Bot
from bot.invitations.model import DRAW_RECEIPT, InvitationId
from bot.scheduling.job import Job
from bot.scheduling.queue import PAUSES
from bot.slack.actions import GET_LINK
from tests.canaries import Lines
from tests.cli.examined import examined
from tests.clock import ManualClock
from tests.commands import command
from tests.conftest import Map
from tests.core.test_metrics import figures
from tests.eventually import eventually
from tests.invitations.invitation_helpers import Dm, invitation_of, invited
from tests.redis_probe import TEAM, idle, redis_of
from tests.time_travel import planned
from tests.users import Someone

DAY = timedelta(days=1)


@pytest.fixture
async def ben(dm: Dm, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Jane")
    return dm("ben")


@asynccontextmanager
async def damaged(bot: Bot, invitation: InvitationId) -> AsyncIterator[None]:
    """Make an invitation's record unreadable until the context is left."""
    redis, key = redis_of(bot), f"connectbot:{{T0CONNECT}}:invitation_record:{invitation}"
    whole = await redis.hgetall(key)
    await redis.hset(key, mapping=dict.fromkeys(whole, "{"))
    yield
    await redis.hset(key, mapping=whole)


async def test_it_is_shown_by_doctor_status_and_a_metric_and_done_by_retry(
    ana: Someone,
    ben: Someone,
    dm: Dm,
    bot: Bot,
    session: aiohttp.ClientSession,
    clock: ManualClock,
    environment: dict[str, str],
    log_lines: Lines,
) -> None:
    asked = await invited(ana, ben)
    await dm("ana").sees("Delivered")
    await idle(bot)
    async with damaged(bot, invitation_of(asked)):
        await bot.deps.scheduler.plan(TEAM, Job(DRAW_RECEIPT, invitation_of(asked)), at=clock.now())
        for pause in PAUSES:
            await planned(bot, DRAW_RECEIPT, at=clock.now() + pause)
            await idle(bot)
            await clock.advance(pause)
        await logged(log_lines, "job_set_aside")
    assert sum(PAUSES, timedelta()) >= DAY

    listed = await command("jobs", "list", environment=environment)
    assert f"draw_receipt:{invitation_of(asked)}" in listed.out
    report = await examined(environment)
    assert report.status("jobs") == ["wrong"]
    assert "1 failed for a day and are set aside: draw_receipt" in report.told("jobs")
    assert 'connectbot_jobs_set_aside{job="draw_receipt"} 1.0' in (await figures(bot, session))[1]
    assert "T0CONNECT" in (await command("status", environment=environment)).out

    assert (await command("jobs", "retry", "no:such", environment=environment)).code == 1
    await ben.clicks(asked, GET_LINK.action_id)
    retried = await command("jobs", "retry", environment=environment)
    assert "1 of the jobs set aside will be done now" in retried.out
    await dm("ana").sees("opened the request")
    assert "No job is set aside" in (await command("jobs", "list", environment=environment)).out
    assert (await examined(environment)).status("jobs") == ["ok"]
    assert 'connectbot_jobs_set_aside{job="draw_receipt"} 0.0' in (await figures(bot, session))[1]


async def logged(log_lines: Lines, event: str) -> None:
    async def look() -> bool:
        return event in "".join(log_lines.lines)

    await eventually(look, f"{event} is logged")


async def test_a_workspace_where_nobody_has_a_profile_is_looked_at_too(bot: Bot, environment: dict[str, str]) -> None:
    await redis_of(bot).zadd("connectbot:{T9}:jobs_set_aside", {"ask_admin:U1": 1_795_000_000_000})
    assert "T9\task_admin:U1" in (await command("jobs", "list", environment=environment)).out
    assert "1 of the jobs set aside" in (await command("jobs", "retry", environment=environment)).out
