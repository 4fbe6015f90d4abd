"""What is marked as done is so for a time, which a step of the server's clock doesn't make longer."""

from datetime import timedelta

from bot.app import Bot
from tests.eventually import eventually
from tests.redis_probe import TEAM, redis_of


async def test_a_mark_lasts_no_longer_although_the_servers_clock_was_set_back(bot: Bot) -> None:
    marks, shortly = bot.deps.idempotency, timedelta(milliseconds=50)
    assert await marks.claim(TEAM, "posted", within=shortly)
    await redis_of(bot).pexpire(f"connectbot:{{{TEAM}}}:once:posted", timedelta(hours=1))
    assert not await marks.claim(TEAM, "posted", within=shortly)

    async def ended() -> bool:
        return not await marks.is_claimed(TEAM, "posted")

    await eventually(ended, "the mark has expired")
