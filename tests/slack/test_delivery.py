"""A message that Slack refuses to show comes as a direct message, and never with a link in it."""

from bot.slack.actions import NEW_LINK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person


async def test_a_sentence_that_cannot_be_shown_comes_as_a_direct_message(person: Person, sandbox: Sandbox) -> None:
    sandbox.slack.faults.add("response_url_expired", times=None)
    await person("dan").types()
    dm = person("dan", channel=sandbox.slack.world.dm_of("dan"))
    assert not (await dm.sees("have a profile yet")).ephemeral
    assert await person("dan").messages() == []


async def test_a_card_that_cannot_be_shown_offers_a_new_link_in_the_direct_message(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("response_url_expired")
    await person("ben").types()
    dm = person("ben", channel=sandbox.slack.world.dm_of("ben"))
    offered = await dm.sees("Slack didn't let me show your link")
    assert offered.url is None
    await dm.clicks(offered, NEW_LINK.label)
    assert (await dm.sees_a_card("Acme: Jane")).ts == offered.ts


async def test_when_nothing_gets_through_the_bot_goes_on(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("response_url_expired")
    sandbox.slack.faults.add("internal_error", times=2)
    await person("ben").types("help")
    sandbox.slack.faults.clear()
    await person("ben").types()
    await person("ben").sees_a_card()


async def test_who_waits_for_a_slow_ayrshare_hears_so_within_three_seconds_and_then_gets_the_card(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add("latency", ms=700)
    await person("ben").types()
    await clock.sleeper()
    clock.jump_seconds(2.5)
    await person("ben").sees("taking its time")
    await person("ben").sees_a_card()
    assert len(await person("ben").messages()) == 2
