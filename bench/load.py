"""Signed slash commands: one at a time, many at once, or all at the same moment, with their times."""

import asyncio
import hashlib
import hmac
import itertools
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.fakes import Fakes
from bench.wire import Client

RESPONSE_TIMEOUT = 10.0
QUIET = 10.0
"""When no card has come for so long, the commands of a burst that have none are counted as failed.

A bot that does 500 jobs side by side may send its first card when it has worked on all of them.
"""
PEOPLE = 30_000
"""More than a bot's jobs in a run, since a person seldom types the command twice in five minutes."""
PEOPLE_PER_TEAM = 100
"""Fewer than the links that a workspace may make in a minute."""


def person(number: int) -> str:
    """Return the user ID of a request."""
    return f"UBENCH{number % PEOPLE}"


def team(number: int) -> str:
    """Return the team ID of a request."""
    return f"TBENCH{number % PEOPLE // PEOPLE_PER_TEAM}"


def command(number: int, name: str, here: str) -> dict[str, str]:
    """Return the fields of a command, with a `response_url` of its own."""
    return {
        "command": "/connect",
        "text": "",
        "team_id": team(number),
        "user_id": person(number),
        "channel_id": "CBENCH",
        "trigger_id": name,
        "response_url": f"{here}/answer/{name}",
        "is_enterprise_install": "false",
    }


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from each command to its acknowledgement and to its card."""

    acknowledged: list[float]
    carded: list[float]
    took: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many commands got a card in how many seconds, and how many got none."""

    done: int
    failed: int
    took: float

    @property
    def rate(self) -> float:
        """Cards a second."""
        return self.done / self.took if self.took else 0.0


class Load:
    """Sends commands to one bot, each from the next person; `prefix` tells its commands from other bots'."""

    def __init__(self, fakes: Fakes, here: str, prefix: str, port: int, signing_secret: str, first: int) -> None:
        self.client = Client(port)
        self._fakes = fakes
        self._here = here
        self._prefix = prefix
        self._secret = signing_secret.encode()
        self._numbers = itertools.count(first)

    async def one_at_a_time(self, *, count: int, answered: bool = True) -> Times:
        """Send each command after the previous one's card, or after its acknowledgement where none is `answered`."""
        await self.client.prepare(1)
        acknowledged, carded = [], []
        began = time.perf_counter()
        for _ in range(count):
            name, request = self._next()
            card = self._fakes.answer_to(name)
            sent = time.perf_counter()
            await asyncio.wait_for(self._acknowledged(request), RESPONSE_TIMEOUT)
            acknowledged.append(time.perf_counter() - sent)
            if answered:
                await asyncio.wait_for(card, RESPONSE_TIMEOUT)
                carded.append(time.perf_counter() - sent)
            else:
                self._fakes.forget(name)
        return Times(acknowledged, carded, time.perf_counter() - began)

    async def many(self, *, count: int, at_once: int) -> Outcome:
        """Keep `at_once` commands in progress until `count` were sent."""
        await self.client.prepare(at_once)
        left, cards = iter(range(count)), 0

        async def worker() -> None:
            nonlocal cards
            for _ in left:
                done = await self._job(within=RESPONSE_TIMEOUT)
                cards += done  # not in one line: another worker counts while this one waits

        began = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(at_once)))
        return Outcome(cards, count - cards, time.perf_counter() - began)

    async def burst(self, *, count: int) -> Outcome:
        """Send `count` commands at the same moment; the time ends with the last card."""
        await self.client.prepare(count)
        cards, began, last = 0, time.perf_counter(), time.perf_counter()
        running = {asyncio.create_task(self._job(within=3 * RESPONSE_TIMEOUT)) for _ in range(count)}
        while running:
            done, running = await asyncio.wait(running, timeout=QUIET, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                break
            cards, last = cards + sum(task.result() for task in done), time.perf_counter()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        return Outcome(cards, count - cards, last - began)

    async def _job(self, *, within: float) -> bool:
        """Send a command; return whether it was acknowledged and got a card."""
        name, request = self._next()
        card = self._fakes.answer_to(name)
        try:
            async with asyncio.timeout(within):
                await self._acknowledged(request)
                return await card
        except (OSError, TimeoutError):
            return False
        finally:
            self._fakes.forget(name)

    async def _acknowledged(self, request: bytes) -> None:
        status = await self.client.send(request)
        if status != 200:  # noqa: PLR2004 - HTTP's
            raise ConnectionError(f"HTTP {status}")

    def _next(self) -> tuple[str, bytes]:
        number = next(self._numbers)
        name = f"{self._prefix}{number}"
        body = urlencode(command(number, name, self._here)).encode()
        timestamp = str(int(time.time())).encode()
        signature = hmac.new(self._secret, b"v0:" + timestamp + b":" + body, hashlib.sha256).hexdigest().encode()
        head = (
            b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Slackbot 1.0\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n"
            b"X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: v0=%s\r\n\r\n" % (len(body), timestamp, signature)
        )
        return name, head + body
