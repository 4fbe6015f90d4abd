"""`make sends`: an admin asks a group of 500 for their accounts; the bot is killed once on the way. Takes 9 minutes.

It prints how many direct messages were sent and the time between them, how many calls Slack rejected, whether a member
got two messages or none, and the bot's memory at the beginning and at the end.
"""

import asyncio
import itertools
import os
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from bench.processes import free_port, wait_until_ready
from bot.ayrshare.model import Profile
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing
from sandbox.server import Sandbox
from sandbox.slack.members import add_group, add_members
from tests.fuzz.world import environment
from tests.keys import RING
from tests.users import Someone

MEMBERS = int(os.environ.get("MEMBERS", "500"))
TEAM = TeamId("T0CONNECT")
KILLED_AFTER = 0.4
"""The bot is killed when this share of the members has a message."""
POLL_SECONDS = 1.0
RATE_LIMITED = 429


async def main() -> None:
    """Send requests to a group, and print the results."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = await stack.enter_async_context(embedded_server(folder / "redis", bot=True))
        sandbox = await stack.enter_async_context(Sandbox())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        await _map_members(sandbox, store)
        settings = environment(sandbox, folder) | {"REDIS_URL": store, "ENCRYPTION_KEYS": RING, "LOG_LEVEL": "WARNING"}
        settings |= {"PORT": str(free_port()), "PATH": os.environ["PATH"]}
        sandbox.bot_url = f"http://127.0.0.1:{settings['PORT']}"
        bot = await _start_bot(session, sandbox, settings)
        memory = [_megabytes(bot)]
        ana = Someone(session, sandbox.url, "ana")
        await ana.types("send @everyone-social please sign in again")
        await _wait_until_sent(sandbox, KILLED_AFTER)
        memory.append(_megabytes(bot))
        bot.send_signal(signal.SIGKILL)
        await bot.wait()
        print(f"killed after {len(_requests(sandbox))} of {MEMBERS}")
        bot = await _start_bot(session, sandbox, settings)
        await _wait_until_sent(sandbox, 1)
        memory.append(_megabytes(bot))
        dm = Someone(session, sandbox.url, "ana", sandbox.slack.world.dm_of("ana"))
        print((await dm.sees("I've asked", within=90)).words)
        bot.terminate()
        await bot.wait()
        _print_results(sandbox, memory)


def _print_results(sandbox: Sandbox, memory: list[int]) -> None:
    requests = _requests(sandbox)
    moments = [datetime.fromisoformat(call["at"]).timestamp() for call in requests]
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    per_person = Counter(call["args"]["channel"] for call in requests)
    refused = [call["call"] for call in sandbox.received(target="slack") if call.get("status") == RATE_LIMITED]
    print(f"{len(requests)} direct messages to {len(per_person)} people in {moments[-1] - moments[0]:.0f} s")
    print(f"  {sum(count - 1 for count in per_person.values())} of them to somebody who had one")
    median, least, most = statistics.median(gaps), min(gaps), max(gaps)
    print(f"  from one to the next: median {median:.3f} s, least {least:.3f} s, most {most:.1f} s")
    print(f"  {len(refused)} calls answered with {RATE_LIMITED} {dict(Counter(refused)) or ''}")
    if refused or len(requests) != MEMBERS:
        sys.exit("Somebody was asked twice or not at all, or Slack was asked too often.")
    print(f"  memory of the bot: {', '.join(f'{one} MB' for one in memory)} (begin, before the kill, end)")


def _requests(sandbox: Sandbox) -> list[dict[str, Any]]:
    calls = (call for call in sandbox.received("chat.postMessage") if call["ok"])
    return [call for call in calls if "asks you to sign in" in str(call["args"].get("text"))]


async def _wait_until_sent(sandbox: Sandbox, share: float) -> None:
    began = time.monotonic()
    while len({call["args"]["channel"] for call in _requests(sandbox)}) < share * MEMBERS:
        if time.monotonic() - began > 3 * MEMBERS:
            sys.exit(f"only {len(_requests(sandbox))} were asked")
        await asyncio.sleep(POLL_SECONDS)


async def _map_members(sandbox: Sandbox, store: str) -> None:
    members = add_members(sandbox.slack.world, MEMBERS)
    add_group(sandbox.slack.world, "everyone-social").users += [member.id for member in members]
    sandbox.ayrshare.add_profiles(member.real_name for member in members)
    redis, ring = open_connection(SecretStr(store), Metrics()), KeyRing(parse_keys(RING))
    for member, known in zip(members, sandbox.ayrshare.profiles[-MEMBERS:], strict=True):
        await ProfileStore(redis, ring).save(TEAM, Profile(RefId(known.ref_id), known.title, SecretStr(known.key)))
        await MappingStore(redis).add(TEAM, UserId(member.id), RefId(known.ref_id), by="bench")
    await redis.redis.aclose()


async def _start_bot(
    session: aiohttp.ClientSession, sandbox: Sandbox, settings: dict[str, str]
) -> asyncio.subprocess.Process:
    bot = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", env=settings)
    await wait_until_ready(session, sandbox.bot_url)
    return bot


def _megabytes(bot: asyncio.subprocess.Process) -> int:
    """Return the resident memory of a process in MB (Linux)."""
    lines = Path(f"/proc/{bot.pid}/status").read_text().splitlines()
    return round(int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024)


if __name__ == "__main__":
    asyncio.run(main())
