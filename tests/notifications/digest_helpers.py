"""What the tests of alerts share: events at Ayrshare, and waiting for what is recorded, scheduled and sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from bot.app import Bot
from bot.core.model import UserId
from bot.notifications.model import GATHERED_FOR, SEND_DIGEST
from bot.scheduling.job import Job
from bot.scheduling.queue import JOB_LEASE, job_entry, queue_key
from bot.slack.actions import DIGEST_LINK
from bot.storage.connection import moment_ms
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.redis_probe import TEAM, redis_of
from tests.users import Seen, Someone

LEASED = moment_ms(datetime.fromtimestamp(0, UTC) + JOB_LEASE) + 0.5
"""Milliseconds until a running job's lease ends, while the clock stands still."""
BEN, ANA, EVE = UserId("U0BEN0001"), UserId("U0ANA0001"), UserId("U0EVE0001")
JANE, ACME, GLOBEX, INITECH = "Acme: Jane", "Acme: Team", "Globex", "Initech"
REASON = "The network no longer accepts this authorization."
LOST = "is disconnected"
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def happens(sandbox: Sandbox, do: str, network: str, profile: str = JANE, **how: Any) -> None:
    """Let Ayrshare connect, disconnect or expire an account, and wait until the bot has processed the event."""
    body = {"do": do, "profile": profile, "network": network, **how}
    async with aiohttp.ClientSession() as session, session.post(f"{sandbox.url}/control/ayrshare", json=body) as answer:
        assert (await answer.json())["ok"]

    async def delivered() -> bool:
        return not sandbox.ayrshare.pending_webhooks

    await eventually(delivered, f"{do} of {network} is delivered")


async def pending(bot: Bot, user: UserId, *networks: str) -> None:
    """Wait until exactly these networks have a pending alert for someone."""

    async def look() -> bool:
        return sorted(alert.network for alert in await bot.deps.notifications.pending(TEAM, user)) == sorted(networks)

    await eventually(look, f"alerts of {networks} are pending for {user}")


async def due(bot: Bot, user: UserId) -> float | None:
    """In how many milliseconds someone's digest is due."""
    at = await redis_of(bot).zscore(queue_key(TEAM), job_entry(Job(SEND_DIGEST, user)))
    return None if at is None else float(at) - moment_ms(bot.deps.clock.now())


async def settled(bot: Bot, user: UserId) -> None:
    """Wait until no digest to someone is due or being sent."""

    async def look() -> bool:
        left = await due(bot, user)
        return left is None or (left > 0 and left % 1 == 0)  # a lease ends at half a millisecond

    await eventually(look, f"nothing is due to {user}")


async def gathered(bot: Bot, clock: ManualClock, user: UserId) -> None:
    """Move the clock past the minute in which alerts are gathered, and wait until the digest is sent or postponed."""
    await clock.advance(GATHERED_FOR)
    await settled(bot, user)


async def digests(who: Someone) -> list[Seen]:
    """Someone's digests."""
    return [
        seen for seen in await who.messages() if any(one["action_id"] == DIGEST_LINK.action_id for one in seen.elements)
    ]
