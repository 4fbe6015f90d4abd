"""`python -m bench.workspaces`: the memory of one bot with 200 workspaces (`WORKSPACES`) beside that with one.

Each workspace has installed the bot by OAuth, and 50 people of each have a profile and type the command once.
"""

import asyncio
import os
import sys

from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Bot

from bench.event_loop import loop_factory
from bench.load import PEOPLE_PER_TEAM, Load, team
from bench.measure import PEERS
from bench.processes import LOAD_CORE, SECRET, pin, started
from bench.surroundings import Surroundings, surroundings
from bench.usage import memory_mb
from bot.core.metrics import Metrics
from bot.storage.connection import open_connection
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing
from bot.workspaces.store import InstallationStore

WORKSPACES = int(os.environ.get("WORKSPACES", "200"))
PEOPLE, AT_ONCE = 50, 10
SETTLED = 5.0
"""Seconds."""
MOST_MORE = 30
"""MB."""


async def main() -> None:
    """Measure and print; fail if many workspaces take MOST_MORE than one."""
    pin(LOAD_CORE)
    one, many = await _memory(1), await _memory(WORKSPACES)
    print(f"{PEOPLE} people in each: {one:.1f} MB with one workspace, {many:.1f} MB with {WORKSPACES}")
    if many - one > MOST_MORE:
        sys.exit(f"{many - one:.1f} MB more are too much")


async def _memory(workspaces: int) -> float:
    """Return the memory of a bot, in MB, once everybody has typed."""
    async with surroundings(people=workspaces * PEOPLE_PER_TEAM) as around:
        await _install(around, workspaces)
        async with started(around.session, _settings(around, workspaces), *PEERS["connectbot"]) as bot:
            for number in range(workspaces):
                load = Load(around.fakes, around.here, f"{number}-", bot.port, SECRET, number * PEOPLE_PER_TEAM)
                done = await load.many(count=PEOPLE, at_once=AT_ONCE)
                load.client.close()
                if done.failed:
                    sys.exit(f"{done.failed} people of {team(number * PEOPLE_PER_TEAM)} got no card")
            await asyncio.sleep(SETTLED)
            return memory_mb(bot.pid) or 0.0


def _settings(around: Surroundings, workspaces: int) -> dict[str, str]:
    names = [team(number * PEOPLE_PER_TEAM) for number in range(workspaces)]
    app = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "bench", "SLACK_ALLOWED_WORKSPACES": ",".join(names)}
    return {name: value for name, value in around.environment.items() if name != "SLACK_BOT_TOKEN"} | app


async def _install(around: Surroundings, workspaces: int) -> None:
    connection = open_connection(SecretStr(around.environment["REDIS_URL"]), Metrics())
    store = InstallationStore(connection, KeyRing(parse_keys(around.environment["ENCRYPTION_KEYS"])))
    for number in range(workspaces):
        name = team(number * PEOPLE_PER_TEAM)
        bot = Bot(team_id=name, bot_token=f"xoxb-{name}", bot_id="BBENCH", bot_user_id="UBENCH", installed_at=1.0)
        await store.async_save_bot(bot)
    await connection.redis.aclose()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main())
