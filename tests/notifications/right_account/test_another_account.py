"""Another account than before was connected: whoever did it and who asked hear it, and can undo it or keep it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.notifications.reminders import remind
from bot.slack.actions import KEEP_ACCOUNT, OPEN_LINK, RECONNECT, UNDO_ACCOUNT
from sandbox.ayrshare import Profile
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.notifications.digest_helpers import happens
from tests.notifications.sweep.sweep_helpers import sweep
from tests.redis_probe import TEAM, idle, trail
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.users import OPENED, Seen, Someone, in_menu
from tests.webhooks import SECRET

TITLE = "Acme: Jane"
ANOTHER = "Another Instagram account"
BOTH = "Eve (@eve) in place of Jane of Acme (@janeofacme). Posts go there now."
IS_NOW = BOTH.replace(" in place", " is connected in place")
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.parametrize(
    "overrides",
    [{"AYRSHARE_WEBHOOK_SECRET": SECRET}, {"AYRSHARE_WEBHOOK_SECRET": SECRET, "AYRSHARE_LINK_API": "jwt"}],
    ids=["session", "jwt"],
)


@pytest.fixture
async def ben(person: Person, mapped: Map, sandbox: Sandbox) -> Someone:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", TITLE)
    return person("ben")


@pytest.fixture
def jane(sandbox: Sandbox) -> Profile:
    return next(profile for profile in sandbox.ayrshare.profiles if profile.title == TITLE)


async def opened(ben: Someone, bot: Bot) -> Seen:
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    card = await ben.sees(OPENED)
    await idle(bot)
    return card


async def told(sandbox: Sandbox, bot: Bot) -> None:
    """Wait until Ayrshare has told the bot what happened, and the bot is done with it."""

    async def look() -> bool:
        return not sandbox.ayrshare.pending_webhooks

    await eventually(look, "the webhooks are delivered")
    await idle(bot)


async def links(
    sandbox: Sandbox, bot: Bot, ben: Someone, card: Seen, *, signed_in: str | None, network: str = "instagram"
) -> None:
    """Sign in on the page, with the account of whoever is signed in at the network."""
    sandbox.ayrshare.signed_in = signed_in
    for action in ("unlink", "link"):
        async with ben.session.post(card.url or "", data={action: network}) as page:
            assert page.ok
        await told(sandbox, bot)


async def test_the_same_account_again_is_reconnected(ben: Someone, sandbox: Sandbox, bot: Bot) -> None:
    card = await opened(ben, bot)
    await links(sandbox, bot, ben, card, signed_in=None)
    shown = await ben.sees("Instagram reconnected (@janeofacme)")
    assert UNDO_ACCOUNT.label not in shown.options
    await idle(bot)
    (row,) = await trail(bot, "account_reconnected")
    assert row.by == "U0BEN0001"
    assert not await trail(bot, "account_changed")


async def test_another_account_is_said_on_the_card_with_both_names_and_handles(
    ben: Someone, sandbox: Sandbox, bot: Bot, jane: Profile
) -> None:
    await links(sandbox, bot, ben, await opened(ben, bot), signed_in="Eve")
    shown = await ben.sees(f"*{ANOTHER}*", IS_NOW)
    assert KEEP_ACCOUNT.label in shown.buttons
    assert UNDO_ACCOUNT.label in shown.options
    await idle(bot)
    (row,) = await trail(bot, "account_changed")
    assert (row.by, row.ref_id) == ("U0BEN0001", jane.ref_id)


async def test_keep_it_makes_it_the_account_that_is_meant(
    ben: Someone, dm: Callable[[str], Someone], sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await links(sandbox, bot, ben, await opened(ben, bot), signed_in="Eve")
    await ben.clicks(await ben.sees(IS_NOW), KEEP_ACCOUNT.label)
    await ben.sees("*Eve (@eve) stays*", f"{TITLE} posts to it on Instagram.")
    await ben.sees("Instagram connected (@eve).", where=lambda m: ANOTHER not in m.words)
    await idle(bot)
    assert [row.by for row in await trail(bot, "account_kept")] == ["U0BEN0001"]
    await clock.advance(6 * MINUTE)
    await idle(bot)
    assert not await dm("ben").messages()
    await happens(sandbox, "unlink", "instagram")
    await happens(sandbox, "link", "instagram")
    await idle(bot)
    assert len(await trail(bot, "account_changed")) == 1
    assert len(await trail(bot, "account_reconnected")) == 1


async def test_undo_disconnects_it_says_that_the_former_is_not_back_and_offers_to_reconnect(
    ben: Someone, dm: Callable[[str], Someone], sandbox: Sandbox, bot: Bot, jane: Profile, clock: ManualClock
) -> None:
    await links(sandbox, bot, ben, await opened(ben, bot), signed_in="Eve")
    shown = await ben.sees(IS_NOW)
    asked = shown.element(UNDO_ACCOUNT.action_id)["confirm"]["text"]["text"]
    assert "Eve (@eve) will be disconnected" in asked
    assert "doesn't bring Jane of Acme (@janeofacme) back" in asked
    await ben.clicks(shown, UNDO_ACCOUNT.label)
    said = await ben.sees(
        "*Eve (@eve) is disconnected*", "Reconnect Instagram to bring Jane of Acme (@janeofacme) back."
    )
    assert said.buttons == [RECONNECT.label]
    assert "instagram" not in jane.accounts
    (call,) = sandbox.received("DELETE */profiles/social")
    assert call["body"] == {"platform": "instagram"}
    await idle(bot)
    assert [row.by for row in await trail(bot, "account_undone")] == ["U0BEN0001"]
    await ben.sees("Reconnect Instagram", where=lambda m: ANOTHER not in m.words)
    await clock.advance(6 * MINUTE)
    await idle(bot)
    assert not await dm("ben").messages()


async def test_what_was_undone_stays_listed_and_is_reminded_of_until_it_is_back(
    ben: Someone, dm: Callable[[str], Someone], sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await links(sandbox, bot, ben, await opened(ben, bot), signed_in="Eve")
    await ben.clicks(await ben.sees(IS_NOW), UNDO_ACCOUNT.label)
    await ben.sees("*Eve (@eve) is disconnected*")
    await told(sandbox, bot)
    await ben.types("status")
    await ben.sees("Instagram (Jane of Acme) has been disconnected since", "the wrong account was connected")
    await clock.advance(timedelta(days=2))
    await idle(bot)
    await remind(bot.deps, TEAM, "")
    await clock.advance(2 * MINUTE)
    await dm("ben").sees("Instagram is still disconnected")
    sandbox.ayrshare.signed_in = None
    await happens(sandbox, "link", "instagram")
    await idle(bot)
    await clock.advance(2 * MINUTE)
    await dm("ben").sees("Instagram", "is back")
    await ben.types("status")
    await idle(bot)
    assert "disconnected since" not in (await ben.messages())[-1].words


async def test_what_nobody_settled_on_the_card_is_said_in_a_dm_when_that_is_over(
    ben: Someone, dm: Callable[[str], Someone], sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await links(sandbox, bot, ben, await opened(ben, bot), signed_in="Eve")
    await ben.sees(IS_NOW)
    await idle(bot)
    await clock.advance(2 * MINUTE)
    await idle(bot)
    assert not await dm("ben").messages()
    await clock.advance(4 * MINUTE)
    said = await dm("ben").sees(f"*{ANOTHER} for {TITLE}*", f"You connected {BOTH}")
    assert (said.buttons, said.options) == ([KEEP_ACCOUNT.label], [UNDO_ACCOUNT.label])
    assert said.text == f"⚠️ {ANOTHER} for {TITLE}. You connected {BOTH}"
    was = "Eve (@eve) was connected in place of Jane of Acme (@janeofacme)."
    over = await ben.sees("expired at", was, where=lambda m: UNDO_ACCOUNT.label not in m.options)
    assert "now" not in over.words, "it can't be redrawn any more"
    await dm("ben").clicks(said, UNDO_ACCOUNT.label)
    undone = await dm("ben").sees("*Eve (@eve) is disconnected*", where=lambda m: m.ts == said.ts)
    await dm("ben").clicks(undone, RECONNECT.label)
    await dm("ben").sees(
        "Instagram is disconnected. Posts to it won't go out until you reconnect.", "Reconnect Instagram"
    )


async def test_who_holds_the_profile_is_told_where_no_webhook_and_no_card_told(
    person: Person, mapped: Map, dm: Callable[[str], Someone], sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", TITLE)
    await sweep(bot, clock)
    profile = next(one for one in sandbox.ayrshare.profiles if one.title == TITLE)
    profile.connect("instagram", at=clock.now(), name="Eve")
    await sweep(bot, clock)
    said = await dm("ben").sees(f"*{ANOTHER} for {TITLE}*", IS_NOW)
    assert KEEP_ACCOUNT.label in said.buttons
    (row,) = await trail(bot, "account_changed")
    assert row.by == "bot"


async def test_a_member_who_has_not_the_profile_undoes_nothing(
    ben: Someone,
    sandbox: Sandbox,
    bot: Bot,
    jane: Profile,
    signer: Signer,
    response_url: ResponseUrlReceiver,
) -> None:
    await links(sandbox, bot, ben, await opened(ben, bot), signed_in="Eve")
    value = in_menu((await ben.sees(IS_NOW)).element(UNDO_ACCOUNT.label))[UNDO_ACCOUNT.label]
    action = {"type": "button", "action_id": UNDO_ACCOUNT.action_id, "value": value}
    await signer.click(response_url.url, user={"id": "U0EVE0001", "team_id": "T0CONNECT"}, action=action)
    await response_url.receives("Only admins can do that")
    assert jane.accounts["instagram"].name == "Eve"


async def test_what_has_changed_meanwhile_is_not_undone(
    ben: Someone, sandbox: Sandbox, bot: Bot, jane: Profile, clock: ManualClock
) -> None:
    await links(sandbox, bot, ben, await opened(ben, bot), signed_in="Eve")
    shown = await ben.sees(IS_NOW)
    jane.connect("instagram", at=clock.now())
    await ben.clicks(shown, UNDO_ACCOUNT.label)
    await ben.sees("That is settled already, or another account is connected by now.")
    assert jane.accounts["instagram"].name == "Jane of Acme"
