"""What the tests of news have in common: what happens at Ayrshare, and who hears of it when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from bot.app import Bot
from bot.core.model import UserId
from bot.notifications.model import SEND_DIGEST
from bot.scheduling.job import Job
from bot.scheduling.queue import LEASE, job_entry, queue_key
from bot.slack.actions import NEWS_LINK
from bot.storage.connection import moment_ms
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.redis_probe import TEAM, redis_of
from tests.users import Seen, Someone

GATHERED = timedelta(minutes=1)
UNDER_WAY = moment_ms(datetime.fromtimestamp(0, UTC) + LEASE) + 0.5
"""As long as the clock stands still, what is being done is leased for so many milliseconds."""
JANE, ACME = "Acme: Jane", "Acme: Team"
WHY = "The network no longer accepts this authorization."


async def happens(sandbox: Sandbox, do: str, network: str, profile: str = JANE, **how: Any) -> None:
    """Let Ayrshare link, unlink or want a sign-in, and wait until the bot has taken note."""
    body = {"do": do, "profile": profile, "network": network, **how}
    async with aiohttp.ClientSession() as session, session.post(f"{sandbox.url}/control/ayrshare", json=body) as answer:
        assert (await answer.json())["ok"]

    async def delivered() -> bool:
        return not sandbox.ayrshare.pending_webhooks

    await eventually(delivered, f"{do} of {network} is told")


async def waits(bot: Bot, user: UserId, *networks: str) -> None:
    """Wait until there is this to tell somebody, and nothing else."""

    async def look() -> bool:
        return sorted(alert.network for alert in await bot.deps.notifications.waiting(TEAM, user)) == sorted(networks)

    await eventually(look, f"{networks} wait for {user}")


async def due(bot: Bot, user: UserId) -> float | None:
    """In how many milliseconds somebody is told next."""
    at = await redis_of(bot).zscore(queue_key(TEAM), job_entry(Job(SEND_DIGEST, user)))
    return None if at is None else float(at) - moment_ms(bot.deps.clock.now())


async def settled(bot: Bot, user: UserId) -> None:
    """Wait until nobody has anything to tell somebody now."""

    async def look() -> bool:
        left = await due(bot, user)
        return left is None or (left > 0 and left != UNDER_WAY)

    await eventually(look, f"all is said to {user}")


async def gathered(bot: Bot, clock: ManualClock, user: UserId) -> None:
    """Let the minute pass in which news is gathered, and wait until all is said that may be said."""
    clock.advance(GATHERED)
    await settled(bot, user)


async def news(who: Someone) -> list[Seen]:
    """The messages that tell somebody of their accounts."""
    return [
        seen for seen in await who.messages() if any(one["action_id"] == NEWS_LINK.action_id for one in seen.elements)
    ]
