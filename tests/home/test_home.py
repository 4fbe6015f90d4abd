"""The Home tab: who sees what there; it is drawn at once, and again when Ayrshare has responded."""

import json
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.home.views import NOTHING_FITS
from bot.profiles.store import profiles_key
from bot.slack.actions import (
    ASK_ADMIN,
    CONNECT,
    HOME_AGAIN,
    HOME_EVERYBODY,
    HOME_FILTER,
    HOME_MINE,
    HOME_NEXT,
    HOME_PERSON,
    HOME_PREVIOUS,
    HOME_SEARCH,
    LINK_FOR,
    MAP,
    MAP_SOMEBODY,
    STATUS_OF,
    UNMAP,
)
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.home.home_helpers import asked, fill, has_at_home, home_of, opens, published, settled, shown
from tests.modals import SeenModal
from tests.redis_probe import TEAM, redis_of
from tests.signed_requests import ResponseUrlReceiver, Signer

MINUTE = timedelta(minutes=1)
ANA, BEN = "U0ANA0001", "U0BEN0001"


def many(count: int) -> list[str]:
    return [f"Many {number:04}" for number in range(count)]


def rows(home: SeenModal) -> list[str]:
    """The titles of the rows, from top to bottom."""
    sections = [block["text"]["text"] for block in home.raw["blocks"] if block["type"] == "section"]
    return [text.partition("*")[2].partition("*")[0] for text in sections if "*" in text and "*Last" not in text]


async def test_everyone_sees_their_own_profiles_their_accounts_and_what_needs_attention(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    home = await opens(sandbox, person("ben"), "*Acme: Jane*", "Linked: Instagram (Jane of Acme).")
    nine_days = clock.now() + timedelta(days=9)
    assert f"Needs attention by <!date^{int(nine_days.replace(hour=12, minute=0, second=0).timestamp())}" in home.words
    connect = home.element(CONNECT.label)
    assert (connect["action_id"], connect["value"], connect["style"]) == ("connect", profile.ref_id, "primary")
    assert connect["accessibility_label"] == f"{CONNECT.label}: Acme: Jane"
    assert rows(home) == ["Acme: Jane"]
    for others in ("Globex", "U0CARA001", "Unmap", "Search", "Last changes"):
        assert others not in str(home.raw)


async def test_without_a_profile_home_says_what_to_do_and_has_a_button_to_ask_for_one(
    person: Person, sandbox: Sandbox
) -> None:
    home = await opens(sandbox, person("dan"), "No Ayrshare profile is mapped", "linking page")
    await home.clicks(ASK_ADMIN.label)
    await person("ana", channel=sandbox.slack.world.dm_of("ana")).sees("<@U0DAN0001>", "would like a profile")


async def test_a_guest_is_told_why_there_is_nothing(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("gus", "Acme: Jane")
    home = await opens(sandbox, person("gus"), "Guests can't use this bot here.")
    assert "Acme" not in str(home.raw)


@pytest.mark.parametrize("overrides", [{"CONNECT_GUESTS": "allow"}])
async def test_a_guest_is_served_where_the_settings_allow_it(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("gus", "Acme: Jane")
    await opens(sandbox, person("gus"), "*Acme: Jane*", CONNECT.label)


async def test_an_admin_sees_everyones_profiles_with_what_can_be_done_about_each(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("cara", "Globex")
    jane = await mapped("ben", "Acme: Jane")
    home = await opens(sandbox, person("ana"), "Linked: YouTube (Globex).", "Everything: 1 to 2 of 2.")
    assert rows(home) == ["Acme: Jane", "Globex"]
    assert f"<@{BEN}>: *Acme: Jane*" in home.words
    owned = f"{BEN}:{jane.ref_id}"
    for label, action, value in (
        (MAP.label, "map", BEN),
        (LINK_FOR.label, "link_for", owned),
        (STATUS_OF.label, "status_of", owned),
        (UNMAP.label, "unmap", owned),
    ):
        element = home.element(label)
        assert (element["action_id"], element["value"]) == (action, value)
        assert element["accessibility_label"] == f"{label}: Acme: Jane"


async def test_the_last_changes_are_listed_newest_first(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees_a_card()
    await person("dan").types("@ben")
    await person("dan").sees("can't show it to you")
    home = await opens(sandbox, person("ana"), "*Last changes*")
    _, _, lately = home.words.partition("*Last changes*")
    told = ["was refused (not an admin)", f"<@{BEN}> made a link for <@{BEN}>: *Acme: Jane*", f"mapped <@{BEN}>"]
    places = [lately.index(words) for words in told]
    assert places == sorted(places)


async def test_where_nobody_is_mapped_an_admin_reads_how_to_begin(person: Person, sandbox: Sandbox) -> None:
    home = await opens(sandbox, person("ana"), "Nobody looks after a profile yet.", "mappings import")
    assert "value" not in home.element(MAP_SOMEBODY.label)


async def test_a_filter_shows_the_rows_of_its_kind(person: Person, mapped: Map, sandbox: Sandbox, bot: Bot) -> None:
    for profile in sandbox.ayrshare.profiles:
        await mapped("cara", profile.title)
    await fill(bot, sandbox, {"ben": ["Lost"]}, key="GONE1234-KEY12345-AAAA1111-BBBB2222")
    await fill(bot, sandbox, {"": ["Spare"]}, key=sandbox.ayrshare.profiles[2].key)
    home = await opens(sandbox, person("ana"), "Stale: Ayrshare has deleted")
    for label, fitting in (
        ("Nothing linked", ["Initech"]),
        ("Needs attention", ["Acme: Jane", "Acme: Team"]),
        ("Stale", ["Lost"]),
        ("Unmapped", ["Spare"]),
        ("All", ["Acme: Jane", "Acme: Team", "Globex", "Initech", "Lost", "Spare"]),
    ):
        await home.clicks(HOME_FILTER, value=label)
        kind = label.replace("All", "Everything")
        home = await has_at_home(sandbox, person("ana"), f"{kind}: 1 to {len(fitting)} of")
        assert rows(home) == fitting


async def test_unmapped_are_also_profiles_that_only_ayrshare_knows(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("cara", "Globex")
    home = await opens(sandbox, person("ana"), "Globex")
    await home.clicks(HOME_FILTER, value="unmapped")
    chosen = await has_at_home(sandbox, person("ana"), "Nobody: *Initech*", "I have no key for it yet")
    assert rows(chosen) == ["Acme: Jane", "Acme: Team", "Initech"]
    labels = {
        e["text"]["text"] for b in chosen.raw["blocks"] if b["block_id"].startswith("row:") for e in b["elements"]
    }
    assert labels == {MAP.label}


async def test_a_filter_counts_the_profiles_without_a_snapshot(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": many(25)})
    home = await opens(sandbox, person("ana"), "Needs attention by")
    await home.clicks(HOME_FILTER, value="nothing linked")
    await has_at_home(sandbox, person("ana"), "Nothing linked: none. I have never looked at 15 more")


async def test_a_search_finds_titles_and_people(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Globex")
    home = await opens(sandbox, person("ana"), "Globex")
    for typed, fitting in (
        ("ACME", ["Acme: Jane", "Acme: Team"]),
        (BEN, ["Acme: Jane"]),
        (f"<@{BEN}>", ["Acme: Jane"]),
        (f"<@{BEN}|ben>", ["Acme: Jane"]),
    ):
        await home.chooses("search", typed)
        found = await has_at_home(sandbox, person("ana"), f"1 to {len(fitting)} of {len(fitting)}.")
        assert rows(found) == fitting
        await found.chooses("search", "no such title")
        home = await has_at_home(sandbox, person("ana"), NOTHING_FITS)


async def test_an_admin_can_choose_one_person_and_everyone_again(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("ana", "Globex")
    home = await opens(sandbox, person("ana"), "1 to 2 of 2")
    await home.clicks(HOME_PERSON, value="ben")
    bens = await has_at_home(sandbox, person("ana"), f"Only what <@{BEN}> looks after.", "1 to 1 of 1")
    assert rows(bens)[-1:] == ["Acme: Jane"]
    await bens.clicks(HOME_EVERYBODY.label)
    everybody = await has_at_home(sandbox, person("ana"), "1 to 2 of 2")
    await everybody.clicks(HOME_MINE.label)
    mine = await has_at_home(sandbox, person("ana"), f"Only what <@{ANA}> looks after.", "1 to 1 of 1")
    assert rows(mine)[-1:] == ["Globex"]


async def test_rows_are_shown_ten_a_page(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": many(25)})
    home = await opens(sandbox, person("ana"), "1 to 10 of 25")
    assert HOME_PREVIOUS.label not in home.words
    await home.clicks(HOME_NEXT.label)
    second = await has_at_home(sandbox, person("ana"), "11 to 20 of 25")
    assert rows(second) == [f"Many {number:04}" for number in range(10, 20)]
    await second.clicks(HOME_NEXT.label)
    third = await has_at_home(sandbox, person("ana"), "21 to 25 of 25")
    assert HOME_NEXT.label not in third.words
    await third.clicks(HOME_PREVIOUS.label)
    again = await has_at_home(sandbox, person("ana"), "11 to 20 of 25")
    await again.chooses("search", "many 001")
    assert rows(await has_at_home(sandbox, person("ana"), "1 to 10 of 10")) == rows(second)


async def test_home_is_shown_again_as_it_was_left(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": many(25)})
    home = await opens(sandbox, person("ana"), "1 to 10 of 25")
    await home.chooses("search", "many")
    await (await has_at_home(sandbox, person("ana"), "with “many”: 1 to 10")).clicks(HOME_NEXT.label)
    before = await has_at_home(sandbox, person("ana"), "with “many”: 11 to 20", but="Not looked at")
    drawings = published(sandbox)
    after = await opens(sandbox, person("ana"))
    await settled(sandbox, publishes=drawings + 1)
    assert home_of(sandbox, person("ana")) is not None
    assert rows(after) == rows(before)
    assert after.entered["search"]["value"] == "many"


async def test_own_profiles_are_paged_too(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": many(11)})
    home = await opens(sandbox, person("ben"), "1 to 10 of 11.")
    await home.clicks(HOME_NEXT.label)
    second = await has_at_home(sandbox, person("ben"), "11 to 11 of 11.")
    assert rows(second) == ["Many 0010"]
    await second.clicks(HOME_PREVIOUS.label)
    await has_at_home(sandbox, person("ben"), "1 to 10 of 11.")


async def test_an_admin_who_lost_their_rights_is_refused_at_the_next_click(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    await fill(bot, sandbox, {"ben": many(11)})
    await mapped("ana", "Globex")
    home = await opens(sandbox, person("ana"), "1 to 10 of 12", but="Not looked at")
    ana = sandbox.slack.world.user("ana")
    ana.is_admin = ana.is_owner = ana.is_primary_owner = False
    await clock.advance(MINUTE)
    await home.clicks(HOME_NEXT.label)
    refused = await has_at_home(sandbox, person("ana"), "Only admins can do that", "*Globex*", but="Many")
    assert rows(refused) == ["Globex"]
    assert UNMAP.label not in refused.words
    last, *_ = await bot.deps.audit.latest(TEAM, 1)
    assert (last.action, last.by, last.detail) == ("refused", ANA, "not_admin")


async def test_a_replayed_click_shows_a_member_no_more_than_their_own(
    person: Person, mapped: Map, sandbox: Sandbox, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    view = {"id": "V0ANY", "type": "home", "private_metadata": '{"page": 0}'}
    buttons = (HOME_NEXT.action_id, HOME_MINE.action_id, HOME_EVERYBODY.action_id)
    for action in (*buttons, HOME_FILTER, HOME_SEARCH):
        await opens(sandbox, person("ben"), "*Acme: Jane*", but="Only admins")
        click = {"action_id": action, "value": '{"only": "needs attention"}'}
        await signer.click(response_url.url, user={"id": BEN}, action=click, view=view)
        home = await has_at_home(sandbox, person("ben"), "Only admins can do that", "*Acme: Jane*")
        assert "Globex" not in str(home.raw)


async def test_with_5000_mappings_home_stays_within_slacks_limits(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {f"U5K{number:05}": [title] for number, title in enumerate(many(5_000))})
    home = await opens(sandbox, person("ana"), "Everything: 1 to 10 of 5,000.")
    await home.clicks(HOME_NEXT.label)
    await has_at_home(sandbox, person("ana"), "11 to 20 of 5,000.")


async def test_with_5000_profiles_of_ones_own_home_stays_within_slacks_limits(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await fill(bot, sandbox, {"ben": many(5_000)})
    home = await opens(sandbox, person("ben"), "1 to 10 of 5,000.")
    assert len(home.raw["blocks"]) <= 100


async def test_home_is_drawn_at_once_from_the_last_snapshot(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await opens(sandbox, person("ben"), "Linked: YouTube (Globex).")
    clock.jump(timedelta(hours=3))
    sandbox.ayrshare.faults.add("latency", ms=1_000)
    globex = next(profile for profile in sandbox.ayrshare.profiles if profile.title == "Globex")
    globex.connect("tiktok", at=clock.now(), name="Globex")
    drawings = published(sandbox)
    await opens(sandbox, person("ben"), "Linked: YouTube (Globex).", "_As of ", but="TikTok")
    assert published(sandbox) == drawings + 1
    await has_at_home(sandbox, person("ben"), "TikTok (Globex)", but="_As of ")


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
    home = await opens(sandbox, person("ana"), "1 to 10 of 130", but="Not looked at")
    for page in range(1, 12):
        await home.clicks(HOME_NEXT.label)
        home = await has_at_home(sandbox, person("ana"), f"{page}1 to {page}0".replace(f"{page}0", f"{page + 1}0"))
        if page < 10:
            home = await has_at_home(sandbox, person("ana"), f"{page}1 to", but="Not looked at")
    assert asked(sandbox) == 100


async def test_a_slow_response_does_not_replace_the_page_chosen_meanwhile(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await fill(bot, sandbox, {"ben": many(15)})
    sandbox.ayrshare.faults.add("latency", ms=1_200, times=10)
    first = await opens(sandbox, person("ana"), "1 to 10 of 15", "Not looked at")
    await first.clicks(HOME_NEXT.label)
    second = await has_at_home(sandbox, person("ana"), "11 to 15 of 15", but="Not looked at")

    async def refused() -> bool:
        return any(call.get("error") == "hash_conflict" for call in sandbox.slack.calls.since())

    await eventually(refused, "Slack refuses the first page's second drawing")
    now = home_of(sandbox, person("ana"))
    assert now is not None
    assert rows(now) == rows(second)


async def test_while_ayrshare_is_away_home_shows_snapshots_and_says_so(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await opens(sandbox, person("ben"), "Linked: YouTube (Globex).")
    await clock.advance(MINUTE)
    sandbox.ayrshare.faults.add("timeout", times=None)
    await opens(
        sandbox, person("ben"), "Ayrshare is taking its time. What you see is from earlier.", "YouTube (Globex)"
    )


async def test_ayrshares_refusal_is_shown_with_its_reason(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("cara", "Globex")
    sandbox.ayrshare.faults.add("plan", times=None)
    home = await opens(
        sandbox, person("ana"), "Ayrshare wants a bigger plan, or a bill paid, before it does that.", "*Globex*"
    )
    await home.clicks(HOME_FILTER, value="unmapped")
    await has_at_home(sandbox, person("ana"), "Ayrshare wants a bigger plan", "Unmapped: none.")


async def test_an_unreadable_key_does_not_keep_other_profiles_from_being_refreshed(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("cara", "Globex")
    await fill(bot, sandbox, {"ben": ["Broken"]})
    [mapping] = await bot.deps.mappings.of(TEAM, UserId(BEN))
    await redis_of(bot).hset(profiles_key(TEAM), mapping.ref_id, json.dumps({"title": "Broken", "key": "no envelope"}))
    unreadable = f"<@{BEN}>: *Broken*\nThe stored profile key can't be read"
    home = await opens(sandbox, person("ana"), unreadable, "Linked: YouTube (Globex).")
    assert "What you see is from earlier." not in home.words
    await opens(sandbox, person("ben"), "*Broken*\nThe stored profile key can't be read")


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
    await redis_of(bot).client_pause(2_500)
    home = await opens(sandbox, person("ben"), "My memory (Redis) can't be used just now.")

    async def works_again() -> bool:
        await home.clicks(HOME_AGAIN.label)
        shown = home_of(sandbox, person("ben"))
        return shown is not None and "*Globex*" in shown.words

    await eventually(works_again, "Home is back", within=10)


async def test_titles_cannot_mention_anybody(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": ["<!channel> & *all*"]})
    home = await opens(sandbox, person("ana"), "&lt;!channel&gt; &amp;")
    assert "<!channel>" not in home.words
    await home.chooses("search", "<!channel>")
    found = await has_at_home(sandbox, person("ana"), "with “&lt;!channel&gt;”: 1 to 1")
    assert "<!channel>" not in found.words.replace("<!channel>\n", "", 1)


async def test_the_messages_tab_draws_nothing(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    event = {"type": "app_home_opened", "user": BEN, "channel": "D0BEN0001", "tab": "messages"}
    await sandbox.slack.events.send(event)
    await opens(sandbox, person("ana"), "Nobody looks after")
    assert home_of(sandbox, person("ben")) is None
