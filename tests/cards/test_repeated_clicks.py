"""The same thing delivered twice happens once; too much of it is refused with the moment to try again."""

import asyncio
import re

from bot.app import Bot
from bot.cards.offer import LONGEST_OFFER
from bot.core.model import TeamId, UserId
from bot.slack.actions import NEW_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.signed_requests import ResponseUrlReceiver, Signer

BEN = "U0BEN0001"


def links_made(sandbox: Sandbox) -> int:
    return sum("generateJWT" in str(call["call"]) for call in sandbox.ayrshare.calls.since())


def counted(bot: Bot, interaction: str, outcome: str) -> float:
    labels = {"interaction": interaction, "outcome": outcome}
    return bot.deps.metrics.registry.get_sample_value("connectbot_interactions_total", labels) or 0.0


async def until_counted(bot: Bot, interaction: str, outcome: str, count: int) -> None:
    async def look() -> bool:
        return counted(bot, interaction, outcome) >= count

    await eventually(look, f"{count} times {interaction} {outcome}")


async def test_a_command_delivered_twice_makes_one_link_and_one_card(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("replay")
    await person("ben").types()
    await person("ben").sees_a_card()
    await until_counted(bot, "offer_link", "repeated", 1)
    assert links_made(sandbox) == 1
    assert len(await person("ben").messages()) == 1


async def test_a_click_delivered_twice_makes_one_link(person: Person, mapped: Map, sandbox: Sandbox, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    card = await person("ben").sees_a_card()
    sandbox.slack.faults.add("replay")
    await person("ben").clicks(card, NEW_LINK.label)
    await until_counted(bot, "new_link", "repeated", 1)
    await person("ben").sees("has replaced this one")
    assert links_made(sandbox) == 2


async def test_clicks_that_race_on_two_devices_make_one_link(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    card = await person("ben").sees_a_card()
    await asyncio.gather(person("ben").clicks(card, NEW_LINK.label), person("ben").clicks(card, NEW_LINK.label))
    await until_counted(bot, "new_link", "ok", 2)
    await person("ben").sees_times(2)
    assert links_made(sandbox) == 2


async def test_two_picks_at_once_make_one_link(person: Person, mapped: Map, sandbox: Sandbox, bot: Bot) -> None:
    await mapped("cara", "Acme: Jane")
    await mapped("cara", "Acme: Team")
    await person("cara").types("acme")
    picker = await person("cara").sees("Which profile")
    value = picker.element("pick_profile")["options"][0]["value"]
    await asyncio.gather(*(person("cara").clicks(picker, "pick_profile", value=value) for _ in range(2)))
    await until_counted(bot, "pick_profile", "ok", 2)
    assert links_made(sandbox) == 1


async def test_the_eleventh_link_within_a_minute_is_refused_with_the_seconds_to_wait(
    signer: Signer, response_url: ResponseUrlReceiver, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    for _ in range(12):
        await signer.command(response_url.url, user_id=BEN)
    refused = await response_url.receives("too many links within a minute")
    wait = re.search(r"again in (\d+) s", refused["text"])
    assert wait
    assert 1 <= int(wait[1]) <= 60
    await response_url.receives_times(12)
    assert links_made(sandbox) == 10


async def test_a_workspace_has_a_limit_of_its_own_on_the_servers_clock(bot: Bot) -> None:
    waits = [await bot.deps.limits.take(TeamId("T1"), UserId(f"U{number}"), "links") for number in range(121)]
    assert not any(waits[:120])
    assert 0 < waits[120].total_seconds() <= 60
    elsewhere = await bot.deps.limits.take(TeamId("T2"), UserId("U1"), "links")
    assert not elsewhere


async def test_beyond_what_can_be_in_progress_people_are_asked_to_try_again_at_once(
    signer: Signer, response_url: ResponseUrlReceiver, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    async def waiting() -> None:
        await held.wait()

    held = asyncio.Event()
    for number in range(500):
        bot.deps.background.start(waiting())  # for nobody: it takes no place
        bot.deps.background.start(waiting(), person=f"U{number}")
    assert "Try again in a moment" in await signer.said(response_url.url, user_id=BEN)
    held.set()
    await eventually(lambda: _room(bot), "there is room again")
    await signer.command(response_url.url, user_id=BEN, text="help")
    await response_url.receives("connects your social accounts")
    assert len(response_url.messages) == 1


async def _room(bot: Bot) -> bool:
    return not bot.deps.background.full("U0BEN0001")


async def test_many_commands_at_once_are_all_answered(
    signer: Signer, response_url: ResponseUrlReceiver, mapped: Map, sandbox: Sandbox
) -> None:
    people = [user for name in ("ana", "ben", "cara", "dan", "eve") for user in [sandbox.slack.world.user(name).id]]
    for name in ("ana", "ben", "cara", "dan", "eve"):
        await mapped(name, "Acme: Jane")
    sandbox.ayrshare.faults.add("latency", times=None, ms=150)
    sent = [signer.command(response_url.url, user_id=user, text="status") for user in people for _ in range(10)]
    assert set(await asyncio.gather(*sent)) == {200}
    await response_url.receives_times(50)
    assert all("Acme: Jane" in message["text"] for message in response_url.messages)


async def test_the_eleventh_look_at_the_status_within_a_minute_is_refused(
    signer: Signer, response_url: ResponseUrlReceiver, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    for number in range(1, 12):
        await signer.command(response_url.url, user_id=BEN, text="status")
        await response_url.receives_times(number)
    assert "too many status checks" in response_url.messages[-1]["text"]
    assert sum("/user" in str(call["call"]) for call in sandbox.ayrshare.calls.since()) == 10


async def test_one_persons_haste_leaves_room_for_the_others(
    signer: Signer, response_url: ResponseUrlReceiver, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Acme: Jane")
    sandbox.slack.faults.add("latency", times=None, ms=800)
    said = await asyncio.gather(*(signer.said(response_url.url, user_id=BEN, text="status") for _ in range(40)))
    assert any("Try again in a moment" in words for words in said)
    sandbox.slack.faults.clear()
    assert await signer.said(response_url.url, user_id="U0CARA001") == ""
    await response_url.receives("Connect the accounts that this profile should post to.")


async def test_who_presses_while_a_link_is_being_made_for_long_reads_that(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    card = await person("ben").sees_a_card()
    card_id = str(card.element(OPEN_LINK.label)["value"]).partition(":")[0]
    async with bot.deps.locks.hold(TeamId("T0CONNECT"), f"new_link:{card_id}", longest=LONGEST_OFFER):
        await person("ben").clicks(card, NEW_LINK.label)
        await person("ben").sees("I'm already making this link", within=15)
    assert links_made(sandbox) == 1
