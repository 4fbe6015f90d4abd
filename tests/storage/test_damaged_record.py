"""A key of the wrong type, or one that a script can't read, troubles whoever needs it and nobody else."""

import pytest

from bot.app import Bot
from bot.cards.model import END_CARD
from bot.people.audit import audit_key
from bot.scheduling.job import Job
from bot.storage.client import concerns_one_record
from bot.storage.connection import Store
from tests.canaries import Lines
from tests.conftest import Map, Person
from tests.redis_probe import TEAM, idle, redis_of

LIMIT = f"connectbot:{{{TEAM}}}:links:by:U0CARA001"


async def test_only_its_own_person_is_refused(person: Person, mapped: Map, bot: Bot, log_lines: Lines) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    await redis_of(bot).set(LIMIT, "not a set", px=60_000)
    for _ in range(2):
        await person("cara").types()
        await person("ben").types()
    await person("cara").sees("What I have stored for this can't be read")
    await person("ben").sees_times(2)
    assert not [seen for seen in await person("ben").messages() if "can't" in seen.text]
    assert bot.deps.audit.connection.dependency.up
    assert any("record_damaged" in line and "LimitStore.take" in line for line in log_lines.lines)


async def test_who_is_not_remembered_is_asked_about(person: Person, mapped: Map, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    await redis_of(bot).set(f"connectbot:{{{TEAM}}}:people", "not a hash", px=60_000)
    await person("ben").types()
    await person("ben").sees_a_card()


async def test_a_job_that_meets_one_is_tried_again_and_not_dropped(bot: Bot) -> None:
    await redis_of(bot).set(f"connectbot:{{{TEAM}}}:link_card:x", "not a hash", px=60_000)
    await bot.deps.scheduler.plan(TEAM, Job(END_CARD, "x"), at=bot.deps.clock.now())
    await idle(bot)
    assert await bot.deps.scheduler.queue.count(TEAM, END_CARD) == 1


@pytest.mark.parametrize("command", [("INCR",), ("HGET", "x"), ("GETEX", "PX", "nonsense")])
async def test_what_concerns_one_key_says_nothing_of_the_server(bot: Bot, command: tuple[str, ...]) -> None:
    store: Store = bot.deps.audit
    await redis_of(bot).set(audit_key(TEAM), "text")
    name, *rest = command
    with pytest.raises(Exception) as raised:  # noqa: PT011 - redis-py's own
        await redis_of(bot).execute_command(name, audit_key(TEAM), *rest)
    assert concerns_one_record(raised.value)
    await redis_of(bot).delete(audit_key(TEAM))
    assert store.connection.dependency.up
