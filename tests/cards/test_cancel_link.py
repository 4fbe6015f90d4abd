"""Links that end early: cancelled, replaced or revoked. A link session is dead then; a jwt works until its deadline."""

from datetime import timedelta
from typing import Any

import pytest

from bot.app import Bot
from bot.cards.model import REVOKE_LINK, REVOKED_WITHIN, CardId
from bot.cards.revoke import revoke_links
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.model import REDRAWN_AFTER
from bot.slack.actions import CANCEL_LINK, NEW_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.removal_helpers import BY_BOTH, COPIES_WORK, NOT_YET_REVOKED, SESSION, card_of, page_of
from tests.redis_probe import idle, jobs, trail
from tests.users import OPENED, Someone

TEAM, BEN = TeamId("T0CONNECT"), UserId("U0BEN0001")
BY_SESSION = pytest.mark.parametrize("overrides", [SESSION], ids=["session"])
MINUTE = timedelta(minutes=1)
OPEN, NEW, CANCEL = OPEN_LINK.label, NEW_LINK.label, CANCEL_LINK.label
WORKS, DEAD = 200, 401


@pytest.fixture
async def ben(person: Person, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Jane")
    return person("ben")


def revocations(sandbox: Sandbox) -> list[Any]:
    return [call for call in sandbox.ayrshare.calls.since() if str(call["call"]).startswith("DELETE ")]


async def ref_id_of(bot: Bot) -> RefId:
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    return mapping.ref_id


async def unmap(bot: Bot) -> RefId:
    ref_id = await ref_id_of(bot)
    await bot.deps.mappings.remove(TEAM, BEN, ref_id, by="test")
    return ref_id


async def revoke(bot: Bot, ref_id: RefId) -> list[bool]:
    """Revoke Ben's links as another process would, which draws nothing; return which were revoked."""
    return [card.revoked for card in await revoke_links(bot.deps, TEAM, BEN, ref_id, by="shell")]


async def working_links(bot: Bot, ben: Someone) -> int:
    """Count the links that the bot knows to work, each of which does."""
    cards = await bot.deps.cards.live(TEAM, await ref_id_of(bot))
    assert [await page_of(ben, card.link.url.get_secret_value()) for card in cards] == [WORKS] * len(cards)
    return len(cards)


@BY_SESSION
async def test_a_card_counts_down_to_the_end_of_its_session(
    ben: Someone, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    sandbox.ayrshare.link_seconds = 200
    card = await card_of(ben)
    assert card.moments[-1] == int((clock.now() + timedelta(seconds=200)).timestamp())
    assert await page_of(ben, card.url) == WORKS
    await ben.clicks(card, OPEN)
    await ben.sees(OPENED)
    await clock.advance(timedelta(seconds=80))
    await ben.sees("*2 min left*")
    await clock.advance(timedelta(seconds=120))
    await ben.sees("expired at")
    assert await page_of(ben, card.url) == DEAD


@BY_BOTH
async def test_a_cancelled_card_has_no_link_says_whether_a_copy_works_and_offers_a_new_link(
    ben: Someone, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card, by_jwt = await card_of(ben), not overrides
    await ben.clicks(card, OPEN)
    await ben.sees(OPENED)
    await ben.clicks(card, CANCEL)
    cancelled = await ben.sees("This link is cancelled.")
    assert (cancelled.ts, cancelled.buttons, cancelled.url) == (card.ts, [NEW], None)
    assert (COPIES_WORK in cancelled.words, COPIES_WORK in cancelled.text) == (by_jwt, by_jwt)
    assert (card.moments[-1] in cancelled.moments) == by_jwt
    assert await page_of(ben, card.url) == (WORKS if by_jwt else DEAD)
    assert await working_links(bot, ben) == by_jwt
    assert len(await trail(bot, "link_cancelled")) == 1
    await clock.advance(6 * MINUTE)
    await ben.clicks(cancelled, NEW)
    await ben.sees_a_card()
    assert "expired" not in "".join(seen.words for seen in await ben.messages())


@BY_SESSION
async def test_a_link_that_ayrshare_did_not_cancel_stays_and_says_so(
    ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    card = await card_of(ben)
    sandbox.ayrshare.faults.add("plan", times=None)
    await ben.clicks(card, CANCEL)
    await ben.sees("it still works", CANCEL)
    assert (await ben.sees_a_card()).raw == card.raw
    sandbox.ayrshare.faults.clear()
    await ben.clicks(card, CANCEL)
    await ben.sees("This link is cancelled.")


@BY_BOTH
async def test_cancel_link_on_an_expired_card_only_says_that_it_has_expired(
    ben: Someone, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await card_of(ben)
    await clock.advance(6 * MINUTE)
    await ben.sees_times(2)
    await ben.clicks(card, CANCEL)

    async def edited() -> bool:
        return (await ben.messages())[0].raw["edited"] is True

    await eventually(edited, "the old card is drawn again")
    assert "expired at" in (await ben.messages())[0].words
    assert revocations(sandbox) == []


@BY_BOTH
async def test_a_newer_link_revokes_the_one_before_or_says_that_a_copy_works(
    ben: Someone, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card, by_jwt = await card_of(ben), not overrides
    await ben.clicks(card, NEW)
    replaced = await ben.sees("has replaced this one")
    assert (COPIES_WORK in replaced.words) == by_jwt
    assert await page_of(ben, card.url) == (WORKS if by_jwt else DEAD)
    second = await ben.sees_a_card()
    assert await working_links(bot, ben) == 1 + by_jwt
    assert await page_of(ben, second.url) == WORKS
    await ben.types()
    await ben.sees_times(3)
    await clock.advance(REDRAWN_AFTER)

    async def ended() -> bool:
        return by_jwt or await page_of(ben, second.url) == DEAD

    await eventually(ended, "typing the command again revokes the link as well")


@BY_SESSION
async def test_a_session_that_ayrshare_does_not_know_is_as_good_as_cancelled(
    ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    card = await card_of(ben)
    sandbox.ayrshare.links.issued.clear()
    await ben.clicks(card, CANCEL)
    assert COPIES_WORK not in (await ben.sees("This link is cancelled.")).words


@BY_SESSION
async def test_a_link_whose_revocation_failed_is_said_to_work_until_it_is_revoked(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await card_of(ben)
    await ben.clicks(card, OPEN)
    await ben.sees(OPENED)
    sandbox.ayrshare.faults.add("plan", times=None)
    ref_id = await unmap(bot)
    assert await revoke(bot, ref_id) == [False]
    await ben.clicks(card, CANCEL)
    said = await ben.sees("This link is cancelled.", NOT_YET_REVOKED)
    assert COPIES_WORK not in said.words
    assert await page_of(ben, card.url) == WORKS
    sandbox.ayrshare.faults.clear()
    await idle(bot)
    await clock.advance(REVOKED_WITHIN)

    async def revoked() -> bool:
        return NOT_YET_REVOKED not in (await ben.messages())[-1].words

    await eventually(revoked, "the card says no longer that a copy works")
    assert await page_of(ben, card.url) == DEAD
    await idle(bot)
    assert await jobs(bot, REVOKE_LINK) == []


@BY_SESSION
async def test_a_revocation_that_ayrshare_goes_on_refusing_is_tried_until_it_succeeds(
    ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await card_of(ben)
    sandbox.ayrshare.faults.add("plan", times=None)
    assert await revoke(bot, await unmap(bot)) == [False]
    await idle(bot)
    before = len(revocations(sandbox))
    await clock.advance(REVOKED_WITHIN)

    async def tried_again() -> bool:
        return len(revocations(sandbox)) > before

    await eventually(tried_again, "the job asked Ayrshare once more")
    await idle(bot)
    sandbox.ayrshare.faults.clear()
    await clock.advance(MINUTE)

    async def dead() -> bool:
        return await page_of(ben, card.url) == DEAD

    await eventually(dead, "the link is revoked")


@BY_SESSION
async def test_a_link_opened_without_a_click_is_known_at_the_next_drawing(
    ben: Someone, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await card_of(ben)
    await clock.advance(timedelta(seconds=70))
    opened_at = clock.now().replace(microsecond=0)
    assert await page_of(ben, card.url) == WORKS
    await clock.advance(4 * MINUTE)
    await ben.sees("expired at")
    kept = await bot.deps.cards.get(TEAM, CardId(card.element(OPEN)["value"].partition(":")[0]))
    assert kept is not None
    assert kept.opened_at is not None
    assert kept.opened_at.replace(microsecond=0) == opened_at


@BY_SESSION
async def test_a_link_revoked_elsewhere_is_gone_at_the_next_drawing(
    ben: Someone, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await card_of(ben)
    await ben.clicks(card, OPEN)
    await ben.sees(OPENED)
    sandbox.ayrshare.links.issued[0].revoked = True
    await clock.advance(3 * MINUTE)
    cancelled = await ben.sees("This link is cancelled.")
    assert (cancelled.url, COPIES_WORK in cancelled.words) == (None, False)


@BY_SESSION
async def test_a_hanging_ayrshare_does_not_delay_the_end_of_a_session(
    ben: Someone, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    await card_of(ben)
    sandbox.ayrshare.faults.add("timeout", times=None, ms=20_000)
    await clock.advance(5 * MINUTE)
    await ben.sees("expired at", within=3.0)


@BY_SESSION
async def test_opening_after_the_profile_was_unmapped_revokes_the_link(
    ben: Someone, bot: Bot, overrides: dict[str, str]
) -> None:
    card = await card_of(ben)
    await unmap(bot)
    await ben.clicks(card, OPEN)
    await ben.sees("This link is cancelled.")
    assert await page_of(ben, card.url) == DEAD


@BY_BOTH
async def test_a_link_revoked_by_another_process_is_drawn_as_cancelled_at_the_next_tick(
    ben: Someone, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card, by_jwt = await card_of(ben), not overrides
    await ben.clicks(card, OPEN)
    await ben.sees(OPENED)
    assert await revoke(bot, await unmap(bot)) == [not by_jwt]
    assert await page_of(ben, card.url) == (WORKS if by_jwt else DEAD)
    await clock.advance(3 * MINUTE)
    cancelled = await ben.sees("This link is cancelled.")
    assert (cancelled.url, COPIES_WORK in cancelled.words) == (None, by_jwt)


@BY_SESSION
async def test_all_links_for_a_person_are_revoked_an_admins_too_and_those_for_others_left_alone(
    ben: Someone, person: Person, bot: Bot, mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("cara", "Acme: Jane")
    ana, cara = person("ana", channel="random"), person("cara", channel="random")
    bens, caras = await card_of(ben), await card_of(cara)
    await ana.types("@ben")
    anas = await ana.sees_a_card()
    assert await revoke(bot, await unmap(bot)) == [True, True]
    assert [await page_of(ben, card.url) for card in (bens, anas, caras)] == [DEAD, DEAD, WORKS]
