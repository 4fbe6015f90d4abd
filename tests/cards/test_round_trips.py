"""How often Redis is asked until an answer is shown, counted on its socket."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import takewhile
from pathlib import Path

import pytest

from bench.round_trips import RoundTrips
from bot.app import Bot
from bot.links_api.model import ApiKey, new_token
from bot.profiles.model import REDRAWN_AFTER
from bot.slack.actions import GET_LINK, NEW_LINK, OPEN_LINK, RECONNECT
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.fuzz.world import environment as bot_environment
from tests.invitations.invitation_helpers import Dm, invited
from tests.keys import RING
from tests.modals import opens_home, sees_at_home, sees_modal
from tests.redis_probe import TEAM, idle
from tests.redis_servers import counted_redis
from tests.users import OPENED, Someone

ABOUT_CARDS = (b"link_card:", b"lock:drawing:", b"{T0CONNECT}:modals")
PROFILES = b"{T0CONNECT}:profiles"
ABOUT_APPS = (b"{T0CONNECT}:api_keys", b"{T0CONNECT}:profiles", b"{T0CONNECT}:mappings", b"{T0CONNECT}:people")
KEYS = re.compile(rb"connectbot:\{T0CONNECT\}:(\w+)")
LOOKED_AT_BY_A_WORKER = {
    *(b"jobs", b"updates", b"updating", b"update_slots", b"updates_paused", b"job_failures", b"jobs_set_aside"),
}
ABOUT_REQUESTS = (b"{T0CONNECT}:once:", b"{T0CONNECT}:links:", b"{T0CONNECT}:mappings", b"{T0CONNECT}:profiles")


@pytest.fixture
async def trips(tmp_path: Path) -> AsyncIterator[tuple[RoundTrips, str]]:
    async with counted_redis(tmp_path) as counted:
        yield counted


@pytest.fixture
def clock() -> ManualClock:
    """A jwt's moments are whole seconds, and so are these."""
    return ManualClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def link_api() -> str:
    return "jwt"


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path, trips: tuple[RoundTrips, str], link_api: str) -> dict[str, str]:
    here = {"REDIS_URL": trips[1], "ENCRYPTION_KEYS": RING, "AYRSHARE_LINK_API": link_api}
    return bot_environment(sandbox, tmp_path) | here


@pytest.fixture
async def ben(person: Person, mapped: Map, bot: Bot, clock: ManualClock) -> Someone:
    """Ben, after a card of his was opened and counted down: the server knows all scripts."""
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    await ben.sees(OPENED)
    await idle(bot)
    await clock.advance(timedelta(minutes=3))
    await ben.sees("*2 min left*")
    await idle(bot)
    return ben


def counted(trips: tuple[RoundTrips, str], *about: bytes) -> int:
    return sum(any(key in sent for key in about) for sent in trips[0].sent)


def until_made(trips: tuple[RoundTrips, str]) -> int:
    """Count the exchanges until a link is kept, that one left out."""
    before = takewhile(lambda sent: b"link_made" not in sent, trips[0].sent)
    return sum(bool(set(KEYS.findall(sent)) - LOOKED_AT_BY_A_WORKER) for sent in before)


def about_cards(trips: tuple[RoundTrips, str]) -> list[bytes]:
    return [sent for sent in trips[0].sent if any(key in sent for key in (*ABOUT_CARDS, PROFILES))]


def assert_two_and_one(trips: tuple[RoundTrips, str]) -> None:
    """The last one releases the lock and completes the job."""
    about = about_cards(trips)
    assert len(about) == 3
    assert b":job_failures" in about[-1]


async def after_that_card(ben: Someone, bot: Bot, clock: ManualClock) -> None:
    await clock.advance(timedelta(minutes=5))
    await ben.sees("expired at")
    await idle(bot)


def releases_lock(sent: bytes) -> bool:
    return b"lock:drawing:" in sent and b"link_card:" not in sent


async def test_a_command_takes_two(ben: Someone, bot: Bot, mapped: Map, trips: tuple[RoundTrips, str]) -> None:
    await mapped("ben", "Acme: Team")
    trips[0].sent.clear()
    await ben.types("team")
    await ben.sees_times(2)
    await idle(bot)
    assert counted(trips, *ABOUT_CARDS, *ABOUT_REQUESTS) == 2


async def test_a_click_on_the_link_takes_three(ben: Someone, bot: Bot, trips: tuple[RoundTrips, str]) -> None:
    await ben.types("status")  # Slack is asked who Ben is
    await ben.sees_times(2)
    await ben.types()
    *_, card = await ben.sees_times(3)
    await idle(bot)
    trips[0].sent.clear()
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED, where=lambda seen: seen.ts == card.ts)
    await idle(bot)
    until_shown = list(takewhile(lambda sent: not releases_lock(sent), trips[0].sent))
    assert sum(b"{T0CONNECT}" in sent for sent in until_shown) == 3


async def test_a_new_link_takes_three(ben: Someone, bot: Bot, sandbox: Sandbox, trips: tuple[RoundTrips, str]) -> None:
    await ben.types("status")  # Slack is asked who Ben is
    await ben.sees_times(2)
    await ben.types()
    *_, card = await ben.sees_times(3)
    await ben.clicks(card, NEW_LINK.label)  # the server learns its scripts
    await ben.sees_times(4)
    await idle(bot)
    *_, fresh = await ben.messages()
    trips[0].sent.clear()
    await ben.clicks(fresh, NEW_LINK.label)
    await ben.sees_times(5)
    await idle(bot)
    assert until_made(trips) == 3  # the first claims the click


async def test_a_link_by_an_invitation_takes_three(
    ben: Someone, mapped: Map, dm: Dm, person: Person, bot: Bot, trips: tuple[RoundTrips, str]
) -> None:
    await mapped("cara", "Globex")
    for who in ("cara", ben.name):  # the first time the server learns its scripts
        asked = await invited(person("ana"), dm(who))
        await dm(who).types("status")  # Slack is asked who they are
        await idle(bot)
        trips[0].sent.clear()
        await dm(who).clicks(asked, GET_LINK.action_id)
        await dm(who).sees_a_card()
        await idle(bot)
    assert until_made(trips) == 3  # the first claims the click


@pytest.mark.parametrize(("by", "again"), [("user", False), ("profile", False), ("profile", True)])
async def test_a_link_for_an_app_takes_one_and_the_one_that_keeps_it(
    ben: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, trips: tuple[RoundTrips, str], *, by: str, again: bool
) -> None:
    jane, token = await mapped("ben", "Acme: Jane"), new_token(TEAM)
    await bot.deps.api_keys.add(ApiKey("k", TEAM, "Bubble", bot.deps.clock.now()), token, by="test")
    app, named = App(ben.session, sandbox.bot_url, token), {"user": "U0BEN0001", "profile": jane.ref_id}[by]
    for time in ("first", "second"):  # at first the server learns its scripts, and Slack is asked who Ben is
        await idle(bot)
        trips[0].sent.clear()
        headers = {"Idempotency_Key": time} if again else {}
        assert (await app.asks("POST", "/links", {by: named}, **headers)).status == HTTPStatus.CREATED
    until_kept = list(takewhile(lambda sent: b"link_issued" not in sent, trips[0].sent))
    assert sum(any(key in sent for key in ABOUT_APPS) for sent in until_kept) == 1
    assert (b":api_answer:" in trips[0].sent[len(until_kept)]) == again  # kept in the same step as the link


async def test_for_an_app_beyond_its_rate_nothing_but_its_key_is_read(
    ben: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, trips: tuple[RoundTrips, str]
) -> None:
    jane, token = await mapped("ben", "Acme: Jane"), new_token(TEAM)
    await bot.deps.api_keys.add(ApiKey("k", TEAM, "Bubble", bot.deps.clock.now(), rate=1), token, by="test")
    app = App(ben.session, sandbox.bot_url, token)
    assert (await app.asks_for_link(profile=jane.ref_id)).status == HTTPStatus.CREATED
    assert (await app.asks_for_link(profile=jane.ref_id)).status == HTTPStatus.TOO_MANY_REQUESTS
    await idle(bot)
    trips[0].sent.clear()
    assert (await app.asks_for_link(profile=jane.ref_id)).status == HTTPStatus.TOO_MANY_REQUESTS
    assert counted(trips, *ABOUT_APPS) == counted(trips, ABOUT_APPS[0]) == 1
    assert counted(trips, *ABOUT_APPS[1:]) == 0


@pytest.mark.parametrize("link_api", ["jwt", "session"])
async def test_a_command_that_replaces_a_card_takes_two_and_its_end_two_and_one(
    ben: Someone, bot: Bot, clock: ManualClock, trips: tuple[RoundTrips, str]
) -> None:
    for cards, opened in ((2, True), (3, False)):
        trips[0].sent.clear()
        await ben.types()
        await ben.sees_times(cards)
        await idle(bot)
        about = [sent for sent in trips[0].sent if any(key in sent for key in (*ABOUT_CARDS, *ABOUT_REQUESTS))]
        assert len(about) == 2
        assert b"replace_card:" in about[-1]  # planned in the step that keeps the new card
        trips[0].sent.clear()
        await clock.advance(REDRAWN_AFTER)
        await idle(bot)
        if opened:
            assert_two_and_one(trips)
        else:  # nothing is drawn
            assert len(about_cards(trips)) == 2


@pytest.mark.parametrize("link_api", ["jwt", "session"])
async def test_a_tick_takes_two_and_one_afterwards(
    ben: Someone, bot: Bot, clock: ManualClock, trips: tuple[RoundTrips, str]
) -> None:
    await clock.advance(timedelta(seconds=59))  # accounts are looked up in that time
    await idle(bot)
    trips[0].sent.clear()
    await clock.advance(timedelta(seconds=1))
    await ben.sees("*1 min left*")
    await idle(bot)
    assert_two_and_one(trips)


@pytest.mark.parametrize("link_api", ["jwt", "session"])
async def test_a_tick_of_a_modal_takes_two_and_one_afterwards(
    ben: Someone, bot: Bot, clock: ManualClock, trips: tuple[RoundTrips, str]
) -> None:
    await after_that_card(ben, bot, clock)
    await opens_home(ben)
    await (await sees_at_home(ben, RECONNECT.label)).clicks(RECONNECT.label)
    await sees_modal(ben, "*5 min left*")
    for left in ("4 min 50 s", "4 min 40 s"):  # the first time the server learns its scripts
        await idle(bot)
        trips[0].sent.clear()
        await clock.advance(timedelta(seconds=10))
        await sees_modal(ben, f"*{left} left*")
    await idle(bot)
    assert_two_and_one(trips)


@pytest.mark.parametrize("link_api", ["jwt", "session"])
async def test_a_tick_of_a_direct_message_takes_two_and_one_afterwards(
    ben: Someone, bot: Bot, clock: ManualClock, person: Person, dm: Dm, trips: tuple[RoundTrips, str]
) -> None:
    await after_that_card(ben, bot, clock)
    asked = await invited(person("ana"), dm("ben"))
    await dm("ben").clicks(asked, GET_LINK.action_id)
    await dm("ben").sees_a_card()
    for left in (4, 3):  # the first time the server learns its scripts
        await idle(bot)
        trips[0].sent.clear()
        await clock.advance(timedelta(minutes=1))
        await dm("ben").sees(f"*{left} min left*")
    await idle(bot)
    assert_two_and_one(trips)


@pytest.mark.parametrize("link_api", ["jwt", "session"])
async def test_an_end_takes_two_and_one_afterwards(
    ben: Someone, bot: Bot, clock: ManualClock, trips: tuple[RoundTrips, str]
) -> None:
    await after_that_card(ben, bot, clock)
    await ben.clicks((await ben.messages())[-1], NEW_LINK.label)
    await ben.sees_a_card()
    await clock.advance(timedelta(seconds=299))
    await idle(bot)
    trips[0].sent.clear()
    await clock.advance(timedelta(seconds=1))
    await ben.sees("expired at")
    await idle(bot)
    assert_two_and_one(trips)


async def test_a_look_at_the_accounts_is_kept_with_the_next_moment(
    ben: Someone, bot: Bot, clock: ManualClock, trips: tuple[RoundTrips, str]
) -> None:
    trips[0].sent.clear()
    await clock.advance(timedelta(seconds=59))
    await idle(bot)
    planned = [sent for sent in trips[0].sent if b"ZADD" in sent and b"refresh_card:" in sent]
    assert planned
    assert all(b"link_card:" in sent for sent in planned)
