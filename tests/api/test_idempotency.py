"""A request that is made again with its Idempotency-Key is answered the same for a day, and carried out once."""

import asyncio
from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.links_api.answer_store import answer_name
from bot.mappings.unmap import unmap
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.api.conftest import MakeApp
from tests.conftest import Map
from tests.redis_probe import TEAM, redis_of

BEN, ANA = "U0BEN0001", "U0ANA0001"


@pytest.fixture(autouse=True)
async def _has_profiles(mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("ben", "Acme: Team")


def made(sandbox: Sandbox) -> int:
    """Count the links that Ayrshare has made."""
    return sum("generateJWT" in str(call["call"]) for call in sandbox.ayrshare.calls.since())


async def asks(app: App, key: str, **order: Any) -> Any:
    return await app.asks("POST", "/links", {"user": BEN} | order, Idempotency_Key=key)


async def test_the_same_request_gets_the_same_answer(app: App, sandbox: Sandbox) -> None:
    first, again = await asks(app, "one"), await asks(app, "one", networks=[], notify=False)
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert made(sandbox) == 1
    assert (await asks(app, "two")).body["id"] != first.body["id"]


async def test_the_answer_of_an_earlier_version_that_knew_fewer_fields_is_given_again(app: App, bot: Bot) -> None:
    first = await asks(app, "one")
    (key, _), *_ = await bot.deps.api_keys.all(TEAM)
    name = answer_name(key, "one")
    kept, _ = await bot.deps.api_answers.begin(TEAM, name, bot.deps.locks.attempt(TEAM, name))
    assert kept
    asked = kept[0].replace(',"notify":false', "")
    assert asked != kept[0]
    pipe = bot.deps.api_answers.connection.transaction()
    bot.deps.api_answers.keep(pipe, TEAM, name, asked, kept[1])
    await pipe.execute()
    assert (await asks(app, "one")).body == first.body
    assert (await asks(app, "one", notify=True)).problem == "idempotency_key_reused"


async def test_another_request_under_the_same_key_is_refused(app: App) -> None:
    await asks(app, "one")
    said = await asks(app, "one", networks=["tiktok"])
    assert (said.status, said.problem) == (422, "idempotency_key_reused")


async def test_another_apps_key_is_another(app: App, app_with: MakeApp) -> None:
    first, other = await asks(app, "one"), await asks(await app_with(), "one")
    assert first.body["id"] != other.body["id"]


async def test_one_that_is_carried_out_now_has_to_wait(app: App, sandbox: Sandbox) -> None:
    sandbox.ayrshare.faults.add("latency", ms=1_000)
    refused, first = sorted(await asyncio.gather(asks(app, "one"), asks(app, "one")), key=lambda said: -said.status)
    assert (refused.status, refused.problem, refused.headers["Retry-After"]) == (409, "still_working", "1")
    assert first.body == (await asks(app, "one")).body
    assert made(sandbox) == 1


async def test_what_failed_may_be_asked_for_again(app: App, sandbox: Sandbox) -> None:
    sandbox.ayrshare.faults.add("bad_api_key")
    assert (await asks(app, "one")).status == 502
    assert (await asks(app, "one")).status == 201


async def test_a_link_that_was_taken_back_is_not_given_again(app: App, bot: Bot) -> None:
    first = await asks(app, "one")
    await unmap(bot.deps, TEAM, UserId(BEN), [first.body["profile"]["ref_id"]], by=UserId(ANA))
    said = await asks(app, "one")
    assert (said.status, said.problem) == (409, "link_taken_back")


@pytest.mark.parametrize("key", ["", "a" * 256, "\u00e9"])
async def test_a_malformed_key_is_refused(app: App, key: str) -> None:
    said = await asks(app, key)
    assert (said.status, said.problem) == (400, "idempotency_key_malformed")


async def test_an_answer_is_kept_sealed_for_a_day(app: App, bot: Bot) -> None:
    await asks(app, "one")
    (name,) = [key async for key in redis_of(bot).scan_iter("connectbot:*:api_answer:*")]
    assert str(await redis_of(bot).get(name)).startswith("v1:")
    assert 86_000 < await redis_of(bot).ttl(name) <= 86_400
