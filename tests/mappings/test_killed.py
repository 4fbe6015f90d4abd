"""A process is killed in the middle of a change of mappings: whoever serves next ends the links and tells people."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.slack.actions import ASK_ADMIN, OPEN_LINK
from sandbox.server import Sandbox
from tests.commands import bot_process, worker_process
from tests.eventually import eventually
from tests.mappings.mapping_helpers import ANA
from tests.mappings.removal_helpers import card_of, page_of
from tests.modals import sees_modal
from tests.outliving_redis import outliving_redis
from tests.test_process import port
from tests.users import OPENED, Someone

__all__ = ["port"]
POSTING = "chat.postMessage"
SUBCOMMANDS = {"unmap": ("unmap @ben", "Unmap *Acme: Jane*"), "handover": ("handover @ben @cara", "one profile")}
AFTER_A_KILL = 20
"""Seconds, more than the jobs wait for the process that died."""


@pytest.fixture
async def environment(environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """A bot's settings with a Redis that outlives it, where Ben has a profile."""
    by_session = environment | {"AYRSHARE_LINK_API": "session"}
    async with outliving_redis(by_session, sandbox, tmp_path, "ben") as settings:
        yield settings


@pytest.mark.parametrize("change", SUBCOMMANDS)
async def test_links_end_and_people_are_told_once_although_the_process_died_at_the_first_revocation(
    session: aiohttp.ClientSession, sandbox: Sandbox, environment: dict[str, str], port: int, change: str
) -> None:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    ana, ben = (Someone(session, sandbox.url, name) for name in ("ana", "ben"))
    dm = Someone(session, sandbox.url, "ben", sandbox.slack.world.dm_of("ben"))
    text, question = SUBCOMMANDS[change]

    async def revoking() -> bool:
        return any(str(call["call"]).startswith("DELETE") for call in sandbox.ayrshare.calls.since())

    async with bot_process(environment, port=port) as bot:
        card = await card_of(ben)
        await ben.clicks(card, OPEN_LINK.label)
        await ben.sees(OPENED)
        await ana.types(text)
        modal = await sees_modal(ana, question)
        sandbox.ayrshare.faults.add("timeout", times=None, ms=20_000)
        await modal.submits()
        await eventually(revoking, "Ayrshare is asked to revoke the link")
        await bot.stop(signal.SIGKILL)
    sandbox.ayrshare.faults.clear()
    assert await page_of(ben, card.url) == 200
    async with worker_process(environment):
        cancelled = await ben.sees("This link is cancelled.", within=AFTER_A_KILL)
        assert cancelled.url is None
        assert await page_of(ben, card.url) == 401
        told = await dm.sees(f"<@{ANA}>", "*Acme: Jane*", within=AFTER_A_KILL)
        assert "Your links to it have ended." in told.text
    assert len(await dm.messages()) == 1


async def test_the_admins_are_asked_once_who_takes_over_although_the_process_died_at_the_post(
    session: aiohttp.ClientSession, sandbox: Sandbox, environment: dict[str, str], port: int
) -> None:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    admin = Someone(session, sandbox.url, "ana", sandbox.slack.world.dm_of("ana"))
    async with bot_process(environment, port=port) as bot:
        sandbox.slack.faults.add("timeout", times=None, ms=20_000, method=POSTING)
        user = sandbox.slack.world.user("ben")
        user.deleted = True
        profile = user.as_json(home_team=sandbox.slack.world.team.id, with_email=False)
        await sandbox.slack.events.send({"type": "user_change", "user": profile, "cache_ts": 1})
        await eventually(lambda: called(sandbox, POSTING), "the question is being posted")
        await bot.stop(signal.SIGKILL)
    sandbox.slack.faults.clear()
    async with worker_process(environment):
        await admin.sees("has left", within=60)
    assert len(await admin.messages()) == 1


async def test_a_request_to_the_admins_reaches_one_although_the_process_died_at_the_post(
    session: aiohttp.ClientSession, sandbox: Sandbox, environment: dict[str, str], port: int
) -> None:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    dan, admin = (
        Someone(session, sandbox.url, "dan"),
        Someone(session, sandbox.url, "ana", sandbox.slack.world.dm_of("ana")),
    )
    async with bot_process(environment, port=port) as bot:
        await dan.types()
        question = await dan.sees("have a profile yet")
        sandbox.slack.faults.add("timeout", times=None, ms=20_000, method=POSTING)
        await dan.clicks(question, ASK_ADMIN.label)
        await eventually(lambda: called(sandbox, POSTING), "the request is being posted")
        await bot.stop(signal.SIGKILL)
    sandbox.slack.faults.clear()
    async with bot_process(environment, port=port):
        await dan.clicks(question, ASK_ADMIN.label)
        await dan.sees("I keep trying", within=AFTER_A_KILL)  # the post that was cut short may still be accepted
        await admin.sees(sandbox.slack.world.user("dan").id, within=60)
        await dan.clicks(question, ASK_ADMIN.label)
        await dan.sees("admins know")
    assert len(await admin.messages()) == 1


async def called(sandbox: Sandbox, call: str) -> bool:
    return any(one["call"] == call for one in sandbox.slack.calls.since())
