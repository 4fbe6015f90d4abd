"""`python -m bench.sweep`: the daily check of 10,000 profiles (`PROFILES`); one in a hundred has lost its account.

One bot, the local Ayrshare with its own waits and rate limits. It prints how long the check took, how many calls it
made, and the most in any five minutes. `KILL=1` kills the bot on the way (SIGKILL) and starts it again.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bench.processes import process, started
from bot.ayrshare.model import Account, Profile
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.mappings.imports.store import Batch, ImportStore, UserMappings
from bot.notifications.model import Sweep
from bot.notifications.sweep.store import SweepStore
from bot.profiles.model import Snapshot
from bot.profiles.snapshot_store import SnapshotStore
from bot.profiles.store import ProfileStore
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing
from sandbox.server import Sandbox
from tests.fuzz.world import environment
from tests.keys import RING

PROFILES = int(os.environ.get("PROFILES", "10000"))
DISCONNECTED_EACH, SAVED_AT_ONCE = 100, 500
KILLED_AFTER = timedelta(minutes=6)
LONGEST = timedelta(minutes=30)
WINDOW, CALLS_IN_WINDOW = timedelta(minutes=5), 300
"""Ayrshare's rate limit."""


async def main() -> None:
    """Run the check, print, and fail if it took too long or asked too often."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = await stack.enter_async_context(embedded_server(folder / "redis", bot=True))
        sandbox = await stack.enter_async_context(Sandbox())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        connection = open_connection(SecretStr(store), Metrics())
        stack.push_async_callback(connection.redis.aclose)
        team = TeamId(sandbox.slack.world.team.id)
        await _fill(sandbox, connection, team)
        own = {"REDIS_URL": store, "ENCRYPTION_KEYS": RING, "LOG_LEVEL": "WARNING", "PATH": os.environ["PATH"]}
        settings, sweeps = environment(sandbox, folder) | own, SweepStore(connection)
        began = datetime.now(UTC)
        await sweeps.save(team, Sweep(next_at=began))
        if os.environ.get("KILL"):
            async with started(session, settings, sys.executable, "-m", "bot", "run") as bot:
                await asyncio.sleep(KILLED_AFTER.total_seconds())
                os.kill(bot.pid, signal.SIGKILL)
            print(f"killed after {KILLED_AFTER}, and started again")
        async with process(session, settings, "bot", "run"):
            while await _is_going_on(sweeps, team, began):  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(1)
        _report(sandbox, datetime.now(UTC) - began)


async def _is_going_on(sweeps: SweepStore, team: TeamId, due: datetime) -> bool:
    sweep = await sweeps.get(team)
    return sweep is None or sweep.began is not None or sweep.next_at == due


async def _fill(sandbox: Sandbox, connection: Connection, team: TeamId) -> None:
    """Give each of PROFILES people a profile that has been seen with an account; some have lost it since."""
    now = datetime.now(UTC)
    sandbox.ayrshare.add_profiles(f"Client number {number:05}" for number in range(PROFILES))
    known = sandbox.ayrshare.profiles[-PROFILES:]
    profiles = tuple(Profile(RefId(one.ref_id), one.title, SecretStr(one.key)) for one in known)
    people = tuple(UserMappings(UserId(f"UBENCH{n:05}"), (one.ref_id,)) for n, one in enumerate(profiles))
    store, snapshots = ProfileStore(connection, KeyRing(parse_keys(RING))), SnapshotStore(connection)
    await ImportStore(connection, store).apply(team, Batch(profiles=profiles, people=people), by="bench", quiet=True)
    for first in range(0, PROFILES, SAVED_AT_ONCE):
        some = profiles[first : first + SAVED_AT_ONCE]
        seen = (Snapshot(now - timedelta(days=1), (Account("instagram", one.title),)) for one in some)
        saves = (snapshots.save(team, one.ref_id, snapshot) for one, snapshot in zip(some, seen, strict=True))
        await asyncio.gather(*saves)
    for number, one in enumerate(known):
        if number % DISCONNECTED_EACH:
            one.connect("instagram", at=now)


def _report(sandbox: Sandbox, taken: timedelta) -> None:
    calls = sandbox.received(target="ayrshare")
    made = Counter(str(call["call"]) for call in calls)
    moments = [datetime.fromisoformat(call["at"]) for call in calls]
    most = max((sum(at <= other < at + WINDOW for other in moments) for at in moments), default=0)
    print(f"{PROFILES:,} profiles checked in {taken.total_seconds() / 60:.1f} minutes; calls: {dict(made)}")
    print(f"most calls in five minutes: {most}")
    if taken > LONGEST or most > CALLS_IN_WINDOW:
        sys.exit("That is too slow, or more than Ayrshare takes.")


if __name__ == "__main__":
    asyncio.run(main())
