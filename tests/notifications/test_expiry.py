"""The day on which an account expires: from that moment it counts as disconnected, whoever looks, and is said once."""

import pytest

from bot.app import Bot
from bot.core.model import RefId
from bot.notifications.account_diff import note_drops
from bot.notifications.model import OUTAGE_PROFILES, Alert, AlertKind
from bot.profiles.model import ACCOUNT_EXPIRES, EXPIRED
from bot.slack.actions import DIGEST_LINK, DISMISS, SNOOZE, STATUS_OF
from sandbox.ayrshare import Profile
from sandbox.ayrshare.social_accounts import SocialAccount
from sandbox.server import Sandbox
from tests.clock import NOON, ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.home.home_helpers import opens, uses_row
from tests.invitations.invitation_helpers import Dm
from tests.modals import sees_modal
from tests.notifications.digest_helpers import BEN, DAY, HOUR, JANE, gathered, pending
from tests.notifications.test_reminders import passes
from tests.redis_probe import TEAM, idle, jobs
from tests.time_travel import planned
from tests.users import Someone

UNTIL = NOON + 2 * DAY
LISTED = "🔴 LinkedIn (Jane Doe) has been disconnected"


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"CONNECT_DIGEST": "off"}


@pytest.fixture
async def jane(mapped: Map, sandbox: Sandbox) -> Profile:
    """Ben's profile, whose LinkedIn expires in two days."""
    await mapped("ben", JANE)
    profile = next(one for one in sandbox.ayrshare.profiles if one.title == JANE)
    profile.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON - DAY, UNTIL)
    return profile


@pytest.fixture
async def ben(jane: Profile, dm: Dm, bot: Bot, clock: ManualClock) -> Someone:
    """Ben, who has read by when he has to sign in, and didn't."""
    await dm("ben").types("status")
    await dm("ben").sees("LinkedIn (Jane Doe) expires soon. Reconnect by")
    await planned(bot, ACCOUNT_EXPIRES, at=UNTIL)
    clock.jump(UNTIL - clock.now())
    return dm("ben")


async def test_its_people_read_that_it_expired_and_it_is_listed_as_disconnected(
    ben: Someone, person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await pending(bot, BEN, "linkedin")
    await gathered(bot, clock, BEN)
    told = await ben.sees(
        f"🔴 *LinkedIn is disconnected for {JANE}*", "Posts to Jane Doe won't go out until you reconnect."
    )
    assert told.buttons == [DIGEST_LINK.label, SNOOZE.label]
    await ben.types("status")
    said = await ben.sees(LISTED, "Posts to LinkedIn won't go out.")
    assert int(UNTIL.timestamp()) in said.moments
    await ben.types("")
    await ben.sees("🔴 LinkedIn is disconnected", "Posts to it won't go out until you reconnect.", "Reconnect LinkedIn")
    home = await opens(sandbox, person("ana"), "Disconnected: LinkedIn since")
    await uses_row(home, person("ana"), JANE, STATUS_OF.label)
    assert DISMISS.label in (await sees_modal(person("ana"), LISTED)).words


async def test_who_signed_in_again_in_time_hears_nothing(
    jane: Profile, dm: Dm, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await dm("ben").types("status")
    await planned(bot, ACCOUNT_EXPIRES, at=UNTIL)
    jane.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON, NOON + 60 * DAY)
    await clock.advance(UNTIL - clock.now())
    await idle(bot)
    await pending(bot, BEN)


async def test_a_profile_that_ayrshare_suspended_before_that_is_no_failure(
    jane: Profile, dm: Dm, bot: Bot, clock: ManualClock
) -> None:
    await dm("ben").types("status")
    await planned(bot, ACCOUNT_EXPIRES, at=UNTIL)
    jane.suspended = True
    clock.jump(UNTIL - clock.now())
    await idle(bot)
    assert await jobs(bot, ACCOUNT_EXPIRES) == []


async def test_what_was_dismissed_stays_dismissed(
    ben: Someone, person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await pending(bot, BEN, "linkedin")
    home = await opens(sandbox, person("ana"), "Disconnected: LinkedIn since")
    await uses_row(home, person("ana"), JANE, STATUS_OF.label)
    await (await sees_modal(person("ana"), LISTED)).clicks(DISMISS.label)

    async def is_gone() -> bool:
        return LISTED not in (await sees_modal(person("ana"), JANE)).words

    await eventually(is_gone, "the modal no longer has it")
    await clock.advance(DAY)
    await ben.types("status")
    *_, last = await ben.sees_times(2)
    assert "Connected: Instagram" in last.words
    assert "LinkedIn" not in last.words


async def test_accounts_that_expire_on_the_same_day_are_no_outage(bot: Bot) -> None:
    now, profiles = bot.deps.clock.now(), [RefId(f"{number:040x}") for number in range(OUTAGE_PROFILES)]
    for reason, outages in ((EXPIRED, 0), ("", 1)):
        lost = [Alert(AlertKind.DISCONNECTED, now, profile, "linkedin", reason=reason) for profile in profiles]
        await note_drops(bot.deps, TEAM, lost)
        assert len(await bot.deps.outages.ends(TEAM, ["linkedin"])) == outages


async def test_its_people_are_reminded_like_those_of_any_other_that_dropped(
    ben: Someone, bot: Bot, clock: ManualClock
) -> None:
    await pending(bot, BEN, "linkedin")
    await gathered(bot, clock, BEN)
    await ben.sees(f"LinkedIn is disconnected for {JANE}")
    for _ in range(2):
        await passes(bot, clock, DAY - HOUR)  # to the mornings after it, before noon
        count = len(await ben.messages())
        await ben.types("status")
        assert LISTED in (await ben.sees_times(count + 1))[-1].words
        await passes(bot, clock, HOUR)
    await ben.sees(f"LinkedIn is still disconnected for {JANE}", "Disconnected since")
