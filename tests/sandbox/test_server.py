"""The sandbox as a whole."""

import asyncio

import aiohttp
import pytest

from sandbox.server import Sandbox


async def test_it_gives_its_port_back() -> None:
    async with Sandbox() as first:
        port = int(first.url.rsplit(":", 1)[1])
    async with (
        Sandbox(port=port) as second,
        aiohttp.ClientSession() as session,
        session.get(f"{second.url}/control/world") as answer,
    ):
        assert answer.status == 200


async def test_a_taken_port_is_an_error_that_leaves_nothing_behind() -> None:
    async with Sandbox() as first:
        tasks = asyncio.all_tasks()
        with pytest.raises(OSError, match="in use"):
            await Sandbox(port=int(first.url.rsplit(":", 1)[1])).__aenter__()
        assert asyncio.all_tasks() == tasks


async def test_the_bots_address_can_be_given_and_changed() -> None:
    sandbox = Sandbox(bot_url="http://127.0.0.1:3000/")
    assert sandbox.slack.bot_url == "http://127.0.0.1:3000"
    sandbox.bot_url = "http://127.0.0.1:3001"
    assert sandbox.slack.bot_url == "http://127.0.0.1:3001"
