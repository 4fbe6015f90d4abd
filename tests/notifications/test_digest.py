"""News of accounts that fell off, or soon will: who hears of it, when, and only once."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app import Bot
from bot.core.model import RefId, UserId
from bot.notifications.model import SEND_DIGEST
from bot.slack.actions import NEW_LINK, NEWS_LINK, OPEN_LINK, STOP_THESE
from sandbox.ayrshare import Profile
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.core.test_metrics import figures
from tests.eventually import eventually
from tests.invitations.invitation_helpers import Dm, invited, links_made, posts
from tests.notifications.news_helpers import ACME, GATHERED, JANE, WHY, gathered, happens, news, settled, waits
from tests.redis_probe import TEAM, redis_of
from tests.signed_requests import Hearing, Signer
from tests.time_travel import planned
from tests.users import Someone
from tests.webhooks import SECRET, Teller

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEN = UserId("U0BEN0001")


@pytest.fixture
def clock() -> ManualClock:
    """Friday: 13:00 in Berlin, 7:00 in New York, 21:00 in Tokyo."""
    return ManualClock(NOON)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}


@pytest.fixture
async def ben(dm: Dm, mapped: Map, sandbox: Sandbox) -> Someone:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", JANE)
    return dm("ben")


@pytest.fixture
def jane(sandbox: Sandbox) -> Profile:
    return next(profile for profile in sandbox.ayrshare.profiles if profile.title == JANE)


@pytest.fixture
def teller(ben: Someone, sandbox: Sandbox, clock: ManualClock) -> Teller:
    return Teller(ben.session, sandbox, clock)


async def lose_instagram(bot: Bot, sandbox: Sandbox, **how: str) -> None:
    await happens(sandbox, "unlink", "instagram", **how)
    await waits(bot, BEN, "instagram")


async def tells_of_instagram(teller: Teller, jane: Profile, **fields: str) -> None:
    jane.accounts.pop("instagram", None)
    assert await teller.tells(type="unlink", source="system", platform="instagram", details=WHY, **fields) == 200


async def test_what_fell_off_is_told_with_the_reason_and_a_button_but_no_link(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox, details="The password was changed.")
    clock.advance(GATHERED)
    told = await ben.sees(JANE, "Instagram fell off: The password was changed.")
    assert told.buttons == [NEWS_LINK.label]
    assert not told.ephemeral
    assert told.url is None
    assert "Instagram fell off" in told.text
    assert "password" not in told.text
    assert links_made(sandbox) == 0


async def test_what_is_to_be_lost_is_told_ahead_with_the_day(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await happens(sandbox, "refresh", "instagram", days=7)
    await waits(bot, BEN, "instagram")
    clock.advance(GATHERED)
    told = await ben.sees("Instagram wants a new sign-in by", "Without it, it falls off")
    assert told.moments == [int((NOON + 7 * DAY).timestamp())]
    assert told.buttons == [NEWS_LINK.label]


async def test_the_button_turns_the_message_into_the_card_and_it_counts_down(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    clock.advance(GATHERED)
    told = await ben.sees("fell off")
    await asyncio.gather(*(ben.clicks(told, NEWS_LINK.label) for _ in range(3)))
    card = await ben.sees_a_card(JANE)
    assert card.ts == told.ts
    assert links_made(sandbox) == 1
    clock.advance(3 * MINUTE)
    assert (await ben.sees("(2 min)")).ts == told.ts
    clock.advance(2 * MINUTE)
    dead = await ben.sees("expired")
    assert (dead.ts, dead.url, dead.buttons) == (told.ts, None, [NEW_LINK.label])
    await ben.clicks(dead, NEW_LINK.label)
    assert (await ben.sees_a_card(JANE)).ts == told.ts
    assert len(await ben.messages()) == 1


async def test_nobody_but_the_profiles_people_gets_a_link_by_it(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock, signer: Signer, heard: Hearing
) -> None:
    await lose_instagram(bot, sandbox)
    clock.advance(GATHERED)
    told = await ben.sees("fell off")
    place = {"type": "message", "channel_id": ben.channel, "message_ts": told.ts, "is_ephemeral": False}
    await signer.click(heard.url, user={"id": "U0EVE0001"}, action=told.element(NEWS_LINK.label), container=place)
    await heard.hears("No Ayrshare profile is mapped")
    await bot.deps.mappings.remove(TEAM, BEN, RefId(sandbox.ayrshare.profiles[0].ref_id), by="test")
    await ben.clicks(told, NEWS_LINK.label)
    await ben.sees("No Ayrshare profile is mapped")
    assert links_made(sandbox) == 0
    assert (await ben.sees("fell off")).raw == told.raw


@pytest.mark.parametrize("value", ["", ":alone", "0" * 40, "0" * 40 + ":alone", "x" * 1000])
async def test_a_button_whose_value_was_made_up_gives_no_link(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock, signer: Signer, heard: Hearing, value: str
) -> None:
    await lose_instagram(bot, sandbox)
    clock.advance(GATHERED)
    told = await ben.sees("fell off")
    place = {"type": "message", "channel_id": ben.channel, "message_ts": told.ts, "is_ephemeral": False}
    action = told.element(NEWS_LINK.label) | {"value": value}
    assert await signer.click(heard.url, user={"id": BEN}, action=action, container=place) == 200
    await heard.hears_times(1)
    assert links_made(sandbox) == 0


async def test_several_at_once_are_one_message(bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock) -> None:
    await happens(sandbox, "unlink", "instagram")
    await waits(bot, BEN, "instagram")
    clock.advance(40 * SECOND)
    await happens(sandbox, "refresh", "linkedin", days=5)
    await waits(bot, BEN, "instagram", "linkedin")
    assert posts(sandbox) == 0
    clock.advance(20 * SECOND)
    told = await ben.sees("Instagram fell off", "LinkedIn wants a new sign-in")
    await settled(bot, BEN)
    assert (posts(sandbox), told.buttons) == (1, [NEWS_LINK.label])


async def test_several_profiles_are_one_message_with_a_button_each_and_the_card_stands_beside_it(
    bot: Bot, ben: Someone, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", ACME)
    await happens(sandbox, "unlink", "instagram")
    await happens(sandbox, "unlink", "facebook", ACME)
    await waits(bot, BEN, "instagram", "facebook")
    clock.advance(GATHERED)
    told = await ben.sees("Instagram fell off", "Facebook fell off", JANE, ACME)
    assert told.buttons == [NEWS_LINK.label, NEWS_LINK.label]
    second = told.elements[1]
    body = {"message_ts": told.ts, "action_id": second["action_id"], "block_id": second.get("block_id")}
    values = [element["value"] for element in told.elements]
    assert len(set(values)) == 2
    await ben.post("click", **{name: value for name, value in body.items() if value}, value=values[1])
    card = await ben.sees(OPEN_LINK.label)
    assert card.ts != told.ts
    assert (await ben.sees("Instagram fell off")).raw == told.raw
    assert posts(sandbox) == 1


async def test_everybody_who_looks_after_it_hears_of_it_by_day_where_they_are(
    bot: Bot, ben: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    for name in ("cara", "dan"):
        await mapped(name, JANE)
    await lose_instagram(bot, sandbox)
    clock.advance(GATHERED)
    await ben.sees("Instagram fell off")
    await planned(bot, SEND_DIGEST, at=datetime(2026, 11, 20, 8, tzinfo=ZoneInfo("America/New_York")))
    morning = datetime(2026, 11, 21, 8, tzinfo=ZoneInfo("Asia/Tokyo"))
    await planned(bot, SEND_DIGEST, at=morning)
    clock.advance(NOON + 59 * MINUTE - clock.now())
    await settled(bot, UserId("U0CARA001"))
    assert await news(dm("cara")) == []
    clock.advance(MINUTE)
    await dm("cara").sees("Instagram fell off")
    clock.advance(morning - SECOND - clock.now())
    await settled(bot, UserId("U0DAN0001"))
    assert await news(dm("dan")) == []
    clock.advance(SECOND)
    await dm("dan").sees("Instagram fell off")
    assert len(await news(ben)) == 1


@pytest.mark.parametrize("zone", ["", "Mars/Olympus"])
async def test_who_has_no_zone_that_is_known_is_told_by_day_in_utc(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock, zone: str
) -> None:
    sandbox.slack.world.user("ben").tz = zone
    clock.advance(timedelta(hours=7, minutes=59, seconds=30))
    await lose_instagram(bot, sandbox)
    clock.advance(GATHERED)
    await planned(bot, SEND_DIGEST, at=datetime(2026, 11, 21, 8, tzinfo=UTC))
    assert await news(ben) == []
    clock.advance(datetime(2026, 11, 21, 8, tzinfo=UTC) - clock.now())
    await ben.sees("Instagram fell off")


async def test_what_came_during_the_night_is_one_message_in_the_morning(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    clock.advance(9 * HOUR)
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    clock.advance(3 * HOUR)
    await happens(sandbox, "unlink", "linkedin")
    await waits(bot, BEN, "instagram", "linkedin")
    await gathered(bot, clock, BEN)
    assert posts(sandbox) == 0
    clock.advance(datetime(2026, 11, 21, 8, tzinfo=ZoneInfo("Europe/Berlin")) - clock.now())
    await ben.sees("Instagram fell off", "LinkedIn fell off")
    await settled(bot, BEN)
    assert posts(sandbox) == 1


async def test_the_same_is_never_news_twice(
    bot: Bot, ben: Someone, jane: Profile, teller: Teller, sandbox: Sandbox, clock: ManualClock
) -> None:
    for hook in ("one", "one", "two"):
        await tells_of_instagram(teller, jane, hookId=hook)
    await gathered(bot, clock, BEN)
    await ben.sees("Instagram fell off")
    for hook in ("one", "two", "three"):
        await tells_of_instagram(teller, jane, hookId=hook)
    await waits(bot, BEN)
    await gathered(bot, clock, BEN)
    assert (posts(sandbox), len(await news(ben))) == (1, 1)


async def test_what_was_mended_and_is_lost_again_is_news_again(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    await happens(sandbox, "link", "instagram")

    async def over() -> bool:
        return not (await bot.deps.notifications.watched(TEAM, RefId(sandbox.ayrshare.profiles[0].ref_id))).told

    await eventually(over, "it is known to be linked again")
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    await ben.sees_times(2)


async def test_what_was_mended_before_anybody_was_told_is_not_told(
    bot: Bot, ben: Someone, sandbox: Sandbox, jane: Profile, clock: ManualClock
) -> None:
    clock.advance(9 * HOUR)
    await lose_instagram(bot, sandbox)
    await happens(sandbox, "refresh", "linkedin", days=3)
    await waits(bot, BEN, "instagram", "linkedin")
    jane.connect("instagram", at=clock.now())
    clock.advance(11 * HOUR)
    told = await ben.sees("LinkedIn wants a new sign-in")
    assert "Instagram" not in told.words
    clock.advance(MINUTE)
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    await ben.sees("Instagram fell off")


async def test_what_its_own_people_took_off_is_no_news(
    bot: Bot, ben: Someone, teller: Teller, jane: Profile, sandbox: Sandbox, clock: ManualClock
) -> None:
    del jane.accounts["instagram"]
    assert await teller.tells(type="unlink", source="user", platform="instagram") == 200
    await gathered(bot, clock, BEN)
    await waits(bot, BEN)
    assert posts(sandbox) == 0


async def test_who_wants_no_such_messages_gets_none(
    bot: Bot, ana: Someone, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await ben.clicks(await invited(ana, ben), STOP_THESE.label)
    await ben.sees("won't send you such messages any more")
    await lose_instagram(bot, sandbox)
    await gathered(bot, clock, BEN)
    await waits(bot, BEN)
    assert await news(ben) == []
    assert 'connectbot_news_total{outcome="stopped"} 1.0' in (await figures(bot, ben.session))[1]


async def test_who_wants_to_be_left_in_peace_for_an_hour_is(
    bot: Bot, ana: Someone, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, "remind_later", value=asked.element("remind_later")["options"][0]["value"])
    await ben.sees("I'll remind you")
    await lose_instagram(bot, sandbox)
    clock.advance(59 * MINUTE)
    await settled(bot, BEN)
    assert await news(ben) == []
    clock.advance(MINUTE)
    await settled(bot, BEN)
    clock.advance_seconds(5)  # the invitation comes again too, and Slack takes one message a second in a conversation
    await ben.sees("Instagram fell off")
    await settled(bot, BEN)
    assert len(await news(ben)) == 1


async def test_a_message_whose_answer_was_lost_is_not_sent_again(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    sandbox.slack.faults.add("lost_answer", method="chat.postMessage")
    clock.advance(GATHERED)
    await ben.sees("Instagram fell off")
    await planned(bot, SEND_DIGEST, at=clock.now() + timedelta(seconds=5))
    clock.advance(timedelta(seconds=5))
    await settled(bot, BEN)
    assert await bot.deps.notifications.digest(TEAM, BEN) is None
    assert len(await news(ben)) == 1


async def test_a_message_that_slack_refused_is_sent_when_slack_is_back_and_what_came_meanwhile_after_it(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    sandbox.slack.faults.add("ratelimited", ms=120_000, method="chat.postMessage")
    clock.advance(GATHERED)
    await planned(bot, SEND_DIGEST, at=clock.now() + 2 * MINUTE)
    await happens(sandbox, "unlink", "linkedin")
    await waits(bot, BEN, "linkedin")
    clock.advance(2 * MINUTE)
    await ben.sees("Instagram fell off")
    await planned(bot, SEND_DIGEST, at=clock.now() + SECOND)
    clock.advance(SECOND)
    told = await ben.sees("LinkedIn fell off")
    assert "Instagram" not in told.words
    await settled(bot, BEN)
    assert len(await news(ben)) == 2


async def test_who_stops_while_a_message_is_on_its_way_does_not_get_it(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox)
    sandbox.slack.faults.add("ratelimited", ms=120_000, method="chat.postMessage")
    clock.advance(GATHERED)
    await planned(bot, SEND_DIGEST, at=clock.now() + 2 * MINUTE)
    await bot.deps.preferences.mute(TEAM, BEN)
    clock.advance(2 * MINUTE)
    await settled(bot, BEN)
    assert await news(ben) == []


async def test_who_no_longer_looks_after_it_or_has_left_hears_nothing(
    bot: Bot, ben: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("eve", JANE)
    await lose_instagram(bot, sandbox)
    await bot.deps.mappings.remove(TEAM, BEN, RefId(sandbox.ayrshare.profiles[0].ref_id), by="test")
    sandbox.slack.world.user("eve").deleted = True
    clock.advance(2 * MINUTE)
    for user in (BEN, UserId("U0EVE0001")):
        await settled(bot, user)
        await waits(bot, user)
    assert posts(sandbox) == 0


async def test_words_of_ayrshares_and_titles_can_mention_nobody_and_make_no_link(
    bot: Bot, ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await lose_instagram(bot, sandbox, details="<!channel> see <https://evil.example|here>\n" + "x" * 900)
    clock.advance(GATHERED)
    told = await ben.sees("Instagram fell off")
    assert "<!channel>" not in told.words
    assert "<https://" not in told.words
    assert len(told.words) < 700


async def test_a_delivery_that_redis_refused_is_told_once_it_comes_again(
    bot: Bot, ben: Someone, teller: Teller, jane: Profile, clock: ManualClock
) -> None:
    del jane.accounts["instagram"]
    raw = json.dumps(teller.event("instagram", type="unlink", source="system")).encode()
    await redis_of(bot).config_set("min-replicas-to-write", 1)
    assert await teller.sends(raw) == 503
    await redis_of(bot).config_set("min-replicas-to-write", 0)

    async def taken() -> bool:
        return await teller.sends(raw) == 200

    await eventually(taken, "it is taken")
    await gathered(bot, clock, BEN)
    await ben.sees("Instagram fell off")
