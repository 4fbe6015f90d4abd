"""A Home tab that is open shows what Ayrshare tells, without being opened again."""

from datetime import timedelta

import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.home.home_helpers import has_at_home, opens
from tests.notifications.digest_helpers import happens
from tests.redis_probe import idle
from tests.webhooks import SECRET


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}


@pytest.mark.parametrize("name", ["ben", "ana"])
async def test_what_happens_to_an_account_is_drawn_for_its_people_and_admins(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, name: str
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person(name), "Acme: Jane", but="Not checked")
    await happens(sandbox, "unlink", "instagram", details="The password was changed.")
    await has_at_home(sandbox, person(name), "🔴 ")
    await happens(sandbox, "link", "instagram")
    await has_at_home(sandbox, person(name), "🟡 ", but="🔴 ")
    await idle(bot)


async def test_a_home_tab_of_long_ago_is_left_alone(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person("ben"))
    await idle(bot)
    before = len(sandbox.received("views.publish"))
    await clock.advance(timedelta(minutes=31))
    await happens(sandbox, "unlink", "instagram")
    await idle(bot)
    assert len(sandbox.received("views.publish")) == before


async def test_a_suspension_is_drawn(person: Person, mapped: Map, sandbox: Sandbox, bot: Bot) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person("ben"), "Instagram")
    await happens(sandbox, "suspend", "")
    await has_at_home(sandbox, person("ben"), "doesn't accept this profile")
    await idle(bot)
