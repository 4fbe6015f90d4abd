"""The audit log: nobody washes it out by doing the same thing again and again."""

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.invitations.respond import unmute_person
from bot.people import audit
from bot.people.audit import MORE, ROWS_AN_HOUR, AuditRow
from sandbox.server import Sandbox
from sandbox.slack.members import add_members
from tests.conftest import Person
from tests.redis_probe import TEAM, idle, redis_of, trail

BEN, CARA = UserId("U0BEN0001"), UserId("U0CARA001")


async def test_refusals_of_one_person_are_counted_in_one_row_after_some(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    for number, member in enumerate(add_members(sandbox.slack.world, ROWS_AN_HOUR + 15), start=1):
        await person("ben").types(f"@{member.name}")
        if not number % 10:
            await idle(bot)
    await person("cara").types("@ben")
    await idle(bot)
    rows = await trail(bot)
    assert [(row.action, row.by) for row in rows].count(("refused", BEN)) == ROWS_AN_HOUR
    assert [(row.by, row.detail) for row in rows if row.action == MORE] == [(BEN, "refused:15")]
    assert [row.owner for row in rows if row.by == CARA] == [BEN]


async def test_what_else_a_person_does_stays_in_the_log(bot: Bot) -> None:
    for _ in range(3 * ROWS_AN_HOUR):
        await bot.deps.audit.add(TEAM, AuditRow("refused", by=BEN))
    await bot.deps.audit.add(TEAM, AuditRow("link_cancelled", by=BEN))
    await bot.deps.audit.add(TEAM, AuditRow("group_asked", by=BEN))
    assert [row.action for row in await trail(bot)][-3:] == [MORE, "link_cancelled", "group_asked"]


async def test_after_an_hour_rows_are_added_again(bot: Bot) -> None:
    for _ in range(ROWS_AN_HOUR + 1):
        await bot.deps.audit.add(TEAM, AuditRow("refused", by=BEN))
    key = f"connectbot:{{{TEAM}}}:audit_rows:{BEN}:refused"
    assert 3_590_000 < await redis_of(bot).pttl(key) <= 3_600_000
    await redis_of(bot).delete(key)
    await bot.deps.audit.add(TEAM, AuditRow("refused", by=BEN))
    assert [row.action for row in await trail(bot)][-2:] == [MORE, "refused"]


async def test_to_allow_what_is_allowed_is_no_change(bot: Bot) -> None:
    for _ in range(3):
        await unmute_person(bot.deps, TEAM, BEN)
    assert await trail(bot) == []


async def test_what_members_do_all_day_pushes_no_change_out(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "ROWS", 50)
    await bot.deps.audit.add(TEAM, AuditRow("profile_created", by=CARA))
    for _ in range(400):
        await bot.deps.audit.add(TEAM, AuditRow("link_made", by=BEN))
    rows = [row.action for row in await trail(bot)]
    assert rows[0] == "profile_created"
    assert rows.count("link_made") < 400
    assert [row.action for row in await bot.deps.audit.latest(TEAM, 2)] == ["link_made", "link_made"]


async def test_the_log_is_read_in_order_page_by_page_though_it_has_two_parts(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE", 3)
    written = [("link_made" if number % 4 else "profile_created", str(number)) for number in range(25)]
    for action, number in written:
        await bot.deps.audit.add(TEAM, AuditRow(action, by=BEN, detail=number))
    read, after = [], "0"
    while page := await bot.deps.audit.page(TEAM, after=after):
        read += [(row.action, row.detail) for _, row in page]
        after = page[-1][0]
    assert sorted(read, key=lambda row: int(row[1])) == written
    assert [number for action, number in read if action == "link_made"] == [n for a, n in written if a == "link_made"]
