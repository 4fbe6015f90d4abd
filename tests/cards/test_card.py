"""The card's life: opened, counted down, replaced, expired; always true within what Slack lets us change."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.cards.model import CardId
from bot.core.model import TeamId, UserId
from bot.profiles.model import REDRAWN_AFTER
from bot.slack.actions import CONNECT, CONNECT_ANOTHER, NEW_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.redis_probe import idle, redis_of
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.users import OPENED, Seen, Someone, as_sent

MINUTE = timedelta(minutes=1)


async def opened(ben: Someone) -> Seen:
    await ben.types()
    card = await ben.sees_a_card()
    assert (await ben.clicks(card, OPEN_LINK.label))["ok"]
    return await ben.sees(OPENED)


async def what_was_linked_is_remembered(bot: Bot, seen: Seen) -> None:
    card_id = CardId(seen.element(OPEN_LINK.label)["value"].partition(":")[0])

    async def look() -> bool:
        card = await bot.deps.cards.get(TeamId("T0CONNECT"), card_id)
        return card is not None and card.connected_before is not None

    await eventually(look, "what was linked before is known")


@pytest.fixture
async def ben(person: Person, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Jane")
    return person("ben")


async def test_the_first_click_on_the_link_says_in_place_when_it_was_opened(ben: Someone) -> None:
    card = await opened(ben)
    assert OPEN_LINK.label in card.buttons
    assert card.raw["edited"]
    assert len(await ben.messages()) == 1


async def test_an_opened_card_counts_down_in_place_to_its_end(ben: Someone, clock: ManualClock) -> None:
    before = await opened(ben)
    await clock.advance(3 * MINUTE)
    await ben.sees("*2 min left*")
    await clock.advance(MINUTE)
    await ben.sees("*1 min left*")
    await clock.advance(MINUTE)
    dead = await ben.sees("expired at")
    assert dead.ts == before.ts
    assert dead.buttons == [NEW_LINK.label]
    assert dead.url is None
    assert len(await ben.messages()) == 1


async def test_every_drawing_tells_the_same_deadline(ben: Someone, clock: ManualClock) -> None:
    await ben.types()
    deadline = (await ben.sees_a_card()).moments[-1]
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    for step, words in ((0, OPENED), (3, "*2 min left*"), (1, "*1 min left*"), (1, "expired at")):
        await clock.advance(step * MINUTE)
        assert (await ben.sees(words)).moments[-1] == deadline  # behind the dates of accounts
    assert clock.now().timestamp() >= deadline


async def test_a_card_never_clicked_stays_true_and_is_followed_up_once_at_its_end(
    ben: Someone, clock: ManualClock
) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    await clock.advance(3 * MINUTE)
    await clock.advance(MINUTE)
    assert [m.raw for m in await ben.messages()] == [card.raw]
    await clock.advance(MINUTE)
    first, second = await ben.sees_times(2)
    assert first.raw == card.raw
    assert "expired at" in second.words
    assert second.buttons == [NEW_LINK.label]
    await clock.advance(60 * MINUTE)
    assert len(await ben.messages()) == 2


async def test_the_dead_link_disappears_from_a_card_first_clicked_too_late(ben: Someone, clock: ManualClock) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    await clock.advance(6 * MINUTE)
    await ben.sees_times(2)
    await ben.clicks(card, OPEN_LINK.label)
    await eventually(lambda: _without_links(ben), "no message carries a link")


async def _without_links(someone: Someone) -> bool:
    return all(message.url is None for message in await someone.messages())


async def test_new_link_makes_a_fresh_card_and_marks_the_old_one_replaced(ben: Someone) -> None:
    await ben.types()
    old = await ben.sees_a_card()
    await ben.clicks(old, NEW_LINK.label)
    replaced = await ben.sees("has replaced this one")
    fresh = await ben.sees_a_card()
    assert replaced.ts == old.ts
    assert replaced.url is None
    assert fresh.ts != old.ts
    assert fresh.url
    assert fresh.url != old.url
    assert len(await ben.messages()) == 2


async def test_new_link_works_on_an_expired_card(ben: Someone, clock: ManualClock) -> None:
    await opened(ben)
    await clock.advance(5 * MINUTE)
    dead = await ben.sees("expired at")
    await ben.clicks(dead, NEW_LINK.label)
    await ben.sees_a_card()
    await ben.sees("has replaced this one")


async def test_a_fresh_card_made_by_a_click_counts_down_and_ends_as_well(ben: Someone, clock: ManualClock) -> None:
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), NEW_LINK.label)
    await ben.sees("has replaced this one")
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    await ben.sees(OPENED)
    await clock.advance(3 * MINUTE)
    await ben.sees("*2 min left*")
    await clock.advance(2 * MINUTE)
    await ben.sees("expired at")
    assert await _without_links(ben)


async def test_a_fresh_card_never_clicked_is_followed_up_too(ben: Someone, clock: ManualClock) -> None:
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), NEW_LINK.label)
    await ben.sees("has replaced this one")
    await clock.advance(5 * MINUTE)
    await ben.sees("expired at")
    assert len(await ben.messages()) == 3


async def test_a_second_press_on_new_link_at_once_makes_no_second_link(ben: Someone, sandbox: Sandbox) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    await asyncio.gather(*(ben.clicks(card, NEW_LINK.label) for _ in range(5)))
    await ben.sees("has replaced this one")
    await ben.sees_times(2)
    assert sum("generateJWT" in str(call["call"]) for call in sandbox.ayrshare.calls.since()) == 2


async def test_new_link_can_be_pressed_again_after_ayrshare_failed(ben: Someone, sandbox: Sandbox) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    sandbox.ayrshare.faults.add("plan")
    await ben.clicks(card, NEW_LINK.label)
    await ben.sees("plan")
    await ben.clicks(card, NEW_LINK.label)
    await ben.sees("has replaced this one")


async def test_typing_the_command_again_replaces_the_opened_card(ben: Someone, clock: ManualClock) -> None:
    first = await opened(ben)
    await ben.types()
    await ben.sees_times(2)
    await clock.advance(REDRAWN_AFTER)
    replaced = await ben.sees("has replaced this one")
    assert replaced.ts == first.ts
    assert (await ben.sees_a_card()).ts != first.ts


async def test_a_replaced_card_that_was_never_clicked_is_not_followed_up(
    ben: Someone, bot: Bot, clock: ManualClock
) -> None:
    await ben.types()
    await ben.sees_a_card()
    await ben.types()
    await ben.sees_times(2)
    await clock.advance(REDRAWN_AFTER)
    await idle(bot)
    await clock.advance(5 * MINUTE)
    await ben.sees("expired at")
    assert len(await ben.messages()) == 3


async def test_what_gets_linked_shows_on_the_live_card(ben: Someone, bot: Bot, clock: ManualClock) -> None:
    card = await opened(ben)
    await what_was_linked_is_remembered(bot, card)
    async with ben.session.post(card.url or "", data={"link": "tiktok"}) as page:
        assert page.ok
    await clock.advance(timedelta(seconds=45))
    live = await ben.sees("TikTok connected")
    assert live.buttons == [CONNECT_ANOTHER.label]
    assert live.url == card.url
    await clock.advance(5 * MINUTE)
    assert "TikTok connected" in (await ben.sees("expired at")).words


async def test_ayrshare_failing_at_a_look_disturbs_nobody(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await what_was_linked_is_remembered(bot, await opened(ben))
    sandbox.ayrshare.faults.add("profile_gone", times=None)
    await clock.advance(3 * MINUTE)
    await ben.sees("*2 min left*")
    assert len(await ben.messages()) == 1


async def test_a_card_placed_by_the_picker_counts_down_without_a_click(
    person: Person, mapped: Map, clock: ManualClock
) -> None:
    await mapped("cara", "Acme: Jane")
    await mapped("cara", "Acme: Team")
    cara = person("cara")
    await cara.types("acme")
    picker = await cara.sees("Which profile")
    await cara.clicks(picker, "pick_profile", value=picker.element("pick_profile")["options"][0]["value"])
    await cara.sees_a_card()
    for words, step in (("*2 min left*", 3), ("*1 min left*", 1), ("expired at", 1)):
        await clock.advance(step * MINUTE)
        await cara.sees(words)
    assert len(await cara.messages()) == 1


async def test_a_reload_loses_the_card_and_a_new_command_brings_one(ben: Someone, clock: ManualClock) -> None:
    await opened(ben)
    await ben.reloads()
    assert await ben.messages() == []
    await clock.advance(3 * MINUTE)
    await ben.types()
    await ben.sees_a_card()


@pytest.mark.parametrize("overrides", [{"AYRSHARE_EXPIRES_IN": "60"}])
async def test_a_link_that_lives_longer_than_half_an_hour_shows_date_and_time_and_promises_no_countdown(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    sandbox.ayrshare.max_pack = True
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await ben.types()
    card = await ben.sees_a_card()
    assert "1-hour link" in card.words
    assert "{date_short_pretty}" in card.words
    await clock.advance(61 * MINUTE)
    assert [m.raw for m in await ben.messages()] == [card.raw]


async def test_a_deadline_in_seconds_is_kept_to(ben: Someone, sandbox: Sandbox, clock: ManualClock) -> None:
    sandbox.ayrshare.link_seconds = 20
    await ben.types()
    card = await ben.sees_a_card()
    assert abs(card.moments[-1] - clock.now().timestamp() - 20) < 2
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)
    await clock.advance(timedelta(seconds=21))
    await ben.sees("expired at")


async def test_a_click_on_a_forgotten_card_is_answered_in_words(ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    card_id = card.element(OPEN_LINK.label)["value"].partition(":")[0]
    redis = redis_of(bot)
    await redis.delete(f"connectbot:{{{sandbox.slack.world.team.id}}}:link_card:{card_id}")
    await ben.clicks(card, NEW_LINK.label)
    await ben.sees("too old", CONNECT.label)


async def test_new_link_is_refused_once_the_profile_is_no_longer_mapped(
    ben: Someone, bot: Bot, sandbox: Sandbox
) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    team, user = TeamId(sandbox.slack.world.team.id), UserId(sandbox.slack.world.user("ben").id)
    (mapping,) = await bot.deps.mappings.of(team, user)
    await bot.deps.mappings.remove(team, user, mapping.ref_id, by="test")
    await ben.clicks(card, NEW_LINK.label)
    assert (await ben.sees("have a profile yet")).url is None


async def test_somebody_elses_card_cannot_be_pressed(
    ben: Someone, mapped: Map, signer: Signer, response_url: ResponseUrlReceiver, sandbox: Sandbox
) -> None:
    await mapped("dan", "Globex")
    await ben.types()
    card = await ben.sees_a_card()
    for button in (OPEN_LINK.label, NEW_LINK.label):
        action = as_sent(card.element(button), button) | {"url": ""}
        await signer.click(response_url.url, user={"id": "U0DAN0001", "team_id": "T0CONNECT"}, action=action)
    await response_url.receives_times(2)
    assert all("too old" in message["text"] for message in response_url.messages)
    assert str(card.url) not in str(response_url.messages)
    assert [seen.raw for seen in await ben.messages()] == [card.raw]


async def test_an_open_card_loses_its_link_at_the_click_after_the_profile_was_unmapped(
    ben: Someone, bot: Bot, sandbox: Sandbox
) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    team, user = TeamId(sandbox.slack.world.team.id), UserId(sandbox.slack.world.user("ben").id)
    (mapping,) = await bot.deps.mappings.of(team, user)
    await bot.deps.mappings.remove(team, user, mapping.ref_id, by="test")
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees("have a profile yet")
    assert (await ben.sees("This link is cancelled")).ts == card.ts
    assert await _without_links(ben)


async def test_another_profile_unmapped_leaves_the_rest_alone(ben: Someone, mapped: Map, bot: Bot) -> None:
    await mapped("ben", "Globex")
    await ben.types("globex")
    card = await ben.sees_a_card("Globex")
    team, user = TeamId("T0CONNECT"), UserId("U0BEN0001")
    globex = (await bot.deps.mappings.of(team, user))[1]
    await bot.deps.mappings.remove(team, user, globex.ref_id, by="test")
    await ben.clicks(card, NEW_LINK.label)
    await ben.sees("You no longer have that profile")
    await ben.types()
    await ben.sees_a_card("Acme: Jane")


async def test_a_second_click_on_the_link_changes_nothing_that_is_seen(ben: Someone, clock: ManualClock) -> None:
    card = await opened(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await clock.advance(3 * MINUTE)
    assert (await ben.sees("*2 min left*")).moments[-1:] == card.moments
    await clock.advance(2 * MINUTE)
    await ben.sees("expired at")
    assert len(await ben.messages()) == 1


async def test_no_response_url_is_ever_posted_to_more_than_five_times(
    ben: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    card = await opened(ben)
    await what_was_linked_is_remembered(bot, card)
    async with ben.session.post(card.url or "", data={"link": "tiktok"}) as page:
        assert page.ok
    for seconds in (45, 60, 60, 60, 60, 20):
        await clock.advance(timedelta(seconds=seconds))
        async with ben.session.post(card.url or "", data={"link": "reddit" if seconds == 45 else "youtube"}):
            await ben.sees("TikTok connected")
        await idle(bot)
    await ben.sees("expired at")
    posts = Counter(str(call["path"]) for call in sandbox.slack.calls.since() if call["call"] == "response_url")
    assert max(posts.values()) <= 5
    assert len(posts) == 2


async def test_a_network_that_was_linked_all_along_is_not_called_new(
    ben: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    profile = next(profile for profile in sandbox.ayrshare.profiles if profile.title == "Acme: Jane")
    profile.connect("linkedin", at=clock.now() - timedelta(days=19), name="Jane")
    await what_was_linked_is_remembered(bot, await opened(ben))
    for seconds in (45, 60, 75, 120):
        await clock.advance(timedelta(seconds=seconds))
        await idle(bot)
    assert "TikTok connected" not in (await ben.sees("expired at")).words


async def test_a_baseline_that_failed_is_taken_at_the_next_look(
    ben: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock, log_lines: Lines
) -> None:
    sandbox.ayrshare.link_seconds = 300
    await ben.types()
    card = await ben.sees_a_card()
    sandbox.ayrshare.faults.add("profile_gone")
    await ben.clicks(card, OPEN_LINK.label)
    opened_card = await ben.sees(OPENED)

    async def failed() -> bool:
        return "refresh_failed" in "".join(log_lines.lines)

    await eventually(failed, "the first look has failed")
    await clock.advance(timedelta(seconds=45))
    await what_was_linked_is_remembered(bot, opened_card)
    async with ben.session.post(card.url or "", data={"link": "tiktok"}) as page:
        assert page.ok
    await clock.advance(timedelta(seconds=60))
    await ben.sees("TikTok connected")


@pytest.mark.parametrize("fault", ["error_500", "ratelimited", "drop_connection"])
async def test_one_failure_of_slack_at_the_deadline_does_not_keep_the_link_on_the_card(
    ben: Someone, sandbox: Sandbox, clock: ManualClock, fault: str
) -> None:
    await opened(ben)
    sandbox.slack.faults.add(fault)
    await clock.advance(5 * MINUTE)
    await ben.sees("expired at", within=3.0)
    assert await _without_links(ben)


async def test_a_hanging_ayrshare_does_not_delay_the_end(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await what_was_linked_is_remembered(bot, await opened(ben))
    sandbox.ayrshare.faults.add("timeout", times=None, ms=20_000)
    await clock.advance(5 * MINUTE)
    await ben.sees("expired at", within=3.0)


async def test_a_last_look_at_the_end_shows_what_was_linked_last(ben: Someone, bot: Bot, clock: ManualClock) -> None:
    card = await opened(ben)
    await what_was_linked_is_remembered(bot, card)
    await clock.advance(timedelta(seconds=298))
    await ben.sees("min left")
    async with ben.session.post(card.url or "", data={"link": "tiktok"}) as page:
        assert page.ok
    await clock.advance(timedelta(seconds=3))
    assert "TikTok connected" in (await ben.sees("expired at")).words


async def test_a_slow_double_click_on_new_link_makes_one_fresh_card(ben: Someone, sandbox: Sandbox) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    await ben.clicks(card, NEW_LINK.label)
    replaced = await ben.sees("has replaced this one")
    await ben.clicks(replaced, NEW_LINK.label)
    await ben.types("help")
    await ben.sees("connects your social accounts")
    assert len([seen for seen in await ben.messages() if seen.url]) == 1
