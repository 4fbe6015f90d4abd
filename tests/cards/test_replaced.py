"""A card that a newer one replaces: it ends once the newer one is shown, and only then."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.cards.model import DRAWN_WITHIN
from bot.profiles.model import REDRAWN_AFTER
from bot.slack.actions import NEW_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.redis_probe import idle, trail
from tests.users import OPENED, Seen, Someone

REPLACED = "has replaced this one"


@pytest.fixture
async def ben(person: Person, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Jane")
    return person("ben")


@pytest.fixture
async def card(ben: Someone) -> Seen:
    """A card of Ben's whose link was opened, so that it can be redrawn."""
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    return await ben.sees(OPENED)


async def link_made(bot: Bot, count: int) -> None:
    async def look() -> bool:
        return len(await trail(bot, "link_made")) == count

    await eventually(look, f"{count} links are made")


async def test_it_ends_after_the_newer_one_is_shown_however_slow_slack_is(
    ben: Someone, card: Seen, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    sandbox.slack.faults.add("latency", ms=1500, method="response_url")
    await ben.types()
    await link_made(bot, 2)
    clock.jump(REDRAWN_AFTER)
    before, _ = await ben.sees_times(2)
    assert before.url == card.url
    await clock.advance(REDRAWN_AFTER)
    assert (await ben.sees(REPLACED)).ts == card.ts


@pytest.mark.parametrize("asks", ["by the command", "by the button"])
async def test_it_goes_on_where_the_newer_one_can_not_be_shown(
    ben: Someone, card: Seen, bot: Bot, clock: ManualClock, sandbox: Sandbox, asks: str
) -> None:
    sandbox.slack.faults.add("response_url_expired")
    sandbox.slack.faults.add("messages_tab_disabled")
    await (ben.types() if asks == "by the command" else ben.clicks(card, NEW_LINK.label))
    await ben.sees("my Messages tab is switched off")
    await idle(bot)
    await clock.advance(DRAWN_WITHIN + timedelta(seconds=1))
    await idle(bot)
    assert card.url in [seen.url for seen in await ben.messages()]
