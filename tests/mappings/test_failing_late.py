"""Slack or Redis fails after the mappings have changed: the admin reads that they have, and what follows isn't lost."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.app import Bot
from bot.scheduling.queue import JOB_LEASE
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.mappings.mapping_helpers import BEN, held_by
from tests.mappings.removal_helpers import card_of
from tests.modals import sees_modal
from tests.redis_probe import idle, redis_of
from tests.users import Someone

CARA = "U0CARA001"
Dm = Callable[[str], Someone]
CHANGES = {
    "unmap": ("unmap @ben", "Unmap *Acme: Jane*", f"<@{BEN}> no longer has *Acme: Jane*.", {"ben": "no profile now"}),
    "handover": (
        "handover @ben @cara",
        "has one profile",
        f"<@{CARA}> has *Acme: Jane* now, in place of <@{BEN}>.",
        {"ben": "Handed over", "cara": "You take over"},
    ),
}


@asynccontextmanager
async def redis_reads_nothing(bot: Bot) -> AsyncIterator[None]:
    """Let Redis refuse GET, which is needed only after a profile was taken from a person."""
    redis = redis_of(bot)
    await redis.acl_setuser("default", enabled=True, commands=["-get"])
    try:
        yield
    finally:
        await redis.acl_setuser("default", enabled=True, commands=["+get"])


@pytest.mark.parametrize("change", CHANGES)
async def test_slack_takes_no_message(
    ana: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock, change: str
) -> None:
    text, question, done, told = CHANGES[change]
    await mapped("ben", "Acme: Jane")
    await ana.types(text)
    modal = await sees_modal(ana, question)
    sandbox.slack.faults.add("internal_error", times=None, method="chat.postMessage")
    await modal.submits()
    result = await sees_modal(ana, done)
    assert "yet. I keep trying." in result.words
    sandbox.slack.faults.clear()
    await everybody_reads_it(dm, bot, clock, told)


@pytest.mark.parametrize("change", CHANGES)
async def test_redis_goes_once_the_profile_is_taken(
    ana: Someone, ben: Someone, dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, change: str
) -> None:
    text, question, done, told = CHANGES[change]
    await mapped("ben", "Acme: Jane")
    await card_of(ben)
    await ana.types(text)
    modal = await sees_modal(ana, question)
    async with redis_reads_nothing(bot):
        await modal.submits()
        result = await sees_modal(ana, done)
    assert "One of their links ended." in result.words
    assert "yet. I keep trying." in result.words
    await everybody_reads_it(dm, bot, clock, told)
    assert await held_by(bot, BEN) == []


async def everybody_reads_it(dm: Dm, bot: Bot, clock: ManualClock, told: dict[str, str]) -> None:
    """Expect one message to each, once the leases of jobs that failed have ended, and what others wait for is over."""
    for _ in range(3):
        clock.jump(2 * JOB_LEASE)
        await idle(bot)
    for name, words in told.items():
        await dm(name).sees(words)
        assert len(await dm(name).messages()) == 1
