"""A sweep in a test: the clock moves from call to call until it is over."""

from datetime import datetime, timedelta

from bot.app import Bot
from bot.notifications.model import Sweep
from bot.notifications.sweep.run import SWEEP, plan_first
from bot.scheduling.queue import job_entry, queue_key
from bot.storage.connection import moment_ms
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.home.home_helpers import asked
from tests.invitations.invitation_helpers import posts
from tests.redis_probe import TEAM, redis_of

GATHERED = timedelta(minutes=1, seconds=1)
SOON_MS = 2_000
"""The next call of a running sweep is due within this time; other moments are pauses or the next day."""


async def sweep(bot: Bot, clock: ManualClock) -> None:
    """Run a sweep to its end, at its moment; then let the alerts be gathered."""
    await plan_first(bot.deps, await bot.deps.mappings.teams())
    before = await bot.deps.sweeps.get(TEAM)

    async def look() -> bool:
        state, due, now = await bot.deps.sweeps.get(TEAM), await sweep_due(bot), moment_ms(clock.now())
        if due is None:
            return False
        if state and state.began is None and _is_another(state, before):
            return due == moment_ms(state.next_at)
        if state and state.began is None and due == moment_ms(state.next_at) > now:
            clock.jump(state.next_at - clock.now())
        elif now < due < now + SOON_MS:
            clock.jump(timedelta(milliseconds=due - now))
        return False

    await eventually(look, "the sweep is over", within=30)
    await clock.advance(GATHERED)


def _is_another(state: Sweep, before: Sweep | None) -> bool:
    """Whether a sweep has begun since, in whichever process, or was already running before."""
    return before is None or before.began is not None or state.next_at != before.next_at


async def sweep_due(bot: Bot) -> float | None:
    """When the sweep's next step is due, in milliseconds."""
    due = await redis_of(bot).zscore(queue_key(TEAM), job_entry(SWEEP))
    return None if due is None else float(due)


def ended(bot: Bot) -> float:
    """How many sweeps have ended."""
    registry = bot.deps.metrics.registry
    outcomes = [{"outcome": outcome} for outcome in ("ok", "bad_api_key")]
    return sum(registry.get_sample_value("connectbot_sweeps_total", one) or 0 for one in outcomes)


async def nothing_is_due(bot: Bot, clock: ManualClock) -> None:
    """Wait until everything that is due has been done."""

    async def look() -> bool:
        return not await redis_of(bot).zrangebyscore(queue_key(TEAM), 0, moment_ms(clock.now()) + 40_000)

    await eventually(look, "nothing is due")


async def asked_times(sandbox: Sandbox, count: int) -> None:
    """Wait until Ayrshare has been asked so often about accounts."""

    async def look() -> bool:
        return asked(sandbox) >= count

    await eventually(look, f"{count} calls", last=lambda: asked(sandbox))


async def posted(sandbox: Sandbox, count: int) -> None:
    """Wait until the bot has posted so many messages."""

    async def look() -> bool:
        return posts(sandbox) >= count

    await eventually(look, f"{count} messages are posted", within=20, last=lambda: posts(sandbox))


def asked_at(sandbox: Sandbox) -> list[datetime]:
    """When Ayrshare was asked about accounts."""
    return [datetime.fromisoformat(call["at"]) for call in sandbox.ayrshare.calls.since() if "/user" in str(call)]
