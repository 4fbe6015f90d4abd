"""API keys: made, listed, limited and revoked at the shell; each request brings one."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from tests.api.apps import App, new_key
from tests.api.conftest import MakeApp
from tests.canaries import Lines
from tests.clock import ManualClock
from tests.commands import command
from tests.conftest import Map
from tests.redis_probe import redis_of, trail


@pytest.mark.parametrize("token", ["", "x", "connectbot_T0CONNECT_" + "0" * 64, "connectbot_T0OTHER_" + "0" * 64])
async def test_a_request_without_a_key_that_works_is_refused(app: App, token: str) -> None:
    said = await App(app.session, app.url, token).asks("GET", "/profiles")
    assert (said.status, said.problem) == (401, "key_refused")
    assert said.headers["WWW-Authenticate"].startswith("Bearer")


async def test_nobody_waits_for_the_body_of_a_request_without_a_key(app: App) -> None:
    at = urlsplit(app.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    head = f"Authorization: Bearer connectbot_T0CONNECT_{'0' * 64}\r\nContent-Type: application/json\r\n"
    writer.write(f"POST /api/v1/links HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 9\r\n\r\n".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 401")
    writer.close()


async def test_requests_without_a_key_are_counted_and_logged_once_an_hour(app: App, bot: Bot, log_lines: Lines) -> None:
    stranger = App(app.session, app.url, "")
    for _ in range(3):
        await stranger.asks("GET", "/profiles")
    assert bot.deps.metrics.http_refused.labels("app", "key_refused")._value.get() == 3
    assert sum("key_refused" in line for line in log_lines.lines) == 1


async def test_a_key_is_stored_as_a_hash_and_its_making_is_in_the_audit_log(app: App, bot: Bot) -> None:
    stored = await redis_of(bot).hgetall("connectbot:{T0CONNECT}:api_keys")
    assert len(stored) == 1
    assert app.token not in str(stored)
    assert app.token.rpartition("_")[2] not in str(stored)
    (row,) = await trail(bot, "api_key_created")
    assert "Bubble" in row.detail


async def test_it_is_listed_with_its_last_use_and_never_shown_again(app: App, environment: dict[str, str]) -> None:
    before = await command("api-keys", "list", environment=environment)
    assert before.out.rstrip().endswith("never\tnever")
    await app.asks("GET", "/profiles")
    after = await command("api-keys", "list", environment=environment)
    assert "Bubble\tall\t60\tnever\t20" in after.out
    assert app.token not in after.out


async def test_a_revoked_key_works_no_more(app: App, environment: dict[str, str]) -> None:
    assert (await app.asks("GET", "/profiles")).status == 200
    key_id = (await command("api-keys", "list", environment=environment)).out.splitlines()[1].partition("\t")[0]
    revoked = await command("api-keys", "revoke", key_id, environment=environment)
    assert revoked.code == 0
    assert (await app.asks("GET", "/profiles")).status == 401
    assert (await app.asks("POST", "/links", json={"neither": "profile nor user"})).status == 401
    assert (await command("api-keys", "revoke", key_id, environment=environment)).code == 1
    assert "There is no API key" in (await command("api-keys", "list", environment=environment)).out


async def test_a_key_expires(app_with: MakeApp, clock: ManualClock) -> None:
    app = await app_with("--days", "1")
    assert (await app.asks("GET", "/profiles")).status == 200
    clock.jump(timedelta(days=1, minutes=1))
    assert (await app.asks("GET", "/profiles")).status == 401


async def test_a_key_has_a_rate(app_with: MakeApp) -> None:
    app, other = await app_with("--rate", "2"), await app_with("--rate", "2")
    assert [(await app.asks("GET", "/profiles")).status for _ in range(2)] == [200, 200]
    said = await app.asks("GET", "/profiles")
    assert (said.status, said.problem) == (429, "key_used_too_often")
    assert 1 <= int(said.headers["Retry-After"]) <= 60
    assert (await other.asks("GET", "/profiles")).status == 200


async def test_a_rate_is_free_again_when_the_servers_clock_is_set_back(app_with: MakeApp, bot: Bot) -> None:
    app = await app_with("--rate", "2")
    assert [(await app.asks("GET", "/profiles")).status for _ in range(3)] == [200, 200, 429]
    (key,) = [one async for one in redis_of(bot).scan_iter("*:api_key_uses:*")]
    for use in await redis_of(bot).zrange(key, 0, -1):
        await redis_of(bot).zincrby(key, timedelta(hours=1) / timedelta(milliseconds=1), use)
    assert (await app.asks("GET", "/profiles")).status == 200


async def test_a_key_for_a_profile_that_is_not_there_is_not_made(
    bot: Bot, mapped: Map, environment: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    made = await command("api-keys", "create", "--name", "x", "--profiles", "0" * 40, environment=environment)
    assert made.code == 2
    assert "0" * 40 in made.err


async def test_the_workspace_is_the_tokens_or_named(bot: Bot, sandbox: Sandbox, environment: dict[str, str]) -> None:
    assert (await new_key(environment)).startswith("connectbot_T0CONNECT_")
    assert (await new_key(environment, "--team", "T0OTHER")).startswith("connectbot_T0OTHER_")
