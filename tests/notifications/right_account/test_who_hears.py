"""Who hears of an account that may be the wrong one: also who asked, and admins where two profiles share it."""

from datetime import datetime, timedelta

import pytest

from bot.app import Bot
from bot.notifications.model import TELL_ACCOUNT
from bot.slack.actions import GET_LINK, KEEP_ACCOUNT, OPEN_LINK, UNDO_ACCOUNT
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.invitations.invitation_helpers import Dm, invited
from tests.notifications.digest_helpers import BEN, LOST, gathered, happens
from tests.notifications.right_account.test_another_account import ANOTHER, BOTH, IS_NOW, links, opened
from tests.notifications.sweep.sweep_helpers import sweep
from tests.redis_probe import idle, jobs, trail
from tests.users import OPENED
from tests.webhooks import SECRET

JANE, GLOBEX = "Acme: Jane", "Globex"
MINUTE = timedelta(minutes=1)
NIGHT_IN_BERLIN = timedelta(hours=10)


@pytest.fixture(autouse=True)
async def _told_by_webhooks(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)


async def test_who_asked_reads_it_a_minute_later_without_buttons_unless_it_is_theirs_to_decide(
    person: Person, mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    jane = next(one for one in sandbox.ayrshare.profiles if one.title == JANE)
    del jane.accounts["linkedin"]  # it expires soon, and the link would be for that
    await mapped("ben", JANE)
    asked = await invited(person("eve"), dm("ben"))
    await dm("ben").clicks(asked, GET_LINK.action_id)
    card = await dm("ben").sees_a_card()
    await dm("ben").clicks(card, OPEN_LINK.label)
    await dm("ben").sees(OPENED)
    await idle(bot)
    await links(sandbox, bot, dm("ben"), card, signed_in="Eve")
    await clock.advance(MINUTE)
    receipt = await dm("eve").sees("⚠️ <@U0BEN0001> connected Instagram (Eve). That may be the wrong account.")
    said = await dm("eve").sees(f"*{ANOTHER} for {JANE}*", f"<@U0BEN0001> connected {BOTH}")
    assert not said.buttons
    assert "<@U0BEN0001> or an admin can disconnect it." in said.words
    await dm("ben").clicks(await dm("ben").sees(IS_NOW), KEEP_ACCOUNT.label)
    await idle(bot)
    await clock.advance(MINUTE)
    await dm("eve").sees("✅ <@U0BEN0001> connected Instagram (Eve).", where=lambda m: m.ts == receipt.ts)


async def test_an_account_that_another_profile_has_as_well_is_said_to_its_people_and_to_admins(
    person: Person, mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("cara", GLOBEX)
    await mapped("ben", JANE)
    await person("ben", channel="random").types("status")
    await person("cara").types("status")
    await idle(bot)
    sandbox.ayrshare.signed_in = "Globex"
    await happens(sandbox, "link", "youtube", profile=JANE)
    await idle(bot)
    await clock.advance(MINUTE)
    said = "Globex (@globex) is connected. Globex posts there, too."
    await dm("ben").sees(said)
    told = await dm("ana").sees("*Shared YouTube account for Acme: Jane*", said)
    assert (told.buttons, told.options) == ([KEEP_ACCOUNT.label], [UNDO_ACCOUNT.label])
    (row,) = await trail(bot, "account_shared")
    assert "shared with" in row.detail
    await dm("ana").clicks(told, UNDO_ACCOUNT.label)
    await dm("ana").sees("*Globex (@globex) is disconnected*", where=lambda m: m.ts == told.ts)
    assert [row.by for row in await trail(bot, "account_undone")] == ["U0ANA0001"]


async def test_the_sweep_finds_a_shared_account_too_and_the_first_look_finds_none(
    mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    jane = next(profile for profile in sandbox.ayrshare.profiles if profile.title == JANE)
    jane.connect("youtube", at=clock.now(), name="Globex")
    await mapped("cara", GLOBEX)
    await mapped("ben", JANE)
    await sweep(bot, clock)
    assert not await trail(bot, "account_shared")
    globex = next(profile for profile in sandbox.ayrshare.profiles if profile.title == GLOBEX)
    globex.connect("instagram", at=clock.now(), name="Jane of Acme")
    await sweep(bot, clock)
    said = "Jane of Acme (@janeofacme) is connected. Acme: Jane posts there, too."
    await dm("ana").sees(said)
    assert len(await trail(bot, "account_shared")) == 1


async def test_the_first_look_at_a_profile_finds_who_has_taken_its_account_before(
    person: Person, mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("cara", GLOBEX)
    await mapped("ben", JANE)
    await person("ben", channel="random").types("status")
    await idle(bot)
    sandbox.ayrshare.signed_in = "Globex"
    await happens(sandbox, "link", "youtube", profile=JANE)
    await idle(bot)
    assert not await trail(bot, "account_shared")
    await person("cara").types("status")
    await idle(bot)
    await clock.advance(MINUTE)
    await dm("ana").sees(
        "*Shared YouTube account for Globex*", "Globex (@globex) is connected. Acme: Jane posts there, too."
    )


async def test_another_account_is_not_said_to_be_back(
    mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", JANE)
    await sweep(bot, clock)
    await happens(sandbox, "unlink", "instagram")
    await idle(bot)
    await gathered(bot, clock, BEN)
    await dm("ben").sees("Instagram", LOST)
    sandbox.ayrshare.signed_in = "Eve"
    await happens(sandbox, "link", "instagram")
    await idle(bot)
    await clock.advance(2 * MINUTE)
    await dm("ben").sees(f"*{ANOTHER} for {JANE}*", IS_NOW)
    await idle(bot)
    assert not [one for one in await dm("ben").messages() if "is back" in one.words]


async def test_who_did_not_do_it_is_told_by_day_and_not_when_it_is_over(
    mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", JANE)
    await sweep(bot, clock)
    await clock.advance(NIGHT_IN_BERLIN)
    await idle(bot)
    sandbox.ayrshare.signed_in = "Eve"
    await happens(sandbox, "link", "instagram")
    await idle(bot)
    await clock.advance(2 * MINUTE)
    await idle(bot)
    assert len(await jobs(bot, TELL_ACCOUNT)) == 1
    assert not [one for one in await dm("ben").messages() if IS_NOW in one.words]
    sandbox.ayrshare.signed_in = None
    await happens(sandbox, "link", "instagram")
    await idle(bot)
    await clock.advance(_morning(clock.now()) - clock.now())
    await idle(bot)
    assert not [one for one in await dm("ben").messages() if IS_NOW in one.words]
    assert [row.action for row in await trail(bot, "account_changed", "account_reconnected")] == [
        "account_changed",
        "account_reconnected",
    ]


async def test_whose_link_ended_before_the_right_account_was_last_seen_is_not_said_to_have_done_it(
    person: Person, mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", JANE)
    await opened(person("ben"), bot)
    await clock.advance(timedelta(hours=2))
    await sweep(bot, clock)
    jane = next(profile for profile in sandbox.ayrshare.profiles if profile.title == JANE)
    jane.connect("instagram", at=clock.now(), name="Eve")
    await sweep(bot, clock)
    await dm("ben").sees(IS_NOW, where=lambda m: "You connected" not in m.words)
    (row,) = await trail(bot, "account_changed")
    assert row.by == "bot"


def _morning(now: datetime) -> datetime:
    """8:00 in Berlin, in winter."""
    return (now + timedelta(days=1)).replace(hour=7, minute=1)
