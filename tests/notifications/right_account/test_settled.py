"""A message that told of another account says how it ended, to everybody who got it: nobody reads "now" for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.slack.actions import KEEP_ACCOUNT, RECONNECT, UNDO_ACCOUNT
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.notifications.digest_helpers import happens
from tests.notifications.right_account.test_another_account import IS_NOW
from tests.notifications.sweep.sweep_helpers import sweep
from tests.redis_probe import idle
from tests.users import Seen, Someone
from tests.webhooks import SECRET

TITLE = "Acme: Jane"
Dm = Callable[[str], Someone]


@pytest.fixture
async def told(mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock) -> dict[str, Seen]:
    """Ben and Ana have the profile, and both are told that Eve's account is connected."""
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", TITLE)
    await mapped("ana", TITLE)
    await sweep(bot, clock)
    sandbox.ayrshare.signed_in = "Eve"
    await happens(sandbox, "link", "instagram")
    await idle(bot)
    await clock.advance(timedelta(minutes=1))
    return {name: await dm(name).sees(IS_NOW) for name in ("ben", "ana")}


async def test_after_undo_the_others_read_that_it_is_disconnected_and_can_reconnect(
    told: dict[str, Seen], dm: Dm, bot: Bot, clock: ManualClock
) -> None:
    await dm("ben").clicks(told["ben"], UNDO_ACCOUNT.label)
    await dm("ben").sees("*Eve (@eve) is disconnected*", where=_same(told["ben"]))
    await idle(bot)
    await clock.advance_seconds(2)
    said = "<@U0BEN0001> disconnected the other account. Posts won't go out until it's reconnected."
    seen = await dm("ana").sees(f"*Instagram is disconnected for {TITLE}*", said, where=_same(told["ana"]))
    assert (seen.buttons, seen.options) == ([RECONNECT.label], [])
    await dm("ben").sees("*Eve (@eve) is disconnected*", where=_same(told["ben"]))


async def test_after_keep_it_the_others_read_that_it_stays(
    told: dict[str, Seen], dm: Dm, bot: Bot, clock: ManualClock
) -> None:
    await dm("ana").clicks(told["ana"], KEEP_ACCOUNT.label)
    await idle(bot)
    await clock.advance_seconds(2)
    seen = await dm("ben").sees("*Eve (@eve) stays*", "<@U0ANA0001> kept it.", where=_same(told["ben"]))
    assert (seen.buttons, seen.options) == ([], [])


async def test_where_the_right_account_is_connected_again_all_of_them_say_so(
    told: dict[str, Seen], dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.signed_in = None
    await happens(sandbox, "unlink", "instagram")
    await happens(sandbox, "link", "instagram")
    await idle(bot)
    await clock.advance_seconds(5)
    for name, message in told.items():
        seen = await dm(name).sees("*Jane of Acme (@janeofacme) is back*", where=_same(message))
        assert (seen.buttons, seen.options) == ([], [])


def _same(message: Seen) -> Callable[[Seen], bool]:
    return lambda one: one.ts == message.ts
