"""`make fuzz`: nonsense of every kind for the real bot. None may be answered with a 5xx, or leave an error in the log.

Prints the seed, so that a failing run can be repeated with FUZZ_SEED, and the bot's memory, which may not grow.
"""

import asyncio
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from bench.processes import free_port
from bench.usage import memory_mb
from bot.ayrshare.webhook import WEBHOOK_PATH
from bot.core.logs import configure_logs
from bot.slack.signature import REQUEST_PATH
from sandbox.server import Sandbox
from tests.commands import Running, bot_process
from tests.fuzz import values
from tests.fuzz.inputs import body_and_kind, webhook
from tests.fuzz.world import environment
from tests.signed_requests import signed_headers
from tests.webhooks import SECRET, SIGNATURE, TIMESTAMP, signed_with

INPUTS = int(os.environ.get("FUZZ_INPUTS", "100000"))
AT_ONCE = 16
VALUES, WEBHOOKS = 0.2, 0.1
"""The share of inputs that are settings files, CSV files, notes and titles, and webhooks; the others are Slack's."""
SHOWN = 5
PARTS = 10
"""The memory is looked at so often; the first part is for what a bot fills once."""
MOST_GROWTH_MB = 15.0


async def main() -> int:
    """Send the inputs and return the exit code."""
    seed = os.environ.get("FUZZ_SEED") or secrets.token_hex(4)
    _say(f"seed {seed}, {INPUTS} inputs")
    configure_logs("ERROR", "json")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.chdir(folder)
        sandbox = await stack.enter_async_context(Sandbox())
        settings = environment(sandbox, folder) | {"LOG_LEVEL": "ERROR", "AYRSHARE_WEBHOOK_SECRET": SECRET}
        bot = await stack.enter_async_context(bot_process(settings, port=free_port()))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        began, seen, memory = time.monotonic(), Counter[str](), list[float]()
        for part in range(PARTS):
            numbers = iter(range(INPUTS * part // PARTS, INPUTS * (part + 1) // PARTS))
            await asyncio.gather(*(_send(numbers, seed, sandbox, bot, session, seen) for _ in range(AT_ONCE)))
            memory.append(memory_mb(bot.process.pid) or 0.0)
            _say(f"{part + 1} of {PARTS} after {time.monotonic() - began:.0f} s: the bot has {memory[-1]:.0f} MB")
        for line in bot.log[:SHOWN]:
            _say(f"in the log: {line[:500]}")
    broken = sum(count for kind, count in seen.items() if kind.startswith(("5", "broken"))) + len(bot.log)
    grew = memory[-1] - memory[0]
    _say(f"{dict(sorted(seen.items()))} in {time.monotonic() - began:.0f} s; {broken} broken; {grew:+.0f} MB")
    return 1 if broken or grew > MOST_GROWTH_MB or sum(seen.values()) != INPUTS else 0


async def _send(
    numbers: Iterator[int],
    seed: str,
    sandbox: Sandbox,
    bot: Running,
    session: aiohttp.ClientSession,
    seen: Counter[str],
) -> None:
    for number in numbers:
        chance = random.Random(f"{seed} {number}")
        if chance.random() < VALUES:
            seen[_read_one(chance, number)] += 1
            continue
        path, body, headers = _request(chance, sandbox)
        async with session.post(f"{bot.url}{path}", data=body, headers=headers) as answer:
            seen[f"{answer.status} {path}"] += 1
            if answer.status >= 500:
                _say(f"input {number}: {answer.status} at {path} for {body[:200]!r}")


def _request(chance: random.Random, sandbox: Sandbox) -> tuple[str, bytes, dict[str, str]]:
    """Return a signed request's path, body and headers."""
    if chance.random() < WEBHOOKS:
        body = webhook(chance)
        signed = {TIMESTAMP: str(int(time.time())), SIGNATURE: signed_with(SECRET, body)}
        return WEBHOOK_PATH, body, {"Content-Type": "application/json"} | signed
    body, kind = body_and_kind(chance, f"{sandbox.url}/slack/commands/T0CONNECT/0/none")
    return REQUEST_PATH, body, signed_headers(sandbox.slack.signing_secret, body, kind=kind)


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
