"""The audit log: nobody washes it out by doing the same thing again and again."""

from bot.app import Bot
from bot.core.model import UserId
from bot.invitations.respond import allow_again
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
        await allow_again(bot.deps, TEAM, BEN)
    assert await trail(bot) == []
