"""Something else overwrites a list of jobs: whatever has a record still comes to its end."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.job_runner import HOURLY
from bot.mappings.model import DONE_WITHIN
from bot.scheduling.job import ALL_WORKSPACES
from bot.scheduling.queue import LISTS, job_entry, queue_key
from bot.slack.actions import GET_LINK
from bot.slack.delivery import LATE_POST
from sandbox.server import Sandbox
from tests.cards.test_cancel_link import DEAD, revoke, unmap
from tests.clock import NOON, ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.invitations.invitation_helpers import ASKS, ON_ITS_WAY
from tests.mappings.removal_helpers import SESSION, card_of, page_of
from tests.mappings.test_unmap import asked
from tests.modals import sees_modal
from tests.notifications.digest_helpers import BEN, HOUR, MINUTE, happens, pending
from tests.redis_probe import TEAM, idle, redis_of
from tests.storage.test_damaged_key import damage, shapes
from tests.users import Someone
from tests.webhooks import SECRET


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


async def lose(bot: Bot, clock: ManualClock, *names: str, after: timedelta) -> None:
    """Overwrite lists of jobs, once nothing of them is being done, and let time go by until that is noticed."""
    await idle(bot)
    await damage(redis_of(bot), *(shape for shape in shapes() if shape.name in names))
    clock.jump(after)

    async def noticed() -> bool:
        return bool(await redis_of(bot).type(queue_key(TEAM)) == "zset")

    await eventually(noticed, "the lists are set aside")


@pytest.fixture
async def ben(person: Person, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Jane")
    return person("ben")


@pytest.mark.parametrize("name", ["jobs", "updates"])
async def test_a_card_counts_down_and_ends(
    ben: Someone, person: Person, sandbox: Sandbox, clock: ManualClock, bot: Bot, name: str
) -> None:
    dm = person("ben", channel=sandbox.slack.world.dm_of("ben"))
    await person("ana").types("send @ben")
    await dm.clicks(await dm.sees(ASKS), GET_LINK.action_id)
    await dm.sees("*5 min left*")
    await lose(bot, clock, name, after=MINUTE)
    await dm.sees("*4 min left*")
    await idle(bot)
    await clock.advance(4 * MINUTE)
    await dm.sees("expired at")


async def test_an_invitation_is_delivered_and_its_sender_hears(
    ben: Someone, person: Person, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    ana, dm = (person(name, channel=sandbox.slack.world.dm_of(name)) for name in ("ana", "ben"))
    sandbox.slack.faults.add("bad_gateway", times=None, method="chat.postMessage")
    await person("ana").types("send @ben")
    await person("ana").sees(ON_ITS_WAY)
    sandbox.slack.faults.clear()
    await lose(bot, clock, *LISTS, after=MINUTE)
    await dm.sees(ASKS)
    await ana.sees("Delivered")


async def test_the_hourly_work_goes_on(clock: ManualClock, bot: Bot) -> None:
    redis, key = redis_of(bot), queue_key(ALL_WORKSPACES)
    await idle(bot)
    await redis.set(key, "not this", px=10**9)
    await clock.advance(HOUR)

    async def planned() -> bool:
        return await redis.type(key) == "zset" and bool(await redis.zscore(key, job_entry(HOURLY)))

    await eventually(planned, "the hourly job is planned again")


@pytest.mark.parametrize("overrides", [SESSION], ids=["session"])
async def test_a_link_is_revoked(ben: Someone, sandbox: Sandbox, clock: ManualClock, bot: Bot) -> None:
    card = await card_of(ben)
    sandbox.ayrshare.faults.add("plan", times=None)
    assert await revoke(bot, await unmap(bot)) == [False]
    sandbox.ayrshare.faults.clear()
    await lose(bot, clock, *LISTS, after=MINUTE)

    async def dead() -> bool:
        return await page_of(ben, card.url) == DEAD

    await eventually(dead, "the link is revoked")


async def test_who_could_not_be_told_of_a_change_is_told(
    ben: Someone, person: Person, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    ana, dm = person("ana"), person("ben", channel=sandbox.slack.world.dm_of("ben"))
    modal = await asked(ana, "@ben", "Unmap *Acme: Jane*")
    sandbox.slack.faults.add("internal_error", times=None)
    await modal.submits()
    sandbox.slack.faults.clear()
    await sees_modal(ana, "no longer has", "I keep trying")
    await lose(bot, clock, *LISTS, after=DONE_WITHIN)
    await idle(bot)
    await clock.advance(LATE_POST)
    await dm.sees("took back *Acme: Jane*")


@pytest.mark.parametrize("overrides", [{"AYRSHARE_WEBHOOK_SECRET": SECRET}], ids=["webhook"])
async def test_news_of_the_night_comes_in_the_morning(
    ben: Someone, person: Person, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    dm = person(ben.name, channel=sandbox.slack.world.dm_of("ben"))
    await clock.advance(10 * HOUR)
    await happens(sandbox, "unlink", "instagram")
    await pending(bot, BEN, "instagram")
    await lose(bot, clock, *LISTS, after=MINUTE)
    await idle(bot)
    await clock.advance(10 * HOUR)
    await dm.sees("is disconnected")
