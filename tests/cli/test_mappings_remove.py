"""`mappings remove` beside a running bot: the person's links to the profile end with the mapping."""

import re

import pytest

from bot.app import Bot
from bot.core.model import TeamId, UserId
from bot.slack.actions import OPEN_LINK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.commands import Ended, bot_command, command
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.redis_probe import redis_of
from tests.users import OPENED, Seen, Someone

TEAM, BEN = TeamId("T0CONNECT"), UserId("U0BEN0001")
SESSION = {"AYRSHARE_LINK_API": "session"}
BY_BOTH = pytest.mark.parametrize("overrides", [SESSION, {}], ids=["session", "jwt"])
BY_SESSION = pytest.mark.parametrize("overrides", [SESSION], ids=["session"])
THREE_MINUTES = 180
"""From a card's making until its first tick."""


@pytest.fixture
async def ben(person: Person, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Jane")
    return person("ben")


async def opened_card(ben: Someone) -> Seen:
    await ben.types()
    card = await ben.sees_a_card()
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)
    return card


async def removed(environment: dict[str, str], *words: str) -> Ended:
    ended = await command("mappings", "remove", TEAM, BEN, *words, environment=environment)
    assert ended.code == 0, ended.err
    assert ended.out.startswith(f'{BEN} no longer has "Acme: Jane".\n')
    return ended


async def deadline_of(bot: Bot) -> str:
    """Return how the end of the only link is written."""
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    (card,) = await bot.deps.cards.live(TEAM, mapping.ref_id)
    return f"A link of theirs works until {card.link.expires_at:%Y-%m-%d %H:%M:%S} UTC for whoever has a copy: "


async def page_of(ben: Someone, card: Seen) -> int:
    async with ben.session.get(str(card.url)) as page:
        return page.status


@BY_BOTH
async def test_links_end_and_the_running_bot_draws_it_at_its_next_tick(
    ben: Someone, environment: dict[str, str], clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await opened_card(ben)
    ended = await removed(environment)
    assert await page_of(ben, card) == (401 if overrides else 200)
    assert ("A link of theirs was revoked." in ended.out) == bool(overrides)
    assert ("for whoever has a copy" in ended.out) == (not overrides)
    await clock.advance_seconds(THREE_MINUTES)
    assert (await ben.sees("This link is cancelled.")).url is None


async def test_a_link_that_nothing_can_revoke_is_named_with_its_end(
    ben: Someone, environment: dict[str, str], bot: Bot
) -> None:
    await opened_card(ben)
    deadline = await deadline_of(bot)
    ended = await removed(environment)
    assert deadline in ended.out
    assert "links by generateJWT can't be revoked" in ended.out
    assert await bot.deps.mappings.of(TEAM, BEN) == ()


@BY_SESSION
async def test_without_an_api_key_the_link_is_not_revoked_and_named_with_its_end(
    ben: Someone, environment: dict[str, str], bot: Bot, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await opened_card(ben)
    deadline = await deadline_of(bot)
    ended = await removed({"DATA_DIR": environment["DATA_DIR"]})
    assert deadline in ended.out
    assert "without AYRSHARE_API_KEY it can't be revoked" in ended.out
    assert not [call for call in sandbox.ayrshare.calls.since() if str(call["call"]).startswith("DELETE")]
    assert await page_of(ben, card) == 200
    await clock.advance_seconds(THREE_MINUTES)
    assert "can't be taken back" not in (await ben.sees("This link is cancelled.")).words

    async def revoked() -> bool:
        return await page_of(ben, card) == 401

    await eventually(revoked, "the bot that runs has revoked it")


@BY_SESSION
async def test_a_link_that_ayrshare_did_not_revoke_is_said_to_work_on(
    ben: Someone, environment: dict[str, str], bot: Bot, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await opened_card(ben)
    deadline = await deadline_of(bot)
    sandbox.ayrshare.faults.add("plan", times=None)
    ended = await removed(environment)
    assert deadline in ended.out
    assert "Ayrshare didn't revoke it" in ended.out


@BY_SESSION
async def test_the_links_of_another_profile_and_of_other_people_go_on_working(
    ben: Someone, person: Person, mapped: Map, environment: dict[str, str], overrides: dict[str, str]
) -> None:
    await mapped("cara", "Acme: Jane")
    await mapped("ben", "Globex")
    cara = person("cara", channel="random")
    await cara.types()
    await ben.types("Globex")
    cards = [await cara.sees_a_card(), await ben.sees_a_card("Globex")]
    ended = await removed(environment, "Acme: Jane")
    assert ended.out.count("\n") == 1
    assert [await page_of(ben, card) for card in cards] == [200, 200]


@BY_SESSION
async def test_links_left_over_from_a_removal_that_was_cut_short_can_still_be_ended(
    ben: Someone, environment: dict[str, str], bot: Bot, overrides: dict[str, str]
) -> None:
    card = await opened_card(ben)
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    await bot.deps.mappings.remove(TEAM, BEN, mapping.ref_id, by="test")  # and there it was killed
    ended = await removed(environment, "Acme: Jane")
    assert "A link of theirs was revoked." in ended.out
    assert await page_of(ben, card) == 401
    again = await bot_command("mappings", "remove", TEAM, BEN, "Acme: Jane", environment=environment)
    assert (again.code, again.err) == (1, f"{BEN} has no such profile in {TEAM}.\n")


async def test_links_that_cannot_be_read_do_not_keep_the_mapping(
    ben: Someone, environment: dict[str, str], bot: Bot
) -> None:
    await ben.types()
    await ben.sees_a_card()
    redis = redis_of(bot)
    for key in await redis.keys("*:link_card:*"):
        record = await redis.hget(key, "card")
        await redis.hset(key, "card", re.sub(r'"url": "[^"]+"', '"url": "v1.gone.AAAA"', str(record)))
    ended = await removed(environment)
    assert "unreadable_card" in ended.err
    assert await bot.deps.mappings.of(TEAM, BEN) == ()
