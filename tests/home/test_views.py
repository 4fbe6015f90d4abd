"""What the Home tab, the list and the help say and offer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.ayrshare.model import Account
from bot.ayrshare.networks import OfferedNetworks
from bot.core.model import Block, Button, RefId, UserId
from bot.home.filter_views import FILTER_LABELS
from bot.home.model import AGED, Filter, OverviewQuery, Page, Triage, parse_query
from bot.home.row_views import KEY_MISSING, KEY_REFUSED, NOT_CHECKED
from bot.home.views import (
    ALL_ASKED,
    ALL_GOOD,
    ALL_MAPPED,
    NO_MATCH,
    NOBODY_YET,
    admin_home,
    counts,
    list_message,
    muted_home,
    own_home,
    unmapped_home,
)
from bot.profiles.model import Disconnected, ProfileHealth, Row, Snapshot
from bot.slack.actions import (
    ASK_ADMIN,
    ASK_TO_CONNECT,
    CONNECT,
    HAND_OVER,
    HOME_EVERYBODY,
    HOME_NEXT,
    HOME_PREVIOUS,
    LINK_FOR,
    MAKE_CLIENT_LINK,
    MAP_A_PROFILE,
    MAP_TO_SOMEONE,
    NEW_KEY,
    OWN_LINK,
    RECONNECT,
    STATUS_OF,
    UNMAP,
    UNMUTE_AT_HOME,
)
from bot.slack.blocks import sentence
from bot.slack.model import Home

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
VIEWER, BEN = UserId("U0ANA0001"), UserId("U0BEN0001")
REF = RefId("a" * 40)
OWNED = f"{BEN}:{REF}"
INSTAGRAM = Account("instagram", "Jane")
EXPIRING = Account("linkedin", "Jane Doe", NOW + timedelta(days=9), needs_attention=True)
DROPPED = Disconnected("tiktok", "acme", NOW - timedelta(days=3), "Account locked.")
SINCE = "<!date^1794916800^{date_short}|17 Nov 2026>"
BY = "<!date^1795953600^{date_short}|29 Nov 2026>"
MENU_ENTRIES = [LINK_FOR, ASK_TO_CONNECT, STATUS_OF, HAND_OVER, UNMAP]


def row(**fields: Any) -> Row:
    return Row(**{"ref_id": REF, "title": "Acme: Jane", "user": BEN, **fields})


def seen(*accounts: Account, **more: Any) -> Row:
    return row(snapshot=Snapshot(NOW, accounts, **more))


def page(*rows: Row, number: int = 0, total: int = 0) -> Page:
    return Page(VIEWER, rows, number=number, start=10 * number, total=total or len(rows))


def everyone(
    shown: Page, query: OverviewQuery | None = None, triage: Triage | None = None, **more: Any
) -> tuple[Block, ...]:
    return admin_home(shown, triage or Triage(), query or OverviewQuery(), [], now=NOW, **more).blocks


def own(*rows: Row) -> tuple[Block, ...]:
    return own_home(page(*rows), owner=BEN, offered=OfferedNetworks()).blocks


def texts(blocks: Iterable[Block]) -> str:
    of_blocks = [block["text"]["text"] for block in blocks if "text" in block]
    notes = [e["text"] for block in blocks if block["type"] == "context" for e in block["elements"]]
    return "\n".join([*of_blocks, *notes])


def elements(blocks: Iterable[Block]) -> list[Block]:
    inside = [e for block in blocks if block["type"] == "actions" for e in block["elements"]]
    return [*inside, *(block["accessory"] for block in blocks if "accessory" in block)]


def buttons(blocks: Iterable[Block]) -> dict[str, str]:
    """The values of all buttons, by label."""
    return {e["text"]["text"]: e.get("value", "") for e in elements(blocks) if e["type"] == "button"}


def offered(shown: Row) -> dict[str, str]:
    """The entries of a row's menu: label and value."""
    (menu,) = [e for e in elements(everyone(page(shown))) if e["type"] == "overflow"]
    return {option["text"]["text"]: option["value"] for option in menu["options"]}


def about(action: Button) -> str:
    """What an entry is about: the row's profile and its person, unless it is for another person."""
    return f":{REF}" if action is MAP_TO_SOMEONE else OWNED


@pytest.mark.parametrize(
    ("shown", "words", "actions"),
    [
        (row(), f"⚪ *Acme: Jane* · <@{BEN}>\n{NOT_CHECKED}", MENU_ENTRIES),
        (seen(INSTAGRAM), f"🟢 *Acme: Jane* · <@{BEN}>\nConnected: Instagram", MENU_ENTRIES),
        (
            seen(INSTAGRAM, EXPIRING),
            f"🟡 *Acme: Jane* · <@{BEN}>\nExpires soon: LinkedIn by {BY}",
            MENU_ENTRIES,
        ),
        (
            seen(INSTAGRAM, disconnected=(DROPPED,)),
            f"🔴 *Acme: Jane* · <@{BEN}>\nDisconnected: TikTok since {SINCE} (Account locked)",
            MENU_ENTRIES,
        ),
        (
            seen(EXPIRING, disconnected=(DROPPED,)),
            f"Disconnected: TikTok since {SINCE} (Account locked). Expires soon: LinkedIn by",
            MENU_ENTRIES,
        ),
        (seen(), f"⚪ *Acme: Jane* · <@{BEN}>\nNothing connected yet", MENU_ENTRIES),
        (seen(stale=True), f"🔴 *Acme: Jane* · <@{BEN}>\n{KEY_REFUSED}", [NEW_KEY, STATUS_OF, HAND_OVER, UNMAP]),
        (row(trouble="No key."), "\nNo key", MENU_ENTRIES),
        (row(title="<!channel>"), "*&lt;!channel&gt;*", MENU_ENTRIES),
        (row(asked_at=NOW), f"{NOT_CHECKED} · asked <!date^1795176000^{{ago}}|20 Nov 2026, 12:00 UTC>", MENU_ENTRIES),
    ],
    ids=[
        *("never seen", "connected", "expiring", "disconnected", "all at once"),
        *("nothing connected", "stale", "in trouble", "odd title", "asked"),
    ],
)
def test_a_row_has_a_sign_who_has_it_what_is_wrong_and_one_menu(shown: Row, words: str, actions: list[Button]) -> None:
    assert words in texts(everyone(page(shown)))
    assert offered(shown) == {action.label: f"{action.action_id} {about(action)}" for action in actions}
    assert "danger" not in str(everyone(page(shown)))


@pytest.mark.parametrize(
    ("shown", "words", "actions"),
    [
        (row(user=None), f"*Acme: Jane* · not mapped\n{NOT_CHECKED}", [STATUS_OF, MAP_TO_SOMEONE]),
        (row(user=None, known=False), KEY_MISSING, [MAP_TO_SOMEONE]),
    ],
    ids=["unmapped", "unknown here"],
)
def test_a_row_that_nobody_has_can_be_mapped(shown: Row, words: str, actions: list[Button]) -> None:
    assert words in texts(everyone(page(shown)))
    assert offered(shown) == {action.label: f"{action.action_id} :{REF}" for action in actions}


def test_an_aged_snapshot_is_shown_with_its_moment() -> None:
    for age, aged in ((AGED - timedelta(seconds=1), False), (AGED, True)):
        seen_at = NOW - age
        shown = texts(everyone(page(row(snapshot=Snapshot(seen_at)))))
        assert (f"seen <!date^{int(seen_at.timestamp())}^" in shown) is aged


@pytest.mark.parametrize(
    ("triage", "line"),
    [
        (Triage(), "No profiles yet."),
        (Triage({ProfileHealth.CONNECTED: 34}), "🟢 All 34 profiles are connected."),
        (Triage({ProfileHealth.CONNECTED: 1}), "🟢 1 connected"),
        (Triage({ProfileHealth.CONNECTED: 34}, unmapped=2), "🟢 All 34 profiles are connected. · 2 unmapped"),
        (
            Triage(dict(zip(ProfileHealth, (2, 1, 3, 1, 1_030, 15), strict=True)), unmapped=4),
            (
                "🔴 *2 disconnected* · 🔴 *1 refused by Ayrshare* · 🟡 *3 expire soon* · 🟢 1,030 connected"
                " · ⚪ 1 with nothing connected · ⚪ 15 not checked yet · 4 unmapped"
            ),
        ),
    ],
    ids=["none", "all connected", "one", "all connected, some unmapped", "everything"],
)
def test_profiles_are_counted_by_health_on_one_line(triage: Triage, line: str) -> None:
    assert counts(triage) == line
    assert line in texts(everyone(page(row()), triage=triage))
    message = list_message(page(row()), triage, OverviewQuery(), now=NOW)
    assert message.text.split("\n")[0] == f"Profiles: {line.replace('*', '')}"
    assert message.blocks[0]["text"]["text"] == f"*Profiles*\n{line}"


def test_one_button_is_primary() -> None:
    broken = everyone(page(row()), triage=Triage(broken_people=3, to_ask=3))
    assert [e["text"]["text"] for e in elements(broken) if e.get("style")] == ["Remind everyone (3)"]
    asked = everyone(page(row()), triage=Triage(broken_people=3))
    assert [e["text"]["text"] for e in elements(asked) if e.get("style")] == [MAP_A_PROFILE.label]
    assert ALL_ASKED in texts(asked)
    assert ALL_ASKED not in texts(everyone(page(row())))


@pytest.mark.parametrize(
    ("triage", "said"),
    [
        (Triage(broken_people=1, to_ask=1), "*Remind everyone* messages 1 person with disconnected accounts."),
        (
            Triage(broken_people=5, to_ask=3),
            "messages 3 people with disconnected accounts. It leaves out 2 people asked in the last day.",
        ),
    ],
    ids=["one", "some were asked"],
)
def test_remind_everyone_says_whom_it_reaches_and_asks_first(triage: Triage, said: str) -> None:
    listed = list_message(page(row()), triage, OverviewQuery(), now=NOW).blocks
    for blocks in (everyone(page(row()), triage=triage), listed):
        assert said in texts(blocks)
        assert [e["confirm"]["confirm"]["text"] for e in elements(blocks) if e.get("confirm")] == ["Remind"]


def test_a_long_list_says_what_it_shows_of_how_much() -> None:
    query = OverviewQuery(words="<x>", person=BEN)
    for blocks in (everyone(page(row()), query), list_message(page(row()), Triage(), query, now=NOW).blocks):
        assert f"1 to 1 of 1 for “&lt;x&gt;” of <@{BEN}>, worst first." in texts(blocks)
    assert "1 to 1 of 5,000, worst first." in texts(everyone(page(row(), total=5_000)))
    assert "worst first." not in texts(everyone(page(row())))


def test_what_can_be_searched_through_in_one_look_has_no_search() -> None:
    assert "search" not in {block.get("block_id") for block in everyone(page(row()))}
    assert "search" in {block.get("block_id") for block in everyone(page(row(), total=34))}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (OverviewQuery(words="x"), NO_MATCH),
        (OverviewQuery(only=Filter.DISCONNECTED, words="x"), NO_MATCH),
        (OverviewQuery(only=Filter.CONNECTED), NO_MATCH),
        (OverviewQuery(only=Filter.ATTENTION), ALL_GOOD),
        (OverviewQuery(only=Filter.UNMAPPED), ALL_MAPPED),
        (OverviewQuery(), NOBODY_YET),
    ],
)
def test_without_a_row_the_list_says_whether_that_is_good(query: OverviewQuery, words: str) -> None:
    assert words in texts(everyone(page(), query))
    assert MAP_A_PROFILE.label in buttons(everyone(page(), query))


def test_page_buttons_carry_the_query_to_the_pages_before_and_after() -> None:
    query = OverviewQuery(only=Filter.REFUSED, words="acme", person=BEN, page=1)
    shown = buttons(everyone(page(row(), number=1, total=25), query))
    assert parse_query(shown[HOME_PREVIOUS.label]) == query.on_page(0)
    assert parse_query(shown[HOME_NEXT.label]) == query.on_page(2)
    assert not {HOME_PREVIOUS.label, HOME_NEXT.label} & set(buttons(everyone(page(row()))))


def test_home_keeps_the_query_in_its_inputs_and_its_metadata() -> None:
    query = OverviewQuery(only=Filter.REFUSED, words="acme", person=BEN)
    home = admin_home(page(row()), Triage(), query, ["a change"], now=NOW, note="A note.")
    assert parse_query(home.metadata) == query
    by_id = {block.get("block_id"): block for block in home.blocks}
    assert by_id["search"]["element"]["initial_value"] == "acme"
    (choice,) = [e for e in by_id["filter"]["elements"] if e["type"] == "static_select"]
    assert choice["initial_option"]["text"]["text"] == FILTER_LABELS[Filter.REFUSED]
    assert by_id["one_person"]["text"]["text"] == f"Only profiles of <@{BEN}>."
    assert HOME_EVERYBODY.label in buttons(home.blocks)
    assert buttons(home.blocks)[MAP_A_PROFILE.label] == BEN
    assert "A note." in texts(home.blocks)
    assert "*Last changes*\na change" in texts(home.blocks)


def test_a_query_of_before_is_still_understood() -> None:
    assert parse_query('{"only": "stale"}').only is Filter.REFUSED
    assert parse_query('{"only": "nothing linked"}').only is Filter.NOTHING_CONNECTED
    assert parse_query('{"only": "whatever"}').only is None


def test_ones_own_home_has_one_primary_button() -> None:
    broken, fine = seen(disconnected=(DROPPED,)), row(snapshot=Snapshot(NOW, (INSTAGRAM,)))
    shown = elements(own(broken, fine, row(title="Initech")))
    assert [(e["text"]["text"], e.get("style")) for e in shown] == [
        (RECONNECT.label, "primary"),
        (CONNECT.label, None),
        (CONNECT.label, None),
    ]
    assert [e["value"] for e in shown] == [f"{OWNED}:tiktok", REF, REF]


def test_ones_own_home_says_what_follows_and_what_to_do() -> None:
    shown = texts(own(seen(INSTAGRAM, EXPIRING, disconnected=(DROPPED,))))
    assert shown.split("\n")[1:5] == [
        "*Acme: Jane*",
        (f"🔴 TikTok (acme) has been disconnected since {SINCE}: Account locked. Posts to TikTok won't go out."),
        (f"🟡 LinkedIn (Jane Doe) expires soon. Reconnect by {BY} to keep posting."),
        "🟢 Connected: Instagram (Jane).",
    ]
    refused = own(seen(stale=True))
    assert "Refused by Ayrshare" in texts(refused)
    assert set(buttons(refused)) == {ASK_ADMIN.label}


def test_ones_own_home_is_paged() -> None:
    home = own_home(page(row(), number=1, total=12), owner=BEN, offered=OfferedNetworks())
    assert "11 to 11 of 12, worst first." in texts(home.blocks)
    assert set(buttons(home.blocks)) == {CONNECT.label, HOME_PREVIOUS.label, HOME_NEXT.label}
    assert parse_query(home.metadata) == OverviewQuery(page=1)


def test_home_says_what_the_bot_is_for_where_there_is_no_profile() -> None:
    home = unmapped_home(sentence("Ask an admin."), note="A note.")
    assert "Ask an admin." in texts(home.blocks)
    assert "A note." in texts(home.blocks)
    assert "Connect your accounts so that Ayrshare can post for you." in texts(home.blocks)


def test_a_long_page_stays_within_slacks_limits() -> None:
    long = [row(ref_id=RefId(f"{number:040}"), title="x" * 400) for number in range(10)]
    query, triage = OverviewQuery(words="y" * 150), Triage(broken_people=1, to_ask=1)
    message = list_message(page(*long, total=5_000), triage, query, now=NOW)
    assert (len(message.blocks) <= 50, len(message.text) <= 3_000) == (True, True)
    assert len(everyone(page(*long, number=1, total=5_000), OverviewQuery(page=1), triage)) <= 100


def test_a_muted_persons_home_offers_to_unmute_above_what_it_shows() -> None:
    muted = muted_home(Home(sentence("Nothing else.").blocks))
    assert "You've muted me." in texts(muted.blocks)
    assert "Nothing else." in texts(muted.blocks)
    assert set(buttons(muted.blocks)) == {UNMUTE_AT_HOME.label}


def test_an_admins_own_row_asks_nobody() -> None:
    own_row = row(user=VIEWER)
    assert list(offered(own_row)) == [
        OWN_LINK.label,
        *(one.label for one in MENU_ENTRIES[1:] if one is not ASK_TO_CONNECT),
    ]
    blocks = everyone(replace(page(own_row), client_links=True))
    (menu,) = [e for e in elements(blocks) if e["type"] == "overflow"]
    assert [one["text"]["text"] for one in menu["options"]][:2] == [MAKE_CLIENT_LINK.label, OWN_LINK.label]
