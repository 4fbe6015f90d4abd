"""A card in a modal: opened from a Home tab, counted down to the second, closed, cancelled, renewed."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.app import Bot
from bot.cards.model import END_CARD, REFRESH_CARD, CardId, CardState
from bot.core.model import TeamId, UserId
from bot.slack.actions import ASK_ADMIN, CANCEL_LINK, NEW_LINK, OPEN_LINK, RECONNECT, UNDO_ACCOUNT
from bot.slack.blocks import section
from bot.slack.model import Home
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.modals import sees_modal
from tests.redis_probe import TEAM, idle, jobs, redis_of
from tests.time_travel import planned
from tests.users import OPENED, Seen, Someone

MINUTE = timedelta(minutes=1)
Press = Callable[..., Awaitable[dict[str, Any]]]


class CardModal:
    """The modal with somebody's card."""

    def __init__(self, who: Someone) -> None:
        self._who = who

    async def sees(self, *words: str) -> Seen:
        return Seen({"ts": "", "text": "", **(await sees_modal(self._who, *words)).raw})

    async def sees_within(self, words: str, seconds: float) -> None:
        await sees_modal(self._who, words, within=seconds)

    async def clicks(self, label: str) -> None:
        await (await sees_modal(self._who, label)).clicks(label)

    async def closes(self) -> None:
        await (await sees_modal(self._who)).closes()


@pytest.fixture
def clock() -> ManualClock:
    """A jwt's moments are whole seconds, and so are these."""
    return ManualClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def press(bot: Bot, sandbox: Sandbox) -> Press:
    """Put a button on somebody's Home tab and press it."""

    async def press(person: Someone, action_id: str, value: str) -> dict[str, Any]:
        user = UserId(sandbox.slack.world.user(person.name).id)
        button = {"type": "button", "action_id": action_id, "value": value, "text": {"type": "plain_text", "text": "x"}}
        shown = Home((section("Home"), {"type": "actions", "elements": [button]}))
        await bot.deps.views.publish(TeamId(sandbox.slack.world.team.id), user, shown)
        home = sandbox.slack.views.homes[user]
        return await person.post("click", view_id=home.id, action_id=action_id)

    return press


@pytest.fixture
async def ben(person: Person) -> Someone:
    return person("ben")


@pytest.fixture
async def modal(ben: Someone, mapped: Map, press: Press) -> CardModal:
    profile = await mapped("ben", "Acme: Jane")
    assert (await press(ben, "connect", profile.ref_id))["ok"]
    return CardModal(ben)


async def page_of(ben: Someone, url: str | None) -> int:
    async with ben.session.get(str(url)) as page:
        return page.status


async def test_connect_opens_a_modal_with_a_card(modal: CardModal, ben: Someone, clock: ManualClock) -> None:
    card = await modal.sees("Acme: Jane", "*5 min left*")
    assert (card.buttons, card.choices) == ([OPEN_LINK.label], [NEW_LINK.label, CANCEL_LINK.label])
    assert abs(card.moments[-1] - clock.now().timestamp() - 300) < 2
    assert await page_of(ben, card.url) == 200
    assert await ben.messages() == []


async def test_it_counts_down_every_ten_seconds_without_a_click_and_loses_its_link_at_the_end(
    modal: CardModal, clock: ManualClock, sandbox: Sandbox
) -> None:
    sandbox.ayrshare.link_seconds = None
    await modal.sees("*5 min left*")
    for left in ("4 min 50 s", "4 min 40 s", "4 min 30 s"):
        await clock.advance_seconds(10)
        await modal.sees(f"*{left} left*")
    await clock.advance_seconds(260)
    await modal.sees("*10 s left*")
    await clock.advance_seconds(10)
    dead = await modal.sees("expired at")
    assert dead.url is None
    assert dead.buttons == [NEW_LINK.label]


async def test_opening_shows_in_the_modal_and_so_does_what_got_linked(
    modal: CardModal, ben: Someone, bot: Bot, clock: ManualClock
) -> None:
    await _connects("tiktok", modal, ben, bot, clock)
    await modal.sees("TikTok connected")


async def test_once_nothing_is_left_to_connect_it_no_longer_counts_down(
    modal: CardModal, ben: Someone, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await _connects("tiktok", modal, ben, bot, clock)
    done = await modal.sees("TikTok connected", "The link still works until")
    assert " left" not in done.words
    drawn = _updates(sandbox)
    for _ in range(3):
        await clock.advance_seconds(10)
        await idle(bot)
    assert _updates(sandbox) == drawn
    await clock.advance(5 * MINUTE)
    await modal.sees("TikTok connected", "expired at")


async def test_a_wrong_account_is_undone_in_the_modal(
    modal: CardModal, ben: Someone, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    sandbox.ayrshare.signed_in = "Eve"
    await _connects("instagram", modal, ben, bot, clock)
    await modal.sees("Another Instagram account", "Eve (@eve) is connected in place of")
    await modal.clicks(UNDO_ACCOUNT.label)

    async def is_undone() -> bool:
        return "in place of" not in (await modal.sees("the wrong account was connected")).words

    await eventually(is_undone, "the modal no longer asks about it")
    ben_dm = Someone(ben.session, ben.url, ben.name, sandbox.slack.world.dm_of("ben"))
    await ben_dm.sees("*Eve (@eve) is disconnected*", RECONNECT.label)
    assert "instagram" not in sandbox.ayrshare.profiles[0].accounts


async def _connects(network: str, modal: CardModal, ben: Someone, bot: Bot, clock: ManualClock) -> None:
    """Open the link, connect an account on its page, and let the modal look at it."""
    card = await modal.sees("*5 min left*")
    await modal.clicks(OPEN_LINK.label)
    await modal.sees(OPENED)
    await eventually(lambda: _baseline(bot, card), "what was linked before is known")
    async with ben.session.post(str(card.url), data={"link": network}) as page:
        assert page.ok
    for _ in range(5):
        await clock.advance_seconds(10)


async def _baseline(bot: Bot, card: Seen) -> bool:
    card_id = CardId(card.element(OPEN_LINK.label)["value"].partition(":")[0])
    kept = await bot.deps.cards.get(TeamId("T0CONNECT"), card_id)
    return kept is not None and kept.connected_before is not None


async def test_new_link_puts_a_fresh_card_into_the_same_modal(modal: CardModal, clock: ManualClock) -> None:
    first = await modal.sees("*5 min left*")
    for _ in range(6):
        await clock.advance_seconds(10)
    await modal.sees("*4 min left*")
    await modal.clicks(NEW_LINK.label)
    fresh = await modal.sees("*5 min left*")
    assert fresh.url != first.url
    await clock.advance_seconds(10)
    await modal.sees("*4 min 50 s left*")


async def test_new_link_works_in_a_modal_whose_link_has_died(modal: CardModal, clock: ManualClock) -> None:
    await modal.sees("*5 min left*")
    await clock.advance_seconds(301)
    await modal.sees("expired at")
    await modal.clicks(NEW_LINK.label)
    await modal.sees("*5 min left*")


async def test_cancel_link_ends_the_card_in_the_modal(modal: CardModal, clock: ManualClock) -> None:
    await modal.sees("*5 min left*")
    await modal.clicks(CANCEL_LINK.label)
    assert (await modal.sees("This link is cancelled.")).url is None
    await clock.advance_seconds(600)
    await modal.sees("This link is cancelled.")


@pytest.mark.parametrize("overrides", [{"AYRSHARE_LINK_API": "session"}])
async def test_a_failed_cancel_is_said_over_the_modal_and_the_card_stays(
    modal: CardModal, ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await modal.sees("*5 min left*")
    sandbox.ayrshare.faults.add("plan", times=None)
    await modal.clicks(CANCEL_LINK.label)
    await modal.sees("it still works")
    await modal.closes()
    await modal.sees(CANCEL_LINK.label)


async def test_a_closed_modal_is_redrawn_no_more_and_its_card_ends_unseen(
    modal: CardModal, clock: ManualClock, bot: Bot, sandbox: Sandbox
) -> None:
    await modal.sees("*5 min left*")
    await modal.closes()

    async def left() -> bool:
        return not await jobs(bot, REFRESH_CARD)

    await eventually(left, "no tick is planned")
    drawn = _updates(sandbox)
    [end] = await jobs(bot, END_CARD)
    await clock.advance_seconds(300)

    async def ended() -> bool:
        return not await jobs(bot, END_CARD)

    await eventually(ended, "the card has ended")
    assert _updates(sandbox) == drawn
    card = await bot.deps.cards.get(TEAM, CardId(end.id))
    assert card is not None
    assert card.state is CardState.EXPIRED


async def test_an_end_that_is_due_too_early_comes_at_the_deadline(
    modal: CardModal, clock: ManualClock, bot: Bot
) -> None:
    await modal.sees("*5 min left*")
    [end] = await jobs(bot, END_CARD)
    deadline = clock.now() + 5 * MINUTE
    await bot.deps.scheduler.plan(TeamId("T0CONNECT"), end, at=clock.now())  # as after a clock that was an hour ahead
    await planned(bot, END_CARD, at=deadline)
    await clock.advance(5 * MINUTE)
    await modal.sees("expired at")


def _updates(sandbox: Sandbox) -> int:
    return sum(call["call"] == "views.update" for call in sandbox.slack.calls.since())


async def test_the_end_is_drawn_although_slack_fails_at_that_moment(
    modal: CardModal, clock: ManualClock, sandbox: Sandbox
) -> None:
    await modal.sees("*5 min left*")
    await clock.advance_seconds(295)
    await modal.sees("*5 s left*")
    sandbox.slack.faults.add("error_500", times=2)
    await clock.advance_seconds(5)

    async def ended() -> bool:
        clock.jump_seconds(1)
        user = sandbox.slack.world.user("ben").id
        return "expired at" in str(sandbox.slack.views.stacks[user][0].content)

    await eventually(ended, "the end is drawn")


@pytest.mark.parametrize("fault", ["plan", "rate_limited"])
async def test_a_new_link_that_fails_leaves_the_modal_counting_down(
    modal: CardModal, clock: ManualClock, sandbox: Sandbox, fault: str
) -> None:
    await modal.sees("*5 min left*")
    sandbox.ayrshare.faults.add(fault)
    await modal.clicks(NEW_LINK.label)
    await modal.sees("Ayrshare")
    await modal.closes()  # the words on top
    await modal.sees(OPEN_LINK.label)
    await clock.advance_seconds(10)
    await modal.sees("*4 min 50 s left*")
    await clock.advance_seconds(290)
    await modal.sees("expired at")


async def test_a_new_link_that_fails_slowly_brings_the_card_back(
    modal: CardModal, clock: ManualClock, sandbox: Sandbox
) -> None:
    await modal.sees("*5 min left*")
    sandbox.ayrshare.faults.add("latency", ms=1_000)
    sandbox.ayrshare.faults.add("plan")
    await modal.clicks(NEW_LINK.label)

    async def asked_again() -> bool:
        return sum("generateJWT" in str(call["call"]) for call in sandbox.ayrshare.calls.since()) == 2

    await eventually(asked_again, "Ayrshare is asked for the new link")
    clock.jump_seconds(3)
    await modal.sees("taking its time")
    await modal.sees("wants a bigger plan")
    await modal.closes()
    await modal.sees(CANCEL_LINK.label)


async def test_a_hanging_look_just_before_the_end_does_not_delay_it(
    modal: CardModal, clock: ManualClock, sandbox: Sandbox
) -> None:
    await modal.sees("*5 min left*")
    clock.jump_seconds(14.5)
    await modal.clicks(OPEN_LINK.label)
    await modal.sees(OPENED)
    clock.jump_seconds(280)
    await modal.sees("*6 s left*")
    sandbox.ayrshare.faults.add("latency", times=None, ms=20_000)
    clock.jump_seconds(5.2)
    clock.jump_seconds(0.5)
    await modal.sees_within("expired at", 3.0)


async def test_an_end_that_slack_refuses_is_drawn_when_slack_said(
    modal: CardModal, clock: ManualClock, sandbox: Sandbox, bot: Bot
) -> None:
    await modal.sees("*5 min left*")
    sandbox.slack.faults.add("ratelimited", times=None, ms=30_000)
    before = _updates(sandbox)
    await clock.advance_seconds(300)

    async def refused() -> bool:
        return _updates(sandbox) > before

    await eventually(refused, "the end was refused")
    sandbox.slack.faults.clear()
    await planned(bot, END_CARD, at=clock.now() + timedelta(seconds=30))
    await clock.advance_seconds(29)
    assert _updates(sandbox) == before + 1
    await clock.advance_seconds(2)
    await modal.sees("expired at")


async def test_a_slow_ayrshare_is_said_in_the_modal(
    ben: Someone, mapped: Map, press: Press, clock: ManualClock, sandbox: Sandbox
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add("latency", ms=1_000)
    await press(ben, "connect", profile.ref_id)
    await CardModal(ben).sees("One moment")
    await clock.sleeper()
    clock.jump_seconds(3)
    await CardModal(ben).sees("taking its time")
    await CardModal(ben).sees(OPEN_LINK.label)


async def test_a_profile_that_is_no_longer_mapped_is_refused_in_the_modal(ben: Someone, press: Press) -> None:
    await press(ben, "connect", "0" * 40)
    await CardModal(ben).sees("have a profile yet", ASK_ADMIN.label)


async def test_an_admin_gets_a_modal_for_somebody_elses_profile_with_the_warning(
    person: Person, mapped: Map, press: Press
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    ana = person("ana")
    await press(ana, "link_for", f"U0BEN0001:{profile.ref_id}")
    await CardModal(ana).sees("<@U0BEN0001>'s profile", OPEN_LINK.label)


async def test_a_member_gets_no_modal_for_somebody_elses_profile(person: Person, mapped: Map, press: Press) -> None:
    profile = await mapped("ben", "Acme: Jane")
    dan = person("dan")
    await press(dan, "link_for", f"U0BEN0001:{profile.ref_id}")
    refused = await CardModal(dan).sees("Only <@U0BEN0001> can connect these accounts.")
    assert refused.url is None


async def test_the_more_modals_are_open_the_less_often_each_is_redrawn(
    person: Person, mapped: Map, press: Press, clock: ManualClock, bot: Bot, sandbox: Sandbox
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await redis_of(bot).zadd("connectbot:{T0CONNECT}:modals", {f"other{n}": 9e15 for n in range(29)})
    await press(ben, "connect", profile.ref_id)
    modal = CardModal(ben)
    await modal.sees("*5 min left*")
    before = _updates(sandbox)
    for _ in range(2):
        await clock.advance_seconds(10)
    assert _updates(sandbox) == before
    await clock.advance_seconds(10)
    await modal.sees("*4 min 30 s left*")
    assert _updates(sandbox) == before + 1
