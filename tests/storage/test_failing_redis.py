"""The ways in which Redis fails while a card is live: what people read, what the log and /readyz say, and the way back.

A server of the operator's own is killed, hangs, wants another password, is full, or is made a replica.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import Bot
from bot.slack.actions import OPEN_LINK
from bot.storage.batching import TIMEOUT
from bot.storage.errors import StoreTooSlow
from sandbox.server import Sandbox
from tests import canaries
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.fuzz.world import environment as bot_environment
from tests.keys import RING
from tests.redis_probe import idle
from tests.redis_servers import PASSWORD, RedisServer, data_options
from tests.users import OPENED, Someone

SAID = "I can't reach my database. Nothing is lost. Try again in a minute."
CAUSES = {
    "killed": "ConnectionRefusedError",
    "hanging": "TimeoutError",
    "another_password": "WRONGPASS (it wants another password)",
    "full": "OOM (its memory is full)",
    "replica": "READONLY (it is a replica)",
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path, *data_options())
    try:
        await server.start()
        yield server
    finally:
        server.thaw()
        await server.close()


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path, server: RedisServer) -> dict[str, str]:
    url = f"redis://:{PASSWORD}@127.0.0.1:{server.port}/0"
    return bot_environment(sandbox, tmp_path) | {"REDIS_URL": url, "ENCRYPTION_KEYS": RING}


async def fails(server: RedisServer, how: str) -> None:
    match how:
        case "killed":
            await server.kill()
        case "hanging":
            server.freeze()
        case "another_password":
            await server.client.config_set("requirepass", "another")
            await server.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        case "full":
            await server.client.config_set("maxmemory", 1)
        case "replica":
            await server.client.replicaof("127.0.0.1", 1)


async def recovers(server: RedisServer, how: str) -> None:
    match how:
        case "killed":
            await server.start()
        case "hanging":
            server.thaw()
        case "another_password":
            await server.client.config_set("requirepass", PASSWORD)
        case "full":
            await server.client.config_set("maxmemory", 0)
        case "replica":
            await server.client.replicaof("NO", "ONE")


async def readiness(ben: Someone, sandbox: Sandbox) -> tuple[int, str]:
    async with ben.session.get(f"{sandbox.bot_url}/readyz") as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("how", CAUSES)
async def test_it_is_said_at_once_and_everything_goes_on_when_it_is_back(
    person: Person,
    mapped: Map,
    bot: Bot,
    sandbox: Sandbox,
    server: RedisServer,
    clock: ManualClock,
    log_lines: canaries.Lines,
    how: str,
) -> None:
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await ben.types()
    card = await ben.sees_a_card()
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)
    await idle(bot)

    await fails(server, how)
    assert (await ben.types("status"))["ok"]
    await ben.sees(SAID, within=2 * TIMEOUT.total_seconds())
    status, problem = await readiness(ben, sandbox)
    assert status == 503
    assert CAUSES[how] in problem
    lines = "".join(log_lines.lines)
    assert CAUSES[how] in lines
    assert StoreTooSlow.kind not in lines

    await recovers(server, how)

    async def works() -> bool:
        await ben.types("status")
        answer = (await ben.messages())[-1]
        return "🟢" in answer.all_words

    await eventually(works, "commands work again")
    assert (await readiness(ben, sandbox))[0] == 200
    await clock.advance(timedelta(minutes=6))
    await ben.sees("expired", where=lambda seen: seen.ts == card.ts)
