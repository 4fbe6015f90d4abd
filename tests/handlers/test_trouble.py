"""What the bot needs is away or broken: the person gets a sentence, and no secret gets into the log."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.app import running_bot
from bot.ayrshare.model import Profile
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.settings import Settings
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing
from sandbox.server import Sandbox
from tests import canaries
from tests.cards.mail_helpers import MAILS
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.keys import RING
from tests.signed_requests import Signer, response_url_receiver
from tests.users import Someone

TEAM, BEN = TeamId("T0CONNECT"), UserId("U0BEN0001")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[str, AsyncExitStack]]:
    """A Redis of the operator's own, and the means to stop it."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(embedded_server(tmp_path / "own", bot=True))
        yield url, stack


@pytest.fixture
async def ben(
    server: tuple[str, AsyncExitStack],
    sandbox: Sandbox,
    clock: ManualClock,
    environment: dict[str, str],
    overrides: dict[str, str],
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    log_lines: canaries.Lines,
) -> AsyncIterator[Someone]:
    with monkeypatch.context() as patch:
        own = {"REDIS_URL": server[0], "ENCRYPTION_KEYS": RING}
        for name, value in (environment | own | overrides).items():
            patch.setenv(name, value)
        settings = Settings()
    connection = open_connection(SecretStr(server[0]), Metrics())
    profile = next(p for p in sandbox.ayrshare.profiles if p.title == "Acme: Jane")
    ring = KeyRing(parse_keys(RING))
    await ProfileStore(connection, ring).save(
        TEAM, Profile(RefId(profile.ref_id), profile.title, SecretStr(profile.key))
    )
    await MappingStore(connection).add(TEAM, BEN, RefId(profile.ref_id), by="test")
    await connection.redis.aclose()
    async with running_bot(settings, clock=clock) as bot:
        sandbox.bot_url = f"http://127.0.0.1:{bot.port}"
        yield Someone(session, sandbox.url, "ben")
        canaries.check(sandbox, bot, log_lines)


async def test_with_a_redis_of_its_own_the_bot_starts_no_server(ben: Someone, tmp_path: Path) -> None:
    await ben.types()
    await ben.sees_a_card("Acme: Jane")
    assert [path.name for path in await asyncio.to_thread(lambda: list(tmp_path.iterdir()))] == ["own"]


async def test_a_redis_that_goes_away_is_said_in_a_sentence_and_by_readyz(
    ben: Someone, server: tuple[str, AsyncExitStack], sandbox: Sandbox
) -> None:
    await server[1].aclose()
    assert (await ben.types())["ok"]
    await ben.sees("can't reach my database", within=3.0)
    async with ben.session.get(f"{sandbox.bot_url}/readyz") as answer:
        assert answer.status == 503
    async with ben.session.get(f"{sandbox.bot_url}/healthz") as answer:
        assert answer.status == 200


async def test_a_profile_key_that_cannot_be_opened_is_said_in_a_sentence(
    ben: Someone, server: tuple[str, AsyncExitStack]
) -> None:
    connection = open_connection(SecretStr(server[0]), Metrics())
    (ref_id,) = await connection.redis.hkeys("connectbot:{T0CONNECT}:profiles")
    await connection.redis.hset(
        "connectbot:{T0CONNECT}:profiles", ref_id, '{"title": "Acme: Jane", "key": "v1:other:AAAA"}'
    )
    await connection.redis.aclose()
    await ben.types()
    await ben.sees("I can't read the stored key of this profile.")


async def test_an_unexpected_failure_shows_a_number_that_is_also_in_the_log(
    ben: Someone, server: tuple[str, AsyncExitStack], log_lines: canaries.Lines
) -> None:
    connection = open_connection(SecretStr(server[0]), Metrics())
    (ref_id,) = await connection.redis.hkeys("connectbot:{T0CONNECT}:profiles")
    nonsense = json.dumps({"tiktok": {"since": 1, "name": "", "reason": 5}})
    await connection.redis.hset("connectbot:{T0CONNECT}:disconnected", ref_id, nonsense)
    await connection.redis.aclose()
    await ben.types("status")
    said = await ben.sees("Something went wrong")
    number = re.search(r"number (\w{8})", said.text)
    assert number
    assert number[1] in "".join(log_lines.lines)


async def test_an_answer_that_slack_refuses_is_logged_without_its_address(
    ben: Someone, sandbox: Sandbox, log_lines: canaries.Lines
) -> None:
    async def look() -> bool:
        return "answered_by_direct_message" in "".join(log_lines.lines)

    sandbox.slack.faults.add("response_url_expired", times=None)
    await ben.types("help")
    await eventually(look, "the refusal is logged")
    assert "/commands/" not in "".join(log_lines.lines)
    assert await ben.messages() == []


@pytest.mark.parametrize("overrides", [MAILS])
@pytest.mark.parametrize(("fault", "words"), [("latency", "mailed you"), ("error_503", "It may have been sent")])
async def test_a_redis_that_goes_away_while_a_link_is_mailed_asks_nobody_to_try_again(
    ben: Someone,
    server: tuple[str, AsyncExitStack],
    sandbox: Sandbox,
    overrides: dict[str, str],
    fault: str,
    words: str,
) -> None:
    sandbox.ayrshare.max_pack = True
    sandbox.ayrshare.faults.add("latency", ms=800)
    if fault != "latency":
        sandbox.ayrshare.faults.add(fault)
    await ben.types("email")

    async def asked() -> bool:
        return bool(sandbox.ayrshare.calls.since())

    await eventually(asked, "Ayrshare is asked")
    await server[1].aclose()
    await ben.sees(words)
    (said,) = await ben.messages()
    assert "Redis" not in said.text
    assert len(sandbox.ayrshare.calls.since()) == 1


UP = 'connectbot_dependency_up{dependency="redis"} '


async def fetched(ben: Someone, sandbox: Sandbox, page: str) -> tuple[int, str]:
    async with ben.session.get(f"{sandbox.bot_url}/{page}") as answer:
        return answer.status, await answer.text()


async def raw(server: tuple[str, AsyncExitStack]) -> Redis:
    return open_connection(SecretStr(server[0]), Metrics()).redis


@pytest.mark.parametrize(
    ("trouble", "remedy", "cause"),
    [
        (
            ("CONFIG", "SET", "min-replicas-to-write", "1"),
            ("CONFIG", "SET", "min-replicas-to-write", "0"),
            "too few replicas are connected",
        ),
        (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE"), "it is a replica"),
        (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0"), "its memory is full"),
        (
            ("ACL", "SETUSER", "default", "-@scripting"),
            ("ACL", "SETUSER", "default", "+@scripting"),
            "this user may not do that",
        ),
        (
            ("ACL", "SETUSER", "default", "-@stream"),
            ("ACL", "SETUSER", "default", "+@stream"),
            "this user may not do that",
        ),
        (("CLIENT", "PAUSE", "4000", "ALL"), (), ""),
    ],
    ids=[
        "no replica to write to",
        "read-only",
        "out of memory",
        "no right to run scripts",
        "no right to streams",
        "slow",
    ],
)
async def test_a_redis_in_trouble_is_said_within_three_seconds_and_the_bot_recovers_by_itself(
    ben: Someone,
    server: tuple[str, AsyncExitStack],
    sandbox: Sandbox,
    log_lines: canaries.Lines,
    trouble: tuple[str, ...],
    remedy: tuple[str, ...],
    cause: str,
) -> None:
    redis = await raw(server)
    await redis.execute_command(*trouble)  # type: ignore[no-untyped-call] # redis-py leaves it untyped
    for number in (1, 2):
        await ben.types()
        await ben.sees_times(number)
    assert all("can't reach my database" in message.text for message in await ben.messages())
    if remedy:  # a paused server takes none; it is well again after four seconds
        for _ in ("a scrape", "another"):
            assert UP + "0.0" in (await fetched(ben, sandbox, "metrics"))[1]
            status, words = await fetched(ben, sandbox, "readyz")
            assert (status, cause in words) == (503, True)
        await redis.execute_command(*remedy)  # type: ignore[no-untyped-call] # as above
    await redis.aclose()

    async def healthy() -> bool:
        await ben.types()
        return any(message.url for message in await ben.messages())

    await eventually(healthy, "a card comes again", within=20)
    logged = "".join(log_lines.lines)
    if remedy:  # what is only slow may come and go
        assert logged.count("dependency_down") == 1
        assert logged.count("dependency_back") == 1
        assert cause in logged
        assert UP + "1.0" in (await fetched(ben, sandbox, "metrics"))[1]


async def test_a_redis_that_restarts_is_used_again(
    ben: Someone, server: tuple[str, AsyncExitStack], tmp_path: Path
) -> None:
    await server[1].aclose()
    await ben.types()
    await ben.sees("can't reach my database", within=3.0)
    async with embedded_server(tmp_path / "own", bot=True):

        async def answered() -> bool:
            await ben.types()
            return any(message.url for message in await ben.messages())

        await eventually(answered, "a card comes again")


async def test_two_replicas_answer_one_command_once(
    ben: Someone, server: tuple[str, AsyncExitStack], sandbox: Sandbox, environment: dict[str, str], tmp_path: Path
) -> None:
    async with response_url_receiver() as response_url, AsyncExitStack() as stack:
        ports = [int(sandbox.bot_url.rpartition(":")[2])]
        second = environment | {"REDIS_URL": server[0], "ENCRYPTION_KEYS": RING}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in second.items():
                patch.setenv(name, value)
            ports.append((await stack.enter_async_context(running_bot(Settings()))).port)
        signers = [Signer(ben.session, f"http://127.0.0.1:{port}", sandbox.slack.signing_secret) for port in ports]
        for number in range(5):
            twice = (signer.command(response_url.url, user_id=BEN, trigger_id=f"same {number}") for signer in signers)
            assert await asyncio.gather(*twice) == [200, 200]
            await response_url.receives_times(number + 1)
        made = [call for call in sandbox.ayrshare.calls.since() if "generateJWT" in str(call["call"])]
    assert len(made) == len(response_url.messages) == 5
