"""`make chaos`: bot, worker and Redis are killed at random under load; nothing promised may be lost or doubled.

People fetch links, open modals and ask each other for accounts while one of the three dies every few seconds, and
whatever else FAULTS names goes wrong. At the end all are left alone until everything is due, and what became of it is
counted. Posts to a `response_url` are made at most once, so of these it is only counted how many a crash swallowed.
"""

import asyncio
import os
import random
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bench.processes import free_port
from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from sandbox.server import Sandbox
from sandbox.slack.members import add_members
from tests.chaos.count import settled
from tests.chaos.faults import clock_that_jumps, end_all, going_wrong, small_disk, switches
from tests.chaos.machine import Machine, Tally
from tests.chaos.people import lives
from tests.chaos.store import opened, ring_of
from tests.eventually import eventually
from tests.fuzz.world import environment
from tests.keys import RING
from tests.redis_servers import sentinel_group

SECONDS, SEED = int(os.environ.get("SECONDS", "150")), os.environ.get("SEED") or secrets.token_hex(4)
SWITCHES = switches(os.environ.get("FAULTS", ""), failovers=bool(os.environ.get("FAILOVERS")), seed=SEED)
PEOPLE, LINK_SECONDS, START_WITHIN, HEALTHY_WITHIN = 30, 20, 60, 30
TEAM = TeamId("T0CONNECT")


async def main() -> int:
    """Let it happen, count, and return how much of what may not happen did."""
    random.seed(SEED)
    tally = Tally()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if "disk" in SWITCHES:
            stack.enter_context(small_disk(folder))
        sandbox = await stack.enter_async_context(Sandbox())
        sandbox.ayrshare.link_seconds = LINK_SECONDS
        session = await stack.enter_async_context(aiohttp.ClientSession())
        settings = environment(sandbox, folder) | {"PORT": str(free_port()), "PATH": os.environ["PATH"]}
        sandbox.bot_url = f"http://127.0.0.1:{settings['PORT']}"
        group = (
            await stack.enter_async_context(
                sentinel_group(folder / "group", replicas=2, down_after=timedelta(seconds=3))
            )
            if "failovers" in SWITCHES
            else None
        )
        if group:
            settings |= {"REDIS_URL": group.url, "ENCRYPTION_KEYS": RING}
        names = await _people(sandbox, settings)
        machine = Machine(settings | clock_that_jumps(folder), tally, group)
        faults = going_wrong(SWITCHES, sandbox, machine, folder, tally)
        async with _going_on(machine.keep("run"), machine.keep("worker")):
            await eventually(lambda: _is_ready(session, sandbox), "the bot is ready", within=START_WITHIN)
            wrong = ", ".join(sorted(SWITCHES)) or "nothing else"
            print(f"{PEOPLE} people for {SECONDS} s; kills every 4 to 10 s; goes wrong: {wrong}; SEED={SEED}")
            doing = lives(session, sandbox, names, tally, seconds=SECONDS)
            async with _going_on(machine.kill_one_after_another(), *faults, *doing):
                await asyncio.sleep(SECONDS)
            await machine.whole()
            end_all(sandbox, folder)
            await eventually(lambda: _is_ready(session, sandbox), "everything is healthy", within=HEALTHY_WITHIN)
            print(f"killed: {dict(tally.kills)}; went wrong: {dict(tally.faults)}")
            print(f"done meanwhile: {dict(tally.clicks)}, {len(tally.promised)} asked")
            return await settled(sandbox, settings, tally)


@asynccontextmanager
async def _going_on(*works: object) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(work) for work in works]  # type: ignore[call-overload]  # coroutines, all of them
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _people(sandbox: Sandbox, settings: dict[str, str]) -> list[str]:
    members = add_members(sandbox.slack.world, PEOPLE)
    sandbox.ayrshare.add_profiles(member.real_name for member in members)
    async with opened(settings) as redis:
        ring = ring_of(settings)
        for member, known in zip(members, sandbox.ayrshare.profiles[-PEOPLE:], strict=True):
            profile = Profile(RefId(known.ref_id), known.title, SecretStr(known.key))
            await ProfileStore(redis, ring).save(TEAM, profile)
            await MappingStore(redis).add(TEAM, UserId(member.id), profile.ref_id, by="chaos")
    return [member.name for member in members]


async def _is_ready(session: aiohttp.ClientSession, sandbox: Sandbox) -> bool:
    try:
        async with session.get(f"{sandbox.bot_url}/readyz") as reply:
            return reply.ok
    except aiohttp.ClientError:
        return False


if __name__ == "__main__":
    sys.exit(min(1, asyncio.run(main())))
