"""Ayrshare's webhook: which deliveries are accepted, and how an event changes live cards."""

import asyncio
import json
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Link
from bot.ayrshare.webhook import DELIVERY_LIFE
from bot.cards.model import Card, CardId, CardState
from bot.core.background import MAX_TASKS
from bot.core.model import TeamId, UserId
from bot.slack.actions import OPEN_LINK, RECONNECT
from bot.slack.model import ResponseUrl
from bot.storage.errors import StoreUnavailable
from sandbox.ayrshare import Profile
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.core.test_metrics import figures
from tests.eventually import eventually
from tests.home.home_helpers import asked
from tests.modals import sees_at_home, sees_modal
from tests.redis_probe import TEAM, redis_of
from tests.signed_requests import ResponseUrlReceiver
from tests.users import OPENED, Seen, Someone
from tests.webhooks import SECRET, SIGNATURE, TIMESTAMP, WebhookSender, signed_with

MINUTE = timedelta(minutes=1)
WORKS = "The link still works until"
"""What a card says in place of the time left, once nothing is left to connect."""


@pytest.fixture
async def ben(person: Person, mapped: Map, sandbox: Sandbox) -> Someone:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    return person("ben")


@pytest.fixture
def webhook_sender(session: aiohttp.ClientSession, sandbox: Sandbox, clock: ManualClock, bot: Bot) -> WebhookSender:
    return WebhookSender(session, sandbox, clock)


@pytest.fixture
def jane(sandbox: Sandbox) -> Profile:
    return next(profile for profile in sandbox.ayrshare.profiles if profile.title == "Acme: Jane")


async def opened(ben: Someone, sandbox: Sandbox) -> Seen:
    """Type, click, and wait until the bot knows what was connected before."""
    before = asked(sandbox)
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    card = await ben.sees(OPENED)
    await asked_times(sandbox, before + 1)
    return card


async def asked_times(sandbox: Sandbox, count: int) -> None:
    async def look() -> bool:
        return asked(sandbox) >= count

    await eventually(look, f"what is linked was asked {count} times", last=lambda: asked(sandbox))
    assert asked(sandbox) == count


async def presses(ben: Someone, card: Seen, **field: str) -> None:
    async with ben.session.post(card.url or "", data=field) as page:
        assert page.ok


async def came_of(bot: Bot, outcome: str, times: int = 1) -> None:
    await counted(bot, f'connectbot_ayrshare_events_total{{outcome="{outcome}"}}', times)


async def refused(bot: Bot, reason: str, times: int = 1) -> None:
    await counted(bot, f'connectbot_http_refused_total{{reason="{reason}",sender="Ayrshare"}}', times)


async def counted(bot: Bot, name: str, times: int) -> None:
    async with aiohttp.ClientSession() as session:

        async def look() -> bool:
            return f"{name} {float(times)}" in (await figures(bot, session))[1]

        await eventually(look, f"{name} is {times}")


async def kept_card(bot: Bot, seen: Seen) -> Card:
    card_id = CardId(seen.element(OPEN_LINK.label)["value"].partition(":")[0])
    card = await bot.deps.cards.get(TEAM, card_id)
    assert card
    return card


async def test_an_event_that_somebody_kept_for_days_is_ignored_whatever_its_unsigned_header_says(
    webhook_sender: WebhookSender, bot: Bot, clock: ManualClock
) -> None:
    raw = json.dumps(webhook_sender.event(type="unlink", source="system", created=clock.now().isoformat())).encode()
    assert await webhook_sender.sends(raw) == 200
    await clock.advance(DELIVERY_LIFE + MINUTE)
    await redis_of(bot).delete("connectbot:delivery:hook-1")  # by then it has expired
    assert await webhook_sender.sends(raw) == 200
    await came_of(bot, "stale")


async def test_connecting_an_account_changes_an_opened_card_at_once(ben: Someone, sandbox: Sandbox) -> None:
    card = await opened(ben, sandbox)
    await presses(ben, card, link="tiktok")
    live = await ben.sees("TikTok connected (@acmejane)")
    assert live.ts == card.ts
    assert live.url == card.url


async def test_disconnecting_it_takes_it_off_the_card_with_the_next_update(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    card = await opened(ben, sandbox)
    await presses(ben, card, link="tiktok")
    await ben.sees("TikTok connected")
    await presses(ben, card, unlink="tiktok")

    async def look() -> bool:
        return (await kept_card(bot, card)).connected == ()

    await eventually(look, "the card knows of it")
    await clock.advance(3 * MINUTE)
    assert "connected (" not in (await ben.sees("*2 min left*")).words


async def test_an_account_that_drops_is_said_on_a_live_card_at_once(
    ben: Someone, sandbox: Sandbox, jane: Profile, clock: ManualClock
) -> None:
    jane.connect("linkedin", at=clock.now() - timedelta(days=300))
    card = await opened(ben, sandbox)
    sandbox.ayrshare.disconnect_as_system(jane.ref_id, "linkedin", "Account locked")
    live = await ben.sees(
        "LinkedIn is disconnected. Posts to it won't go out until you reconnect.", "Account locked", OPENED
    )
    assert live.ts == card.ts
    assert "LinkedIn is disconnected. Posts to it won't go out until you reconnect." in live.text
    await presses(ben, live, link="linkedin")
    await clock.advance(3 * MINUTE)
    assert "is disconnected" not in (await ben.sees("✅ LinkedIn reconnected (Jane Doe). Everything works.")).words


async def test_however_much_is_linked_no_response_url_gets_more_than_five_posts(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    card = await opened(ben, sandbox)
    for number, network in enumerate(("tiktok", "youtube", "reddit", "pinterest"), start=1):
        await presses(ben, card, link=network)

        async def look(number: int = number) -> bool:
            return len((await kept_card(bot, card)).connected) == number

        await eventually(look, f"{number} networks are on the card")
    for minutes, words in ((3, WORKS), (1, WORKS), (1, "expired at")):
        await clock.advance(minutes * MINUTE)
        await ben.sees(words, "TikTok", "YouTube", "Reddit", "Pinterest")
    posts = Counter(str(call["path"]) for call in sandbox.slack.calls.since() if call["call"] == "response_url")
    assert max(posts.values()) == 5


async def test_a_card_in_a_modal_changes_at_once_without_a_click(ben: Someone, sandbox: Sandbox, jane: Profile) -> None:
    await (await sees_at_home(ben, "LinkedIn (Jane Doe) expires soon")).clicks(RECONNECT.label)
    await sees_modal(ben, "Reconnect LinkedIn")
    for number, network in enumerate(("tiktok", "youtube", "reddit")):
        sandbox.ayrshare.connect_as_user(jane.ref_id, network)
        await sees_modal(ben, *("TikTok", "YouTube", "Reddit")[: number + 1])


async def test_a_card_never_clicked_shows_it_when_its_link_expires(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    await presses(ben, card, link="tiktok")

    async def look() -> bool:
        return bool((await kept_card(bot, card)).connected)

    await eventually(look, "the card knows of it")
    assert [seen.raw for seen in await ben.messages()] == [card.raw]
    await clock.advance(5 * MINUTE)
    await ben.sees("expired at", "TikTok connected (@acmejane)")


async def test_reconnecting_the_same_account_counts_as_connecting(
    ben: Someone, sandbox: Sandbox, jane: Profile, clock: ManualClock
) -> None:
    jane.connect("tiktok", at=clock.now() - timedelta(days=300))
    await presses(ben, await opened(ben, sandbox), link="tiktok")
    await ben.sees("TikTok connected")


async def test_one_call_serves_all_cards_of_a_profile_in_every_workspace(
    ben: Someone,
    person: Person,
    mapped: Map,
    bot: Bot,
    sandbox: Sandbox,
    response_url: ResponseUrlReceiver,
    clock: ManualClock,
) -> None:
    profile = await mapped("cara", "Acme: Jane")
    card = await opened(ben, sandbox)
    cara = person("cara", channel="random")
    await opened(cara, sandbox)
    other, their = TeamId("T0OTHER"), UserId("U0THEIRS")
    await bot.deps.profiles.save(other, profile)
    await bot.deps.mappings.add(other, their, profile.ref_id, by="test")
    now = clock.now()
    elsewhere = Card(
        id=CardId("elsewhere"),
        team=other,
        viewer=their,
        owner=their,
        ref_id=profile.ref_id,
        title=profile.title,
        link=Link(SecretStr("https://profile.ayrshare.com"), now + 5 * MINUTE),
        made_at=now,
        surface=ResponseUrl(SecretStr(response_url.url), now + 30 * MINUTE, posts_left=4, replaces=True),
        state=CardState.OPENED,
        opened_at=now,
    )
    await bot.deps.cards.create(elsewhere, jobs={}, audit=[])
    before = asked(sandbox)
    await presses(ben, card, link="tiktok")
    for someone in (ben, cara):
        await someone.sees("TikTok connected")
    await response_url.receives("TikTok connected")
    assert asked(sandbox) == before + 1


async def test_the_same_event_is_processed_once(
    ben: Someone, bot: Bot, sandbox: Sandbox, webhook_sender: WebhookSender, jane: Profile, clock: ManualClock
) -> None:
    card = await opened(ben, sandbox)
    jane.connect("tiktok", at=clock.now())
    assert await webhook_sender.sends_event(hookId="the same") == 200
    await ben.sees("TikTok connected")
    for _ in range(2):
        assert await webhook_sender.sends_event(hookId="the same") == 200
    await came_of(bot, "repeated", 2)
    assert asked(sandbox) == 2
    assert (await kept_card(bot, card)).changed_networks == ()


async def test_an_event_without_an_id_is_identified_by_its_bytes(
    ben: Someone, bot: Bot, webhook_sender: WebhookSender
) -> None:
    raw = json.dumps(webhook_sender.event(hookId=None)).encode()
    for _ in range(2):
        assert await webhook_sender.sends(raw) == 200
    await came_of(bot, "nobody_waits")
    await came_of(bot, "repeated")


async def test_an_account_connected_before_the_card_was_made_is_not_credited_to_it(
    ben: Someone, bot: Bot, sandbox: Sandbox, webhook_sender: WebhookSender, jane: Profile, clock: ManualClock
) -> None:
    linked_at = clock.now() - 40 * MINUTE
    jane.connect("tiktok", at=linked_at)
    await opened(ben, sandbox)
    assert await webhook_sender.sends_event(created=linked_at.isoformat()) == 200
    await asked_times(sandbox, 2)
    await clock.advance(5 * MINUTE)
    assert "connected (" not in (await ben.sees("expired at")).words


async def test_a_signature_is_accepted_in_hex_or_base64_and_in_either_header(
    bot: Bot, webhook_sender: WebhookSender
) -> None:
    for header in (SIGNATURE, f"{SIGNATURE}-V2"):
        for written in ("hex", "HEX", "base64"):
            raw = json.dumps(webhook_sender.event()).encode()
            valid = signed_with(SECRET, raw, written=written)
            assert (
                await webhook_sender.sends(raw, {SIGNATURE: signed_with("the other secret", raw), header: valid}) == 200
            )
    await came_of(bot, "nobody_waits", 6)


@pytest.mark.parametrize("secrets", [("a former one", SECRET), (SECRET, "a newer one")], ids=["new", "former"])
async def test_during_a_change_of_the_secret_either_is_accepted(
    ben: Someone, bot: Bot, sandbox: Sandbox, secrets: tuple[str, str]
) -> None:
    for secret in secrets:
        sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=secret)
    await presses(ben, await opened(ben, sandbox), link="tiktok")
    await ben.sees("TikTok connected")


async def test_a_delivery_without_a_valid_signature_and_timestamp_is_refused(
    bot: Bot, webhook_sender: WebhookSender
) -> None:
    invalid: list[dict[str, str]] = [
        {SIGNATURE: "0" * 64},
        {SIGNATURE: ""},
        {SIGNATURE: "+" * 43 + "="},
        {SIGNATURE: "ü"},
        {SIGNATURE: "\udcff"},
        {TIMESTAMP: ""},
        {TIMESTAMP: "soon"},
        {TIMESTAMP: "²"},
        {TIMESTAMP: "-1"},
        {TIMESTAMP: "9" * 5_000},
    ]
    raw = json.dumps(webhook_sender.event()).encode()
    assert [await webhook_sender.sends(raw, headers) for headers in invalid] == [401] * len(invalid)
    assert await webhook_sender.sends(raw + b" ", {SIGNATURE: signed_with(SECRET, raw)}) == 401
    await refused(bot, "wrong_signature", 3)
    await refused(bot, "not_signed", len(invalid) - 2)


async def test_a_delivery_is_accepted_for_a_day_since_ayrshare_sends_again_for_hours(
    bot: Bot, webhook_sender: WebhookSender
) -> None:
    for seconds, status in ((299, 200), (86_399, 200), (86_402, 401), (-299, 200), (-302, 401)):
        raw = json.dumps(webhook_sender.event()).encode()
        assert await webhook_sender.sends(raw, late=timedelta(seconds=seconds)) == status
    await refused(bot, "too_old", 2)


async def test_new_odd_and_unknown_events_are_accepted(bot: Bot, webhook_sender: WebhookSender) -> None:
    nobodys: list[dict[str, Any]] = [
        {"profile": "nobody's"},
        {"type": "unlink", "profile": "nobody's"},
        {"platform": None},
        {"platform": {"is": "odd"}, "created": "once upon a time"},
        {"type": "refresh"},
    ]
    ignored: list[dict[str, Any]] = [
        {"type": "promoted"},
        {"type": None},
        {"refId": None},
        {"refId": "x" * 1_000},
        {"action": "scheduled"},
        {"action": None},
        {"action": "accountActivity", "type": "signedIn"},
        {"action": "invented"},
    ]
    assert [await webhook_sender.sends_event(**fields) for fields in (*nobodys, *ignored)] == [200] * 13
    await came_of(bot, "nobody_waits", len(nobodys))
    await came_of(bot, "ignored", len(ignored))


async def test_a_signed_body_that_is_no_event_is_refused(bot: Bot, webhook_sender: WebhookSender) -> None:
    bodies = (b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"1" * 10_000, b'"social"')
    assert [await webhook_sender.sends(raw) for raw in bodies] == [400] * len(bodies)
    await came_of(bot, "unreadable", len(bodies))


async def test_a_large_or_compressed_body_is_refused_unread(bot: Bot, webhook_sender: WebhookSender) -> None:
    assert await webhook_sender.sends(b" " * (1024**2 + 1)) == 413
    assert await webhook_sender.sends(b"{}", {"Content-Encoding": "gzip"}) == 415


@pytest.mark.parametrize("overrides", [{}])
async def test_without_a_secret_there_is_no_such_route(
    bot: Bot, webhook_sender: WebhookSender, overrides: dict[str, str]
) -> None:
    assert await webhook_sender.sends_event() == 404


async def test_an_event_that_redis_refuses_is_processed_at_its_next_delivery(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    card = await opened(ben, sandbox)
    redis = redis_of(bot)
    await redis.config_set("min-replicas-to-write", 1)
    await presses(ben, card, link="tiktok")
    await came_of(bot, "store_unavailable")
    await redis.config_set("min-replicas-to-write", 0)

    async def back() -> bool:
        try:
            return bool(await bot.deps.mappings.teams())
        except StoreUnavailable:
            return False

    await eventually(back, "Redis is used again")
    await clock.advance(timedelta(seconds=5))
    await ben.sees("TikTok connected")


async def test_a_slow_redis_does_not_delay_the_response(ben: Someone, bot: Bot, webhook_sender: WebhookSender) -> None:
    redis = redis_of(bot)
    await redis.client_pause(3_000, all=True)
    began = time.monotonic()
    assert await webhook_sender.sends_event() == 503
    assert time.monotonic() - began < 1


async def test_a_hanging_ayrshare_does_not_delay_the_response(
    ben: Someone, sandbox: Sandbox, webhook_sender: WebhookSender, jane: Profile, clock: ManualClock
) -> None:
    await opened(ben, sandbox)
    jane.connect("tiktok", at=clock.now())
    sandbox.ayrshare.faults.add("timeout", ms=20_000)
    began = time.monotonic()
    assert await webhook_sender.sends_event() == 200
    assert time.monotonic() - began < 1


async def test_a_failed_refresh_is_repeated_at_the_cards_next_update(
    ben: Someone, mapped: Map, sandbox: Sandbox, webhook_sender: WebhookSender, jane: Profile, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Team")
    await ben.types("acme")
    picker = await ben.sees("Which profile")
    await ben.clicks(picker, "pick_profile", value=picker.element("pick_profile")["options"][0]["value"])
    await ben.sees_a_card("Acme: Jane")
    jane.connect("tiktok", at=clock.now())
    sandbox.ayrshare.faults.add("profile_gone")
    assert await webhook_sender.sends_event() == 200
    await asked_times(sandbox, 1)
    await clock.advance(3 * MINUTE)
    await ben.sees(WORKS, "TikTok connected")


async def test_a_failed_refresh_is_repeated_at_the_end_of_a_card_never_clicked(
    ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    sandbox.ayrshare.faults.add("profile_gone")
    await presses(ben, card, link="tiktok")
    await asked_times(sandbox, 1)
    await clock.advance(5 * MINUTE)
    await ben.sees("expired at", "TikTok connected")


async def test_a_slow_response_does_not_change_what_was_connected_before(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    sandbox.ayrshare.faults.add("latency", ms=600)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)
    await presses(ben, card, link="tiktok")
    await ben.sees("TikTok connected")

    await bot.deps.background.drain(within=timedelta(seconds=5))  # both responses have come
    clock.jump(5 * MINUTE)
    await ben.sees("expired at", "TikTok connected")


async def test_a_busy_bot_refuses_deliveries_until_it_has_room(
    ben: Someone, bot: Bot, webhook_sender: WebhookSender
) -> None:
    free = asyncio.Event()

    async def work() -> None:
        await free.wait()

    for _ in range(MAX_TASKS):
        bot.deps.background.start(work())
    assert await webhook_sender.sends_event(hookId="first refused") == 503
    await came_of(bot, "busy")
    free.set()
    assert await webhook_sender.sends_event(hookId="first refused") == 200
    await came_of(bot, "nobody_waits")
