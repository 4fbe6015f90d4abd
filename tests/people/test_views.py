"""The audit trail in words."""

from bot.core.model import RefId, UserId
from bot.people.audit import AuditRow
from bot.people.views import audit_sentence

ANA, BEN, REF = UserId("U0ANA0001"), UserId("U0BEN0001"), RefId("a" * 40)


def test_an_admins_view_of_somebodys_link_is_told_in_words() -> None:
    row = AuditRow("link_shown_for_other", by=ANA, owner=BEN, ref_id=REF)
    assert audit_sentence(row, {REF: "Acme: Jane"}) == f"<@{ANA}> was shown a link of <@{BEN}>: *Acme: Jane*"


def test_what_has_no_words_yet_is_said_by_its_name() -> None:
    assert audit_sentence(AuditRow("moon_painted", by="shell"), {}) == "Somebody on the bot's machine: moon painted"
