"""`status`: what is due and how late, who works, and what is down; its exit code says whether somebody has to look."""

import json
import signal
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.cli.status.report import Report, WorkspaceState, span
from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.notifications.model import Sweep
from bot.scheduling.job import Job, JobName
from bot.scheduling.outstanding import Outstanding
from bot.scheduling.processes import PROCESSES, Process
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from sandbox.server import Sandbox
from tests.cli.examined import map_ben
from tests.cli.terminal import at_a_terminal
from tests.commands import bot_process, command, worker_process
from tests.eventually import eventually
from tests.test_process import port

__all__ = ["port"]
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
BOT = Process("bot", "web-1", 42, "0.1.0", NOW - timedelta(hours=3), sockets=2)


@dataclass(frozen=True)
class Shown:
    code: int
    report: dict[str, Any]

    @property
    def roles(self) -> list[str]:
        return [one["role"] for one in self.report["processes"] if one["lives"]]


async def shown(environment: dict[str, str]) -> Shown:
    ended = await command("status", "--json", environment=environment)
    return Shown(ended.code, json.loads(ended.out))


async def test_it_tells_who_works_and_a_stopped_bot_takes_itself_out(
    environment: dict[str, str], sandbox: Sandbox, port: int
) -> None:
    await map_ben(environment, sandbox)
    async with bot_process(environment, port=port) as bot, worker_process(environment) as worker:

        async def both() -> Shown | None:
            found = await shown(environment)
            return found if sorted(found.roles) == ["bot", "worker"] and not found.code else None

        found = await eventually(both, "a bot and a worker", within=20)
        assert (found.report["ok"], found.report["redis"]) == (True, "ok")
        assert {one["pid"] for one in found.report["processes"]} == {bot.process.pid, worker.process.pid}
        assert [one["workspace"] for one in found.report["workspaces"]] == ["T0CONNECT", "all"]
        await worker.stop()
        assert (await shown(environment)).roles == ["bot"]
        await bot.stop()
    found = await shown(environment)
    assert (found.code, found.roles) == (1, [])
    assert "No bot runs" in found.report["wrong"][0]


async def test_a_bot_that_was_killed_is_silent_and_then_forgotten(
    environment: dict[str, str], sandbox: Sandbox, port: int
) -> None:
    async with (
        bot_process(environment, port=port) as bot,
        embedded_server(Path(environment["DATA_DIR"]), bot=False) as url,
    ):
        redis: Any = open_connection(SecretStr(url), Metrics()).redis
        await eventually(lambda: redis.exists(PROCESSES), "the bot has said that it lives")
        await bot.stop(signal.SIGKILL)
        ((process_id, said),) = (await redis.hgetall(PROCESSES)).items()
        at, _, text = said.partition("|")
        await redis.hset(PROCESSES, process_id, f"{int(at) - 60}|{text}")
        found = await shown(environment)
        assert (found.code, found.roles, len(found.report["processes"])) == (1, [], 1)
        await redis.hset(PROCESSES, process_id, f"{int(at) - 4000}|{text}")
        async with worker_process(environment):

            async def forgotten() -> bool:
                return [one["role"] for one in (await shown(environment)).report["processes"]] == ["worker"]

            await eventually(forgotten, "the one that died long ago is forgotten", within=20)
        await redis.aclose()


async def test_at_a_terminal_it_fits_80_columns(environment: dict[str, str], sandbox: Sandbox, port: int) -> None:
    await map_ben(environment, sandbox)
    async with bot_process(environment, port=port):
        await eventually(lambda: works(environment), "the bot works", within=20)
        folder = Path(environment["DATA_DIR"]).parent
        async with at_a_terminal("status", folder=folder, environment=environment) as terminal:
            await terminal.sees("T0CONNECT")
            await terminal.sees("Nothing is wrong.")
            assert await terminal.ends() == 0
        assert max(map(len, terminal.screen.splitlines())) <= 80


async def works(environment: dict[str, str]) -> bool:
    return bool((await shown(environment)).roles)


async def test_a_redis_that_is_away_is_said(environment: dict[str, str]) -> None:
    away = environment | {"REDIS_URL": "redis://127.0.0.1:1/0", "ENCRYPTION_KEYS": "a:" + "A" * 43 + "="}
    found = await shown(away)
    assert found.code == 1
    assert "Redis takes no writes" in found.report["redis"]
    assert "Redis takes no writes" in (await command("status", environment=away)).out


def wrong(*processes: Process, late: int = 0, aside: int = 0, check: int = 24) -> list[str]:
    jobs = {Job(JobName("send_digest"), str(number)): NOW for number in range(aside)}
    outstanding = Outstanding(1, NOW - timedelta(seconds=late), 0, jobs)
    workspace = WorkspaceState(TeamId("T1"), outstanding, Sweep(NOW + timedelta(hours=check)))
    return list(Report(NOW, "", processes or (BOT,), (workspace,)).wrong())


def test_what_somebody_has_to_look_at_is_a_sentence_each() -> None:
    silent = Process("bot", "web-2", 43, "0.1.0", NOW, silent=timedelta(minutes=2))
    assert wrong() == []
    assert wrong(BOT, silent) == []
    assert wrong(silent) == ["No bot runs: nobody hears Slack. `connectbot run` starts one."]
    assert wrong(replace(BOT, sockets=0, since=NOW)) == []
    assert wrong(replace(BOT, sockets=0, down=("slack",))) == [
        "The bot on web-1 (42) has no connection to Slack.",
        "The bot on web-1 (42) can't use Slack: its log says why.",
    ]
    assert wrong(late=59) == []
    assert wrong(late=180) == ["T1: what is due is 3 min late."]
    assert wrong(aside=2) == ["T1: 2 set aside. `connectbot jobs list` shows them."]
    assert wrong(check=-30) == ["T1: the daily check of all profiles is 1 d late."]


@pytest.mark.parametrize(
    ("seconds", "said"), [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (7300, "2 h"), (200_000, "2 d")]
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said
