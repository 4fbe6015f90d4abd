"""When a card is redrawn: at most five posts a click, the last one kept for the final state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.ayrshare.model import Link
from bot.cards.model import Card, CardId, CardState
from bot.cards.schedule import CardDue, due, has_spare_post, modal_spacing, next_moment
from bot.core.model import RefId, TeamId, UserId
from bot.slack.model import ModalRef, ResponseUrl, ViewId

MADE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def card(
    *,
    life: timedelta = 5 * MINUTE,
    replaces: bool = True,
    posts_left: int = 4,
    opened_after: timedelta | None = 10 * SECOND,
    answer_life: timedelta = 30 * MINUTE,
) -> Card:
    opened_at = None if opened_after is None else MADE + opened_after
    return Card(
        id=CardId("c"),
        team=TeamId("T1"),
        viewer=UserId("U1"),
        owner=UserId("U1"),
        ref_id=RefId("r"),
        title="Acme",
        link=Link(SecretStr("https://profile.ayrshare.com"), MADE + life),
        made_at=MADE,
        surface=ResponseUrl(SecretStr("https://hooks"), MADE + answer_life, posts_left, replaces),
        state=CardState.OPENED if opened_at else CardState.READY,
        opened_at=opened_at,
    )


def moments(one: Card) -> list[timedelta]:
    found, now = [], one.opened_at or MADE
    while (moment := next_moment(one, since=now)) is not None and now < one.link.expires_at:
        found.append(moment - MADE)
        now = moment
    return found


def test_an_opened_card_is_redrawn_two_minutes_and_one_minute_before_its_end_and_refreshed_between() -> None:
    assert moments(card()) == [
        55 * SECOND,
        115 * SECOND,
        175 * SECOND,
        3 * MINUTE,
        235 * SECOND,
        4 * MINUTE,
        295 * SECOND,
        5 * MINUTE,
    ]


def test_a_card_that_cannot_be_changed_waits_for_its_end_only() -> None:
    assert moments(card(replaces=False, opened_after=None)) == [5 * MINUTE]


def test_the_last_post_is_kept_for_the_end() -> None:
    one = card(posts_left=1, opened_after=None)
    assert moments(one) == [5 * MINUTE]


def test_nothing_is_due_where_nothing_can_be_said_at_the_end() -> None:
    assert next_moment(card(posts_left=0), since=MADE) is None
    assert next_moment(card(life=40 * MINUTE, opened_after=None), since=MADE) is None
    assert next_moment(replace(card(), state=CardState.REPLACED), since=MADE) is None


def test_a_long_link_has_no_ticks_but_an_end_where_the_answer_reaches_that_far() -> None:
    assert moments(card(life=60 * MINUTE, answer_life=70 * MINUTE, opened_after=None)) == [60 * MINUTE]


def test_a_long_link_that_is_open_is_still_refreshed_while_its_message_can_be_changed() -> None:
    assert moments(card(life=60 * MINUTE))[:2] == [55 * SECOND, 115 * SECOND]


def test_a_very_short_link_has_no_tick_before_it_was_made() -> None:
    assert moments(card(life=90 * SECOND, opened_after=None)) == [30 * SECOND, 90 * SECOND]


def test_one_change_is_shown_beyond_the_ticks_and_the_end() -> None:
    assert has_spare_post(card(posts_left=4), now=MADE + 55 * SECOND)
    assert not has_spare_post(card(posts_left=3), now=MADE + 55 * SECOND)
    assert has_spare_post(card(posts_left=3), now=MADE + 3 * MINUTE)


def test_what_is_due_is_due_once() -> None:
    one = card()
    assert due(one, now=MADE + 3 * MINUTE) == CardDue(tick=True, refresh=True)
    looked_at = replace(one, checked_at=MADE + 3 * MINUTE)
    assert due(looked_at, now=MADE + 3 * MINUTE + SECOND) == CardDue()
    assert due(looked_at, now=MADE + 5 * MINUTE).end


@given(life=st.integers(1, 3000), opened_after=st.integers(0, 3000), posts=st.integers(0, 5), replaces=st.booleans())
def test_the_posts_always_suffice_for_the_end(life: int, opened_after: int, posts: int, *, replaces: bool) -> None:
    one = card(
        life=life * SECOND,
        posts_left=posts,
        replaces=replaces,
        opened_after=min(opened_after, life - 1) * SECOND if replaces else None,
        answer_life=4000 * SECOND,
    )
    now, left = one.opened_at or MADE, posts
    while (moment := next_moment(one, since=now)) is not None:
        now = moment
        what = due(one, now=now)
        if what.end:
            break
        drawn = what.tick or (what.refresh and has_spare_post(one, now=now))
        left -= drawn
        place = ResponseUrl(SecretStr("https://hooks"), MADE + 30 * MINUTE, left, replaces=True)
        one = replace(one, checked_at=now, surface=place)
    assert left >= (1 if posts else 0)


def in_modal(*, life: timedelta = 5 * MINUTE) -> Card:
    return replace(card(life=life, opened_after=None), surface=ModalRef(ViewId("V1")))


def modal_ticks(one: Card, *, open_modals: int) -> list[timedelta]:
    found, now, spacing = [], MADE, modal_spacing(open_modals)
    while (moment := next_moment(one, since=now, spacing=spacing)) is not None and now < one.link.expires_at:
        found.append(moment - MADE)
        now = moment
    return found


def test_a_modal_counts_down_every_ten_seconds_to_its_end() -> None:
    assert modal_ticks(in_modal(), open_modals=1) == [number * 10 * SECOND for number in range(1, 31)]


@pytest.mark.parametrize("open_modals", [1, 10, 11, 25, 100, 1000])
def test_all_open_modals_together_stay_below_slacks_hundred_updates_a_minute(open_modals: int) -> None:
    *ticks, end = modal_ticks(in_modal(life=30 * MINUTE), open_modals=open_modals)
    assert end == 30 * MINUTE
    assert len(ticks) * open_modals / 30 <= 60


def test_a_modals_tick_is_due_once() -> None:
    one = in_modal()
    assert due(one, now=MADE + 9 * SECOND) == CardDue()
    assert due(one, now=MADE + 10 * SECOND) == CardDue(tick=True)
    assert due(replace(one, checked_at=MADE + 10 * SECOND), now=MADE + 19 * SECOND) == CardDue()


def test_a_closed_modal_and_one_with_a_long_life_are_not_counted_down() -> None:
    assert next_moment(replace(in_modal(), surface=None), since=MADE) is None
    assert next_moment(in_modal(life=60 * MINUTE), since=MADE) == MADE + 60 * MINUTE
