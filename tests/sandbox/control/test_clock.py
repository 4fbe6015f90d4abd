import asyncio
from datetime import timedelta

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.sandbox.control_client import ControlClient


async def test_the_clock_moves_forward_by_seconds_and_to_a_moment(
    control: ControlClient, clock: ManualClock, sandbox: Sandbox
) -> None:
    started = clock.now().timestamp()
    assert await control.get("clock") == {"now": started, "ahead": 0}
    moved = await control.post("clock", seconds=90)
    assert moved == {"ok": True, "followed": False, "now": started + 90, "ahead": 90}
    assert (await control.post("clock", to=int(started) + 3600))["ahead"] == 3600
    assert sandbox.slack.now() == clock.now() + timedelta(hours=1)


async def test_the_clock_is_not_moved_back_nor_by_more_than_a_year(control: ControlClient, clock: ManualClock) -> None:
    past, far = int(clock.now().timestamp()) - 1, 367 * 24 * 3600
    assert "forward" in (await control.post("clock", to=past))["error"]
    for wrong in ({"seconds": -1}, {"seconds": far}, {"seconds": "soon"}, {"to": 10**12}, {"by": 1}, {}):
        assert (await control.post("clock", **wrong))["ok"] is False
    assert (await control.get("clock"))["ahead"] == 0


async def test_a_move_waits_for_the_bot_that_follows(control: ControlClient, sandbox: Sandbox) -> None:
    async def follow() -> list[int]:
        heard = [0]
        while heard[-1] < 120:
            heard.append((await control.get("clock", ahead=str(heard[-1])))["ahead"])
        await control.get("clock", ahead="120")
        return heard

    async def waits() -> bool:
        return bool(sandbox.clock.followers)

    following = asyncio.create_task(follow())
    await eventually(waits, "a bot waits for the clock")
    assert (await control.post("clock", seconds=60))["followed"]
    assert (await control.post("clock", seconds=60))["followed"]
    following.cancel()
