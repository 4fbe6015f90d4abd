"""Signed slash commands, one at a time or many at once, with their times."""

import asyncio
import itertools
import statistics
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bench.fakes import Fakes

RESPONSE_TIMEOUT = 10.0
PEOPLE = 30_000
"""More than the jobs of a run, since a person seldom types the command twice in five minutes."""
PEOPLE_PER_TEAM = 100
"""Fewer than the links that a workspace may make in a minute."""


def person(number: int) -> str:
    """Return the user ID of a request."""
    return f"UBENCH{number % PEOPLE}"


def team(number: int) -> str:
    """Return the team ID of a request."""
    return f"TBENCH{number % PEOPLE // PEOPLE_PER_TEAM}"


def command(number: int, here: str) -> dict[str, str]:
    """Return the fields of a command, with a `response_url` of its own."""
    return {
        "command": "/connect",
        "text": "",
        "team_id": team(number),
        "user_id": person(number),
        "channel_id": "CBENCH",
        "trigger_id": str(number),
        "response_url": f"{here}/answer/{number}",
        "is_enterprise_install": "false",
    }


@dataclass(frozen=True, slots=True)
class Load:
    """Sends commands to a bot."""

    session: aiohttp.ClientSession
    fakes: Fakes
    here: str
    signing_secret: str
    numbers: "itertools.count[int]"

    async def acknowledgements(self, bot: str, *, count: int, answered: bool) -> float:
        """Return the median time to the acknowledgement in ms; each command follows the previous one's whole job."""
        times = []
        for _ in range(count):
            taken, answer = await self._send(bot)
            times.append(taken)
            if answered:
                await asyncio.wait_for(answer, RESPONSE_TIMEOUT)
        return statistics.median(times) * 1000

    async def jobs(self, bot: str, *, count: int, at_once: int) -> tuple[float, int]:
        """Return whole jobs a second with `at_once` in progress, and how many failed."""
        left = iter(range(count))
        failures = 0

        async def worker() -> None:
            nonlocal failures
            for _ in left:
                try:
                    _, answer = await self._send(bot)
                    failures += not await asyncio.wait_for(answer, RESPONSE_TIMEOUT)
                except (aiohttp.ClientError, TimeoutError):
                    failures += 1

        began = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(at_once)))
        return (count - failures) / (time.perf_counter() - began), failures

    async def burst(self, bot: str, *, count: int) -> tuple[float, int]:
        """Send `count` commands at once; return the acknowledgements' p99 in ms, and how many got no card."""
        sent = await asyncio.gather(*(self._send(bot) for _ in range(count)))
        done, lost = await asyncio.wait([answer for _, answer in sent], timeout=RESPONSE_TIMEOUT)
        times = sorted(taken for taken, _ in sent)
        refused = sum(not card.result() for card in done)
        return times[int(count * 0.99) - 1] * 1000, len(lost) + refused

    async def _send(self, bot: str) -> tuple[float, "asyncio.Future[bool]"]:
        number = next(self.numbers)
        name = str(number)
        body = urlencode(command(number, self.here))
        timestamp = str(int(time.time()))
        signature = SignatureVerifier(self.signing_secret).generate_signature(timestamp=timestamp, body=body)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": str(signature),
        }
        answer = self.fakes.answer_to(name)
        began = time.perf_counter()
        async with self.session.post(f"{bot}/slack/events", data=body, headers=headers) as reply:
            await reply.read()
            reply.raise_for_status()
        return time.perf_counter() - began, answer
