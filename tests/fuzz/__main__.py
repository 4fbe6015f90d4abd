"""`make fuzz`: nonsense of every kind for the real bot. None may be answered with a 5xx, or leave an error in the log.

Prints the seed, so that a failing run can be repeated with FUZZ_SEED.
"""

import asyncio
import logging
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
from tests.fuzz import values
from tests.fuzz.inputs import body_and_kind
from tests.fuzz.world import environment
from tests.signed_requests import signed_headers

INPUTS = int(os.environ.get("FUZZ_INPUTS", "100000"))
AT_ONCE = 16
VALUES = 0.2
"""The share of inputs that are settings files, CSV files, notes and titles; the others are requests."""
SHOWN = 5


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
        began, seen = time.monotonic(), Counter[str]()
        target = f"http://127.0.0.1:{bot.port}/slack/events"
        numbers, tracebacks = iter(range(INPUTS)), Tracebacks()
        logging.getLogger().addHandler(tracebacks)

        async def worker() -> None:
            for number in numbers:
                chance = random.Random(f"{seed} {number}")
                if chance.random() < VALUES:
                    seen[_read_one(chance, number)] += 1
                    continue
                body, kind = body_and_kind(chance, f"{sandbox.url}/slack/commands/T0CONNECT/0/none")
                headers = signed_headers(sandbox.slack.signing_secret, body, kind=kind)
                async with session.post(target, data=body, headers=headers) as answer:
                    seen[str(answer.status)] += 1
                    if answer.status >= 500:
                        _say(f"input {number}: {answer.status} for {kind} {body[:200]!r}")

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    broken = sum(count for kind, count in seen.items() if kind.startswith(("5", "broken"))) + tracebacks.count
    _say(f"{dict(sorted(seen.items()))} in {time.monotonic() - began:.0f} s; {broken} broken")
    return 1 if broken or sum(seen.values()) != INPUTS else 0


class Tracebacks(logging.Handler):
    """Counts errors in the log, and shows the first ones: what we can't read must leave none."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count an error."""
        self.count += 1
        if self.count <= SHOWN:
            _say(f"in the log: {str(record.msg)[:500]}")


def _read_one(chance: random.Random, number: int) -> str:
    try:
        return values.read_one(chance)
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody expected it
        _say(f"input {number}: {error!r:.300}")
        return "broken"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
