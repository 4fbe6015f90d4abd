"""*Ask an admin*: who has no profile lets an admin know, once a day, in one message that several askers share."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.mappings.follow_up import addition, new_change
from bot.mappings.model import LONGEST_ASKING
from bot.slack.actions import ASK_ADMIN, CONNECT_GIVEN, MAP_A_PROFILE, OPEN_LINK
from bot.slack.delivery import LATE_POST
from sandbox.server import Sandbox
from sandbox.slack.members import add_group, add_members
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.modals import sees_modal
from tests.redis_probe import TEAM, idle
from tests.users import Someone


async def test_without_named_admins_the_primary_owner_is_told(person: Person, sandbox: Sandbox) -> None:
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees("have a profile yet"), ASK_ADMIN.label)
    await person("dan").sees("I asked", sandbox.slack.world.user("ana").id)
    ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    told = await ana.sees(sandbox.slack.world.user("dan").id, MAP_A_PROFILE.label)
    assert not told.ephemeral


async def test_the_admin_maps_the_asker_from_that_message(person: Person, sandbox: Sandbox) -> None:
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees("have a profile yet"), ASK_ADMIN.label)
    await person("dan").sees("I asked")
    ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    told = await ana.sees("would like a profile")
    assert (await ana.clicks(told, MAP_A_PROFILE.label))["ok"]
    modal = await sees_modal(ana, "Who gets the profile?")
    assert modal.entered["person"]["selected_user"] == sandbox.slack.world.user("dan").id


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0BEN0001,U0CARA001,U0LEO0001"}])
async def test_named_admins_are_told_but_those_who_left(
    person: Person, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees("have a profile yet"), ASK_ADMIN.label)
    said = await person("dan").sees("I asked")
    assert "U0LEO0001" not in said.words
    for admin in ("ben", "cara"):
        await person(admin, channel=sandbox.slack.world.dm_of(admin)).sees("U0DAN0001")


async def test_several_askers_share_one_message(person: Person, sandbox: Sandbox) -> None:
    for asker in ("dan", "eve", "ben"):
        await person(asker).types()
        await person(asker).clicks(await person(asker).sees("have a profile yet"), ASK_ADMIN.label)
        await person(asker).sees("I asked")
    ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    await ana.sees("U0DAN0001", "U0EVE0001", "U0BEN0001")
    assert len(await ana.messages()) == 1


async def test_nobody_asks_twice_a_day(person: Person, sandbox: Sandbox) -> None:
    for words in ("I asked", "know already"):
        await person("dan").types()
        await person("dan").clicks(await person("dan").sees("have a profile yet"), ASK_ADMIN.label)
        await person("dan").sees(words)
    ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    assert len(await ana.messages()) == 1


async def test_when_slack_fails_the_asker_is_told_and_may_ask_again(person: Person, sandbox: Sandbox) -> None:
    await person("dan").types()
    question = await person("dan").sees("have a profile yet")
    sandbox.slack.faults.add("internal_error", times=None)
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("couldn't reach an admin")
    sandbox.slack.faults.clear()
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("I asked")


async def test_a_message_that_the_admin_deleted_is_posted_afresh(
    person: Person, sandbox: Sandbox, clock: ManualClock
) -> None:
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees("have a profile yet"), ASK_ADMIN.label)
    await person("dan").sees("I asked")
    sandbox.slack.world.channel(sandbox.slack.world.dm_of("ana")).messages.clear()
    await clock.advance_seconds(2)  # Slack takes one message a second
    await person("eve").types()
    await person("eve").clicks(await person("eve").sees("have a profile yet"), ASK_ADMIN.label)
    await person("eve").sees("I asked")
    await person("ana", channel=sandbox.slack.world.dm_of("ana")).sees("U0DAN0001", "U0EVE0001")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0ANA0001,U0BEN0001"}])
async def test_an_admin_whom_slack_did_not_let_reach_hears_a_little_later(
    person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    await person("dan").types()
    question = await person("dan").sees("have a profile yet")
    sandbox.slack.faults.add("ratelimited", ms=20_000, method="chat.postMessage")
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("I asked")
    for _ in range(2):
        await idle(bot)
        await clock.advance(LATE_POST)
    for admin in ("ana", "ben"):
        box = person(admin, channel=sandbox.slack.world.dm_of(admin))
        await box.sees("U0DAN0001")
        assert len(await box.messages()) == 1


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "S0M00001"}])
async def test_more_admins_than_slack_takes_changes_in_a_minute_all_read_of_the_second_asker(
    person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    admins, group = add_members(sandbox.slack.world, 55), add_group(sandbox.slack.world, "bosses")
    group.users += [admin.id for admin in admins]
    for asker in ("dan", "ben"):
        await person(asker).types()
        await person(asker).clicks(await person(asker).sees("have a profile yet"), ASK_ADMIN.label)
        await person(asker).sees("I asked")

    async def all_read_it() -> bool:
        clock.jump(timedelta(seconds=30))
        boxes = [sandbox.slack.world.channel(sandbox.slack.world.dm_of(admin.name)) for admin in admins]
        return all(["U0BEN0001" in str(message.blocks) for message in box.messages] == [True] for box in boxes)

    await eventually(all_read_it, "each admin's one message names the second asker")
    assert len(sandbox.received("chat.update")) == len(admins)


async def test_who_reads_that_it_is_tried_again_reads_whom_it_reached(
    person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await person("dan").types()
    question = await person("dan").sees("have a profile yet")
    sandbox.slack.faults.add("internal_error", times=None)
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("couldn't reach an admin", "I keep trying, and DM you")
    sandbox.slack.faults.clear()
    dan = person("dan", channel=sandbox.slack.world.dm_of("dan"))

    async def is_told() -> bool:
        await idle(bot)
        clock.jump(LATE_POST)
        return bool(await dan.messages())

    await eventually(is_told, "the asker is told")
    await dan.sees("I asked", sandbox.slack.world.user("ana").id)
    for _ in range(3):
        await idle(bot)
        clock.jump(LATE_POST)
    assert len(await dan.messages()) == 1


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0ANA0001"}])
async def test_a_post_that_slack_did_not_answer_is_settled_later_and_brings_one_message_for_all_who_ask(
    person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    questions = {}
    for asker in ("dan", "eve"):
        await person(asker).types()
        questions[asker] = await person(asker).sees("have a profile yet")
        sandbox.slack.faults.add("latency", ms=2600, method="chat.postMessage")
        await person(asker).clicks(questions[asker], ASK_ADMIN.label)
        await person(asker).sees("couldn't reach an admin", "I keep trying", within=12.0)
    sandbox.slack.faults.clear()
    ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    for _ in range(3):
        await idle(bot)
        clock.jump(LATE_POST)
    await ana.sees("U0DAN0001", "U0EVE0001")
    assert len(await ana.messages()) == 1
    await idle(bot)
    for asker, question in questions.items():
        await person(asker).clicks(question, ASK_ADMIN.label)
        await person(asker).sees("admins know")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0ANA0001"}])
async def test_an_asker_waits_for_the_message_that_is_being_posted_and_is_added_to_it(
    person: Person, sandbox: Sandbox, bot: Bot, overrides: dict[str, str]
) -> None:
    async with bot.deps.locks.hold(TEAM, "admin_message:U0ANA0001", longest=LONGEST_ASKING):
        await person("dan").types()
        await person("dan").clicks(await person("dan").sees("have a profile yet"), ASK_ADMIN.label)
        assert await person("ana", channel=sandbox.slack.world.dm_of("ana")).messages() == []
    await person("dan").sees("I asked")
    await person("ana", channel=sandbox.slack.world.dm_of("ana")).sees("U0DAN0001")


async def test_who_presses_again_while_the_admins_are_being_asked_reads_that(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await person("dan").types()
    question = await person("dan").sees("have a profile yet")
    async with bot.deps.locks.hold(TEAM, "admin_request:U0DAN0001", longest=LONGEST_ASKING):
        await person("dan").clicks(question, ASK_ADMIN.label)
        await person("dan").sees("I'm asking your admins", within=15)
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("I asked")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0ANA0001,U0CARA001"}])
async def test_three_clicks_lead_from_no_profile_to_ayrshares_page_and_each_admin_reads_who_served_it(
    person: Person, dm: Callable[[str], Someone], mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Globex")
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees(ASK_ADMIN.label), ASK_ADMIN.label)  # the first click
    await dm("ana").clicks(await dm("ana").sees("would like a profile"), MAP_A_PROFILE.label)
    modal = await sees_modal(dm("ana"), "Who gets the profile?")
    await modal.chooses("how", "known")
    await (await sees_modal(dm("ana"), "Choose a profile")).submits(profile="Globex")
    await (await sees_modal(dm("ana"), "gets it")).submits()
    for admin in ("ana", "cara"):
        done = await dm(admin).sees("✅ <@U0DAN0001> has *Globex* (done by <@U0ANA0001>)")
        assert done.buttons == []
        assert len(await dm(admin).messages()) == 1
    given = await dm("dan").sees("You have a new profile")
    await dm("dan").clicks(given, CONNECT_GIVEN.label)  # the second
    card = await dm("dan").sees_a_card("Globex")
    assert (await dm("dan").clicks(card, OPEN_LINK.label))["opens"] == card.url  # the third


async def test_a_mapping_made_elsewhere_serves_the_request_too(
    person: Person, dm: Callable[[str], Someone], mapped: Map, bot: Bot
) -> None:
    globex = await mapped("ben", "Globex")
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees(ASK_ADMIN.label), ASK_ADMIN.label)
    await dm("ana").sees("would like a profile")
    dan = UserId("U0DAN0001")
    follows = addition(new_change("shell", new=dan), now=bot.deps.clock.now())
    await bot.deps.mappings.add(TEAM, dan, globex.ref_id, by="shell", follow_up=follows)
    await bot.deps.scheduler.wake(TEAM, at=bot.deps.clock.now())
    await dm("ana").sees("✅ <@U0DAN0001> has *Globex* (done by an admin)")
