"""Until a disconnected account is mended: who hears of it when, and that nobody hears twice of one cause."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import RefId, UserId
from bot.invitations.model import Postponement
from bot.invitations.views import POSTPONE_LABELS
from bot.notifications.model import ADMINS_TOLD_AFTER, OUTAGE_PROFILES, REMINDED_AFTER, KnownAccounts
from bot.notifications.reminders import Waiting, remind
from bot.profiles.model import Disconnected
from bot.slack.actions import ASK_AGAIN, DIGEST_LINK, DISMISS, POSTPONE, REASSIGN, SNOOZE
from sandbox.server import Sandbox
from tests.clock import NOON, ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.invitations.invitation_helpers import ASKS, Dm, posts
from tests.modals import sees_modal
from tests.notifications.digest_helpers import BEN, DAY, HOUR, JANE, MINUTE, due, gathered, happens, settled
from tests.redis_probe import TEAM, idle, trail
from tests.users import Seen, Someone
from tests.webhooks import SECRET

STILL = "Instagram is still disconnected for Acme: Jane"
ANA, CARA, DAN = UserId("U0ANA0001"), UserId("U0CARA001"), UserId("U0DAN0001")
SOON = 600_000
"""Milliseconds: a digest that Slack refused in passing is tried again by then."""


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET, "CONNECT_ADMINS": ANA, "CONNECT_DIGEST": "off"}


@pytest.fixture
async def ben(dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock) -> Someone:
    """Ben, whose accounts have been looked at: an Instagram."""
    del next(one for one in sandbox.ayrshare.profiles if one.title == JANE).accounts["linkedin"]
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", JANE)
    await dm("ben").types("status")
    await dm("ben").sees("Connected: Instagram")
    await clock.advance_seconds(1)
    return dm("ben")


async def drops(bot: Bot, sandbox: Sandbox, clock: ManualClock) -> None:
    """Ben is told that his Instagram has dropped."""
    await happens(sandbox, "unlink", "instagram")
    await is_due(bot, BEN)
    await gathered(bot, clock, BEN)
    await idle(bot)


async def is_due(bot: Bot, user: UserId) -> None:
    async def look() -> bool:
        return await due(bot, user) is not None

    await eventually(look, "a digest is planned")


async def told(who: Someone) -> list[Seen]:
    return [seen for seen in await who.messages() if not seen.ephemeral]


async def reminders(who: Someone) -> list[Seen]:
    return [seen for seen in await told(who) if STILL in seen.words]


async def passes(bot: Bot, clock: ManualClock, span: timedelta, *also: UserId) -> None:
    """Let time pass, the hourly look come, and what it plans be sent."""
    await clock.advance(span)
    await idle(bot)
    await remind(bot.deps, TEAM, "")
    for user in (BEN, ANA, *also):
        while (left := await due(bot, user)) is not None and left < SOON:
            await clock.advance(timedelta(milliseconds=max(0, left)))
            await settled(bot, user)
    await idle(bot)


def test_who_was_told_in_the_morning_is_reminded_with_what_came_by_night() -> None:
    morning = NOON.replace(hour=8)
    known = KnownAccounts(reminders={"instagram": 0}, told={"instagram": morning + MINUTE})
    one = Waiting(RefId("r"), Disconnected("instagram", "Jane", morning - 6 * HOUR), known, (BEN,))
    assert one.due_by(morning + 2 * DAY - HOUR)
    assert not one.due_by(morning + 2 * DAY - 3 * HOUR)


async def test_people_are_reminded_four_times_and_then_the_admins_hear_once(
    ben: Someone, dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await drops(bot, sandbox, clock)
    assert len(await told(ben)) == 1
    calendar: dict[str, list[int]] = {"ben": [], "ana": []}
    begins = clock.now()
    for day in range(1, 30):
        before = {name: len(await told(dm(name))) for name in calendar}
        await passes(bot, clock, begins + day * DAY - clock.now())
        for name in calendar:
            calendar[name] += [day] if len(await told(dm(name))) > before[name] else []
    assert calendar == {"ben": [2, 7, 12, 17], "ana": [22]}
    *_, last = await reminders(ben)
    assert last.buttons == [DIGEST_LINK.label, SNOOZE.label]
    (ana,) = await told(dm("ana"))
    assert "I reminded <@U0BEN0001> 4 times." in ana.words
    assert ana.buttons == [ASK_AGAIN.label, REASSIGN.label, DISMISS.label]


async def test_reassign_asks_only_who_takes_that_profile_over(
    ben: Someone, dm: Dm, mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await drops(bot, sandbox, clock)
    for day in (*REMINDED_AFTER, ADMINS_TOLD_AFTER, ADMINS_TOLD_AFTER + DAY):
        await passes(bot, clock, NOON + day + HOUR - clock.now())
    (told_ana,) = await told(dm("ana"))
    await dm("ana").clicks(told_ana, REASSIGN.label)
    form = await sees_modal(dm("ana"), "has 2 profiles", title="Hand over profiles")
    assert [one["text"]["text"] for one in form.entered["profiles"]["selected_options"]] == [JANE]
    await form.submits(to="cara")
    await sees_modal(dm("ana"), f"has *{JANE}* now, in place of <@{BEN}>")
    await dm("ana").clicks(told_ana, REASSIGN.label)
    await sees_modal(dm("ana"), f"<@{BEN}> no longer has that profile.", title="Hand over profiles")
    await dm("ana").clicks(told_ana, ASK_AGAIN.label)
    await dm("ana").sees("no longer has that profile. Choose again.")
    await dm("ana").clicks(told_ana, DISMISS.label)
    await dm("ana").sees(f"<@{BEN}> no longer has that profile.", where=lambda one: "Choose again" not in one.words)
    assert not await trail(bot, "account_dismissed")


async def test_it_all_stops_when_the_account_is_back_which_is_said_once(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await drops(bot, sandbox, clock)
    await passes(bot, clock, 2 * DAY)
    assert STILL in (await told(ben))[-1].words
    await clock.advance_seconds(1)
    await happens(sandbox, "link", "instagram")
    await is_due(bot, BEN)
    await gathered(bot, clock, BEN)
    assert f"✅ *Instagram is back for {JANE}*" in (await told(ben))[-1].words
    assert (await told(ben))[-1].buttons == []
    for _ in range(3):
        await passes(bot, clock, 5 * DAY)
    assert len(await told(ben)) == 3


async def test_what_heals_within_a_minute_causes_nothing(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await happens(sandbox, "unlink", "instagram")
    await is_due(bot, BEN)
    await clock.advance_seconds(59)
    await settled(bot, BEN)
    await happens(sandbox, "link", "instagram")
    await gathered(bot, clock, BEN)
    await passes(bot, clock, 3 * DAY)
    assert await told(ben) == []


async def test_people_are_told_of_an_x_that_they_cannot_mend_and_not_reminded(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await happens(sandbox, "link", "twitter")
    await clock.advance_seconds(1)
    await happens(sandbox, "unlink", "twitter")
    await is_due(bot, BEN)
    await gathered(bot, clock, BEN)
    await ben.sees("X is disconnected", "Posts won't go out.", "Whoever runs this bot can add it.")
    for _ in range(2):
        await passes(bot, clock, 5 * DAY)
    assert len(await told(ben)) == 1


async def test_a_snooze_holds_back_reminders(ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock) -> None:
    await drops(bot, sandbox, clock)
    (first,) = await told(ben)
    await ben.clicks(first, SNOOZE.label)
    await ben.sees("Snoozed until")
    count = posts(sandbox)
    await passes(bot, clock, 3 * DAY)
    await passes(bot, clock, 3 * DAY)
    assert posts(sandbox) == count
    await passes(bot, clock, 2 * DAY)
    await ben.sees(STILL)
    assert posts(sandbox) == count + 1


async def test_an_admin_dismisses_it_from_the_message(
    ben: Someone, dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await drops(bot, sandbox, clock)
    for span in (2, 5, 5, 5, 5):
        await passes(bot, clock, span * DAY)
    (ana,) = [seen for seen in await told(dm("ana")) if DISMISS.label in seen.buttons]
    await dm("ana").clicks(ana, DISMISS.label)
    await dm("ana").sees("Dismissed.")
    seen = await ben.messages()
    await ben.types("status")
    status = (await ben.sees_times(len(seen) + 1))[-1]
    assert status.ephemeral
    assert "disconnected" not in status.words
    dismissed, asked = f"<@{ANA}> dismissed this warning for everyone.", len(await ben.messages())
    for label in (DISMISS.label, ASK_AGAIN.label):
        said = len(await dm("ana").messages())
        await dm("ana").clicks(ana, label)
        assert dismissed in (await dm("ana").sees_times(said + 1))[-1].words
    await dm("ana").clicks(ana, REASSIGN.label)
    await sees_modal(dm("ana"), dismissed, title="Hand over profiles")
    assert len(await ben.messages()) == asked
    assert len(await trail(bot, "account_dismissed")) == 1


@pytest.fixture
async def lost(bot: Bot, mapped: Map, sandbox: Sandbox) -> list[str]:
    """The profiles of Ben's that have just lost TikTok."""
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    sandbox.ayrshare.add_profiles(f"Many {number}" for number in range(OUTAGE_PROFILES))
    titles = [f"Many {number}" for number in range(OUTAGE_PROFILES)]
    for title in titles:
        await mapped("ben", title)
        await happens(sandbox, "link", "tiktok", title)
    for title in titles:
        await happens(sandbox, "unlink", "tiktok", title)
    await is_due(bot, BEN)
    await is_due(bot, ANA)
    return titles


async def test_an_outage_that_is_over_before_day_is_told_to_nobody(
    lost: list[str], dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    for title in lost:
        await happens(sandbox, "link", "tiktok", title)
    await gathered(bot, clock, BEN)
    await clock.advance(2 * HOUR)  # it is early where Ana is
    await clock.advance(DAY + HOUR)
    await idle(bot)
    assert [await told(dm(name)) for name in ("ana", "ben")] == [[], []]


async def test_an_outage_of_a_network_is_one_message_to_the_admins_and_none_to_people_for_a_day(
    lost: list[str], dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await gathered(bot, clock, BEN)
    await clock.advance(2 * HOUR)  # it is early where Ana is
    await idle(bot)
    (ana,) = await told(dm("ana"))
    assert "🟡 *Trouble at TikTok*\nMany profiles lost it within an hour." in ana.words
    assert await told(dm("ben")) == []
    await happens(sandbox, "link", "tiktok", lost[0])
    await clock.advance(DAY + HOUR)
    await idle(bot)
    (ben,) = await told(dm("ben"))
    assert lost[0] not in ben.words
    assert lost[1] in ben.words


async def test_who_takes_over_is_told_and_reminded_from_the_start_and_then_the_admins_hear_again(
    ben: Someone, dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await drops(bot, sandbox, clock)
    for span in (*REMINDED_AFTER, ADMINS_TOLD_AFTER):
        await passes(bot, clock, NOON + span + HOUR - clock.now())
    (told_ana,) = await told(dm("ana"))
    await dm("ana").clicks(told_ana, REASSIGN.label)
    await (await sees_modal(dm("ana"), "has one profile", title="Hand over profiles")).submits(to="cara")
    await is_due(bot, CARA)
    begins, bens = clock.now(), len(await told(ben))
    await clock.advance(HOUR)
    cara = dm("cara")
    first = await cara.sees(STILL)
    assert first.buttons == [DIGEST_LINK.label, SNOOZE.label]
    for day, count in ((1, 1), (2, 2), (7, 3), (12, 4), (17, 5), (21, 5)):
        await passes(bot, clock, begins + day * DAY + 2 * HOUR - clock.now(), CARA)
        assert (day, len(await reminders(cara))) == (day, count)
    assert len(await told(dm("ana"))) == 1
    await passes(bot, clock, begins + 23 * DAY - clock.now(), CARA)
    assert f"I reminded <@{CARA}> 4 times." in (await told(dm("ana")))[-1].words
    assert len(await told(ben)) == bens


async def test_who_gets_the_profile_as_well_is_reminded_with_the_others_or_once_the_admins_were_told(
    ben: Someone, dm: Dm, mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await clock.advance(4 * HOUR)  # it is day where Cara is
    await drops(bot, sandbox, clock)
    await mapped("cara", JANE)
    for count, span in enumerate((DAY, DAY, 5 * DAY, 5 * DAY, 5 * DAY, 6 * DAY)):
        await passes(bot, clock, span, CARA)
        expected = min(count, len(REMINDED_AFTER))
        assert (len(await reminders(ben)), len(await reminders(dm("cara")))) == (expected, expected)
    assert len(await told(dm("ana"))) == 1
    await mapped("dan", JANE)
    await passes(bot, clock, DAY / 2, CARA, DAN)
    assert [len(await reminders(dm(name))) for name in ("ben", "cara", "dan")] == [4, 4, 1]


async def test_what_one_person_would_be_reminded_of_on_one_day_is_one_message(
    ben: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await ben.types("status")
    await ben.sees("Globex")
    await clock.advance_seconds(1)
    await drops(bot, sandbox, clock)
    await clock.advance(3 * HOUR)
    await happens(sandbox, "unlink", "youtube", "Globex")
    await is_due(bot, BEN)
    await gathered(bot, clock, BEN)
    await idle(bot)
    assert len(await told(ben)) == 2
    for hours in (44, 4, 3, 20):
        await passes(bot, clock, hours * HOUR)
    assert len(await told(ben)) == 3
    assert "2 accounts are still disconnected" in (await told(ben))[-1].words


async def test_what_came_by_night_and_a_reminder_of_that_day_are_one_message(
    ben: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await ben.types("status")
    await ben.sees("Globex")
    await clock.advance_seconds(1)
    await drops(bot, sandbox, clock)
    await passes(bot, clock, 40 * HOUR)
    await happens(sandbox, "unlink", "youtube", "Globex")
    await is_due(bot, BEN)
    assert len(await told(ben)) == 1, "it is night"
    await remind(bot.deps, TEAM, "")
    await clock.advance(4 * HOUR)
    await settled(bot, BEN)
    both = (await told(ben))[-1]
    assert all(one in both.words for one in ("YouTube", "Instagram", "Globex", JANE))
    for hours in (3, 3, 20):
        await passes(bot, clock, hours * HOUR)
    assert len(await told(ben)) == 2


async def test_a_request_that_comes_again_that_day_takes_the_reminders_place(
    ben: Someone, dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await drops(bot, sandbox, clock)
    await passes(bot, clock, DAY)
    await dm("ana").types("send @ben")
    asked = await ben.sees(ASKS)
    await ben.clicks(asked, POSTPONE, value=POSTPONE_LABELS[Postponement.TOMORROW])
    await ben.sees("I'll remind you")
    await clock.advance(20 * HOUR)  # past 9:00 where Ben is
    await ben.sees("Reminder: ")
    await passes(bot, clock, 6 * HOUR)
    assert await reminders(ben) == []
    await passes(bot, clock, 4 * DAY)
    assert await reminders(ben) == []
    await passes(bot, clock, DAY)
    assert len(await reminders(ben)) == 1
