"""A damaged key that a whole workspace shares, or one damaged field of it, troubles as few as possible."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.app import Bot
from bot.profiles.store import profiles_key
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import ALL_WORKSPACES
from bot.slack.actions import OPEN_LINK
from bot.storage.connection import Store
from bot.storage.damage import MARK, Shape
from tests.canaries import Lines
from tests.cli.examined import examined
from tests.clock import ManualClock
from tests.commands import command
from tests.conftest import Map, Person
from tests.core.test_metrics import figures
from tests.eventually import eventually
from tests.redis_probe import TEAM, idle, redis_of
from tests.users import OPENED

UNREAD = "What I have stored for this can't be read"
WRONG_TYPES = '{"title": 5, "key": [], "refs": "x", "default": 1, "accounts": [[1, 2, 9e99, 0]], "at": "x"}'
GARBAGE = ("not JSON", "[]", "{}", "null", "9" * 400, "[" * 9000, b"\xff\xfe\x00", WRONG_TYPES)


def shapes() -> list[Shape]:
    return [shape for store in Store.__subclasses__() for shape in store.shapes]


def replaceable(*types: str) -> list[Shape]:
    return [one for one in shapes() if not one.irreplaceable and (not types or one.type in types)]


async def damage(redis: Any, *damaged: Shape) -> None:
    """Put something of another type in the keys' places, in one step."""
    pipe = redis.pipeline()
    for shape in damaged:
        key = shape.key(TEAM)
        pipe.delete(key)
        (pipe.rpush if shape.type == "string" else pipe.set)(key, "not this")
        pipe.pexpire(key, 10**9)
    await pipe.execute()


async def test_operators_see_it_and_set_the_rest_aside(
    person: Person, mapped: Map, bot: Bot, environment: dict[str, str], session: aiohttp.ClientSession
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    redis, people = redis_of(bot), f"connectbot:{{{TEAM}}}:people"
    assert (await examined(environment)).status("records") == ["ok"]
    await redis.set(people, "not a hash", px=10**9)
    await person("ben").types()
    await person("ben").sees_a_card()
    report = await examined(environment)
    assert (report.status("records"), people in report.told("records")) == (["note"], True)
    assert people in (await command("status", environment=environment)).out
    assert 'connectbot_records_set_aside_total{record="people"} 1.0' in (await figures(bot, session))[1]

    await redis.hset(f"connectbot:{{{TEAM}}}:mappings", "U0CARA001", "not JSON")
    report = await examined(environment)
    assert report.status("records") == ["wrong"]
    assert "mappings (U0CARA001): JSONDecodeError" in report.told("records")
    stated = await command("status", environment=environment)
    assert (stated.code, "mappings (U0CARA001)" in stated.out) == (1, True)
    assert "mappings (U0CARA001)" in (await command("repair", "--records", environment=environment)).out
    assert (await examined(environment)).status("records") == ["note"]
    assert "All records can be read" in (await command("repair", "--records", environment=environment)).out
    await person("ana").types("list")
    await person("cara").types()
    await person("cara").sees("You don't have a profile yet")


async def aside(redis: Any) -> list[str]:
    return sorted([str(key).partition(MARK)[0] async for key in redis.scan_iter(match=f"*{MARK}*", count=1000)])


async def test_whatever_can_be_found_out_again_is_set_aside_and_refuses_nobody(
    person: Person, mapped: Map, bot: Bot, log_lines: Lines
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    redis = redis_of(bot)
    await damage(redis, *replaceable())
    await person("ben").types()
    await person("ben").sees_a_card()
    await person("cara").types("status")
    await person("cara").sees("Globex")
    await person("ana").types("list")
    await person("ana").sees("Globex", "Acme: Jane")
    assert await bot.deps.mappings.teams() == (TEAM,)
    await eventually(lambda: redis.zscore(DUE, ALL_WORKSPACES), "the hourly work is looked for again")
    types = {shape.name: (await redis.type(shape.key(TEAM)), shape.type) for shape in replaceable()}
    assert {name: kinds for name, kinds in types.items() if kinds[0] not in {kinds[1], "none"}} == {}
    assert len(await aside(redis)) == len(types)
    assert any("damage_set_aside" in line and "snapshots" in line for line in log_lines.lines)
    assert bot.deps.audit.connection.dependency.up


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_a_damaged_field_troubles_its_own_profile_and_heals(
    person: Person, mapped: Map, bot: Bot, garbage: str | bytes
) -> None:
    await mapped("ben", "Acme: Jane")
    cara = (await mapped("cara", "Globex")).ref_id
    await person("ben").types("status")
    await person("ben").sees("Acme: Jane")
    redis, ben = redis_of(bot), "U0BEN0001"
    for shape in replaceable("hash"):
        await redis.hset(shape.key(TEAM), "U0CARA001" if shape.name == "people" else cara, garbage)
        if shape.name.startswith("job_"):
            await redis.pexpire(shape.key(TEAM), 10**9)
    await person("ana").types("list")
    await person("ana").sees("Globex", "Acme: Jane")
    await person("cara").types()
    await person("cara").sees_a_card()
    await person("ben").types()
    await person("ben").sees_a_card()
    assert await redis.hexists(f"connectbot:{{{TEAM}}}:people", ben)
    await redis.delete(*[key async for key in redis.scan_iter(match="*:processes")])


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_what_nothing_can_bring_back_stays_and_troubles_only_who_needs_it(
    person: Person, mapped: Map, bot: Bot, garbage: str | bytes
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    dan = (await mapped("dan", "Acme: Team")).ref_id
    redis = redis_of(bot)
    await redis.hset(f"connectbot:{{{TEAM}}}:mappings", "U0CARA001", garbage)
    await redis.hset(f"connectbot:{{{TEAM}}}:profiles", dan, garbage)
    for name in ("cara", "dan"):
        await person(name).types()
        await person(name).sees(UNREAD)
    await person("ben").types()
    await person("ben").sees_a_card()
    await person("ana").types("list")
    await person("ana").sees("Acme: Jane")
    assert not [seen for seen in await person("ana").messages() if UNREAD in seen.text]
    assert await aside(redis) == []


async def test_a_card_counts_down_and_ends_although_no_profile_can_be_read(
    person: Person, mapped: Map, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    await ben.sees(OPENED)
    await idle(bot)
    await damage(redis_of(bot), *(one for one in shapes() if one.key(TEAM) == profiles_key(TEAM)))
    await clock.advance(timedelta(minutes=3))
    await ben.sees("*2 min left*")
    await clock.advance(timedelta(minutes=2))
    await ben.sees("expired at")
