"""Who only lost what no link may offer isn't asked to reconnect it: admins read why, and who can change that."""

from collections.abc import Callable

import pytest

from bot.app import Bot
from bot.ayrshare.errors import XNotOffered
from bot.slack.actions import ASK_DISCONNECTED
from sandbox.server import Sandbox
from tests.cards.test_scope import ACME, GLOBEX, broken
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.home.home_helpers import opens
from tests.redis_probe import idle
from tests.users import Someone

X_REFUSED = XNotOffered().sentence


@pytest.fixture
async def lost(mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock) -> None:
    """Ben lost X, Cara lost TikTok."""
    await mapped("ben", GLOBEX)
    await mapped("cara", ACME)
    await broken(bot, sandbox, clock, GLOBEX, "twitter")
    await broken(bot, sandbox, clock, ACME, "tiktok")


async def test_remind_everyone_leaves_out_whoever_only_lost_x(
    lost: None, person: Person, sandbox: Sandbox, dm: Callable[[str], Someone], bot: Bot, clock: ManualClock
) -> None:
    home = await opens(sandbox, person("ana"), "🔴 *2 disconnected*", "Remind everyone (1)", X_REFUSED)
    await home.clicks(ASK_DISCONNECTED.action_id)
    await dm("cara").sees("asks you to reconnect TikTok")
    await idle(bot)
    await clock.advance_seconds(10)
    assert await dm("ben").messages() == []


async def test_who_lost_x_and_more_is_asked_about_the_profile_that_they_can_mend(
    mapped: Map, bot: Bot, sandbox: Sandbox, person: Person, dm: Callable[[str], Someone], clock: ManualClock
) -> None:
    await mapped("cara", GLOBEX)
    await mapped("cara", ACME)
    await broken(bot, sandbox, clock, GLOBEX, "twitter")
    await broken(bot, sandbox, clock, ACME, "tiktok")
    home = await opens(sandbox, person("ana"), "Remind everyone (1)")
    await home.clicks(ASK_DISCONNECTED.action_id)
    await dm("cara").sees(f"*{ACME}*", "asks you to reconnect TikTok")
