"""The last changes in the audit log, and the way on from a refusal."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.errors import NextStep
from bot.core.model import Button, RefId, UserId
from bot.people.audit import AuditRow
from bot.people.errors import NotTheirs
from bot.people.views import last_changes
from bot.slack.actions import SEND_TO

ANA, BEN, REF = UserId("U0ANA0001"), UserId("U0BEN0001"), RefId("a" * 40)
TITLES = {REF: "Acme: Jane & Co"}
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_a_refused_link_of_another_person_comes_with_a_button_to_ask_them() -> None:
    assert BEN in NotTheirs(BEN).sentence
    assert NotTheirs(BEN).next_step == NextStep(SEND_TO, BEN)
    assert NotTheirs(BEN, "Ben Brandt").next_step == NextStep(Button(SEND_TO.action_id, "Ask Ben"), BEN)


def row(action: str, *, by: str = ANA, ago: int = 0, **more: Any) -> AuditRow:
    return AuditRow(action, by=by, at=NOW - timedelta(minutes=ago), **more)


def lines(*rows: AuditRow, at_most: int = 6) -> list[str]:
    """The last changes without their moments."""
    return [line.partition(" · ")[0] for line in last_changes(rows, TITLES, at_most=at_most)]


def test_a_change_says_who_did_what_and_how_long_ago() -> None:
    (line,) = last_changes([row("mapping_added", owner=BEN, ref_id=REF)], TITLES, at_most=6)
    assert line == (
        f"<@{ANA}> mapped *Acme: Jane &amp; Co* to <@{BEN}> · <!date^1793620800^{{ago}}|02 Nov 2026, 12:00 UTC>"
    )


def test_what_somebody_does_within_an_hour_is_one_line() -> None:
    mapped = [row("mapping_added", ago=minutes, owner=BEN, ref_id=REF) for minutes in range(30)]
    between = row("link_made", by=BEN, owner=BEN, ref_id=REF, ago=5)
    assert lines(between, *mapped) == [
        f"<@{BEN}> made a link for *Acme: Jane &amp; Co*",
        f"<@{ANA}> mapped 30 profiles to <@{BEN}>",
    ]
    assert lines(*mapped, row("mapping_added", ago=31, owner=ANA, ref_id=REF)) == [f"<@{ANA}> mapped 31 profiles"]
    assert len(lines(row("mapping_added", owner=BEN), row("mapping_added", owner=BEN, ago=61))) == 2


def test_of_other_changes_the_newest_is_told_and_the_others_counted() -> None:
    kept = [row("account_kept", ref_id=REF), row("account_kept", ago=1)]
    assert lines(*kept) == [f"<@{ANA}> kept another account of *Acme: Jane &amp; Co*, and 1 more"]


def test_refusals_are_no_changes() -> None:
    refused = [row("refused", by=BEN, detail="not_admin"), row("more", by=BEN, detail="refused:12")]
    assert lines(*refused, row("group_asked")) == [f"<@{ANA}> asked several people to connect accounts"]


def test_a_line_that_is_shown_counts_what_came_before_all_others() -> None:
    changes = [row("group_asked"), row("profile_created", ago=1), row("group_asked", ago=2)]
    assert lines(*changes, at_most=1) == [f"<@{ANA}> asked several people to connect accounts, and 1 more"]


def test_a_profile_without_a_title_is_named_by_the_start_of_its_id() -> None:
    assert last_changes([AuditRow("profile_forgotten", by=ANA, ref_id=REF)], {}, at_most=1) == [
        f"<@{ANA}> had me forget *profile aaaaaaaa*"
    ]


def test_an_action_without_a_sentence_is_named_as_it_is() -> None:
    assert lines(row("moon_painted", by="shell")) == ["An operator: moon painted"]
