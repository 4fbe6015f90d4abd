"""What a look at a profile finds to have dropped or to be back is told a minute later, where no webhook tells."""

import pytest

from bot.app import Bot
from bot.notifications.model import OUTAGE_PROFILES
from bot.slack.actions import DISMISS, STATUS_OF
from sandbox.ayrshare import Profile
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.home.home_helpers import opens, uses_row
from tests.invitations.invitation_helpers import Dm
from tests.modals import sees_modal
from tests.notifications.digest_helpers import BEN, HOUR, JANE, LOST, SECOND, gathered, happens, pending
from tests.notifications.sweep.sweep_helpers import sweep
from tests.redis_probe import TEAM, idle
from tests.users import Someone
from tests.webhooks import SECRET

LISTED = "🔴 Instagram (Jane of Acme) has been disconnected since"


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET, "CONNECT_DIGEST": "off"}


@pytest.fixture
async def jane(mapped: Map, sandbox: Sandbox) -> Profile:
    profile = next(one for one in sandbox.ayrshare.profiles if one.title == JANE)
    del profile.accounts["linkedin"]
    await mapped("ben", JANE)
    return profile


@pytest.fixture
async def ben(jane: Profile, dm: Dm, bot: Bot, clock: ManualClock) -> Someone:
    await dm("ben").types("status")
    await dm("ben").sees("Connected: Instagram (Jane of Acme)")
    await clock.advance(HOUR)
    return dm("ben")


async def seen(ben: Someone, bot: Bot, clock: ManualClock) -> None:
    """Let Ben look, and time pass until what was found is on its way to him."""
    count = len(await ben.messages())
    await ben.types("status")
    await ben.sees_times(count + 1)
    await clock.advance(10 * SECOND)
    await idle(bot)


async def test_its_people_hear_once_that_it_dropped_and_once_that_it_is_back(
    ben: Someone, jane: Profile, bot: Bot, clock: ManualClock
) -> None:
    lost = jane.accounts.pop("instagram")
    await seen(ben, bot, clock)
    await pending(bot, BEN, "instagram")
    await gathered(bot, clock, BEN)
    await ben.sees(f"Instagram {LOST} for {JANE}")
    await sweep(bot, clock)
    await clock.advance(HOUR)
    jane.accounts["instagram"] = lost
    await seen(ben, bot, clock)
    await pending(bot, BEN, "instagram")
    await gathered(bot, clock, BEN)
    await ben.sees(f"Instagram is back for {JANE}")
    await sweep(bot, clock)
    assert len([one for one in await ben.messages() if not one.ephemeral]) == 2


async def test_what_an_admin_dismissed_before_its_people_heard_is_not_told(
    ben: Someone, jane: Profile, person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await clock.advance(8 * HOUR)  # night where Ben is
    del jane.accounts["instagram"]
    await seen(ben, bot, clock)
    await pending(bot, BEN, "instagram")
    await gathered(bot, clock, BEN)
    home = await opens(sandbox, person("ana"), "Disconnected: Instagram since")
    await uses_row(home, person("ana"), JANE, STATUS_OF.label)
    await (await sees_modal(person("ana"), LISTED)).clicks(DISMISS.label)

    async def is_gone() -> bool:
        return LISTED not in (await sees_modal(person("ana"), JANE)).words

    await eventually(is_gone, "the modal no longer has it")
    await clock.advance(12 * HOUR)
    await pending(bot, BEN)
    assert [one for one in await ben.messages() if not one.ephemeral] == []


async def test_what_dropped_over_days_is_no_outage_at_a_check(
    mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    titles = [f"Many {number}" for number in range(OUTAGE_PROFILES)]
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    sandbox.ayrshare.add_profiles(titles)
    for title in titles:
        await mapped("cara", title)
        await happens(sandbox, "link", "tiktok", title)
    await sweep(bot, clock)
    for title in titles:
        await happens(sandbox, "unlink", "tiktok", title)
        await clock.advance(2 * HOUR)
    for _ in range(2):
        await sweep(bot, clock)
        assert await bot.deps.outages.ends(TEAM, ["tiktok"]) == {}
