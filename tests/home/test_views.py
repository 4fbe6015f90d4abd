"""What the Home tab, the list and the help say and offer."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.ayrshare.model import Account
from bot.core.model import Block, RefId, UserId
from bot.home.model import AGED, OverviewQuery, Page, parse_query
from bot.home.views import (
    FILTER_LABELS,
    NEVER_SEEN,
    NOBODY_YET,
    NOTHING_FITS,
    STALE,
    UNKNOWN_HERE,
    admin_home,
    list_message,
    muted_home,
    own_home,
    unmapped_home,
)
from bot.profiles.model import ProfileHealth, Row, Snapshot
from bot.slack.actions import (
    CONNECT,
    HOME_ALLOW,
    HOME_EVERYBODY,
    HOME_MINE,
    HOME_NEXT,
    HOME_PREVIOUS,
    LINK_FOR,
    MAP,
    MAP_SOMEBODY,
    STATUS_OF,
    UNMAP,
)
from bot.slack.blocks import sentence
from bot.slack.model import Home

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEN = UserId("U0BEN0001")
REF = RefId("a" * 40)
INSTAGRAM = Account("instagram", "Jane")


def row(**fields: Any) -> Row:
    return Row(**{"ref_id": REF, "title": "Acme: Jane", "user": BEN, **fields})


def page(*rows: Row, number: int = 0, total: int = 0, unseen: int = 0) -> Page:
    return Page(rows, number=number, start=10 * number, total=total or len(rows), unseen=unseen)


def everyone(shown: Page, query: OverviewQuery | None = None, **more: Any) -> tuple[Block, ...]:
    return admin_home(shown, query or OverviewQuery(), [], now=NOW, command="/connect", **more).blocks


def texts(blocks: Iterable[Block]) -> str:
    of_blocks = [block["text"]["text"] for block in blocks if "text" in block]
    notes = [e["text"] for block in blocks if block["type"] == "context" for e in block["elements"]]
    return "\n".join([*of_blocks, *notes])


def buttons(blocks: Iterable[Block]) -> dict[str, str]:
    """The values of all buttons, by label."""
    elements = [e for block in blocks if block["type"] == "actions" for e in block["elements"]]
    elements += [block["accessory"] for block in blocks if "accessory" in block]
    return {e["text"]["text"]: e.get("value", "") for e in elements if e["type"] == "button"}


def test_an_admins_row_has_a_button_for_each_thing_that_can_be_done() -> None:
    blocks = everyone(page(row(snapshot=Snapshot(NOW, (INSTAGRAM,)))))
    assert f"<@{BEN}>: *Acme: Jane*\nLinked: Instagram (Jane)." in texts(blocks)
    owned = f"{BEN}:{REF}"
    assert buttons(blocks) == {
        MAP_SOMEBODY.label: "",
        HOME_MINE.label: "",
        MAP.label: BEN,
        LINK_FOR.label: owned,
        STATUS_OF.label: owned,
        UNMAP.label: owned,
    }


@pytest.mark.parametrize(
    ("shown", "words", "labels"),
    [
        (row(user=None), f"Nobody: *Acme: Jane*\n{NEVER_SEEN}", {MAP.label, STATUS_OF.label}),
        (row(user=None, known=False), UNKNOWN_HERE, {MAP.label}),
        (row(snapshot=Snapshot(NOW, stale=True)), STALE, {MAP.label, LINK_FOR.label, STATUS_OF.label, UNMAP.label}),
        (row(trouble="No key."), "*Acme: Jane*\nNo key.", {MAP.label, LINK_FOR.label, STATUS_OF.label, UNMAP.label}),
        (row(title="<!channel>"), "*&lt;!channel&gt;*", {MAP.label, LINK_FOR.label, STATUS_OF.label, UNMAP.label}),
    ],
    ids=["unmapped", "unknown here", "stale", "in trouble", "odd title"],
)
def test_a_row_says_what_is_known_of_its_profile(shown: Row, words: str, labels: set[str]) -> None:
    message = list_message(page(shown), OverviewQuery(), now=NOW, command="/connect")
    assert words in texts(message.blocks)
    assert set(buttons(message.blocks)) == labels


def test_an_aged_snapshot_is_shown_with_its_moment() -> None:
    for age, aged in ((AGED - timedelta(seconds=1), False), (AGED, True)):
        seen_at = NOW - age
        message = list_message(page(row(snapshot=Snapshot(seen_at))), OverviewQuery(), now=NOW, command="/connect")
        assert (f"_As of <!date^{int(seen_at.timestamp())}^" in texts(message.blocks)) is aged
        assert (f"As of {seen_at:%d %b %Y, %H:%M} UTC." in message.text) is aged


@pytest.mark.parametrize(
    ("query", "shown", "words"),
    [
        (OverviewQuery(), page(row(), total=5_000), "Everything: 1 to 1 of 5,000."),
        (OverviewQuery(words="<x>", person=BEN), page(row()), f"Everything with “&lt;x&gt;” of <@{BEN}>: 1 to 1 of 1."),
        (
            OverviewQuery(only=ProfileHealth.NOTHING_LINKED),
            page(unseen=15),
            "Nothing linked: none. I have never looked at 15 more: *Status* does.",
        ),
    ],
    ids=["everything", "a search", "a filter"],
)
def test_the_list_says_what_it_shows_of_how_much(query: OverviewQuery, shown: Page, words: str) -> None:
    message = list_message(shown, query, now=NOW, command="/connect")
    assert words in texts(message.blocks)
    assert message.text.startswith(words)


def test_without_a_row_the_list_says_what_to_do() -> None:
    nothing_fits = everyone(page(), OverviewQuery(words="x"))
    assert NOTHING_FITS in texts(nothing_fits)
    nobody_yet = everyone(page())
    assert NOBODY_YET in texts(nobody_yet)
    assert MAP_SOMEBODY.label in buttons(nobody_yet)


def test_page_buttons_carry_the_query_to_the_pages_before_and_after() -> None:
    query = OverviewQuery(only=ProfileHealth.STALE, words="acme", person=BEN, page=1)
    shown = buttons(everyone(page(row(), number=1, total=25), query))
    assert parse_query(shown[HOME_PREVIOUS.label]) == query.on_page(0)
    assert parse_query(shown[HOME_NEXT.label]) == query.on_page(2)
    assert not {HOME_PREVIOUS.label, HOME_NEXT.label} & set(buttons(everyone(page(row()))))


def test_home_keeps_the_query_in_its_inputs_and_its_metadata() -> None:
    query = OverviewQuery(only=ProfileHealth.STALE, words="acme", person=BEN)
    home = admin_home(page(row()), query, ["a change"], now=NOW, command="/connect", note="A warning.")
    assert parse_query(home.metadata) == query
    by_id = {block.get("block_id"): block for block in home.blocks}
    assert by_id["search"]["element"]["initial_value"] == "acme"
    assert by_id["filter"]["elements"][0]["initial_option"]["text"]["text"] == FILTER_LABELS[ProfileHealth.STALE]
    assert by_id["one_person"]["text"]["text"] == f"Only what <@{BEN}> looks after."
    assert HOME_EVERYBODY.label in buttons(home.blocks)
    assert ":warning: A warning." in texts(home.blocks)
    assert "*Last changes*\na change" in texts(home.blocks)


def test_ones_own_home_has_a_button_for_each_profile() -> None:
    home = own_home(page(row(snapshot=Snapshot(NOW)), number=1, total=12), now=NOW, command="/connect")
    assert "*Acme: Jane*\nNothing is linked yet." in texts(home.blocks)
    assert "11 to 11 of 12." in texts(home.blocks)
    shown = buttons(home.blocks)
    assert shown[CONNECT.label] == REF
    assert set(shown) == {CONNECT.label, HOME_PREVIOUS.label, HOME_NEXT.label}
    assert parse_query(home.metadata) == OverviewQuery(page=1)


def test_home_says_what_the_bot_is_for_where_there_is_no_profile() -> None:
    home = unmapped_home(sentence("Ask an admin."), note="A warning.")
    assert "Ask an admin." in texts(home.blocks)
    assert ":warning: A warning." in texts(home.blocks)
    assert "linking page" in texts(home.blocks)


def test_a_long_page_stays_within_slacks_limits() -> None:
    long = [row(ref_id=RefId(f"{number:040}"), title="x" * 400) for number in range(10)]
    message = list_message(page(*long, total=5_000), OverviewQuery(words="y" * 150), now=NOW, command="/connect")
    assert (len(message.blocks) <= 50, len(message.text)) == (True, 3_000)
    assert len(everyone(page(*long, number=1, total=5_000), OverviewQuery(page=1))) <= 100


def test_a_muted_persons_home_offers_to_unmute_above_what_it_shows() -> None:
    muted = muted_home(Home(sentence("Nothing else.").blocks))
    assert "You get no messages from me" in texts(muted.blocks)
    assert "Nothing else." in texts(muted.blocks)
    assert set(buttons(muted.blocks)) == {HOME_ALLOW.label}
