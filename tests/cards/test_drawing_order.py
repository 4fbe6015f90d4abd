"""Two drawings of one card at a slow Slack: the older one never lands after the newer one."""

from typing import Any

import pytest

from bot.app import Bot
from bot.cards.model import DRAW_RETRY, DRAWN_WITHIN, END_CARD, REVOKED_WITHIN
from bot.cards.offer import single_flight
from bot.cards.revoke import revoke_links
from bot.cards.update import LONGEST_POST
from bot.core.model import UserId
from bot.slack.actions import CANCEL_LINK, GET_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.invitations.invitation_helpers import Dm, invited
from tests.mappings.removal_helpers import NOT_YET_REVOKED, SESSION
from tests.redis_probe import TEAM, idle, pause_redis
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


@pytest.mark.parametrize("overrides", [SESSION], ids=["session"])
async def test_an_end_that_changes_while_a_direct_message_is_drawn_is_drawn_again(
    person: Person, mapped: Map, dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    ref_id, ben = (await mapped("ben", "Acme: Jane")).ref_id, dm("ben")
    await ben.clicks(await invited(person("cara"), ben), GET_LINK.action_id)
    await ben.sees_a_card()
    sandbox.ayrshare.faults.add("plan", times=None)
    await bot.deps.mappings.remove(TEAM, BEN, ref_id, by="test")
    await revoke_links(bot.deps, TEAM, BEN, ref_id, by="test")
    sandbox.ayrshare.faults.clear()

    def drawings() -> int:
        return sum(call["call"] == "chat.update" for call in sandbox.slack.calls.since())

    async def under_way() -> bool:
        return drawings() > before

    await idle(bot)  # the sender's receipt is drawn
    before = drawings()
    sandbox.slack.faults.add("latency", ms=2_000, method="chat.update")
    await clock.advance(DRAWN_WITHIN)
    await eventually(under_way, "the end is being drawn")
    clock.jump(REVOKED_WITHIN - DRAWN_WITHIN)  # `advance` would wait until it is drawn
    await ben.sees("This link is cancelled.", within=12)

    async def revoked() -> bool:
        return NOT_YET_REVOKED not in (await ben.messages())[-1].words

    await eventually(revoked, "the message says no longer that a copy works")


async def test_a_card_shown_when_redis_fails_is_no_failure(bot: Bot) -> None:
    async with single_flight(bot.deps, TEAM, "offer") as first:
        assert first
        await pause_redis(bot, 1_700, "WRITE")
