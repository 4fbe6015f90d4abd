"""A digest tells people of disconnected and expiring accounts: who gets it, when, and only once."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app import Bot
from bot.core.model import RefId, UserId
from bot.job_runner import LONGEST_PAUSE
from bot.notifications.model import GATHERED_FOR, SEND_DIGEST, AlertKind
from bot.slack.actions import DIGEST_LINK, MUTE, NEW_LINK, SNOOZE
from sandbox.ayrshare import Profile
from sandbox.server import Sandbox
from sandbox.unreadable import KINDS, STREAMED
from tests.clock import NOON, ManualClock
from tests.conftest import Map
from tests.core.test_metrics import figures
from tests.eventually import eventually
from tests.invitations.invitation_helpers import Dm, invited, links_made, posts
from tests.notifications.digest_helpers import (
    ACME,
    BEN,
    DAY,
    EVE,
    HOUR,
    JANE,
    LOST,
    MINUTE,
    REASON,
    SECOND,
    digests,
    due,
    gathered,
    happens,
    pending,
    settled,
)
from tests.redis_probe import TEAM, idle, redis_of
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.time_travel import planned
from tests.users import Someone
from tests.webhooks import SECRET, WebhookSender

INSTAGRAM_LOST = f"Instagram {LOST}"


@pytest.fixture
async def ben(dm: Dm, mapped: Map, sandbox: Sandbox) -> Someone:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", JANE)
    return dm("ben")


@pytest.fixture
def jane(sandbox: Sandbox) -> Profile:
    return next(profile for profile in sandbox.ayrshare.profiles if profile.title == JANE)


@pytest.fixture
def webhook_sender(ben: Someone, sandbox: Sandbox, clock: ManualClock) -> WebhookSender:
    return WebhookSender(ben.session, sandbox, clock)


async def lose_instagram(bot: Bot, sandbox: Sandbox, **how: str) -> None:
    """Wait for the digest as well: one that is planned after the clock has moved comes a minute later."""
    await happens(sandbox, "unlink", "instagram", **how)
    await pending(bot, BEN, "instagram")

    async def is_planned() -> bool:
        return await due(bot, BEN) is not None

    await eventually(is_planned, "a digest is planned")


async def sends_loss_of_instagram(webhook_sender: WebhookSender, jane: Profile, **fields: str) -> None:
    jane.accounts.pop("instagram", None)
    assert (
        await webhook_sender.sends_event(type="unlink", source="system", platform="instagram", details=REASON, **fields)
        == 200
    )


async def test_a_disconnected_account_is_told_with_the_reason_and_a_button_but_no_link(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox, details="The password was changed.")
    await clock.advance(GATHERED_FOR)
    told = await ben.sees(f"*{INSTAGRAM_LOST} for {JANE}*\nThe password was changed. Posts won't go out until")
    assert told.buttons == [DIGEST_LINK.label, SNOOZE.label]
    assert not told.ephemeral
    assert told.url is None
    assert INSTAGRAM_LOST in told.text
    assert "password" not in told.text
    assert links_made(sandbox) == 0


@pytest.mark.parametrize("kind", sorted(KINDS - STREAMED))
async def test_news_is_kept_and_told_once_after_answers_of_slacks_that_nobody_can_read(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock, kind: str
) -> None:
    await lose_instagram(bot, sandbox)
    sandbox.slack.faults.add(kind, times=None, method="chat.postMessage")

    async def is_tried() -> bool:
        return len(sandbox.received("chat.postMessage")) >= tries

    for tries in (1, 2, 3):
        await clock.advance(GATHERED_FOR if tries == 1 else MINUTE)
        await eventually(is_tried, f"it is tried {tries} times")
        await idle(bot)
        assert await due(bot, BEN) is not None
    sandbox.slack.faults.clear()
    await clock.advance(LONGEST_PAUSE)
    await ben.sees(INSTAGRAM_LOST)
    await idle(bot)
    assert await due(bot, BEN) is None
    assert len(await digests(ben)) == 1


async def test_an_expiring_account_is_told_with_its_deadline(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await happens(sandbox, "refresh", "instagram", days=7)
    await pending(bot, BEN, "instagram")
    await clock.advance(GATHERED_FOR)
    told = await ben.sees(f"*Instagram expires soon for {JANE}*", "Reconnect Instagram by", "to keep posting")
    assert told.moments == [int((NOON + 7 * DAY).timestamp())]
    assert told.buttons == [DIGEST_LINK.label, SNOOZE.label]


async def test_the_button_replaces_the_digest_by_a_card_that_counts_down(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    await clock.advance(GATHERED_FOR)
    told = await ben.sees(LOST)
    await asyncio.gather(*(ben.clicks(told, DIGEST_LINK.label) for _ in range(3)))
    card = await ben.sees_a_card(JANE)
    assert card.ts == told.ts
    assert links_made(sandbox) == 1
    await clock.advance(3 * MINUTE)
    assert (await ben.sees("*2 min left*")).ts == told.ts
    await clock.advance(2 * MINUTE)
    dead = await ben.sees("expired")
    assert (dead.ts, dead.url, dead.buttons) == (told.ts, None, [NEW_LINK.label])
    await ben.clicks(dead, NEW_LINK.label)
    assert (await ben.sees_a_card(JANE)).ts == told.ts
    assert len(await ben.messages()) == 1


async def test_only_the_profiles_people_get_a_link_from_the_button(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    await lose_instagram(bot, sandbox)
    await clock.advance(GATHERED_FOR)
    told = await ben.sees(LOST)
    place = {"type": "message", "channel_id": ben.channel, "message_ts": told.ts, "is_ephemeral": False}
    await signer.click(response_url.url, user={"id": EVE}, action=told.element(DIGEST_LINK.label), container=place)
    await response_url.receives("have a profile yet")
    await bot.deps.mappings.remove(TEAM, BEN, RefId(sandbox.ayrshare.profiles[0].ref_id), by="test")
    await ben.clicks(told, DIGEST_LINK.label)
    await ben.sees("have a profile yet")
    assert links_made(sandbox) == 0
    assert (await ben.sees(LOST)).raw == told.raw


async def test_a_button_with_a_made_up_value_gives_no_link(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    await lose_instagram(bot, sandbox)
    await clock.advance(GATHERED_FOR)
    told = await ben.sees(LOST)
    place = {"type": "message", "channel_id": ben.channel, "message_ts": told.ts, "is_ephemeral": False}
    values = ["", ":alone", "0" * 40, "0" * 40 + ":alone", "x" * 1000]
    for count, value in enumerate(values, start=1):
        action = told.element(DIGEST_LINK.label) | {"value": value}
        assert await signer.click(response_url.url, user={"id": BEN}, action=action, container=place) == 200
        await response_url.receives_times(count)
    assert links_made(sandbox) == 0


async def test_alerts_within_a_minute_are_one_digest(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await happens(sandbox, "unlink", "instagram")
    await pending(bot, BEN, "instagram")
    await clock.advance(40 * SECOND)
    await happens(sandbox, "refresh", "linkedin", days=5)
    await pending(bot, BEN, "instagram", "linkedin")
    await settled(bot, BEN)
    assert posts(sandbox) == 0
    await clock.advance(20 * SECOND)
    told = await ben.sees("1 account is disconnected, 1 expires soon", "🔴 Instagram", "🟡 LinkedIn")
    await settled(bot, BEN)
    assert (posts(sandbox), told.buttons) == (1, [DIGEST_LINK.label, SNOOZE.label])


async def test_a_digest_of_several_profiles_has_a_button_each_and_the_card_stands_beside_it(
    bot: Bot, ben: Someone, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", ACME)
    await happens(sandbox, "unlink", "instagram")
    await happens(sandbox, "unlink", "facebook", ACME)
    await pending(bot, BEN, "instagram", "facebook")
    await clock.advance(GATHERED_FOR)
    told = await ben.sees("*2 accounts are disconnected*", "🔴 Instagram", "🔴 Facebook", JANE, ACME)
    assert told.buttons == [DIGEST_LINK.label, DIGEST_LINK.label, SNOOZE.label]
    second = told.elements[1]
    body = {"message_ts": told.ts, "action_id": second["action_id"], "block_id": second.get("block_id")}
    values = [element["value"] for element in told.elements if "value" in element]
    assert len(set(values)) == 2
    await ben.post("click", **{name: value for name, value in body.items() if value}, value=values[1])
    card = await ben.sees_a_card()
    assert sandbox.ayrshare.links.issued[-1].networks in {("instagram",), ("facebook",)}
    assert card.ts != told.ts
    assert (await ben.sees("*2 accounts are disconnected*")).raw == told.raw
    assert posts(sandbox) == 1


async def test_each_of_the_profiles_people_gets_a_digest_by_day_where_they_are(
    bot: Bot, ben: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    for name in ("cara", "dan"):
        await mapped(name, JANE)
    await lose_instagram(bot, sandbox)
    await clock.advance(GATHERED_FOR)
    await ben.sees(INSTAGRAM_LOST)
    await planned(bot, SEND_DIGEST, at=datetime(2026, 11, 20, 8, tzinfo=ZoneInfo("America/New_York")))
    morning = datetime(2026, 11, 21, 8, tzinfo=ZoneInfo("Asia/Tokyo"))
    await planned(bot, SEND_DIGEST, at=morning)
    await clock.advance(NOON + 59 * MINUTE - clock.now())
    await settled(bot, UserId("U0CARA001"))
    assert await digests(dm("cara")) == []
    await clock.advance(MINUTE)
    await dm("cara").sees(INSTAGRAM_LOST)
    await clock.advance(morning - SECOND - clock.now())
    await settled(bot, UserId("U0DAN0001"))
    assert await digests(dm("dan")) == []
    await clock.advance(SECOND)
    await dm("dan").sees("Instagram", LOST)
    assert len(await digests(ben)) == 1


async def test_without_a_known_time_zone_day_means_day_in_utc(
    bot: Bot, ben: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("eve", JANE)
    sandbox.slack.world.user("ben").tz, sandbox.slack.world.user("eve").tz = "", "Mars/Olympus"
    await clock.advance(timedelta(hours=7, minutes=59, seconds=30))
    await lose_instagram(bot, sandbox)
    await clock.advance(GATHERED_FOR)
    morning = datetime(2026, 11, 21, 8, tzinfo=UTC)
    for user, who in ((BEN, ben), (EVE, dm("eve"))):
        await settled(bot, user)
        assert await due(bot, user) == (morning - clock.now()) / timedelta(milliseconds=1)
        assert await digests(who) == []
    await clock.advance(morning - clock.now())
    for who in (ben, dm("eve")):
        await who.sees(INSTAGRAM_LOST)


async def test_alerts_of_a_night_are_one_digest_in_the_morning(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await clock.advance(9 * HOUR)
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    await clock.advance(3 * HOUR)
    await happens(sandbox, "unlink", "linkedin")
    await pending(bot, BEN, "instagram", "linkedin")
    await gathered(bot, clock, BEN)
    assert posts(sandbox) == 0
    await clock.advance(datetime(2026, 11, 21, 8, tzinfo=ZoneInfo("Europe/Berlin")) - clock.now())
    await ben.sees("*2 accounts are disconnected*", "Reconnect Instagram and LinkedIn for Acme: Jane.")
    await settled(bot, BEN)
    assert posts(sandbox) == 1


async def test_the_same_alert_is_never_sent_twice(
    bot: Bot, ben: Someone, jane: Profile, webhook_sender: WebhookSender, sandbox: Sandbox, clock: ManualClock
) -> None:
    for hook in ("one", "one", "two"):
        await sends_loss_of_instagram(webhook_sender, jane, hookId=hook)
    await gathered(bot, clock, BEN)
    await ben.sees(INSTAGRAM_LOST)
    for hook in ("one", "two", "three"):
        await sends_loss_of_instagram(webhook_sender, jane, hookId=hook)
    await pending(bot, BEN)
    await gathered(bot, clock, BEN)
    assert (posts(sandbox), len(await digests(ben))) == (1, 1)


async def test_an_account_that_was_reconnected_and_disconnects_again_is_told_again(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    await clock.advance_seconds(1)
    await happens(sandbox, "link", "instagram")

    async def over() -> bool:
        known = await bot.deps.notifications.known_accounts(TEAM, RefId(sandbox.ayrshare.profiles[0].ref_id))
        return not any(kind is AlertKind.DISCONNECTED for kind, _ in known.alerts)

    await eventually(over, "it is known to be linked again")
    await idle(bot)  # the look at which account it is
    await gathered(bot, clock, BEN)
    assert f"✅ *Instagram is back for {JANE}*" in (await ben.sees_times(2))[-1].words
    await clock.advance_seconds(1)
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    assert INSTAGRAM_LOST in (await ben.sees_times(3))[-1].words


async def test_an_account_reconnected_before_the_digest_is_not_told(
    bot: Bot, ben: Someone, sandbox: Sandbox, jane: Profile, clock: ManualClock
) -> None:
    await clock.advance(9 * HOUR)
    await lose_instagram(bot, sandbox)
    await happens(sandbox, "refresh", "linkedin", days=3)
    await pending(bot, BEN, "instagram", "linkedin")
    jane.connect("instagram", at=clock.now())
    await clock.advance(11 * HOUR)
    told = await ben.sees("LinkedIn expires soon")
    assert "Instagram" not in told.words
    await idle(bot)
    await clock.advance(MINUTE)
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    await ben.sees(INSTAGRAM_LOST)


async def test_an_account_removed_by_its_own_people_is_not_told(
    bot: Bot, ben: Someone, webhook_sender: WebhookSender, jane: Profile, sandbox: Sandbox, clock: ManualClock
) -> None:
    del jane.accounts["instagram"]
    assert await webhook_sender.sends_event(type="unlink", source="user", platform="instagram") == 200
    await gathered(bot, clock, BEN)
    await pending(bot, BEN)
    assert posts(sandbox) == 0


async def test_muted_people_get_no_digest(
    bot: Bot, ana: Someone, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await ben.clicks(await invited(ana, ben), MUTE.label)
    await ben.sees("won't hear from me")
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    await pending(bot, BEN)
    assert await digests(ben) == []
    assert 'connectbot_digests_total{outcome="muted"} 1.0' in (await figures(bot, ben.session))[1]


async def test_a_snooze_postpones_the_digest(
    bot: Bot, ana: Someone, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, "remind_later", value=asked.element("remind_later")["options"][0]["value"])
    await ben.sees("I'll remind you")
    await lose_instagram(bot, sandbox)
    await clock.advance(59 * MINUTE)
    await settled(bot, BEN)
    assert await digests(ben) == []
    await clock.advance(MINUTE)
    await settled(bot, BEN)
    await clock.advance_seconds(
        5
    )  # the invitation comes again too, and Slack takes one message a second in a conversation
    await ben.sees(INSTAGRAM_LOST)
    await settled(bot, BEN)
    assert len(await digests(ben)) == 1


async def test_a_digest_whose_response_was_lost_is_not_sent_again(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    sandbox.slack.faults.add("lost_answer", method="chat.postMessage")
    await clock.advance(GATHERED_FOR)
    await ben.sees(INSTAGRAM_LOST)
    await planned(bot, SEND_DIGEST, at=clock.now() + timedelta(seconds=5))
    await clock.advance(timedelta(seconds=5))
    await settled(bot, BEN)
    assert await bot.deps.notifications.digest(TEAM, BEN) is None
    assert len(await digests(ben)) == 1


async def test_a_rate_limited_digest_is_sent_later_and_alerts_of_the_meantime_after_it(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    sandbox.slack.faults.add("ratelimited", ms=120_000, method="chat.postMessage")
    await clock.advance(GATHERED_FOR)
    await planned(bot, SEND_DIGEST, at=clock.now() + 2 * MINUTE)
    await happens(sandbox, "unlink", "linkedin")
    await pending(bot, BEN, "linkedin")
    await clock.advance(2 * MINUTE)
    await ben.sees(INSTAGRAM_LOST)
    await planned(bot, SEND_DIGEST, at=clock.now() + SECOND)
    await clock.advance(SECOND)
    told = await ben.sees("LinkedIn is disconnected")
    assert "Instagram" not in told.words
    await settled(bot, BEN)
    assert len(await digests(ben)) == 2


async def test_muting_stops_a_digest_that_is_being_delivered(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    sandbox.slack.faults.add("ratelimited", ms=120_000, method="chat.postMessage")
    await clock.advance(GATHERED_FOR)
    await planned(bot, SEND_DIGEST, at=clock.now() + 2 * MINUTE)
    await bot.deps.preferences.mute(TEAM, BEN)
    await clock.advance(2 * MINUTE)
    await settled(bot, BEN)
    assert await digests(ben) == []


async def test_people_who_are_unmapped_or_have_left_get_no_digest(
    bot: Bot, ben: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("eve", JANE)
    await lose_instagram(bot, sandbox)
    await bot.deps.mappings.remove(TEAM, BEN, RefId(sandbox.ayrshare.profiles[0].ref_id), by="test")
    sandbox.slack.world.user("eve").deleted = True
    await clock.advance(2 * MINUTE)
    for user in (BEN, EVE):
        await settled(bot, user)
    await pending(bot, BEN)
    assert posts(sandbox) == 0


async def test_ayrshares_reason_can_mention_nobody_and_becomes_no_link(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox, details="<!channel> see <https://evil.example|here>\n" + "x" * 900)
    await clock.advance(GATHERED_FOR)
    told = await ben.sees(INSTAGRAM_LOST)
    assert "<!channel>" not in told.words
    assert "<https://" not in told.words
    assert len(told.words) < 700


async def test_an_event_that_redis_refused_is_told_after_its_next_delivery(
    bot: Bot, ben: Someone, webhook_sender: WebhookSender, jane: Profile, clock: ManualClock
) -> None:
    del jane.accounts["instagram"]
    raw = json.dumps(webhook_sender.event("instagram", type="unlink", source="system")).encode()
    await redis_of(bot).config_set("min-replicas-to-write", 1)
    assert await webhook_sender.sends(raw) == 503
    await redis_of(bot).config_set("min-replicas-to-write", 0)

    async def taken() -> bool:
        return await webhook_sender.sends(raw) == 200

    await eventually(taken, "it is taken")
    await gathered(bot, clock, BEN)
    await ben.sees(INSTAGRAM_LOST)
