"""What the desktop and a phone say of the main messages: one telling sentence, the same on both, and no address."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.app import Bot
from bot.slack.actions import ASK_ADMIN
from sandbox.server import Sandbox
from tests.clock import NOON, ManualClock
from tests.conftest import Map, Person
from tests.modals import sees_modal
from tests.notifications.digest_helpers import BEN, gathered, happens, pending
from tests.test_voice import ADDRESS
from tests.users import Seen, Someone
from tests.webhooks import SECRET

Dm = Callable[[str], Someone]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}


async def both_say(who: Someone, seen: Seen, *words: str) -> dict[str, Any]:
    """Expect the words on the desktop and on the phone, and no address; return what was told."""
    told = await who.is_told_of(seen)
    for device in ("desktop", "phone"):
        assert [word for word in words if word not in told[device]] == [], told
        assert not ADDRESS.search(told[device])
    return told


async def test_a_card_says_what_to_do_but_slack_shows_it_only_where_it_was_asked_for(ben: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types()
    told = await both_say(ben, await ben.sees_a_card(), "Acme: Jane", "Connect the accounts")
    assert (told["ephemeral"], told["notifies"]) == (True, False)


async def test_a_colleagues_request_and_what_became_of_it(person: Person, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await person("cara").types("send @ben please")
    asks = await both_say(
        dm("ben"), await dm("ben").sees("asks you"), "Acme: Jane", "@Cara Costa asks you to reconnect LinkedIn."
    )
    assert asks["notifies"]
    await both_say(dm("cara"), await dm("cara").sees("has your request"), "Acme: Jane", "@Ben Brandt has your request")


async def test_news_of_an_account_that_dropped(
    dm: Dm, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await happens(sandbox, "unlink", "instagram")
    await pending(bot, BEN, "instagram")
    await gathered(bot, clock, BEN)
    news = await dm("ben").sees("Instagram is disconnected")
    await both_say(dm("ben"), news, "🔴 Instagram is disconnected for Acme: Jane", "won't go out until you reconnect.")


async def test_a_handover_to_whoever_takes_over_and_to_whoever_had_it(ana: Someone, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types("handover @ben @cara")
    await (await sees_modal(ana, "has one profile")).submits()
    received = await dm("cara").sees("You take over")
    await both_say(
        dm("cara"), received, "You take over", "@Ana Alves gave you Acme: Jane. Until now @Ben Brandt had it."
    )
    given = await dm("ben").sees("Handed over")
    await both_say(dm("ben"), given, "Handed over", "@Ana Alves gave Acme: Jane to @Cara Costa.")


async def test_what_an_admin_is_asked(person: Person, dm: Dm) -> None:
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees(ASK_ADMIN.label), ASK_ADMIN.label)
    wish = await dm("ana").sees("would like a profile")
    await both_say(dm("ana"), wish, "@Dan", "would like a profile", "Map one, and they can connect their accounts.")
