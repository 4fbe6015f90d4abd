"""`/connect list`: everyone's profiles for admins, ten a page, each with what can be done about it."""

from collections.abc import Callable
from datetime import timedelta

from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.home.row_views import NOT_CHECKED
from bot.home.status_views import STATUS_TITLE
from bot.home.views import ALL_GOOD, NO_MATCH
from bot.slack.actions import (
    ASK_DISCONNECTED,
    HOME_NEXT,
    HOME_PREVIOUS,
    MAP_TO_SOMEONE,
    RECONNECT_FOR,
    STATUS_OF,
    UNMAP,
)
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.home.home_helpers import asked, fill, row_menu, titles
from tests.modals import sees_modal
from tests.redis_probe import TEAM
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.users import Seen, Someone

BEN, CARA = "U0BEN0001", "U0CARA001"


async def lists(person: Someone, words: str, *seen: str) -> Seen:
    await person.types(f"list {words}".strip())
    message = await person.sees("*Profiles*", *seen)
    assert message.ephemeral
    return message


async def test_an_admin_sees_everyones_profiles_and_what_can_be_done(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("cara", "Globex")
    await mapped("ben", "Acme: Jane")
    counted = "⚪ 2 not checked yet"
    message = await lists(person("ana"), "", counted, f"⚪ *Acme: Jane* · <@{BEN}>\n{NOT_CHECKED}")
    assert titles(message.raw) == ["Acme: Jane", "Globex"]
    assert message.buttons == []
    assert UNMAP.label in row_menu(message, "Globex")
    assert message.text.startswith(f"Profiles: {counted}\n⚪ Acme: Jane: {NOT_CHECKED}.")
    assert asked(sandbox) == 0


async def test_the_list_begins_with_what_is_broken_and_reminds_everyone(
    person: Person, mapped: Map, sandbox: Sandbox, dm: Callable[[str], Someone]
) -> None:
    for name, title in (("ben", "Acme: Jane"), ("cara", "Acme: Team")):
        await mapped(name, title)
        await person(name).types("status")
        await person(name).sees(title)
    message = await lists(person("ana"), "", "🔴 *1 disconnected* · 🟡 *1 expires soon*")
    assert titles(message.raw) == ["Acme: Team", "Acme: Jane"]
    await person("ana").clicks(message, ASK_DISCONNECTED.action_id)
    await dm("cara").sees("Acme: Team")
    await person("ana").sees("1 person")
    assert await dm("ben").messages() == []


async def test_an_older_snapshot_is_shown_with_its_moment(person: Person, mapped: Map, clock: ManualClock) -> None:
    await mapped("ben", "Globex")
    await person("ben").types("status")
    await person("ben").sees("YouTube")
    seen_at = clock.now()
    now = await lists(person("ana"), "", "Connected: YouTube")
    assert "seen <!date^" not in now.words
    clock.jump(timedelta(hours=1))
    later = await lists(person("ana"), "globex", "Connected: YouTube", "seen <!date^")
    assert int(seen_at.timestamp()) in later.moments


async def test_words_choose_the_rows(person: Person, mapped: Map, sandbox: Sandbox, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Globex")
    await fill(bot, sandbox, {"cara": ["Bare"]}, key=sandbox.ayrshare.profiles[3].key)
    await fill(bot, sandbox, {"": ["Spare"]}, key=sandbox.ayrshare.profiles[2].key)
    await fill(bot, sandbox, {"cara": ["Lost"]}, key="GONE1234-KEY12345-AAAA1111-BBBB2222")
    for user in ("ben", "cara"):
        await person(user).types("status")
        await person(user).sees_times(1)
    for count, (words, fitting) in enumerate(
        (
            ("acme", ["Acme: Team", "Acme: Jane"]),
            ("@ben", ["Acme: Jane"]),
            ("@cara ACME", ["Acme: Team"]),
            ("unmapped", ["Initech", "Spare"]),
            ("Needs Attention", ["Acme: Team", "Lost", "Acme: Jane"]),
            ("disconnected", ["Acme: Team"]),
            ("expires soon", ["Acme: Jane"]),
            ("nothing connected", ["Bare"]),
            ("nothing linked", ["Bare"]),
            ("refused", ["Lost"]),
            ("stale", ["Lost"]),
            ("connected", ["Globex"]),
        ),
        start=1,
    ):
        await person("ana").types(f"list {words}")
        *_, message = await person("ana").sees_times(count)
        assert titles(message.raw) == fitting, words


async def test_profiles_that_another_workspace_knows_are_left_out(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    other, team, *_ = sandbox.ayrshare.profiles
    elsewhere = Profile(RefId(other.ref_id), other.title, SecretStr(other.key))
    await bot.deps.profiles.save(TeamId("T0OTHER"), elsewhere)
    await bot.deps.mappings.add(TeamId("T0OTHER"), UserId(BEN), elsewhere.ref_id, by="test")
    message = await lists(person("ana"), "unmapped", f"*{team.title}*")
    assert other.title not in str(message.raw)


async def test_profiles_that_only_ayrshare_knows_are_left_out_if_it_is_slow(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await fill(bot, sandbox, {"": ["Spare"]})
    sandbox.ayrshare.faults.add("timeout")
    message = await lists(person("ana"), "unmapped", "Ayrshare is taking its time.")
    assert titles(message.raw) == ["Spare"]


async def test_a_list_without_a_match_says_so(person: Person, mapped: Map) -> None:
    await mapped("ben", "Globex")
    await lists(person("ana"), "no such title", NO_MATCH)
    await lists(person("ana"), "needs attention", ALL_GOOD)
    await lists(person("ana"), "broken", ALL_GOOD)


async def test_two_people_at_once_are_refused(person: Person) -> None:
    await person("ana").types("list @ben @cara")
    await person("ana").sees("Mention one person at a time")


async def test_pages_replace_each_other(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": [f"Many {number:02}" for number in range(25)]})
    first = await lists(person("ana"), "many", "1 to 10 of 25 for “many”")
    await person("ana").clicks(first, HOME_NEXT.label)
    second = await person("ana").sees("11 to 20 of 25")
    assert titles(second.raw) == [f"Many {number}" for number in range(10, 20)]
    await person("ana").clicks(second, HOME_NEXT.label)
    third = await person("ana").sees("21 to 25 of 25")
    assert HOME_NEXT.label not in third.buttons
    await person("ana").clicks(third, HOME_PREVIOUS.label)
    await person("ana").sees("11 to 20 of 25")
    assert len(await person("ana").messages()) == 1


async def test_a_page_of_5000_stays_within_a_messages_limits(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    long = "x" * 400
    await fill(bot, sandbox, {f"U5K{number:05}": [f"{number:04} {long}"] for number in range(5_000)})
    message = await lists(person("ana"), "", "1 to 10 of 5,000")
    assert len(message.raw["blocks"]) <= 50


async def test_a_member_is_refused(person: Person, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("list")
    refused = await person("ben").sees("Only admins can do that")
    assert "Acme" not in str(refused.raw)


async def test_an_admin_who_lost_their_rights_turns_no_more_pages(
    person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await fill(bot, sandbox, {"ben": [f"Many {number:02}" for number in range(25)]})
    first = await lists(person("ana"), "", "1 to 10 of 25")
    ana = sandbox.slack.world.user("ana")
    ana.is_admin = ana.is_owner = ana.is_primary_owner = False
    await clock.advance(timedelta(minutes=1))
    await person("ana").clicks(first, HOME_NEXT.label)
    await person("ana").sees("Only admins can do that")
    assert "Many 10" not in str([message.raw for message in await person("ana").messages()])


async def test_status_opens_a_modal_with_the_present_accounts(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    message = await lists(person("ana"), "", NOT_CHECKED)
    await person("ana").clicks(message, STATUS_OF.label)
    modal = await sees_modal(person("ana"), "*Acme: Jane*", "Connected: Instagram (Jane of Acme).", title=STATUS_TITLE)
    assert "LinkedIn (Jane Doe) expires soon." in modal.words
    opened = [call["call"] for call in sandbox.slack.calls.since() if call["call"].startswith("views.")]
    assert opened == ["views.open", "views.update"]
    await lists(person("ana"), "", "Expires soon: LinkedIn by")


async def test_an_admin_reconnects_what_the_status_shows_in_its_place(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    message = await lists(person("ana"), "", NOT_CHECKED)
    await person("ana").clicks(message, STATUS_OF.label)
    modal = await sees_modal(person("ana"), "expires soon", title=STATUS_TITLE)
    await modal.clicks(RECONNECT_FOR.label)
    await sees_modal(person("ana"), "Reconnect LinkedIn (Jane Doe) by", "left")
    assert sandbox.ayrshare.links.issued[-1].networks == ("linkedin",)


async def test_status_of_an_unmapped_profile_is_shown_too(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"": ["Spare"]})
    message = await lists(person("ana"), "", "*Spare* · not mapped")
    assert row_menu(message, "Spare") == [STATUS_OF.label, MAP_TO_SOMEONE.label]
    await person("ana").clicks(message, STATUS_OF.label)
    await sees_modal(person("ana"), "*Spare*", "Connected: Instagram")


async def test_status_of_a_profile_unmapped_meanwhile_says_so(person: Person, mapped: Map, bot: Bot) -> None:
    jane = await mapped("ben", "Acme: Jane")
    await mapped("ben", "Globex")
    message = await lists(person("ana"), "", "*Acme: Jane*")
    await bot.deps.mappings.remove(TEAM, UserId(BEN), jane.ref_id, by="test")
    await person("ana").clicks(message, STATUS_OF.label)
    await sees_modal(person("ana"), "no longer has that profile")


async def test_a_replayed_status_button_shows_a_member_nothing(
    person: Person, mapped: Map, sandbox: Sandbox, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    jane = await mapped("cara", "Acme: Jane")
    click = {"action_id": STATUS_OF.action_id, "value": f"{CARA}:{jane.ref_id}"}
    trigger = sandbox.slack.triggers.issue(BEN)
    await signer.click(response_url.url, user={"id": BEN}, action=click, trigger_id=trigger)
    modal = await sees_modal(person("ben"), "Only admins can do that")
    assert "Acme" not in str(modal.raw)
    assert asked(sandbox) == 0


async def test_one_admin_does_not_use_up_ayrshares_quota_with_the_list_of_all_profiles(
    ana: Someone, sandbox: Sandbox
) -> None:
    for number in range(1, 13):
        await ana.types("list unmapped")
        await ana.sees_times(number)
    await ana.sees("too many lists within a minute")
    assert len(sandbox.received("GET /profiles")) == 10
