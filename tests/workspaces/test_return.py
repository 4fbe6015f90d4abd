"""What was due while a workspace had uninstalled the app waits: it is done when the workspace comes back in time."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import TeamId, UserId
from bot.job_runner import AWAY_RETRY
from bot.notifications.model import SEND_DIGEST
from bot.scheduling.job import Job
from bot.scheduling.queue import job_entry, queue_key
from bot.workspaces.model import DATA_KEPT
from sandbox.server import Sandbox
from tests.clock import NOON, ManualClock
from tests.eventually import eventually
from tests.notifications.digest_helpers import BEN, happens
from tests.redis_probe import redis_of
from tests.users import Someone
from tests.webhooks import SECRET
from tests.workspaces.conftest import SECOND, Install, MapIn, People, workspace
from tests.workspaces.test_leave import keys_of, left


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET, "CONNECT_DIGEST": "off"}


async def planned_again(bot: Bot, clock: ManualClock) -> None:
    async def look() -> bool:
        entry = job_entry(Job(SEND_DIGEST, UserId(BEN)))
        due = await redis_of(bot).zscore(queue_key(TeamId(SECOND)), entry)
        return due is not None and float(due) >= (clock.now() + AWAY_RETRY).timestamp() * 1000

    await eventually(look, "the digest waits")


async def test_news_that_was_due_meanwhile_is_told_after_the_return(
    install: Install, bot: Bot, sandbox: Sandbox, person_in: People, map_in: MapIn, clock: ManualClock
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await install(SECOND)
    await map_in(SECOND, "ben", "Acme: Jane")
    ben = person_in(SECOND, "ben", channel=workspace(sandbox, SECOND).world.dm_of("ben"))
    await happens(sandbox, "unlink", "instagram")
    await uninstalls(ben, SECOND)
    await left(bot, SECOND)
    await clock.advance(timedelta(minutes=2))
    await planned_again(bot, clock)
    await install(SECOND)
    await clock.advance(AWAY_RETRY)
    await ben.sees("Instagram is disconnected for Acme: Jane")


async def test_nothing_waits_for_a_workspace_whose_data_is_gone(
    install: Install, bot: Bot, person_in: People, map_in: MapIn, clock: ManualClock
) -> None:
    await install(SECOND)
    await map_in(SECOND, "ben", "Acme: Jane")
    await uninstalls(person_in("", "ana"), SECOND)
    await left(bot, SECOND)
    await clock.advance(DATA_KEPT)

    async def gone() -> bool:
        return not await keys_of(bot, SECOND) and not await bot.deps.installations.has_data(TeamId(SECOND))

    await eventually(gone, "the data is deleted")
    await bot.deps.scheduler.plan(TeamId(SECOND), Job(SEND_DIGEST, UserId(BEN)), at=clock.now())
    await eventually(gone, "the job isn't kept")


async def uninstalls(admin: Someone, place: str) -> None:
    async with admin.session.post(f"{admin.url}/control/oauth", json={"uninstall": place}) as answer:
        assert (await answer.json())["ok"]
