"""200 workspaces renew their tokens at once while the process that does it is killed again and again: none is lost."""

import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Installation

from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.storage.connection import open_connection
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing
from bot.workspaces.refresh import plan_beside
from bot.workspaces.store import InstallationStore
from sandbox.server import Sandbox
from sandbox.slack.oauth.grants import Grant, Issued
from sandbox.slack.teams import Team
from tests.commands import started
from tests.eventually import eventually
from tests.keys import RING
from tests.outliving_redis import outliving_redis
from tests.workspaces.conftest import many_workspaces

TEAMS = tuple(f"T0MANY{number:03d}" for number in range(200))
KILLED_AT = (20, 90, 160)
"""Refreshes that Slack has answered when a process dies before it hears the answer."""
SOON = 3600
"""Seconds until the tokens expire: they should have been renewed an hour ago."""


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox whose time goes on, as Slack's grace period does."""
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def environment(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    async with outliving_redis(many_workspaces(sandbox, tmp_path, ",".join(TEAMS)), sandbox, tmp_path) as settings:
        yield settings


@pytest.fixture
async def store(environment: dict[str, str]) -> AsyncIterator[InstallationStore]:
    connection = open_connection(SecretStr(environment["REDIS_URL"]), Metrics())
    yield InstallationStore(connection, KeyRing(parse_keys(RING)), beside_save=plan_beside(connection))
    await connection.redis.aclose()


async def install(sandbox: Sandbox, store: InstallationStore) -> None:
    oauth = sandbox.slack.oauth
    for name in TEAMS:
        team = Team(id=name, domain=name.lower(), name=name)
        sandbox.slack.add_team(team)
        code = oauth.allow(
            Grant(team=team, organization=None, scopes={"commands"}, installer="U0ANA0001"), redirect_uri=""
        )
        issued = oauth.exchange(code, redirect_uri="")
        assert issued.refresh is not None
        installation = Installation(
            app_id="A0CONNECT",
            team_id=name,
            team_name=name,
            user_id="U0ANA0001",
            bot_id="B0CONNECT",
            bot_user_id="U0CONNECT",
            bot_token=issued.token.text,
            bot_refresh_token=issued.refresh.text,
            bot_token_expires_at=int(time.time()) + SOON,
        )
        await store.async_save(installation)


@pytest.mark.timeout(150)
async def test_no_token_is_lost_with_the_process_that_renews_it(
    sandbox: Sandbox, store: InstallationStore, environment: dict[str, str]
) -> None:
    await install(sandbox, store)
    oauth, answered, doomed = sandbox.slack.oauth, 0, list[int]()
    refresh = oauth.refresh

    def refresh_or_kill(text: str) -> Issued:
        nonlocal answered
        issued = refresh(text)
        answered += 1
        if answered in KILLED_AT:
            os.kill(doomed[-1], signal.SIGKILL)
        return issued

    async def all_renewed() -> bool:
        found = [await store.installed(TeamId(name)) for name in TEAMS]
        return all(one and one.version > 1 for one in found)

    oauth.refresh = refresh_or_kill  # type: ignore[method-assign]  # the local Slack, which kills who asks
    sandbox.slack.faults.add("latency", times=None, ms=100, method="oauth.v2.access")
    for _ in KILLED_AT:
        async with started("worker", environment=environment) as (process, _log):
            doomed.append(process.pid)
            assert await process.wait() == -signal.SIGKILL
    async with started("worker", environment=environment) as (process, _log):
        doomed.append(process.pid)
        await eventually(all_renewed, "each workspace has a new token", within=60)
    for name in TEAMS:
        kept = await store.installed(TeamId(name))
        assert kept is not None
        assert oauth.grant_of(kept.bot.bot_token).place == name
        assert refresh(str(kept.bot.bot_refresh_token)).refresh is not None
    assert [row for row in sandbox.received("oauth.v2.access") if row.get("ok") is False] == []
