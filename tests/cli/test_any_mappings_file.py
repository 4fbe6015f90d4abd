"""Any CSV either applies whole or changes nothing: files made up by the hundred, through the command itself."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.core.metrics import Metrics
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.commands import Ended, command

TEAM = "T0CONNECT"
PEOPLE = {
    "U0BEN0001": "U0BEN0001",
    "ben@connect.example": "U0BEN0001",
    "CARA@connect.example": "U0CARA001",
    "U0DAN0001": "U0DAN0001",
    "leo@connect.example": None,
    "U0NOBODY1": None,
    "somebody": None,
    "": None,
}
"""What may stand in a file, and who is meant by it, if anybody."""
YES, NO, NEITHER = ("yes", "TRUE", "x"), ("", "no", "0"), ("perhaps", "-1")


@dataclass(frozen=True)
class Line:
    """A row as it is made up: the profile is a number, beyond those there are a wrong key."""

    user: str
    profile: int
    default: str


LINES = st.lists(
    st.builds(
        Line,
        # mostly right, so that whole files are
        user=st.sampled_from([*(name for name, user in PEOPLE.items() if user)] * 6 + [*PEOPLE]),
        profile=st.sampled_from([0, 1, 2, 3] * 8 + [4]),
        default=st.sampled_from([*NO * 12, *YES, *NEITHER[:1]]),
    ),
    max_size=8,
)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t"),
        "newline": st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
        "quote": st.booleans(),
        "remark": st.sampled_from(["", "two\nlines", 'a "word"', "a, b; c\td"]),
    }
)
Damage = tuple[int, int, bytes] | None
"""Where how many bytes are replaced by which."""
DAMAGE: st.SearchStrategy[Damage] = st.none() | st.tuples(
    st.integers(0, 400), st.integers(0, 20), st.binary(max_size=8)
)


@pytest.fixture
async def redis(environment: dict[str, str]) -> AsyncIterator[Redis]:
    async with embedded_server(Path(environment["DATA_DIR"]), bot=False) as url:
        connection = open_connection(SecretStr(url), Metrics())
        yield connection.redis
        await connection.redis.aclose()


def written(lines: list[Line], keys: list[str], dialect: dict[str, str]) -> bytes:
    rows = [["user", "profile_key", "default", "remark"]]
    rows += [[line.user, keys[line.profile], line.default, dialect["remark"]] for line in lines]
    quoted = [[_quoted(cell, dialect) for cell in row] for row in rows]
    return dialect["newline"].join(dialect["delimiter"].join(row) for row in quoted).encode(dialect["encoding"])


def damaged(content: bytes, damage: Damage) -> bytes:
    if damage is None:
        return content
    start, length, instead = damage
    return content[:start] + instead + content[start + length :]


def _quoted(cell: str, dialect: dict[str, str]) -> str:
    needed = dialect["quote"] or set(cell) & {*',;\t\n\r"'}
    return '"' + cell.replace('"', '""') + '"' if needed else cell


def meant(lines: list[Line]) -> dict[str, list[tuple[int, bool]]] | None:
    """Return by user the profiles and whether each is marked as the default, or None where a file is wrong."""
    marked: dict[tuple[str, int], bool] = {}
    for line in lines:
        user = PEOPLE[line.user]
        if user is None or line.profile > 3 or line.default in NEITHER:
            return None
        if marked.setdefault((user, line.profile), line.default in YES) != (line.default in YES):
            return None
    people: dict[str, list[tuple[int, bool]]] = {}
    for (user, profile), default in marked.items():
        people.setdefault(user, []).append((profile, default))
    return people if all(sum(default for _, default in group) <= 1 for group in people.values()) else None


People = dict[str, tuple[set[int], int]]
"""By user the profiles, and the default among them."""


def added(before: People, file: dict[str, list[tuple[int, bool]]]) -> People:
    """Return what everybody has once a whole file was added to what they had."""
    after = dict(before)
    for user, group in file.items():
        had, default = before.get(user, (set(), group[0][0]))
        marked = [profile for profile, is_default in group if is_default]
        after[user] = {*had, *(profile for profile, _ in group)}, (marked or [default])[0]
    return after


@dataclass(frozen=True)
class World:
    """A workspace whose mappings are changed through the command, and looked at in Redis itself."""

    redis: Redis
    environment: dict[str, str]
    file: Path
    refs: list[str]

    async def import_(self, content: bytes) -> Ended:
        self.file.write_bytes(content)
        return await command("mappings", "import", str(self.file), "--apply", environment=self.environment)

    async def kept(self) -> dict[str, str]:
        """Return all that is kept of the workspace."""
        return {key: str(await self._read(key)) for key in sorted(map(str, await self.redis.keys("*}*")))}

    async def _read(self, key: str) -> Any:
        kind = await self.redis.type(key)
        if kind == "zset":
            return await self.redis.zrange(key, 0, -1)
        if kind == "string":
            return await self.redis.get(key)
        return await (self.redis.xrange if kind == "stream" else self.redis.hgetall)(key)

    async def people(self) -> People:
        records = await self.redis.hgetall(f"connectbot:{{{TEAM}}}:mappings")
        read = {str(user): json.loads(record) for user, record in records.items()}
        number = self.refs.index
        return {user: ({*map(number, one["refs"])}, number(one["default"])) for user, one in read.items()}


@pytest.fixture
def world(redis: Redis, environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> World:
    sandbox.slack.scopes.add("users:read.email")
    sandbox.slack.rate_limits = False
    return World(redis, environment, tmp_path / "any.csv", [profile.ref_id for profile in sandbox.ayrshare.profiles])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(files=st.lists(st.tuples(LINES, DIALECTS, DAMAGE), min_size=1, max_size=2))
async def test_any_csv_either_applies_whole_or_changes_nothing(
    world: World, sandbox: Sandbox, clock: ManualClock, files: list[tuple[list[Line], dict[str, str], Damage]]
) -> None:
    await world.redis.flushall()
    await clock.advance(timedelta(minutes=6))  # Ayrshare allows a profile so many calls in five
    keys = [*(profile.key for profile in sandbox.ayrshare.profiles), "CANARY-12345678"]
    people: People = {}
    for lines, dialect, damage in files:
        before, file = await world.kept(), meant(lines)
        ended = await world.import_(damaged(written(lines, keys, dialect), damage))
        assert ended.code in {0, 1}, ended.out + ended.err
        assert not any(key in (ended.out + ended.err) for key in keys)
        if ended.code == 1:
            assert await world.kept() == before
            assert damage or file is None, ended.out + ended.err
        elif not damage:
            assert file is not None
            assert await world.people() == added(people, file)
        after = await world.people()
        assert all(profiles <= after[user][0] for user, (profiles, _) in people.items())
        people = after
