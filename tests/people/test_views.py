"""The audit log in sentences, and the way on from a refusal."""

from datetime import UTC, datetime

from bot.core.errors import NextStep
from bot.core.model import RefId, UserId
from bot.people.audit import AuditRow
from bot.people.errors import NotTheirs
from bot.people.views import audit_sentence
from bot.slack.actions import SEND_TO

ANA, BEN, REF = UserId("U0ANA0001"), UserId("U0BEN0001"), RefId("a" * 40)
TITLES = {REF: "Acme: Jane & Co"}


def test_a_refused_link_of_another_person_comes_with_a_button_to_ask_them() -> None:
    error = NotTheirs(BEN, "/connect")
    assert BEN in error.sentence
    assert error.next_step == NextStep(SEND_TO, BEN)


def test_an_admins_view_of_another_persons_link_is_in_the_log() -> None:
    row = AuditRow("link_shown_for_other", by=ANA, owner=BEN, ref_id=REF)
    assert audit_sentence(row, TITLES) == f"<@{ANA}> was shown a link of <@{BEN}>: *Acme: Jane &amp; Co*"


def test_a_row_says_when_it_was_in_the_readers_own_time() -> None:
    at = datetime(2026, 11, 2, 9, tzinfo=UTC)
    line = audit_sentence(AuditRow("group_asked", by=ANA, at=at), {})
    assert line.startswith(f"<!date^{int(at.timestamp())}^")
    assert line.endswith(f"  <@{ANA}> asked several people to link accounts")


def test_a_refusal_says_why() -> None:
    for detail, reason in (("not_admin", "not an admin"), ("owner_guest", "owner guest")):
        assert audit_sentence(AuditRow("refused", by=BEN, detail=detail), {}) == f"<@{BEN}> was refused ({reason})"


def test_a_row_that_stands_for_many_says_how_many() -> None:
    row = AuditRow("more", by=BEN, detail="refused:12")
    assert audit_sentence(row, {}) == f"<@{BEN}> was refused, 12 times more within an hour"


def test_a_profile_without_a_title_is_named_by_the_start_of_its_id() -> None:
    row = AuditRow("profile_deleted", by=ANA, ref_id=REF)
    assert audit_sentence(row, {}) == f"<@{ANA}> had Ayrshare delete *profile aaaaaaaa*"


def test_an_action_without_a_sentence_is_named_as_it_is() -> None:
    assert audit_sentence(AuditRow("moon_painted", by="shell"), {}) == "Somebody on the bot's machine: moon painted"
