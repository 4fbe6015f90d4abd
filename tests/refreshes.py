"""`make refreshes`: commands over two sockets that Slack keeps replacing; none may be lost and none answered twice."""

import asyncio
import contextlib
import itertools
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bot.app import running_bot
from bot.core.logs import configure_logs
from bot.settings import Settings
from sandbox.server import Sandbox
from sandbox.slack import payloads
from sandbox.slack.delivery import DeliveryKind
from sandbox.slack.response_urls import ResponseUrl
from sandbox.slack.users import User
from tests.eventually import eventually
from tests.fuzz.world import environment

COMMANDS, EVERY = int(os.environ.get("COMMANDS", "10000")), int(os.environ.get("EVERY", "500"))
AT_ONCE = 16
POSTS = 5
PEOPLE = ("ana", "ben", "cara", "dan", "eve")


def over_sockets(sandbox: Sandbox, environment: dict[str, str]) -> dict[str, str]:
    """Switch Socket Mode on, and return a bot's settings for it; sockets may be opened as often as one likes."""
    sandbox.slack.socket_mode = True
    sandbox.slack.rate_limits = False
    token = {"SLACK_APP_TOKEN": sandbox.slack.app_token}
    return {name: value for name, value in environment.items() if name != "SLACK_SIGNING_SECRET"} | token


async def connected(sandbox: Sandbox, sockets: int = 2) -> None:
    async def look() -> bool:
        return sandbox.slack.sockets.connected == sockets

    await eventually(look, f"{sockets} sockets are connected", last=lambda: sandbox.slack.sockets.connected)


@dataclass
class Tally:
    """What became of the commands: `urls` holds the `response_url` of each, `failures` what people were shown."""

    refreshes: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    urls: list[ResponseUrl] = field(default_factory=list)

    def answered(self, *times: int) -> int:
        return sum(POSTS - url.posts_left in times for url in self.urls)

    @property
    def good(self) -> bool:
        return not self.failures and self.answered(1) == len(self.urls)


async def commands_through_refreshes(sandbox: Sandbox, *, count: int, every: int) -> Tally:
    """Type `help` so often; after `every` commands Slack warns a socket or refreshes it at once, by turns."""
    slack, tally, numbers = sandbox.slack, Tally(), itertools.count(1)
    general = slack.world.channel("general")

    async def typing(user: User) -> None:
        while (number := next(numbers)) <= count:
            if number % every == 0:
                await (slack.sockets.warn if tally.refreshes % 2 else slack.sockets.refresh)()
                tally.refreshes += 1
            url = slack.response_urls.issue("commands", user_id=user.id, channel=general)
            tally.urls.append(url)
            where = {"response_url": slack.address(url), "trigger_id": slack.triggers.issue(user.id)}
            payload = payloads.command(slack, user, general, name="/connect", text="help") | where
            answer = await slack.delivery.deliver(DeliveryKind.COMMAND, payload)
            tally.failures.update([answer.failure] if answer.failure else [])
            await answered(url)

    await asyncio.gather(*(typing(slack.world.user(PEOPLE[n % len(PEOPLE)])) for n in range(AT_ONCE)))
    return tally


async def answered(url: ResponseUrl) -> None:
    """Wait until something was posted, but not for ever: what was lost is counted in the end."""

    async def look() -> bool:
        return url.posts_left < POSTS

    with contextlib.suppress(AssertionError):
        await eventually(look, "a command is answered")


async def main() -> int:
    """Run the commands and return the exit code."""
    configure_logs("ERROR", "json")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.chdir(folder)
        sandbox = await stack.enter_async_context(Sandbox())
        sandbox.slack.sockets.grace = 0.5
        os.environ.update(over_sockets(sandbox, environment(sandbox, folder)))
        await stack.enter_async_context(running_bot(Settings()))
        await connected(sandbox)
        began = time.monotonic()
        tally = await commands_through_refreshes(sandbox, count=COMMANDS, every=EVERY)
        took = time.monotonic() - began
    strays = sandbox.slack.sockets.strays
    sys.stdout.write(
        f"{len(tally.urls)} commands over two sockets with {tally.refreshes} refreshes in {took:.0f} s: "
        f"{tally.answered(0)} lost, {tally.answered(2, 3, 4, 5)} answered twice, {strays} acknowledged on another "
        f"socket; failures people saw: {dict(tally.failures) or 'none'}\n"
    )
    return 0 if tally.good and not strays else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
