"""The Home tab: who sees what there; it is drawn at once, and again when Ayrshare has responded."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import Button, UserId
from bot.home.filter_views import ALL_LABEL, FILTER_LABELS
from bot.home.model import Filter
from bot.home.views import ALL_ASKED, NO_MATCH
from bot.profiles.store import profiles_key
from bot.slack.actions import (
    ASK_ADMIN,
    ASK_DISCONNECTED,
    ASK_TO_CONNECT,
    CONNECT,
    HAND_OVER,
    HOME_AGAIN,
    HOME_EVERYBODY,
    HOME_FILTER,
    HOME_NEXT,
    HOME_PERSON,
    HOME_PREVIOUS,
    HOME_SEARCH,
    LINK_FOR,
    MAP_A_PROFILE,
    MAP_TO_ANOTHER,
    MAP_TO_SOMEONE,
    RECONNECT,
    STATUS_OF,
    UNMAP,
)
from bot.slack.menu import MENU, button_menu
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.home.home_helpers import (
    asked,
    fill,
    has_at_home,
    home_of,
    opens,
    published,
    row_menu,
    settled,
    shown,
    titles,
    uses_row,
)
from tests.invitations.invitation_helpers import runs_until
from tests.modals import SeenModal, elements_of, sees_modal
from tests.redis_probe import TEAM, idle, pause_redis, redis_of
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.users import Someone

MINUTE = timedelta(minutes=1)
ANA, BEN, CARA = "U0ANA0001", "U0BEN0001", "U0CARA001"


MENU_ENTRIES = [LINK_FOR, ASK_TO_CONNECT, STATUS_OF, HAND_OVER, UNMAP]


def many(count: int) -> list[str]:
    return [f"Many {number:04}" for number in range(count)]


async def test_everyone_sees_their_own_profiles_worst_first_with_what_to_do(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Initech")
    jane = await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    home = await opens(sandbox, person("ben"), "🟢 Connected: Instagram (Jane of Acme).", but="Not checked")
    nine_days = (clock.now() + timedelta(days=9)).replace(hour=12, minute=0, second=0)
    assert "🟡 LinkedIn (Jane Doe) expires soon." in home.words
    assert f"Reconnect by <!date^{int(nine_days.timestamp())}" in home.words
    assert home.words.index("*Acme: Jane*") < home.words.index("*Initech*")
    reconnect, connect = home.element(RECONNECT.label), home.element(CONNECT.label)
    assert (reconnect["value"], reconnect["style"]) == (f"{BEN}:{jane.ref_id}:linkedin", "primary")
    assert reconnect["accessibility_label"] == f"{RECONNECT.label} Acme: Jane"
    assert "style" not in connect
    for others in ("Globex", "U0CARA001", "Unmap", "Search", "Last changes"):
        assert others not in str(home.raw)


async def test_reconnect_at_home_opens_a_link_for_what_expires(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    home = await opens(sandbox, person("ben"), RECONNECT.label)
    await home.clicks(RECONNECT.label)
    await sees_modal(person("ben"), "Reconnect LinkedIn")
    assert sandbox.ayrshare.links.issued[-1].networks == ("linkedin",)


async def test_without_a_profile_home_says_what_to_do_and_has_a_button_to_ask_for_one(
    person: Person, sandbox: Sandbox
) -> None:
    home = await opens(sandbox, person("dan"), "You don't have a profile yet", "Connect your accounts so that")
    await home.clicks(ASK_ADMIN.label)
    await person("ana", channel=sandbox.slack.world.dm_of("ana")).sees("<@U0DAN0001>", "would like a profile")


async def test_a_guest_is_told_why_there_is_nothing(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("gus", "Acme: Jane")
    home = await opens(sandbox, person("gus"), "Guests can't use this bot here.")
    assert [block["type"] for block in home.raw["blocks"]] == ["section"]
    assert "Acme" not in str(home.raw)


@pytest.mark.parametrize("overrides", [{"CONNECT_GUESTS": "allow"}])
async def test_a_guest_is_served_where_the_settings_allow_it(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("gus", "Globex")
    await opens(sandbox, person("gus"), "*Globex*", CONNECT.label)


async def test_an_admin_sees_what_needs_help_first_and_one_menu_a_row(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    for title in ("Acme: Jane", "Globex", "Initech"):
        await mapped("ben", title)
    await mapped("cara", "Acme: Team")
    home = await opens(sandbox, person("ana"), "🔴 *1 disconnected* · 🟡 *1 expires soon* · 🟢 1 connected")
    assert titles(home.raw) == ["Acme: Team", "Acme: Jane", "Initech", "Globex"]
    assert f"🟡 *Acme: Jane* · <@{BEN}>\nExpires soon: LinkedIn by <!date^" in home.words
    for title in ("Globex", "Acme: Jane"):
        assert row_menu(home, title) == [one.label for one in MENU_ENTRIES]
    primary = [one for one in elements_of(home.raw["blocks"]) if one.get("style")]
    assert [one["text"]["text"] for one in primary] == ["Remind everyone (1)"]


@pytest.mark.parametrize(
    ("action", "title", "words"),
    [
        (LINK_FOR, "", "Reconnect LinkedIn"),
        (STATUS_OF, "Status", "*Acme: Jane*"),
        (HAND_OVER, "Hand over", "has 2 profiles"),
        (UNMAP, "Unmap", "Unmap *Acme: Jane* from"),
    ],
)
async def test_each_entry_of_the_menu_is_about_the_rows_person_and_profile(
    person: Person, mapped: Map, sandbox: Sandbox, action: Button, title: str, words: str
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("ben", "Globex")
    home = await opens(sandbox, person("ana"), "Expires soon")
    await uses_row(home, person("ana"), "Acme: Jane", action.label)
    modal = await sees_modal(person("ana"), words, title=title)
    if action is HAND_OVER:
        assert [one["text"]["text"] for one in modal.entered["profiles"]["selected_options"]] == ["Acme: Jane"]


async def test_map_to_someone_else_has_the_rows_profile_chosen(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Globex")
    await mapped("ben", "Initech")
    home = await opens(sandbox, person("ana"), "Connected: YouTube")
    await uses_row(home, person("ana"), "Globex", STATUS_OF.label)
    await (await sees_modal(person("ana"), "*Globex*", title="Status")).clicks(MAP_TO_ANOTHER.label)
    form = await sees_modal(person("ana"), "Which profile?", title="Map a profile")
    assert form.entered["profile"]["selected_option"]["text"]["text"] == "Globex"
    assert not form.entered["person"].get("selected_user")


async def test_a_person_is_asked_from_their_row_which_says_so(
    person: Person, mapped: Map, sandbox: Sandbox, dm: Callable[[str], Someone]
) -> None:
    await mapped("ben", "Acme: Jane")
    home = await opens(sandbox, person("ana"), "Expires soon")
    await uses_row(home, person("ana"), "Acme: Jane", ASK_TO_CONNECT.label)
    await dm("ben").sees("*Acme: Jane*")
    asked_now = await has_at_home(sandbox, person("ana"), "Sent. I'll DM you when it's done.", "asked <!date^")
    await uses_row(asked_now, person("ana"), "Acme: Jane", ASK_TO_CONNECT.label)
    await has_at_home(sandbox, person("ana"), ":warning: ", "*Acme: Jane*", but="Sent.")


async def test_remind_everyone_asks_the_owners_of_everything_broken_once(
    person: Person, mapped: Map, sandbox: Sandbox, dm: Callable[[str], Someone], clock: ManualClock
) -> None:
    await mapped("cara", "Acme: Team")
    await mapped("ben", "Globex")
    await mapped("dan", "Acme: Jane")
    await opens(sandbox, person("ana"), "1 connected", but="Not checked yet")
    sandbox.ayrshare.disconnect_as_system("Globex", "youtube", "")
    await clock.advance(MINUTE)
    home = await opens(sandbox, person("ana"), "🔴 *2 disconnected*", "Remind everyone (2)")
    await home.clicks(ASK_DISCONNECTED.action_id)
    for name, title in (("ben", "*Globex*"), ("cara", "*Acme: Team*")):
        clock.jump(timedelta(seconds=2))
        await dm(name).sees(title)
    assert await dm("dan").messages() == []
    await opens(sandbox, person("ana"), ALL_ASKED, but="Remind everyone")


async def test_a_day_later_remind_everyone_nudges_those_who_have_not_answered(
    person: Person, mapped: Map, sandbox: Sandbox, dm: Callable[[str], Someone], bot: Bot, clock: ManualClock
) -> None:
    await mapped("cara", "Acme: Team")
    home = await opens(sandbox, person("ana"), "Remind everyone (1)")
    await home.clicks(ASK_DISCONNECTED.action_id)
    await dm("cara").sees("*Acme: Team*")
    await idle(bot)
    await clock.advance(timedelta(hours=25))
    await bot.deps.idempotency.release(TEAM, "remind_everyone")  # Redis's own time can't be moved
    home = await opens(sandbox, person("ana"), "Remind everyone (1)")
    await home.clicks(ASK_DISCONNECTED.action_id)
    await dm("cara").sees("Reminder: <@U0ANA0001> asks you to reconnect TikTok")
    await runs_until(clock, dm("ana"), "Nudged: they hadn't answered an earlier request: 1", step=5)
    await opens(sandbox, person("ana"), ALL_ASKED, but="Remind everyone")


async def test_a_replayed_row_menu_does_nothing_for_a_member(
    person: Person, mapped: Map, sandbox: Sandbox, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    jane = await mapped("cara", "Acme: Jane")
    view = {"id": "V0ANY", "type": "home", "private_metadata": ""}
    entries = ((action, f"{CARA}:{jane.ref_id}") for action in (*MENU_ENTRIES, MAP_TO_ANOTHER))
    for option in button_menu(*entries)["options"]:
        click = {"action_id": MENU, "selected_option": option}
        trigger = sandbox.slack.triggers.issue(BEN)
        await signer.click(response_url.url, user={"id": BEN}, action=click, view=view, trigger_id=trigger)
    await signer.click(response_url.url, user={"id": BEN}, action={"action_id": ASK_DISCONNECTED.action_id}, view=view)
    await sees_modal(person("ben"))
    await eventually(refused_at_home(sandbox, person("ben")), "Ben is refused")
    assert sandbox.ayrshare.links.issued == []
    assert await person("cara", channel=sandbox.slack.world.dm_of("cara")).messages() == []


def refused_at_home(sandbox: Sandbox, who: Someone) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        home = home_of(sandbox, who)
        return home is not None and "Only admins can do that" in home.words

    return look


async def test_the_last_changes_are_grouped_and_without_refusals(
    person: Person, sandbox: Sandbox, mapped: Map, bot: Bot
) -> None:
    await fill(bot, sandbox, {"ben": many(30)})
    await person("ben").types("many 0001")
    await person("ben").sees_a_card()
    await person("dan").types("@ben")
    await person("dan").sees("Only")
    home = await opens(sandbox, person("ana"), "*Last changes*")
    _, _, lately = home.words.partition("*Last changes*\n")
    newest, oldest, *_ = lately.split("\n")
    assert newest.startswith(f"<@{BEN}> made a link for *Many 0001* · <!date^")
    assert oldest.startswith(f"test mapped 30 profiles to <@{BEN}> · <!date^")
    assert "refused" not in lately


async def test_where_nobody_is_mapped_an_admin_reads_how_to_begin(person: Person, sandbox: Sandbox) -> None:
    home = await opens(sandbox, person("ana"), "Nobody has a profile yet.", "mappings import")
    add = home.element(MAP_A_PROFILE.label)
    assert ("value" in add, add["style"]) == (False, "primary")


async def test_a_filter_shows_the_rows_of_its_kind(person: Person, mapped: Map, sandbox: Sandbox, bot: Bot) -> None:
    for profile in sandbox.ayrshare.profiles:
        await mapped("cara", profile.title)
    await fill(bot, sandbox, {"ben": ["Lost"]}, key="GONE1234-KEY12345-AAAA1111-BBBB2222")
    await fill(bot, sandbox, {"": ["Spare"]}, key=sandbox.ayrshare.profiles[2].key)
    home = await opens(sandbox, person("ana"), "Refused by Ayrshare")
    await idle(bot)  # all have been looked at; what is seen later is drawn half a second later, and this clock stands
    for label, fitting in (
        (FILTER_LABELS[Filter.NOTHING_CONNECTED], ["Initech"]),
        (FILTER_LABELS[Filter.ATTENTION], ["Acme: Team", "Lost", "Acme: Jane"]),
        (FILTER_LABELS[Filter.EXPIRING], ["Acme: Jane"]),
        (FILTER_LABELS[Filter.REFUSED], ["Lost"]),
        (FILTER_LABELS[Filter.UNMAPPED], ["Spare"]),
        (ALL_LABEL, ["Acme: Team", "Lost", "Acme: Jane", "Initech", "Globex", "Spare"]),
    ):
        await home.clicks(HOME_FILTER, value=label)
        home = await has_titles(sandbox, person("ana"), fitting)


async def has_titles(sandbox: Sandbox, who: Someone, wanted: list[str]) -> SeenModal:
    last: list[object] = []

    async def look() -> SeenModal | None:
        home = home_of(sandbox, who)
        last[:] = titles(home.raw) if home else []
        return home if last == wanted else None

    return await eventually(look, f"{wanted} are shown", last=lambda: last)


async def test_unmapped_are_also_profiles_that_only_ayrshare_knows(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("cara", "Globex")
    await mapped("cara", "Acme: Team")
    home = await opens(sandbox, person("ana"), "Globex")
    await home.clicks(HOME_FILTER, value="unmapped")
    chosen = await has_at_home(sandbox, person("ana"), "*Initech* · not mapped", "Map it with its profile key")
    assert titles(chosen.raw) == ["Acme: Jane", "Initech"]
    assert row_menu(chosen, "Initech") == [MAP_TO_SOMEONE.label]
    await uses_row(chosen, person("ana"), "Initech", MAP_TO_SOMEONE.label)
    assert "key" in (await sees_modal(person("ana"), "Profile key", title="Map a profile")).fields


async def test_what_was_never_looked_at_is_counted(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": many(25)})
    await opens(sandbox, person("ana"), "🟡 *10 expire soon* · ⚪ 15 not checked yet")


async def test_a_search_finds_titles_and_people(person: Person, mapped: Map, sandbox: Sandbox, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Acme: Team")
    await fill(bot, sandbox, {"dan": many(10)}, key=sandbox.ayrshare.profiles[2].key)
    home = await opens(sandbox, person("ana"), "1 to 10 of 12", "Disconnected: ", "Expires soon: ")
    for typed, fitting in (
        ("ACME", ["Acme: Team", "Acme: Jane"]),
        (BEN, ["Acme: Jane"]),
        (f"<@{BEN}>", ["Acme: Jane"]),
        (f"<@{BEN}|ben>", ["Acme: Jane"]),
    ):
        await home.chooses("search", typed)
        found = await has_titles(sandbox, person("ana"), fitting)
        await found.chooses("search", "no such title")
        home = await has_at_home(sandbox, person("ana"), NO_MATCH)


async def test_an_admin_can_choose_one_person_and_everyone_again(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": ["One"], "ana": many(10)})
    home = await opens(sandbox, person("ana"), "1 to 10 of 11")
    await home.clicks(HOME_PERSON, value="ben")
    bens = await has_at_home(sandbox, person("ana"), f"Only profiles of <@{BEN}>.", "1 to 1 of 1")
    assert titles(bens.raw) == ["One"]
    assert bens.element(MAP_A_PROFILE.label)["value"] == BEN
    await bens.clicks(HOME_EVERYBODY.label)
    await has_at_home(sandbox, person("ana"), "1 to 10 of 11")


async def test_rows_are_shown_ten_a_page(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": many(25)})
    home = await opens(sandbox, person("ana"), "1 to 10 of 25")
    assert HOME_PREVIOUS.label not in home.words
    await home.clicks(HOME_NEXT.label)
    second = await has_at_home(sandbox, person("ana"), "11 to 20 of 25")
    assert titles(second.raw) == [f"Many {number:04}" for number in range(10, 20)]
    await second.clicks(HOME_NEXT.label)
    third = await has_at_home(sandbox, person("ana"), "21 to 25 of 25")
    assert HOME_NEXT.label not in third.words
    await third.clicks(HOME_PREVIOUS.label)
    again = await has_at_home(sandbox, person("ana"), "11 to 20 of 25")
    await again.chooses("search", "many 001")
    assert titles((await has_at_home(sandbox, person("ana"), "1 to 10 of 10")).raw) == titles(second.raw)


async def test_home_is_shown_again_as_it_was_left(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": many(25)})
    home = await opens(sandbox, person("ana"), "1 to 10 of 25")
    await home.chooses("search", "many")
    await (await has_at_home(sandbox, person("ana"), "1 to 10 of 25 for “many”")).clicks(HOME_NEXT.label)
    before = await has_at_home(sandbox, person("ana"), "11 to 20 of 25 for “many”", but="Not checked")
    drawings = published(sandbox)
    after = await opens(sandbox, person("ana"))
    await settled(sandbox, publishes=drawings + 1)
    assert home_of(sandbox, person("ana")) is not None
    assert titles(after.raw) == titles(before.raw)
    assert after.entered["search"]["value"] == "many"


async def test_own_profiles_are_paged_too(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": many(11)})
    home = await opens(sandbox, person("ben"), "1 to 10 of 11")
    await home.clicks(HOME_NEXT.label)
    second = await has_at_home(sandbox, person("ben"), "11 to 11 of 11")
    assert "*Many 0010*" in second.words
    await second.clicks(HOME_PREVIOUS.label)
    await has_at_home(sandbox, person("ben"), "1 to 10 of 11")


async def test_an_admin_who_lost_their_rights_is_refused_at_the_next_click(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    await fill(bot, sandbox, {"ben": many(11)})
    await mapped("ana", "Globex")
    home = await opens(sandbox, person("ana"), "1 to 10 of 12", but="Not checked")
    ana = sandbox.slack.world.user("ana")
    ana.is_admin = ana.is_owner = ana.is_primary_owner = False
    await clock.advance(MINUTE)
    await home.clicks(HOME_NEXT.label)
    refused = await has_at_home(sandbox, person("ana"), "Only admins can do that", "*Globex*", but="Many")
    assert titles(refused.raw) == []
    last, *_ = await bot.deps.audit.latest(TEAM, 1)
    assert (last.action, last.by, last.detail) == ("refused", ANA, "not_admin")


async def test_a_replayed_click_shows_a_member_no_more_than_their_own(
    person: Person, mapped: Map, sandbox: Sandbox, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    view = {"id": "V0ANY", "type": "home", "private_metadata": '{"page": 0}'}
    buttons = (HOME_NEXT.action_id, HOME_EVERYBODY.action_id)
    for action in (*buttons, HOME_FILTER, HOME_SEARCH):
        await opens(sandbox, person("ben"), "*Acme: Jane*", but="Only admins")
        click = {"action_id": action, "value": '{"only": "needs attention"}'}
        await signer.click(response_url.url, user={"id": BEN}, action=click, view=view)
        home = await has_at_home(sandbox, person("ben"), "Only admins can do that", "*Acme: Jane*")
        assert "Globex" not in str(home.raw)


async def test_with_5000_mappings_home_stays_within_slacks_limits(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {f"U5K{number:05}": [title] for number, title in enumerate(many(5_000))})
    home = await opens(sandbox, person("ana"), "1 to 10 of 5,000")
    await home.clicks(HOME_NEXT.label)
    await has_at_home(sandbox, person("ana"), "11 to 20 of 5,000")


async def test_with_5000_profiles_of_ones_own_home_stays_within_slacks_limits(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await fill(bot, sandbox, {"ben": many(5_000)})
    home = await opens(sandbox, person("ben"), "1 to 10 of 5,000")
    assert len(home.raw["blocks"]) <= 100


async def test_home_is_drawn_at_once_from_the_last_snapshot(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await opens(sandbox, person("ben"), "Connected: YouTube (Globex).")
    clock.jump(timedelta(hours=3))
    sandbox.ayrshare.faults.add("latency", ms=1_000)
    globex = next(profile for profile in sandbox.ayrshare.profiles if profile.title == "Globex")
    globex.connect("tiktok", at=clock.now(), name="Globex")
    drawings = published(sandbox)
    await opens(sandbox, person("ben"), "Connected: YouTube (Globex).", but="TikTok")
    assert published(sandbox) == drawings + 1
    await has_at_home(sandbox, person("ben"), "TikTok (Globex)")


async def test_a_snapshot_of_the_last_minute_is_not_refreshed_nor_drawn_twice(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    for openings, (questions, drawings) in enumerate([(1, 2), (1, 3), (1, 4)], start=1):
        await opens(sandbox, person("ben"))
        await shown(bot, times=openings)
        assert (asked(sandbox), published(sandbox)) == (questions, drawings)
    await clock.advance(MINUTE)
    await opens(sandbox, person("ben"))
    await shown(bot, times=4)
    assert (asked(sandbox), published(sandbox)) == (2, 5)  # nothing had changed, so it was drawn once


async def test_turning_pages_too_fast_shows_snapshots_without_refreshing_them(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await fill(bot, sandbox, {"ben": many(130)})
    home = await opens(sandbox, person("ana"), "1 to 10 of 130", but="Not checked")
    for page in range(1, 12):
        await home.clicks(HOME_NEXT.label)
        home = await has_at_home(sandbox, person("ana"), f"{page}1 to {page}0".replace(f"{page}0", f"{page + 1}0"))
        if page < 10:
            home = await has_at_home(sandbox, person("ana"), f"{page}1 to", but="Not checked")
    assert asked(sandbox) == 100


async def test_a_slow_response_does_not_replace_the_page_chosen_meanwhile(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await fill(bot, sandbox, {"ben": many(15)}, key=sandbox.ayrshare.profiles[3].key)
    sandbox.ayrshare.faults.add("latency", ms=1_200, times=10)
    first = await opens(sandbox, person("ana"), "1 to 10 of 15", "Not checked")
    await first.clicks(HOME_NEXT.label)
    second = await has_at_home(sandbox, person("ana"), "11 to 15 of 15", "5 with nothing connected")

    async def refused() -> bool:
        return any(call.get("error") == "hash_conflict" for call in sandbox.slack.calls.since())

    await eventually(refused, "Slack refuses the first page's second drawing")
    now = home_of(sandbox, person("ana"))
    assert now is not None
    assert titles(now.raw) == titles(second.raw)


async def test_while_ayrshare_is_away_home_shows_snapshots_and_says_so(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await opens(sandbox, person("ben"), "Connected: YouTube (Globex).")
    await clock.advance(MINUTE)
    sandbox.ayrshare.faults.add("timeout", times=None)
    await opens(
        sandbox, person("ben"), "Ayrshare is taking its time. What you see is from earlier.", "YouTube (Globex)"
    )


async def test_ayrshares_refusal_is_shown_with_its_reason(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("cara", "Globex")
    await mapped("cara", "Initech")
    sandbox.ayrshare.faults.add("plan", times=None)
    home = await opens(
        sandbox, person("ana"), "Ayrshare wants a bigger plan, or a bill paid, before it does that.", "*Globex*"
    )
    await home.clicks(HOME_FILTER, value="unmapped")
    await has_at_home(sandbox, person("ana"), "Ayrshare wants a bigger plan", "every profile is mapped")


async def test_an_unreadable_key_does_not_keep_other_profiles_from_being_refreshed(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("cara", "Globex")
    await fill(bot, sandbox, {"ben": ["Broken"]})
    [mapping] = await bot.deps.mappings.of(TEAM, UserId(BEN))
    await redis_of(bot).hset(profiles_key(TEAM), mapping.ref_id, json.dumps({"title": "Broken", "key": "no envelope"}))
    unreadable = f"*Broken* · <@{BEN}>\nI can't read the stored key of this profile."
    home = await opens(sandbox, person("ana"), unreadable, "Connected: YouTube")
    assert "What you see is from earlier." not in home.words
    await opens(sandbox, person("ben"), "*Broken*\nI can't read the stored key of this profile.")


async def test_when_slack_cannot_identify_the_person_home_says_so(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Globex")
    sandbox.slack.faults.add("internal_error", times=1)
    home = await opens(sandbox, person("ben"), "Slack isn't responding")
    await home.clicks(HOME_AGAIN.label)
    await has_at_home(sandbox, person("ben"), "*Globex*")


async def test_when_redis_is_away_home_says_so_instead_of_staying_empty(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Globex")
    await idle(bot)  # what else is asked meanwhile would wait with the pause
    await pause_redis(bot, 2_500)
    home = await opens(sandbox, person("ben"), "I can't reach my database.")

    async def works_again() -> bool:
        await home.clicks(HOME_AGAIN.label)
        shown = home_of(sandbox, person("ben"))
        return shown is not None and "*Globex*" in shown.words

    await eventually(works_again, "Home is back", within=10)


async def test_titles_cannot_mention_anybody(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": ["<!channel> & *all*", *many(10)]}, key=sandbox.ayrshare.profiles[2].key)
    home = await opens(sandbox, person("ana"), "&lt;!channel&gt; &amp;")
    assert "<!channel>" not in home.words
    await home.chooses("search", "<!channel>")
    found = await has_at_home(sandbox, person("ana"), "1 to 1 of 1 for “&lt;!channel&gt;”")
    assert "<!channel>" not in found.words.replace("<!channel>\n", "", 1)


async def test_the_messages_tab_draws_nothing(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    event = {"type": "app_home_opened", "user": BEN, "channel": "D0BEN0001", "tab": "messages"}
    await sandbox.slack.events.send(event)
    await opens(sandbox, person("ana"), "Nobody has a profile yet.")
    assert home_of(sandbox, person("ben")) is None
