"""A message that told of another account says how it ended, to everybody who got it: nobody reads "now" for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import RefId, UserId
from bot.people.audit import AuditRow
from bot.slack.actions import GET_LINK, KEEP_ACCOUNT, OPEN_LINK, RECONNECT, UNDO_ACCOUNT
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.invitations.invitation_helpers import invited
from tests.notifications.digest_helpers import happens
from tests.notifications.right_account.test_another_account import IS_NOW, links
from tests.notifications.sweep.sweep_helpers import sweep
from tests.redis_probe import TEAM, idle, trail
from tests.users import OPENED, Seen, Someone
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


async def test_where_a_third_account_takes_its_place_the_first_message_says_so_and_a_new_one_asks(
    told: dict[str, Seen], dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.signed_in = "Ben Brandt"
    await happens(sandbox, "link", "instagram")
    await idle(bot)
    await clock.advance(timedelta(minutes=1))
    replaced = "Ben Brandt (@benbrandt) has taken the place of the account I told you about."
    for name, message in told.items():
        seen = await dm(name).sees(f"*Instagram changed again for {TITLE}*", replaced, where=_same(message))
        assert (seen.buttons, seen.options) == ([], [])
        anew = await dm(name).sees("Ben Brandt (@benbrandt) is connected in place of Jane of Acme (@janeofacme).")
        assert (anew.buttons, anew.options) == ([KEEP_ACCOUNT.label], [UNDO_ACCOUNT.label])


@pytest.mark.parametrize("told_by", ["webhook", "sweep"])
async def test_where_the_account_is_gone_all_of_them_say_so_until_the_right_one_is_back(
    told: dict[str, Seen], dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock, told_by: str
) -> None:
    if told_by == "webhook":
        await happens(sandbox, "unlink", "instagram")
    else:
        del next(one for one in sandbox.ayrshare.profiles if one.title == TITLE).accounts["instagram"]
        await sweep(bot, clock)
    await idle(bot)
    await clock.advance_seconds(5)
    gone = "Posts won't go out until it's reconnected."
    for name, message in told.items():
        seen = await dm(name).sees(f"*Instagram is disconnected for {TITLE}*", gone, where=_same(message))
        assert (seen.buttons, seen.options) == ([RECONNECT.label], [])
    sandbox.ayrshare.signed_in = None
    await happens(sandbox, "link", "instagram")
    await idle(bot)
    await clock.advance_seconds(5)
    for name, message in told.items():
        await dm(name).sees("*Jane of Acme (@janeofacme) is back*", where=_same(message))


async def test_who_asked_reads_how_it_ended_after_the_link_that_was_used_is_long_over(
    person: Person, mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", TITLE)
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await dm("ben").clicks(await invited(person("eve"), dm("ben")), GET_LINK.action_id)
    card = await dm("ben").sees_a_card()
    await dm("ben").clicks(card, OPEN_LINK.label)
    await dm("ben").sees(OPENED)
    await idle(bot)
    await links(sandbox, bot, dm("ben"), card, signed_in="Eve", network="linkedin")
    await clock.advance(timedelta(minutes=6))
    asked = await dm("eve").sees("Another LinkedIn account")
    await clock.advance(timedelta(minutes=1))
    await person("ben").types()
    await person("ben").sees_a_card()
    await dm("ben").clicks(await dm("ben").sees("You connected"), KEEP_ACCOUNT.label)
    await idle(bot)
    await clock.advance_seconds(2)
    await dm("eve").sees("*Eve stays*", "<@U0BEN0001> kept it.", where=_same(asked))


@pytest.mark.parametrize("settled_by", [KEEP_ACCOUNT.label, UNDO_ACCOUNT.label])
async def test_the_receipt_of_who_asked_says_how_it_ended_where_the_link_was_over_by_then(
    person: Person, mapped: Map, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock, settled_by: str
) -> None:
    jane = next(one for one in sandbox.ayrshare.profiles if one.title == TITLE)
    del jane.accounts["linkedin"]  # it expires soon, and the link would be for that
    await mapped("ben", TITLE)
    await dm("ben").clicks(await invited(person("eve"), dm("ben")), GET_LINK.action_id)
    card = await dm("ben").sees_a_card()
    await dm("ben").clicks(card, OPEN_LINK.label)
    await dm("ben").sees(OPENED)
    await idle(bot)
    await links(sandbox, bot, dm("ben"), card, signed_in="Eve")
    await clock.advance(timedelta(minutes=6))
    receipt = await dm("eve").sees("<@U0BEN0001> connected Instagram (Eve). That may be the wrong account.")
    await clock.advance(timedelta(minutes=1))
    await dm("ben").clicks(await dm("ben").sees("You connected"), settled_by)
    await idle(bot)
    await clock.advance_seconds(2)
    connected = settled_by == KEEP_ACCOUNT.label
    said = "✅ <@U0BEN0001> connected Instagram (Eve)." if connected else "<@U0BEN0001> opened the request."
    seen = await dm("eve").sees(said, where=_same(receipt))
    assert "wrong account" not in seen.words


async def test_an_undo_is_in_the_audit_log_where_the_webhook_of_it_came_first(told: dict[str, Seen], bot: Bot) -> None:
    (row,) = await trail(bot, "account_changed")
    ids, ref_id, now = bot.deps.account_ids, row.ref_id or RefId(""), bot.deps.clock.now()
    change = (await ids.of(TEAM, ref_id))["instagram"].change
    assert change
    assert await ids.gone(TEAM, ref_id, "instagram", at=now)
    undone = AuditRow("account_undone", by=UserId("U0BEN0001"), ref_id=ref_id)
    assert await ids.undo(TEAM, change, undone, at=now)
    assert not await ids.undo(TEAM, change, undone, at=now)
    assert not await ids.ended(TEAM, ref_id)
    assert len(await trail(bot, "account_undone")) == 1


def _same(message: Seen) -> Callable[[Seen], bool]:
    return lambda one: one.ts == message.ts
