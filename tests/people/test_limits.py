"""Limits slide with the server's clock, and nobody waits longer because that was set back."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.people.errors import AskedTooOften
from bot.people.limits import LIMITS
from tests.redis_probe import TEAM, redis_of

BEN = UserId("U0BEN0001")
AN_HOUR = timedelta(hours=1)


async def test_a_limit_that_is_used_up_is_free_again_when_the_servers_clock_is_set_back(bot: Bot) -> None:
    for _ in range(LIMITS["status"].per_person):
        await bot.deps.limits.count(TEAM, BEN, "status")
    with pytest.raises(AskedTooOften):
        await bot.deps.limits.count(TEAM, BEN, "status")
    for key in (f"connectbot:{{{TEAM}}}:status:by:{BEN}", f"connectbot:{{{TEAM}}}:status:by"):
        for use in await redis_of(bot).zrange(key, 0, -1):
            await redis_of(bot).zincrby(key, AN_HOUR / timedelta(milliseconds=1), use)
    await bot.deps.limits.count(TEAM, BEN, "status")
