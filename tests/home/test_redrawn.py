"""What people have open shows a change made elsewhere, without being opened again."""

import asyncio
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.home.row_views import NOT_CHECKED
from bot.people.limits import LIMITS, RateLimit
from bot.profiles.model import REDRAW_VIEWS, REDRAWN_AFTER
from bot.slack.actions import ASK_TO_CONNECT, CANCEL_LINK, DISMISS, HOME_NEXT, RECONNECT_FOR, STATUS_OF
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.commands import command
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.home.home_helpers import fill, has_at_home, opens, published, uses_row
from tests.mappings.mapping_helpers import BEN
from tests.modals import SeenModal, opens_home, sees_modal
from tests.notifications.digest_helpers import happens
from tests.redis_probe import TEAM, idle, jobs
from tests.users import Someone
from tests.webhooks import SECRET

HALF_AN_HOUR = timedelta(minutes=31)
WHILE_A_SHELL_WORKS = timedelta(minutes=1)
"""The shell's clock goes on meanwhile, the bot's stands still."""


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}


async def soon(bot: Bot, clock: ManualClock, after: timedelta = REDRAWN_AFTER) -> None:
    await clock.advance(after)
    await idle(bot)


async def status_of(sandbox: Sandbox, ana: Someone, title: str, *words: str) -> SeenModal:
    home = await opens(sandbox, ana, title, but=NOT_CHECKED)
    await uses_row(home, ana, title, STATUS_OF.label)
    return await sees_modal(ana, *words)


async def test_a_change_at_the_shell_is_drawn_for_its_person_and_for_admins(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock, environment: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    globex = await mapped("ben", "Globex")
    await opens(sandbox, person("ben"), "Acme: Jane", "Globex", but=NOT_CHECKED)
    await opens(sandbox, person("ana"), "Acme: Jane", "Globex", but=NOT_CHECKED)
    ended = await command("mappings", "remove", TEAM, BEN, globex.ref_id, environment=environment)
    assert ended.code == 0, ended.err
    await soon(bot, clock, WHILE_A_SHELL_WORKS)
    await has_at_home(sandbox, person("ben"), "Acme: Jane", but="Globex")
    told = f"An operator unmapped *Globex* from <@{BEN}>"
    await has_at_home(sandbox, person("ana"), "*Globex* · not mapped", told)


async def test_a_link_that_was_made_or_cancelled_is_among_the_last_changes_at_once(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person("ana"), "Acme: Jane", but=NOT_CHECKED)
    await soon(bot, clock)
    await person("ben").types()
    card = await person("ben").sees_a_card()
    await soon(bot, clock)
    await has_at_home(sandbox, person("ana"), f"<@{BEN}> made a link for *Acme: Jane*")
    await person("ben").clicks(card, CANCEL_LINK.label)
    await person("ben").sees("This link is cancelled.")
    await soon(bot, clock)
    await has_at_home(sandbox, person("ana"), f"<@{BEN}> cancelled a link for *Acme: Jane*")


async def test_a_profile_that_was_forgotten_at_the_shell_is_gone_from_home(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock, environment: dict[str, str]
) -> None:
    globex = await mapped("ben", "Globex")
    await bot.deps.mappings.remove(TEAM, BEN, globex.ref_id, by="test")
    sandbox.ayrshare.delete("Globex")
    await opens(sandbox, person("ana"), "1 unmapped")
    await soon(bot, clock)
    ended = await command("mappings", "forget-profile", TEAM, "Globex", environment=environment)
    assert ended.code == 0, ended.err
    await soon(bot, clock, WHILE_A_SHELL_WORKS)
    await has_at_home(sandbox, person("ana"), "An operator had me forget", but="1 unmapped")


async def test_a_drawing_that_would_say_the_same_is_not_shown(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock, environment: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    cara = await mapped("cara", "Globex")
    await opens(sandbox, person("ben"), "Acme: Jane", but=NOT_CHECKED)
    await soon(bot, clock)
    before = published(sandbox)
    await command("mappings", "remove", TEAM, "U0CARA001", cara.ref_id, environment=environment)
    await soon(bot, clock, WHILE_A_SHELL_WORKS)
    assert published(sandbox) == before


@pytest.mark.parametrize("name", ["ben", "ana"])
async def test_what_happens_to_an_account_is_drawn_for_its_people_and_admins(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock, name: str
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person(name), "Acme: Jane", but="Not checked")
    await happens(sandbox, "unlink", "instagram", details="The password was changed.")
    await soon(bot, clock)
    await has_at_home(sandbox, person(name), "🔴 ")
    await happens(sandbox, "link", "instagram")
    await soon(bot, clock)
    await has_at_home(sandbox, person(name), "🟡 ", but="🔴 ")


async def test_a_suspension_is_drawn(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person("ben"), "Instagram")
    await happens(sandbox, "suspend", "")
    await soon(bot, clock)
    await has_at_home(sandbox, person("ben"), "Refused by Ayrshare")


async def test_what_was_opened_long_ago_is_left_alone(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person("ben"))
    await soon(bot, clock)
    before = published(sandbox)
    await clock.advance(HALF_AN_HOUR)
    await happens(sandbox, "unlink", "instagram")
    await soon(bot, clock)
    assert published(sandbox) == before


async def test_a_colleagues_request_is_drawn_and_a_note_stays(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    home = await opens(sandbox, person("ana"), "Acme: Jane", "Globex", but=NOT_CHECKED)
    await uses_row(home, person("ana"), "Acme: Jane", ASK_TO_CONNECT.label)
    await has_at_home(sandbox, person("ana"), "Sent. ", "asked <!date")
    await person("cara").types(f"send <@{BEN}|ben>")
    await soon(bot, clock)
    await person("ben").types("send @cara")
    await soon(bot, clock)
    shown = await has_at_home(sandbox, person("ana"), "Sent. ")
    assert shown.words.count(" · asked <!date") == 2


async def test_the_page_that_an_admin_turned_to_is_the_one_drawn(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await fill(bot, sandbox, {"ben": [f"Shop {number:02}" for number in range(12)]})
    await mapped("cara", "Globex")
    home = await opens(sandbox, person("ana"), "1 to 10 of 13", but=NOT_CHECKED)
    await home.clicks(HOME_NEXT.label)
    await has_at_home(sandbox, person("ana"), "11 to 13 of 13", but=NOT_CHECKED)
    sandbox.ayrshare.suspend("Globex")
    await person("cara").types("status")
    await soon(bot, clock)
    await has_at_home(sandbox, person("ana"), "11 to 13 of 13", "*1 refused by Ayrshare*")


async def test_an_open_status_shows_what_became_of_the_profile(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await status_of(sandbox, person("ana"), "Acme: Jane", f"Mapped to <@{BEN}>")
    await happens(sandbox, "unlink", "instagram", details="The password was changed.")
    await soon(bot, clock)
    await sees_modal(person("ana"), "The password was changed", DISMISS.label)
    await bot.deps.mappings.remove(TEAM, BEN, (await bot.deps.mappings.of(TEAM, BEN))[0].ref_id, by="test")
    await happens(sandbox, "link", "instagram")
    await soon(bot, clock)
    await sees_modal(person("ana"), "Not mapped to anyone", "Connected: Instagram")


async def test_a_card_in_the_place_of_a_status_stays(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    modal = await status_of(sandbox, person("ana"), "Acme: Jane", f"Mapped to <@{BEN}>")
    await modal.clicks(RECONNECT_FOR.label)
    await sees_modal(person("ana"), "Use a private window")
    await happens(sandbox, "unlink", "instagram")
    await soon(bot, clock)
    await sees_modal(person("ana"), "Use a private window")


async def test_who_is_no_longer_an_admin_sees_their_own_profiles(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person("ana"), "Acme: Jane", but=NOT_CHECKED)
    await person("ana").post("person", flags={"is_admin": False, "is_owner": False, "is_primary_owner": False})
    await soon(bot, clock)
    await has_at_home(sandbox, person("ana"), "You don't have a profile yet", but="Acme: Jane")


async def test_what_slacks_pace_does_not_allow_is_drawn_later(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "redraws", RateLimit(per_person=1, per_team=1))
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person("ben"), "Acme: Jane", but=NOT_CHECKED)
    await soon(bot, clock)
    await happens(sandbox, "unlink", "instagram")
    await soon(bot, clock)
    await has_at_home(sandbox, person("ben"), "🔴 ")
    await happens(sandbox, "link", "instagram")
    await soon(bot, clock)
    await has_at_home(sandbox, person("ben"), "🔴 ")
    assert [job.name for job in await jobs(bot, REDRAW_VIEWS)] == [REDRAW_VIEWS]


async def test_a_change_during_a_slow_first_drawing_is_drawn_after_it(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    await opens(sandbox, person("ben"), "Acme: Jane", but=NOT_CHECKED)
    await soon(bot, clock)
    clock.jump_seconds(1)
    sandbox.slack.faults.add("latency", ms=1_500, times=1, method="views.publish")
    opening = asyncio.create_task(opens_home(person("ben")))

    async def is_being_drawn() -> bool:
        return any(not one.version for one in await bot.deps.open_views.open_now(TEAM, now=clock.now()))

    await eventually(is_being_drawn, "Home is being drawn")
    await happens(sandbox, "unlink", "instagram")
    for _ in range(4):
        clock.jump(REDRAWN_AFTER)
        await asyncio.sleep(0)
    await opening
    await soon(bot, clock)
    await has_at_home(sandbox, person("ben"), "🔴 ")
