"""`keys`: a new encryption key, and the old ones retired while the bot serves."""

import asyncio
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Profile
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId
from bot.profiles.store import ProfileStore, profiles_key
from bot.slack.actions import NEW_LINK, OPEN_LINK
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import KeyFile, keys_named_in, new_key, parse_keys
from bot.storage.envelope import KEY_FILE, KeyRing, key_ring
from sandbox.server import Sandbox
from tests.commands import SURROUNDINGS, Ended, bot_command, bot_process, command
from tests.eventually import eventually
from tests.users import OPENED, Someone

TEAM, BEN = TeamId("T0CONNECT"), "U0BEN0001"
MANY = 20_000
"""As many profiles take `rotate` so long that it can be cut short."""


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """What `keys` needs: no Slack, no Ayrshare."""
    return {"DATA_DIR": str(tmp_path / "data")}


async def keys(what: str, environment: dict[str, str]) -> Ended:
    return await command("keys", what, environment=environment)


def key_file(environment: dict[str, str]) -> Path:
    return Path(environment["DATA_DIR"]) / KEY_FILE


def lines_of(environment: dict[str, str]) -> list[str]:
    return key_file(environment).read_text().splitlines()


def ids_of(environment: dict[str, str]) -> list[str]:
    return [line.partition(":")[0] for line in lines_of(environment)]


@asynccontextmanager
async def redis_of(environment: dict[str, str]) -> AsyncIterator[Connection]:
    async with embedded_server(Path(environment["DATA_DIR"]), bot=False) as url:
        connection = open_connection(SecretStr(url), Metrics())
        async with connection.redis:
            yield connection


async def test_a_new_key_comes_in_front_and_is_not_shown(alone: dict[str, str]) -> None:
    await keys("generate", alone)
    first = lines_of(alone)
    ended = await keys("generate", alone)
    assert (ended.code, ended.err) == (0, "")
    assert lines_of(alone)[1:] == first
    assert ids_of(alone)[0] in ended.out
    assert "keys rotate" in ended.out
    assert not any(line.partition(":")[2] in ended.out for line in lines_of(alone))


async def test_commands_at_once_lose_no_key(alone: dict[str, str]) -> None:
    ended = await asyncio.gather(*(bot_command("keys", "generate", environment=alone) for _ in range(3)))
    told = {found[0] for one in ended if (found := re.findall(r"Key (\w+) now", one.out))}
    assert len(told) == 3
    assert set(ids_of(alone)) == told


@pytest.mark.parametrize(
    "variables", [{"ENCRYPTION_KEYS": new_key()}, {"REDIS_URL": "redis://127.0.0.1:1"}], ids=["in use", "to be used"]
)
async def test_for_encryption_keys_a_new_key_is_printed_with_the_words_apart(
    alone: dict[str, str], variables: dict[str, str]
) -> None:
    ended = await keys("generate", alone | variables)
    assert ended.code == 0
    assert len(parse_keys(ended.out)) == 1
    assert ended.out.strip() not in variables.values()
    assert "in front of the others" in ended.err
    assert not key_file(alone).exists()


async def test_a_damaged_key_file_is_said_in_a_sentence(alone: dict[str, str]) -> None:
    await keys("generate", alone)
    key_file(alone).write_text("k1:canary")
    for what in ("generate", "rotate"):
        ended = await keys(what, alone)
        assert ended.code == 1
        assert "can't be read" in ended.err
        assert "canary" not in ended.err
    assert key_file(alone).read_text() == "k1:canary"


async def test_keys_are_rotated_beside_the_running_bot(
    environment: dict[str, str], sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    key = next(profile.key for profile in sandbox.ayrshare.profiles if profile.title == "Acme: Jane")
    await command("mappings", "set", TEAM, BEN, "--quiet", environment=environment, typed=key)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    ben = Someone(session, sandbox.url, "ben")
    async with bot_process(environment, port=port) as bot:
        await ben.types()
        card = await ben.sees_a_card("Acme: Jane")
        await keys("generate", environment)
        rotated = await keys("rotate", environment)
        assert rotated.code == 0, rotated.err
        new, old = ids_of(environment)
        assert f"re-encrypted with key {new}: 1. Already under it: 0." in rotated.out
        told = re.search(rf"{old} may go from (\S+ \S+) UTC on", rotated.out)
        assert told
        dies = datetime.fromtimestamp(card.moments[-1], UTC)
        late = datetime.fromisoformat(f"{told[1]}+00:00") - dies - timedelta(hours=24)
        assert timedelta(0) <= late <= timedelta(minutes=1, seconds=1)

        await ben.clicks(card, OPEN_LINK.label)
        await ben.sees(OPENED)  # sealed again, with the new key
        again = await keys("rotate", environment)
        assert f"{old} may go now" in again.out
        assert "re-encrypted with key" in again.out
        key_file(environment).write_text(lines_of(environment)[0])
        await ben.clicks(card, NEW_LINK.label)
        await ben.sees_a_card("Acme: Jane")
        assert await bot.stop() == 0


async def test_what_cannot_be_read_is_named_and_kept_and_the_exit_code_is_1(alone: dict[str, str]) -> None:
    await keys("generate", alone)
    lost, ref_id = new_key(), RefId("a" * 40)
    async with redis_of(alone) as redis:
        await ProfileStore(redis, KeyRing(parse_keys(lost))).save(
            TEAM, Profile(ref_id, "Acme: Jane", SecretStr("CANARY-KEY"))
        )
        await redis.redis.hset(profiles_key(TEAM), "b" * 40, "gibberish")
        kept = await redis.redis.hgetall(profiles_key(TEAM))
        ended = await keys("rotate", alone)
        assert await redis.redis.hgetall(profiles_key(TEAM)) == kept
    assert ended.code == 1
    assert "2 can't be read" in ended.out
    assert "There is no older key" in ended.out
    assert f"{TEAM}  Acme: Jane ({ref_id}): it wants key {lost.partition(':')[0]}" in ended.out
    assert f"({'b' * 40}): the record is damaged" in ended.out

    path = key_file(alone)
    path.write_text(f"{path.read_text().strip()}\n{lost}\n")
    ended = await keys("rotate", alone)
    assert f"re-encrypted with key {ids_of(alone)[0]}: 1." in ended.out
    assert f"{lost.partition(':')[0]} may go now" in ended.out


async def test_encryption_keys_are_rotated_without_a_file(alone: dict[str, str]) -> None:
    old, new = new_key(), new_key()
    profile = Profile(RefId("a" * 40), "Acme: Jane", SecretStr("CANARY-KEY"))
    async with redis_of(alone) as redis:
        await ProfileStore(redis, KeyRing(parse_keys(old))).save(TEAM, profile)
        ended = await keys("rotate", alone | {"ENCRYPTION_KEYS": f"{new},{old}"})
        assert ended.code == 0, ended.err
        assert f"{old.partition(':')[0]} may go now" in ended.out
        assert "take it out of ENCRYPTION_KEYS" in ended.out
        assert await ProfileStore(redis, KeyRing(parse_keys(new))).get(TEAM, profile.ref_id) == (profile,)
    assert not key_file(alone).exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
async def test_a_rotation_that_is_cut_short_loses_nothing_and_can_be_run_again(
    alone: dict[str, str], number: signal.Signals
) -> None:
    profiles = [Profile(RefId(f"{n:040x}"), f"Title {n}", SecretStr(f"CANARY-{n}")) for n in range(MANY)]
    refs = [profile.ref_id for profile in profiles]
    async with redis_of(alone) as redis:
        store = ProfileStore(redis, key_ring(None, data_dir=Path(alone["DATA_DIR"])))
        await redis.redis.hset(profiles_key(TEAM), mapping={p.ref_id: store.record(TEAM, p) for p in profiles})
        KeyFile(key_file(alone)).add()
        new, old = ids_of(alone)

        async def begun() -> bool:
            some = await redis.redis.hrandfield(profiles_key(TEAM), 100, withvalues=True)
            return new in keys_named_in(str(some))

        async with _rotating(alone) as process:
            await eventually(begun, "the first profiles are re-encrypted", within=20)
            process.send_signal(number)
            _, err = await process.communicate()
        assert process.returncode in {-number, 128 + number}
        used = [keys_named_in(str(record)) for record in await redis.redis.hvals(profiles_key(TEAM))]
        assert 0 < used.count(frozenset({new})) < MANY
        assert await store.get(TEAM, *refs) == tuple(profiles)
        if number == signal.SIGINT:
            assert re.search(r"Stopped with [1-9]\d* profiles not looked at. Nothing is lost", err.decode())

        ended = await keys("rotate", alone)
        assert (ended.code, ended.err) == (0, "")
        left = used.count(frozenset({old}))
        assert f"re-encrypted with key {new}: {left}. Already under it: {MANY - left}." in ended.out
        assert f"{old} may go now" in ended.out
        assert await store.get(TEAM, *refs) == tuple(profiles)


@asynccontextmanager
async def _rotating(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "keys", "rotate"),
        env=SURROUNDINGS | environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
