"""A process is killed between what happened and its event: the event comes after a restart, with the same id."""

import json
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.commands import bot_process
from tests.events.receiver import SECRET, Receiver, listening
from tests.eventually import eventually
from tests.outliving_redis import outliving_redis
from tests.test_process import port
from tests.test_restart import Start, settings, start
from tests.users import Someone

__all__ = ["port", "settings", "start"]


@pytest.fixture
async def receiver() -> Receiver:
    """A receiver that has an address and doesn't listen yet."""
    receiver = Receiver()
    async with listening(receiver):
        return receiver


@pytest.fixture
async def environment(
    environment: dict[str, str], receiver: Receiver, sandbox: Sandbox, tmp_path: Path
) -> AsyncIterator[dict[str, str]]:
    told = {"CONNECT_EVENTS_URL": receiver.url, "CONNECT_EVENTS_SECRET": SECRET}
    async with outliving_redis(environment | told, sandbox, tmp_path, "ben") as settings:
        yield settings


async def makes_a_link(ben: Someone) -> None:
    await ben.types()
    await ben.sees_a_card()


async def loses_an_account(ben: Someone) -> None:
    await ben.types("status")
    await ben.sees("Acme: Jane")
    await ben.post("ayrshare", do="unlink", profile="Acme: Jane", network="instagram")
    await ben.types("status")


CAUSES = {"link.made": makes_a_link, "account.dropped": loses_an_account}


@pytest.mark.parametrize("kind", CAUSES)
@pytest.mark.parametrize("before", ["it could be sent", "it was answered"])
async def test_an_event_comes_after_a_restart_with_the_same_id(
    session: aiohttp.ClientSession,
    sandbox: Sandbox,
    environment: dict[str, str],
    receiver: Receiver,
    port: int,
    start: Start,
    clock: ManualClock,
    kind: str,
    before: str,
) -> None:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    at = int(receiver.url.rpartition(":")[2].partition("/")[0])
    async with bot_process(environment, port=port) as process, AsyncExitStack() as stack:
        if before == "it was answered":
            receiver.answers.clear()
            await stack.enter_async_context(listening(receiver, port=at))
        await CAUSES[kind](Someone(session, sandbox.url, "ben"))

        async def under_way() -> bool:
            return bool(receiver.requests) or any("event_not_taken" in line for line in process.log)

        await eventually(under_way, "the event is being sent, or can't be")
        await process.stop(signal.SIGKILL)
    cut_short = len(receiver.requests)
    receiver.answers.set()
    async with listening(receiver, port=at), start():
        await clock.advance_seconds(60)

        async def comes() -> bool:
            return len(receiver.requests) > cut_short

        await eventually(comes, "the event comes")
    assert {(headers["webhook-id"], json.loads(body)["type"]) for headers, body in receiver.requests} == {
        (receiver.requests[-1][0]["webhook-id"], kind)
    }
    assert len({body for _, body in receiver.requests}) == 1
    receiver.events()
