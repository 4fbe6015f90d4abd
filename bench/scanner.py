"""`python -m bench.scanner`: a mail scanner GETs and HEADs 10,000 client links (`TOKENS`), from 400 loopback addresses.

Most are unknown, some are revoked, one works. Nothing may be made at Ayrshare, no use may be counted, and unknown and
revoked ones must be told apart by nothing: it compares their answers whole, and prints the medians of their times.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.app import Bot, running_bot
from bot.ayrshare.model import Profile
from bot.client_links.create import create
from bot.client_links.model import ClientLink, ClientLinkOrder, new_token
from bot.client_links.revoke import revoke
from bot.core.model import RefId, TeamId, UserId
from bot.settings import Settings
from sandbox.server import Sandbox
from tests.fuzz.world import environment

TOKENS = int(os.environ.get("TOKENS", "10000"))
SCANNERS, REVOKED = 400, 500
"""Each loopback address sends 50 requests, of the 60 that one may send in a minute."""
NOT_FOUND = 404
PUBLIC_URL = "https://connect.example"

Answer = tuple[int, bytes, frozenset[tuple[str, str]]]


async def main() -> None:
    """Scan and print; fail where anything was made, used or told apart."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = await stack.enter_async_context(Sandbox())
        os.environ.update(environment(sandbox, folder) | {"PUBLIC_URL": PUBLIC_URL, "LOG_LEVEL": "WARNING"})
        bot = await stack.enter_async_context(running_bot(Settings()))
        kinds = await _tokens(bot, sandbox)
        made = len(sandbox.received("*", target="ayrshare"))
        answers, times = await _scan(f"http://127.0.0.1:{bot.port}", kinds)
        links = await bot.deps.client_links.of_team(TeamId(sandbox.slack.world.team.id))
        _report(answers, times)
        _judge(
            answers, uses=sum(link.uses for link in links), made=len(sandbox.received("*", target="ayrshare")) - made
        )


async def _tokens(bot: Bot, sandbox: Sandbox) -> dict[str, str]:
    """Return the tokens to look at, each with what it is."""
    known = sandbox.ayrshare.profiles[0]
    team, ana = TeamId(sandbox.slack.world.team.id), UserId(sandbox.slack.world.user("ana").id)
    await bot.deps.profiles.save(team, Profile(RefId(known.ref_id), known.title, SecretStr(known.key)))
    await bot.deps.mappings.add(team, ana, RefId(known.ref_id), by="bench")
    order = ClientLinkOrder(team, ana, RefId(known.ref_id))
    live, *ended = [await _made(bot, order) for _ in range(REVOKED + 1)]
    for link, _ in ended:
        await revoke(bot.deps, link, by="bench")
    tokens = [(new_token(), "unknown") for _ in range(TOKENS - REVOKED - 1)]
    tokens += [(live[1], "live"), *((token, "revoked") for _, token in ended)]
    random.shuffle(tokens)
    return dict(tokens)


async def _made(bot: Bot, order: ClientLinkOrder) -> tuple[ClientLink, str]:
    new = await create(bot.deps, order, sender="Ana")
    return new.link, new.url.get_secret_value().rpartition("/")[2]


async def _scan(url: str, kinds: dict[str, str]) -> tuple[dict[str, Counter[Answer]], dict[str, list[float]]]:
    answers, times = defaultdict[str, Counter[Answer]](Counter), defaultdict[str, list[float]](list)
    work = list(kinds.items())

    async def scanner(number: int) -> None:
        connector = aiohttp.TCPConnector(local_addr=(f"127.0.{1 + number // 200}.{1 + number % 200}", 0))
        async with aiohttp.ClientSession(connector=connector) as session:
            for token, kind in work[number::SCANNERS]:
                for method in ("GET", "HEAD"):
                    began = time.perf_counter()
                    async with session.request(method, f"{url}/c/{token}") as response:
                        body = await response.read()
                    told = frozenset((name, value) for name, value in response.headers.items() if name != "Date")
                    answers[f"{kind} {method}"][response.status, body, told] += 1
                    if response.status == NOT_FOUND:
                        times[kind].append(time.perf_counter() - began)

    for start in range(0, SCANNERS, 10):  # so that times are those of the bot and not of a queue before it
        await asyncio.gather(*(scanner(number) for number in range(start, min(start + 10, SCANNERS))))
    return answers, times


def _report(answers: dict[str, Counter[Answer]], times: dict[str, list[float]]) -> None:
    for kind, found in sorted(answers.items()):
        statuses = Counter[int]()
        for (status, _, _), count in found.items():
            statuses[status] += count
        print(f"{kind:14} {dict(statuses)}")
    for kind, some in times.items():
        print(f"{kind}: median {1000 * statistics.median(some):.2f} ms of {len(some):,}")


def _judge(answers: dict[str, Counter[Answer]], *, uses: int, made: int) -> None:
    print(f"links used: {uses}, calls of Ayrshare: {made}")
    for method in ("GET", "HEAD"):
        if len({*answers[f"unknown {method}"], *answers[f"revoked {method}"]}) != 1:
            sys.exit(f"{method} tells unknown and revoked client links apart.")
    if uses or made:
        sys.exit("A scanner has made or used something.")


if __name__ == "__main__":
    asyncio.run(main())
