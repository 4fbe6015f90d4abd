"""Links taken back: cancelled, replaced, withdrawn; with link sessions for good, with jwt as far as it goes."""

from datetime import timedelta
from typing import Any

import pytest

from bot.app import Bot
from bot.cards.revoke import revoke_links
from bot.core.model import RefId, TeamId, UserId
from bot.slack.actions import CANCEL_LINK, NEW_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.users import Seen, Someone

TEAM, BEN = TeamId("T0CONNECT"), UserId("U0BEN0001")
SESSION = {"AYRSHARE_LINK_API": "session"}
BY_SESSION = pytest.mark.parametrize("overrides", [SESSION], ids=["session"])
BY_BOTH = pytest.mark.parametrize("overrides", [SESSION, {}], ids=["session", "jwt"])
COPY_WORKS = "can't be taken back"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def ben(person: Person, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Jane")
    return person("ben")


async def page_of(ben: Someone, url: str | None) -> int:
    async with ben.session.get(str(url)) as page:
        return page.status


async def typed(ben: Someone) -> Seen:
    await ben.types()
    return await ben.sees_a_card()


def calls(sandbox: Sandbox, method: str) -> list[Any]:
    return [call for call in sandbox.ayrshare.calls.since() if str(call["call"]).startswith(f"{method} ")]


async def unmap(bot: Bot) -> RefId:
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    await bot.deps.mappings.remove(TEAM, BEN, mapping.ref_id, by="test")
    return mapping.ref_id


@BY_SESSION
async def test_a_card_with_a_link_session_counts_down_to_the_sessions_own_end(
    ben: Someone, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    sandbox.ayrshare.link_seconds = 200
    card = await typed(ben)
    assert card.moments[0] == int((clock.now() + timedelta(seconds=200)).timestamp())
    assert await page_of(ben, card.url) == 200
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees("Opened at")
    clock.advance(timedelta(seconds=80))
    await ben.sees("(2 min)")
    clock.advance(timedelta(seconds=120))
    await ben.sees("expired at")
    assert await page_of(ben, card.url) == 401


@BY_SESSION
async def test_cancel_link_kills_the_link(ben: Someone, bot: Bot, overrides: dict[str, str]) -> None:
    card = await typed(ben)
    await ben.clicks(card, CANCEL_LINK.label)
    cancelled = await ben.sees("This link was cancelled.")
    assert (cancelled.ts, cancelled.buttons, cancelled.url) == (card.ts, [NEW_LINK.label], None)
    assert COPY_WORKS not in cancelled.words + cancelled.text
    assert await page_of(ben, card.url) == 401
    rows = await bot.deps.audit.page(TEAM, after="0")
    assert [row.action for _, row in rows].count("link_cancelled") == 1


async def test_with_jwt_a_cancelled_card_says_that_a_copy_goes_on_working(ben: Someone) -> None:
    card = await typed(ben)
    await ben.clicks(card, CANCEL_LINK.label)
    cancelled = await ben.sees("This link was cancelled.", COPY_WORKS)
    assert cancelled.moments == card.moments[:1]
    assert cancelled.url is None
    assert COPY_WORKS in cancelled.text
    assert await page_of(ben, card.url) == 200


@BY_BOTH
async def test_a_cancelled_card_stays_so_and_offers_a_new_link(
    ben: Someone, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees("Opened at")
    await ben.clicks(card, CANCEL_LINK.label)
    cancelled = await ben.sees("This link was cancelled.", "Opened at")
    clock.advance(6 * MINUTE)
    await ben.clicks(cancelled, NEW_LINK.label)
    await ben.sees_a_card()
    assert "expired" not in "".join(seen.words for seen in await ben.messages())


@BY_SESSION
async def test_a_link_that_ayrshare_did_not_cancel_stays_and_says_so(
    ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    sandbox.ayrshare.faults.add("plan", times=None)
    await ben.clicks(card, CANCEL_LINK.label)
    await ben.sees("it still works", CANCEL_LINK.label)
    assert (await ben.sees_a_card()).raw == card.raw
    sandbox.ayrshare.faults.clear()
    await ben.clicks(card, CANCEL_LINK.label)
    await ben.sees("This link was cancelled.")


@BY_BOTH
async def test_cancel_link_on_an_expired_card_only_says_that_it_has_expired(
    ben: Someone, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    clock.advance(6 * MINUTE)
    await ben.sees_times(2)
    await ben.clicks(card, CANCEL_LINK.label)

    async def edited() -> bool:
        return (await ben.messages())[0].raw["edited"] is True

    await eventually(edited, "the old card is drawn again")
    assert "expired at" in (await ben.messages())[0].words
    assert calls(sandbox, "DELETE") == []


@BY_SESSION
async def test_new_link_revokes_the_one_before(ben: Someone, overrides: dict[str, str]) -> None:
    card = await typed(ben)
    await ben.clicks(card, NEW_LINK.label)
    replaced = await ben.sees("has been replaced")
    assert COPY_WORKS not in replaced.words
    assert await page_of(ben, card.url) == 401
    assert await page_of(ben, (await ben.sees_a_card()).url) == 200


async def test_with_jwt_a_replaced_card_says_that_a_copy_goes_on_working(ben: Someone) -> None:
    card = await typed(ben)
    await ben.clicks(card, NEW_LINK.label)
    await ben.sees("has been replaced", COPY_WORKS)
    assert await page_of(ben, card.url) == 200


@BY_SESSION
async def test_typing_the_command_again_revokes_the_one_before(ben: Someone, overrides: dict[str, str]) -> None:
    card = await typed(ben)
    await ben.types()
    await ben.sees_times(2)

    async def dead() -> bool:
        return await page_of(ben, card.url) == 401

    await eventually(dead, "the first link is dead")


@BY_SESSION
async def test_a_session_that_ayrshare_does_not_know_is_as_good_as_cancelled(
    ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    sandbox.ayrshare.links.issued.clear()
    await ben.clicks(card, CANCEL_LINK.label)
    assert COPY_WORKS not in (await ben.sees("This link was cancelled.")).words


@BY_SESSION
async def test_a_replaced_link_that_could_not_be_revoked_is_not_said_to_be(
    ben: Someone, bot: Bot, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees("Opened at")
    sandbox.ayrshare.faults.add("plan", times=None)
    ended = await revoke_links(bot.deps, TEAM, BEN, await unmap(bot), by="shell")
    assert [one.revoked for one in ended] == [False]
    await ben.clicks(card, CANCEL_LINK.label)
    await ben.sees("This link was cancelled.", COPY_WORKS)


@BY_SESSION
async def test_a_page_opened_without_a_click_shows_at_the_next_drawing(
    ben: Someone, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    clock.advance(timedelta(seconds=70))
    opened_at = int(clock.now().timestamp())
    assert await page_of(ben, card.url) == 200
    clock.advance(4 * MINUTE)
    dead = await ben.sees("expired at", "Opened at")
    assert opened_at in dead.moments


@BY_SESSION
async def test_a_link_revoked_elsewhere_is_gone_at_the_next_drawing(
    ben: Someone, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees("Opened at")
    sandbox.ayrshare.links.issued[0].revoked = True
    clock.advance(3 * MINUTE)
    cancelled = await ben.sees("This link was cancelled.")
    assert cancelled.url is None
    assert COPY_WORKS not in cancelled.words


@BY_SESSION
async def test_a_hanging_ayrshare_does_not_delay_the_end_of_a_session(
    ben: Someone, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    await typed(ben)
    sandbox.ayrshare.faults.add("timeout", times=None, ms=20_000)
    clock.advance(5 * MINUTE)
    await ben.sees("expired at", within=3.0)


@BY_SESSION
async def test_opening_after_the_profile_was_unmapped_revokes_the_link(
    ben: Someone, bot: Bot, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    await unmap(bot)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees("This link was cancelled.")
    assert await page_of(ben, card.url) == 401


@BY_BOTH
async def test_links_taken_back_from_elsewhere_are_drawn_so_at_the_next_tick(
    ben: Someone, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees("Opened at")
    ended = await revoke_links(bot.deps, TEAM, BEN, await unmap(bot), by="shell")
    assert len(ended) == 1
    assert await page_of(ben, card.url) == (401 if overrides else 200)
    clock.advance(3 * MINUTE)
    cancelled = await ben.sees("This link was cancelled.")
    assert cancelled.url is None
    assert (COPY_WORKS in cancelled.words) == (not overrides)


@BY_SESSION
async def test_links_of_others_to_the_same_profile_are_left_alone(
    ben: Someone, person: Person, bot: Bot, mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("cara", "Acme: Jane")
    card = await typed(ben)
    cara = person("cara", channel="random")
    theirs = await typed(cara)
    await revoke_links(bot.deps, TEAM, BEN, await unmap(bot), by="shell")
    assert await page_of(ben, card.url) == 401
    assert await page_of(cara, theirs.url) == 200


@BY_SESSION
async def test_an_admins_view_of_somebodys_link_is_taken_back_too(
    ben: Someone, person: Person, bot: Bot, overrides: dict[str, str]
) -> None:
    ana = person("ana", channel="random")
    await ana.types("@ben")
    card = await ana.sees_a_card()
    await revoke_links(bot.deps, TEAM, BEN, await unmap(bot), by="shell")
    assert await page_of(ana, card.url) == 401


@BY_BOTH
@pytest.mark.parametrize("button", [CANCEL_LINK.label, NEW_LINK.label])
async def test_a_link_that_is_no_longer_shown_but_works_counts_as_one(
    ben: Someone, bot: Bot, overrides: dict[str, str], button: str
) -> None:
    card = await typed(ben)
    await ben.clicks(card, button)
    await ben.sees("This link was cancelled." if button == CANCEL_LINK.label else "has been replaced")
    known = await bot.deps.cards.live(TEAM, (await bot.deps.mappings.of(TEAM, BEN))[0].ref_id)
    working = sum([await page_of(ben, one.link.url.get_secret_value()) == 200 for one in known])
    assert len(known) == working == (0 if overrides else 1) + (button == NEW_LINK.label)


@BY_SESSION
async def test_unmapping_revokes_a_link_whose_revocation_failed_before(
    ben: Someone, bot: Bot, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    card = await typed(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees("Opened at")
    ref_id = (await bot.deps.mappings.of(TEAM, BEN))[0].ref_id
    sandbox.ayrshare.faults.add("plan", times=None)
    assert [one.revoked for one in await revoke_links(bot.deps, TEAM, BEN, ref_id, by="shell")] == [False]
    sandbox.ayrshare.faults.clear()
    assert [one.revoked for one in await revoke_links(bot.deps, TEAM, BEN, await unmap(bot), by="shell")] == [True]
    assert await page_of(ben, card.url) == 401
