"""*Ask an admin*: who has no profile lets an admin know, once a day, in one message that several askers share."""

import pytest

from bot.app import Bot
from bot.mappings.model import LONGEST_ASKING
from bot.slack.actions import ASK_ADMIN, MAP_A_PROFILE
from bot.slack.delivery import LATE_POST
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Person
from tests.modals import sees_modal
from tests.redis_probe import TEAM, idle


async def test_without_named_admins_the_primary_owner_is_told(person: Person, sandbox: Sandbox) -> None:
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees("No Ayrshare profile"), ASK_ADMIN.label)
    await person("dan").sees("I told", sandbox.slack.world.user("ana").id)
    ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    told = await ana.sees(sandbox.slack.world.user("dan").id, "/connect map")
    assert not told.ephemeral


async def test_the_admin_maps_the_asker_from_that_message(person: Person, sandbox: Sandbox) -> None:
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees("No Ayrshare profile"), ASK_ADMIN.label)
    await person("dan").sees("I told")
    ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    told = await ana.sees("ask for one")
    assert (await ana.clicks(told, MAP_A_PROFILE.label))["ok"]
    modal = await sees_modal(ana, "Who looks after the profile?")
    assert modal.entered["person"]["selected_user"] == sandbox.slack.world.user("dan").id


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0BEN0001,U0CARA001,U0LEO0001"}])
async def test_named_admins_are_told_but_those_who_left(
    person: Person, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees("No Ayrshare profile"), ASK_ADMIN.label)
    said = await person("dan").sees("I told")
    assert "U0LEO0001" not in said.words
    for admin in ("ben", "cara"):
        await person(admin, channel=sandbox.slack.world.dm_of(admin)).sees("U0DAN0001")


async def test_several_askers_share_one_message(person: Person, sandbox: Sandbox) -> None:
    for asker in ("dan", "eve", "ben"):
        await person(asker).types()
        await person(asker).clicks(await person(asker).sees("No Ayrshare profile"), ASK_ADMIN.label)
        await person(asker).sees("I told")
    ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    await ana.sees("U0DAN0001", "U0EVE0001", "U0BEN0001")
    assert len(await ana.messages()) == 1


async def test_nobody_asks_twice_a_day(person: Person, sandbox: Sandbox) -> None:
    for words in ("I told", "asked today already"):
        await person("dan").types()
        await person("dan").clicks(await person("dan").sees("No Ayrshare profile"), ASK_ADMIN.label)
        await person("dan").sees(words)
    ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    assert len(await ana.messages()) == 1


async def test_when_slack_fails_the_asker_is_told_and_may_ask_again(person: Person, sandbox: Sandbox) -> None:
    await person("dan").types()
    question = await person("dan").sees("No Ayrshare profile")
    sandbox.slack.faults.add("internal_error", times=None)
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("couldn't reach an admin")
    sandbox.slack.faults.clear()
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("I told")


async def test_another_persons_missing_profile_brings_no_such_button(person: Person) -> None:
    await person("ana").types("@dan")
    assert (await person("ana").sees("No Ayrshare profile")).buttons == []


async def test_a_message_that_the_admin_deleted_is_posted_afresh(
    person: Person, sandbox: Sandbox, clock: ManualClock
) -> None:
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees("No Ayrshare profile"), ASK_ADMIN.label)
    await person("dan").sees("I told")
    sandbox.slack.world.channel(sandbox.slack.world.dm_of("ana")).messages.clear()
    await clock.advance_seconds(2)  # Slack takes one message a second
    await person("eve").types()
    await person("eve").clicks(await person("eve").sees("No Ayrshare profile"), ASK_ADMIN.label)
    await person("eve").sees("I told")
    await person("ana", channel=sandbox.slack.world.dm_of("ana")).sees("U0DAN0001", "U0EVE0001")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0ANA0001"}])
async def test_a_post_that_slack_did_not_answer_is_settled_later_and_brings_one_message_for_all_who_ask(
    person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    questions = {}
    for asker in ("dan", "eve"):
        await person(asker).types()
        questions[asker] = await person(asker).sees("No Ayrshare profile")
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
        await person(asker).sees("they know")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0ANA0001"}])
async def test_an_asker_waits_for_the_message_that_is_being_posted_and_is_added_to_it(
    person: Person, sandbox: Sandbox, bot: Bot, overrides: dict[str, str]
) -> None:
    async with bot.deps.locks.hold(TEAM, "admin_message:U0ANA0001", longest=LONGEST_ASKING):
        await person("dan").types()
        await person("dan").clicks(await person("dan").sees("No Ayrshare profile"), ASK_ADMIN.label)
        assert await person("ana", channel=sandbox.slack.world.dm_of("ana")).messages() == []
    await person("dan").sees("I told")
    await person("ana", channel=sandbox.slack.world.dm_of("ana")).sees("U0DAN0001")


async def test_who_presses_again_while_the_admins_are_being_asked_reads_that(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await person("dan").types()
    question = await person("dan").sees("No Ayrshare profile")
    async with bot.deps.locks.hold(TEAM, "admin_request:U0DAN0001", longest=LONGEST_ASKING):
        await person("dan").clicks(question, ASK_ADMIN.label)
        await person("dan").sees("I'm asking them just now", within=15)
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("I told")
