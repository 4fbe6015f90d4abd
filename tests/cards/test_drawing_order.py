"""Two drawings of one card at a slow Slack: the older one never lands after the newer one."""

from typing import Any

from bot.app import Bot
from bot.cards.model import DRAW_RETRY, END_CARD
from bot.cards.offer import single_flight
from bot.cards.update import LONGEST_POST
from bot.core.model import UserId
from bot.slack.actions import CANCEL_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.redis_probe import TEAM, pause_redis
from tests.time_travel import nothing_is_drawn, planned

BEN = UserId("U0BEN0001")
SLOW_MS = 6_000
"""Within the timeout of one try of a post."""


def posts(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [call for call in sandbox.slack.calls.since() if call["call"] == "response_url"]


async def test_a_slow_drawing_does_not_overwrite_the_one_after_it(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await ben.types()
    card = await ben.sees_a_card()

    async def under_way() -> bool:
        return len(posts(sandbox)) == 2

    async def landed() -> bool:
        return ["status" in post for post in posts(sandbox)] == [True] * 3

    sandbox.slack.faults.add("latency", ms=SLOW_MS, method="response_url")
    await ben.clicks(card, OPEN_LINK.label)
    await eventually(under_way, "the first drawing is under way")
    await ben.clicks(card, CANCEL_LINK.label)
    await eventually(landed, "both drawings have landed", within=12)
    (shown,) = await ben.messages()
    assert "This link is cancelled." in shown.words
    assert shown.url is None


async def test_a_job_leaves_a_card_that_is_being_drawn_for_later(
    person: Person, mapped: Map, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees_a_card()
    await nothing_is_drawn(bot)
    (ref_id,) = [mapping.ref_id for mapping in await bot.deps.mappings.of(TEAM, BEN)]
    (card,) = await bot.deps.cards.live(TEAM, ref_id)
    async with bot.deps.locks.hold(TEAM, f"drawing:{card.id}", longest=LONGEST_POST) as acquired:
        assert acquired
        await clock.advance(card.link.expires_at - clock.now())
        await planned(bot, END_CARD, at=clock.now() + DRAW_RETRY)
        assert await bot.deps.cards.get(TEAM, card.id) == card
    await clock.advance(DRAW_RETRY)
    await person("ben").sees("expired at")


async def test_a_card_shown_when_redis_fails_is_no_failure(bot: Bot) -> None:
    async with single_flight(bot.deps, TEAM, "offer") as first:
        assert first
        await pause_redis(bot, 1_700, "WRITE")
