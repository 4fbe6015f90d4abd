"""`/connect send @group`: an admin asks a user group, one member a second, and sees the progress in one message."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.invitations.model import SEND_GROUP_REQUEST, Postponement
from bot.invitations.views import POSTPONE_LABELS
from bot.slack.actions import GET_LINK, MUTE, NUDGE, POSTPONE
from sandbox.server import Sandbox
from sandbox.slack.users import UserGroup
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.invitations.invitation_helpers import (
    ASKS,
    Dm,
    answer_to,
    crowd,
    invitations_posted,
    links_made,
    posts,
    runs_until,
)
from tests.redis_probe import TEAM, redis_of, trail
from tests.time_travel import planned
from tests.users import Someone

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BEGUN = "one a second"


@pytest.fixture
async def staff(ana: Someone, mapped: Map) -> list[str]:
    """Four members, each with a profile, in the group @staff."""
    names = await crowd(ana, 4)
    for number, name in enumerate(names, 1):
        await mapped(name, f"Member {number}")
    return names


@pytest.fixture
async def office(ana: Someone, mapped: Map) -> list[str]:
    """More members than are asked before the group is looked at again."""
    names = await crowd(ana, 16)
    for number, name in enumerate(names, 1):
        await mapped(name, f"Member {number}")
    return names


async def test_admins_only(person: Person, sandbox: Sandbox) -> None:
    for name in ("ben", "cara"):
        await answer_to(person(name), "send @social-leads please", "Only admins can do that")
    assert posts(sandbox) == 0


async def test_a_note_is_checked_as_for_one_person(ana: Someone, sandbox: Sandbox) -> None:
    await answer_to(ana, "send @social-leads see https://evil.example/x", "can't have a link")
    await answer_to(ana, f"send @social-leads {'x' * 301}", "300 characters")
    assert posts(sandbox) == 0


async def test_everybody_is_asked_once_with_the_note_and_the_sender_sees_one_message(
    ana: Someone, dm: Dm, staff: list[str], bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await ana.types("send @staff Instagram fell off")
    assert "I'm asking 4 people in" in (await ana.sees(BEGUN)).words
    await runs_until(clock, dm("ana"), "I've asked", "4 people", "4 got your request")
    for name in staff:
        [asked] = await dm(name).messages()
        assert ASKS in asked.words
        assert "Instagram fell off" in asked.words
        assert asked.url is None
    assert len(await dm("ana").messages()) == 1
    assert links_made(sandbox) == 0
    assert [row.by for row in await trail(bot, "group_asked")] == ["U0ANA0001"]
    assert len(await trail(bot, "link_sent_for")) == 4


async def test_one_is_asked_a_second(ana: Someone, staff: list[str], clock: ManualClock, sandbox: Sandbox) -> None:
    await ana.types("send @staff")
    for asked in (1, 2, 3):
        await clock.sleeper()
        assert invitations_posted(sandbox) == asked
        clock.jump_seconds(0.9)
        await clock.sleeper()
        assert invitations_posted(sandbox) == asked
        clock.jump_seconds(0.1)


async def test_answers_are_counted_in_the_same_message(
    ana: Someone, dm: Dm, staff: list[str], clock: ManualClock
) -> None:
    await ana.types("send @staff")
    await runs_until(clock, dm("ana"), "I've asked", "4 got your request")
    first, second, third, _ = staff
    await dm(first).clicks(await dm(first).sees(ASKS), GET_LINK.action_id)
    await dm(first).sees_a_card()
    await dm(second).clicks(await dm(second).sees(ASKS), POSTPONE, value=POSTPONE_LABELS[Postponement.WEEK])
    await dm(second).sees("I'll remind you")
    await dm(third).clicks(await dm(third).sees(ASKS), MUTE.label)
    await dm(third).sees("won't hear from me")
    what = ("Opened the request: 1", "Want a reminder later: 1", "Muted these requests: 1")
    await runs_until(clock, dm("ana"), *what, step=5)
    assert len(await dm("ana").messages()) == 1


async def test_those_who_have_not_answered_are_nudged_once_a_day(
    ana: Someone, dm: Dm, staff: list[str], bot: Bot, clock: ManualClock
) -> None:
    await ana.types("send @staff")
    await runs_until(clock, dm("ana"), "I've asked", "4 got your request", NUDGE.label)
    first, second, *rest = staff
    await dm(first).clicks(await dm(first).sees(ASKS), POSTPONE, value=POSTPONE_LABELS[Postponement.WEEK])
    await dm(second).clicks(await dm(second).sees(ASKS), MUTE.label)
    await runs_until(clock, dm("ana"), "Want a reminder later: 1", "Muted these requests: 1", step=5)
    await clock.advance(DAY)
    await dm("ana").clicks(await dm("ana").sees("got your request"), NUDGE.label)
    await dm("ana").sees("Nudged <@")
    for name in rest:
        await runs_until(clock, dm(name), "Reminder: <@U0ANA0001>")
    for name in (first, second):
        assert not any("Reminder: " in seen.words for seen in await dm(name).messages())
    await runs_until(clock, dm("ana"), "I've asked 4 people. 4 got your request.", step=5)
    await dm("ana").clicks(await dm("ana").sees("4 got your request"), NUDGE.label)
    await dm("ana").sees("You can nudge once a day")


async def test_the_message_counts_who_could_not_be_asked(
    ana: Someone, dm: Dm, staff: list[str], bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    world = sandbox.slack.world
    group = world.group("staff")
    assert group is not None
    group.users += [world.user(name).id for name in ("dan", "leo", "gus", "ana")]
    await bot.deps.preferences.mute(TEAM, UserId(world.user(staff[0]).id))
    await ana.types("send @staff")
    said = (
        "7 people",
        "3 got your request",
        "Don't have a profile yet: 1",
        "Had muted these requests before: 1",
        "Have left: 1",
        "Guests, or from another workspace: 1",
    )
    progress = await runs_until(clock, dm("ana"), "I've asked", *said)
    assert "U0M" not in progress.words
    assert await dm(staff[0]).messages() == []


async def test_a_second_request_asks_nobody_again(
    ana: Someone, dm: Dm, staff: list[str], clock: ManualClock, sandbox: Sandbox
) -> None:
    await ana.types("send @staff")
    await runs_until(clock, dm("ana"), "I've asked", "4 got your request")
    await clock.advance(2 * MINUTE)
    await ana.types("send @staff")
    await runs_until(clock, dm("ana"), "I've asked", "Got a request today, or haven't answered the last one: 4", step=2)
    assert invitations_posted(sandbox) == 4


async def test_a_rate_limit_is_waited_for(
    ana: Someone, dm: Dm, staff: list[str], bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await ana.types("send @staff")
    await dm(staff[0]).sees(ASKS)
    await dm("ana").sees("so far")
    sandbox.slack.faults.add("ratelimited", ms=7000, method="chat.postMessage")
    before = clock.now()
    clock.jump_seconds(1)
    await planned(bot, SEND_GROUP_REQUEST, at=before + timedelta(seconds=8))
    assert invitations_posted(sandbox) == 1
    await runs_until(clock, dm("ana"), "I've asked", "4 got your request")
    assert clock.now() >= before + timedelta(seconds=10)
    assert invitations_posted(sandbox) == 4


@pytest.mark.parametrize("lost", [1, 2, 6])
async def test_messages_whose_answers_are_lost_are_not_sent_twice(
    ana: Someone, dm: Dm, staff: list[str], clock: ManualClock, sandbox: Sandbox, lost: int
) -> None:
    sandbox.slack.faults.add("lost_answer", times=lost, method="chat.postMessage")
    await ana.types("send @staff")
    await runs_until(clock, dm("ana"), "I've asked", "4 got your request", step=2)
    assert [len(await dm(name).messages()) for name in (*staff, "ana")] == [1, 1, 1, 1, 1]


async def test_a_workspace_sends_a_thousand_a_day(
    ana: Someone, dm: Dm, staff: list[str], bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    now = round(clock.now().timestamp() * 1000)
    key = f"connectbot:{{{TEAM}}}:invitations"
    await redis_of(bot).zadd(key, {f"earlier {number}": now for number in range(998)})
    await redis_of(bot).pexpire(key, DAY)
    await ana.types("send @staff")
    await runs_until(clock, dm("ana"), "I've asked", "2 got your request", "can send a thousand requests a day: 2")
    assert invitations_posted(sandbox) == 2


async def test_a_missing_scope_is_named(ana: Someone, sandbox: Sandbox) -> None:
    sandbox.slack.scopes = sandbox.slack.scopes - {"usergroups:read"}
    await ana.types("send @social-leads")
    await ana.sees("scope usergroups:read")
    assert posts(sandbox) == 0


async def test_members_that_can_not_be_read_yet_are_read_later(
    ana: Someone, dm: Dm, staff: list[str], clock: ManualClock, sandbox: Sandbox
) -> None:
    sandbox.slack.faults.add("ratelimited", times=None, ms=3000, method="usergroups.users.list")
    await ana.types("send @staff")
    assert "everyone in" in (await ana.sees(BEGUN)).words
    sandbox.slack.faults.clear()
    await runs_until(clock, dm("ana"), "I've asked", "4 got your request")


async def test_a_group_of_the_sender_alone_is_refused(ana: Someone, sandbox: Sandbox) -> None:
    await crowd(ana, 1, group="few")
    group = sandbox.slack.world.group("few")
    assert group is not None
    group.users[:] = ["U0ANA0001"]
    await ana.types("send @few")
    await ana.sees("There is nobody else in that group")


def group_of(sandbox: Sandbox) -> UserGroup:
    """Return the group @staff."""
    group = sandbox.slack.world.group("staff")
    assert group is not None
    return group


async def test_a_sender_who_is_no_admin_any_more_asks_nobody_else_and_is_told(
    ana: Someone, dm: Dm, office: list[str], clock: ManualClock, sandbox: Sandbox
) -> None:
    await ana.types("send @staff")
    await clock.sleeper()
    await ana.post("person", flags={"is_admin": False, "is_owner": False, "is_primary_owner": False})
    await runs_until(clock, dm("ana"), "Not asked: you're not an admin any more")
    assert 0 < invitations_posted(sandbox) < len(office)


async def test_of_a_group_that_is_switched_off_nobody_else_is_asked(
    ana: Someone, dm: Dm, office: list[str], clock: ManualClock, sandbox: Sandbox
) -> None:
    await ana.types("send @staff")
    await clock.sleeper()
    group_of(sandbox).is_disabled = True
    await runs_until(clock, dm("ana"), "Not asked: Slack no longer shows me that group")
    assert 0 < invitations_posted(sandbox) < len(office)


async def test_a_member_who_has_left_the_group_is_not_asked(
    ana: Someone, dm: Dm, office: list[str], clock: ManualClock, sandbox: Sandbox
) -> None:
    await ana.types("send @staff")
    await clock.sleeper()
    group_of(sandbox).users.pop()
    await runs_until(clock, dm("ana"), "Have left the group: 1")
    assert invitations_posted(sandbox) == len(office) - 1


async def test_a_group_that_was_switched_off_a_moment_ago_is_not_asked(
    ana: Someone, office: list[str], bot: Bot, sandbox: Sandbox
) -> None:
    group = group_of(sandbox)
    assert await bot.deps.people.group(TEAM, group.id)
    group.is_disabled = True
    await answer_to(ana, "send @staff", "Check in Slack")
    assert posts(sandbox) == 0
