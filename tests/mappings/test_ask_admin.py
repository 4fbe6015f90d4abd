"""*Ask an admin*: who has no profile lets an admin know, once a day, in one message that several askers share."""

import pytest

from bot.app import Bot
from bot.mappings.model import ADMIN_MESSAGE_CLAIM
from bot.slack.actions import ASK_ADMIN, MAP_A_PROFILE
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Person
from tests.modals import sees_modal
from tests.redis_probe import TEAM


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
    clock.advance_seconds(2)  # Slack takes one message a second
    await person("eve").types()
    await person("eve").clicks(await person("eve").sees("No Ayrshare profile"), ASK_ADMIN.label)
    await person("eve").sees("I told")
    await person("ana", channel=sandbox.slack.world.dm_of("ana")).sees("U0DAN0001", "U0EVE0001")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0ANA0001"}])
async def test_slack_posting_without_an_answer_floods_nobody(
    person: Person, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await person("ana").types("status")
    await person("ana").sees("No Ayrshare profile")
    await person("dan").types()
    question = await person("dan").sees("No Ayrshare profile")
    sandbox.slack.faults.add("latency", times=None, ms=2600)
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("couldn't reach an admin", within=12.0)
    sandbox.slack.faults.clear()
    await person("dan").clicks(question, ASK_ADMIN.label)
    await person("dan").sees("asked today already")
    posts = [call for call in sandbox.slack.calls.since() if "chat.postMessage" in str(call["call"])]
    assert len(posts) <= 1


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0ANA0001"}])
async def test_a_message_that_may_be_posted_is_not_posted_for_the_next_asker(
    person: Person, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    for asker in ("dan", "eve"):
        await person(asker).types()
        sandbox.slack.faults.add("latency", ms=2600, method="chat.postMessage")
        await person(asker).clicks(await person(asker).sees("No Ayrshare profile"), ASK_ADMIN.label)
        await person(asker).sees("couldn't reach an admin" if asker == "dan" else "I told", within=12.0)
    posts = [call for call in sandbox.slack.calls.since() if "chat.postMessage" in str(call["call"])]
    assert len(posts) == 1


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "U0ANA0001"}])
async def test_an_asker_leaves_the_lock_to_the_one_whose_message_is_being_posted(
    person: Person, sandbox: Sandbox, bot: Bot, overrides: dict[str, str]
) -> None:
    async with bot.deps.locks.hold(TEAM, "admin_message:U0ANA0001", longest=ADMIN_MESSAGE_CLAIM):
        await person("dan").types()
        await person("dan").clicks(await person("dan").sees("No Ayrshare profile"), ASK_ADMIN.label)
        await person("dan").sees("I told")
        assert await bot.deps.locks.is_held(TEAM, "admin_message:U0ANA0001")
    assert await person("ana", channel=sandbox.slack.world.dm_of("ana")).messages() == []
