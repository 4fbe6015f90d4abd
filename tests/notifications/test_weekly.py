"""The admins' weekly digest: when it comes, what it says, and how an admin has everybody asked."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.app import Bot
from bot.ayrshare.errors import XNotOffered
from bot.ayrshare.model import Account
from bot.ayrshare.networks import OfferedNetworks
from bot.core.model import RefId, UserId, Viewer
from bot.invitations.errors import NothingBroken
from bot.invitations.group.send import ask_disconnected
from bot.invitations.sender_views import JUST_ASKED
from bot.notifications.model import PROFILES_IN_WEEKLY, SEND_WEEKLY, WeeklyRow
from bot.notifications.weekly import next_monday, plan_next
from bot.notifications.weekly_views import weekly_message
from bot.profiles.model import Disconnected
from bot.scheduling.job import Job
from bot.scheduling.queue import job_entry, queue_key
from bot.slack.actions import ASK_EVERYBODY, MUTE, SEE_ALL
from sandbox.server import Sandbox
from tests.cards.test_scope import ACME
from tests.cards.test_scope import broken as lost
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.invitations.invitation_helpers import Dm
from tests.notifications.digest_helpers import happens
from tests.redis_probe import TEAM, idle, jobs, redis_of
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.webhooks import SECRET

FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
JANE = "Acme: Jane"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(FRIDAY)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET, "CONNECT_ADMINS": "U0ANA0001"}


@pytest.fixture
async def broken(mapped: Map, person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock) -> None:
    """Ben's Instagram drops; Cara's accounts work."""
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", JANE)
    await mapped("cara", "Globex")
    for name in ("ben", "cara"):
        await person(name).types("status")
        await person(name).sees("Connected: ")
    await clock.advance_seconds(1)
    await happens(sandbox, "unlink", "instagram", details="The password was changed.")
    await idle(bot)


async def planned_for(bot: Bot) -> datetime:
    """Return when the next digest is planned: by the clock of most people, as far as they are known by then."""
    entry = job_entry(Job(SEND_WEEKLY, ""))
    return datetime.fromtimestamp(float(await redis_of(bot).zscore(queue_key(TEAM), entry) or 0) / 1000, UTC)


async def monday_comes(bot: Bot, clock: ManualClock) -> None:
    """Plan the digest, as the bot does each hour, and move to its moment."""
    await plan_next(bot.deps, TEAM)
    at = await planned_for(bot)
    assert abs(at - MONDAY) < timedelta(hours=12)
    await clock.advance(at - clock.now())


async def the_next_is_planned(bot: Bot) -> None:
    async def look() -> bool:
        return await planned_for(bot) > MONDAY + timedelta(days=6)

    await eventually(look, "the next digest is planned")


async def test_it_tells_admins_on_monday_what_is_disconnected_since_when_and_who_was_asked(
    broken: None, bot: Bot, dm: Dm, clock: ManualClock
) -> None:
    await clock.advance_seconds(61)
    await dm("ben").sees("is disconnected")
    await idle(bot)
    await monday_comes(bot, clock)
    told = await dm("ana").sees("🔴 *1 profile has disconnected accounts*", f"*{JANE}* · <@U0BEN0001>, told <!date^")
    assert ", not asked yet" in told.words
    assert "🔴 Instagram (Jane of Acme): disconnected since <!date^" in told.words
    assert "Globex" not in told.words
    assert f"Not all posts of {JANE} go out. I can ask everybody to reconnect." in told.text
    await idle(bot)
    await the_next_is_planned(bot)


async def test_everybody_is_asked_by_one_button_and_the_next_digest_says_so(
    broken: None, bot: Bot, dm: Dm, clock: ManualClock
) -> None:
    await monday_comes(bot, clock)
    told = await dm("ana").sees("disconnected accounts")
    await dm("ana").clicks(told, ASK_EVERYBODY.label)
    await dm("ana").sees("I'm asking 1 person with disconnected accounts")
    await idle(bot)
    await clock.advance_seconds(10)  # Slack takes one message a second
    asked = await dm("ben").sees(MUTE.label)
    assert "Ana" in asked.text or "U0ANA0001" in asked.words
    await idle(bot)
    await clock.advance(timedelta(weeks=1))
    await dm("ana").sees(f"*{JANE}* · <@U0BEN0001>, asked <!date^")
    assert not [seen for seen in await dm("cara").messages() if MUTE.label in seen.buttons]


async def test_a_second_press_within_a_minute_asks_nobody_and_says_so(
    broken: None, bot: Bot, dm: Dm, clock: ManualClock
) -> None:
    await monday_comes(bot, clock)
    told = await dm("ana").sees("disconnected accounts")
    await dm("ana").clicks(told, ASK_EVERYBODY.label)
    await dm("ana").sees("I'm asking 1 person")
    await dm("ana").clicks(told, ASK_EVERYBODY.label)
    await dm("ana").sees(JUST_ASKED)
    assert [row.action for row in await bot.deps.audit.latest(TEAM, 50)].count("group_asked") == 1


async def test_a_press_that_asked_nobody_may_be_repeated_at_once(bot: Bot) -> None:
    for _ in range(2):
        with pytest.raises(NothingBroken):
            await ask_disconnected(bot.deps, Viewer(TEAM, UserId("U0ANA0001")), None)


async def test_a_member_asks_nobody_by_it(
    broken: None, dm: Dm, bot: Bot, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    action = {"type": "button", "action_id": ASK_EVERYBODY.action_id}
    await signer.click(response_url.url, user={"id": "U0CARA001", "team_id": TEAM}, action=action)
    await response_url.receives("Only admins can do that")
    await idle(bot)
    assert await dm("ben").messages() == []


async def test_the_weekly_digest_offers_to_ask_nobody_who_only_lost_x(
    mapped: Map, bot: Bot, sandbox: Sandbox, dm: Dm, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await lost(bot, sandbox, clock, "Globex", "twitter")
    await monday_comes(bot, clock)
    told = await dm("ana").sees("*1 profile has disconnected accounts*", XNotOffered().sentence)
    assert SEE_ALL.label in told.buttons
    assert ASK_EVERYBODY.label not in told.buttons


async def test_a_button_that_is_older_than_that_asks_nobody_and_says_why(
    mapped: Map, person: Person, bot: Bot, sandbox: Sandbox, dm: Dm, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await mapped("cara", ACME)
    await lost(bot, sandbox, clock, "Globex", "twitter")
    await lost(bot, sandbox, clock, ACME, "tiktok")
    await monday_comes(bot, clock)
    told = await dm("ana").sees("*2 profiles have disconnected accounts*", XNotOffered().sentence, ASK_EVERYBODY.label)
    sandbox.ayrshare.connect_as_user(ACME, "tiktok")
    await clock.advance(timedelta(hours=1))
    await person("cara").types("status")
    await person("cara").sees("🟢 Connected: Facebook (Acme), TikTok (Acme).")
    await dm("ana").clicks(told, ASK_EVERYBODY.label)
    await dm("ana").sees(f"Nobody else can reconnect what is disconnected. {XNotOffered().sentence}")


async def test_nobody_is_told_where_everything_is_connected(mapped: Map, bot: Bot, dm: Dm, clock: ManualClock) -> None:
    await mapped("ben", JANE)
    await monday_comes(bot, clock)
    await the_next_is_planned(bot)
    await idle(bot)
    assert await dm("ana").messages() == []


async def test_it_moves_to_the_morning_of_most_people_once_they_are_known(
    person: Person, mapped: Map, bot: Bot, clock: ManualClock
) -> None:
    await plan_next(bot.deps, TEAM)
    assert await planned_for(bot) == MONDAY
    await mapped("ben", JANE)
    await person("ben").types("status")
    await person("ben").sees("Connected: ")
    await idle(bot)
    await plan_next(bot.deps, TEAM)
    assert await planned_for(bot) == MONDAY - timedelta(hours=1), "9:00 in Berlin"


async def test_it_waits_for_the_morning_of_most_people_where_it_was_planned_too_early(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, dm: Dm, clock: ManualClock
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await plan_next(bot.deps, TEAM)
    await mapped("cara", "Globex")
    await person("cara").types("status")
    await person("cara").sees("Connected: ")
    await happens(sandbox, "unlink", "youtube", profile="Globex")
    await idle(bot)
    await clock.advance(MONDAY - clock.now())
    await idle(bot)
    assert await planned_for(bot) == MONDAY + timedelta(hours=5), "9:00 in New York"
    assert await dm("ana").messages() == []
    await clock.advance(timedelta(hours=5))
    await dm("ana").sees("🔴 *1 profile has disconnected accounts*")


@pytest.mark.parametrize("overrides", [{"CONNECT_DIGEST": "off"}])
async def test_it_can_be_switched_off(bot: Bot, mapped: Map) -> None:
    await mapped("ben", JANE)
    await plan_next(bot.deps, TEAM)
    assert await jobs(bot, SEND_WEEKLY) == []


@pytest.mark.parametrize(
    ("now", "zone", "monday"),
    [
        (FRIDAY, "", MONDAY),
        (FRIDAY, "Asia/Tokyo", datetime(2026, 11, 23, 0, tzinfo=UTC)),
        (MONDAY - timedelta(seconds=1), "UTC", MONDAY),
        (MONDAY, "UTC", MONDAY + timedelta(weeks=1)),
        (datetime(2026, 3, 28, tzinfo=UTC), "Europe/Berlin", datetime(2026, 3, 30, 7, tzinfo=UTC)),  # summer begins
    ],
)
def test_it_comes_on_the_next_monday_morning(now: datetime, zone: str, monday: datetime) -> None:
    assert next_monday(now, zone=zone) == monday


def test_it_names_the_first_profiles_and_counts_the_rest() -> None:
    dropped = Disconnected("linkedin", "A & B", FRIDAY)
    expiring = Account("tiktok", None, MONDAY, needs_attention=True)
    people = tuple(UserId(f"U{number}") for number in range(7))
    rows = [WeeklyRow(RefId("r"), f"P{number}", people, (dropped,), (), FRIDAY) for number in range(PROFILES_IN_WEEKLY)]
    message = weekly_message(
        [*rows, WeeklyRow(RefId("r"), "Last", people[:1], (), (expiring,))], offered=OfferedNetworks()
    )
    assert (
        f"🔴 {PROFILES_IN_WEEKLY} profiles have disconnected accounts. Not all posts of P0, P1, P2 and 17 more"
        in message.text
    )
    assert "1 more need attention." in str(message.blocks[-1])
    assert len(message.blocks) <= 50
    first = message.blocks[2]["text"]["text"]
    assert "<@U4> and 2 more, asked <!date^" in first
    assert "LinkedIn (A &amp; B): disconnected since" in first
