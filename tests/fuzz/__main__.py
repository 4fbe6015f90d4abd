"""`make fuzz`: signed requests of every kind of nonsense against the real bot; none may be answered with a 5xx.

Prints the seed, so that a failing run can be repeated with FUZZ_SEED.
"""

import asyncio
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from bot.app import running_bot
from bot.core.logs import configure_logs
from bot.settings import Settings
from sandbox.server import Sandbox
from tests.fuzz.inputs import body_and_kind
from tests.fuzz.world import environment
from tests.signed_requests import signed_headers

INPUTS = int(os.environ.get("FUZZ_INPUTS", "100000"))
AT_ONCE = 16


async def main() -> int:
    """Send the inputs and return the exit code."""
    seed = os.environ.get("FUZZ_SEED") or secrets.token_hex(4)
    _say(f"seed {seed}, {INPUTS} inputs")
    configure_logs("ERROR", "json")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.chdir(folder)
        sandbox = await stack.enter_async_context(Sandbox())
        os.environ.update(environment(sandbox, folder))
        bot = await stack.enter_async_context(running_bot(Settings()))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        began, seen = time.monotonic(), Counter[int]()
        target = f"http://127.0.0.1:{bot.port}/slack/events"
        numbers = iter(range(INPUTS))

        async def worker() -> None:
            for number in numbers:
                chance = random.Random(f"{seed} {number}")
                body, kind = body_and_kind(chance, f"{sandbox.url}/slack/commands/T0CONNECT/0/none")
                headers = signed_headers(sandbox.slack.signing_secret, body, kind=kind)
                async with session.post(target, data=body, headers=headers) as answer:
                    seen[answer.status] += 1
                    if answer.status >= 500:
                        _say(f"input {number}: {answer.status} for {kind} {body[:200]!r}")

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    broken = sum(count for status, count in seen.items() if status >= 500)
    _say(f"{dict(sorted(seen.items()))} in {time.monotonic() - began:.0f} s; {broken} broken")
    return 1 if broken or sum(seen.values()) != INPUTS else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
