"""People who fetch links, open modals and ask each other for accounts, whatever dies meanwhile."""

import asyncio
import contextlib
import random
from collections.abc import Iterator

import aiohttp

from bot.slack.actions import CONNECT, GET_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.chaos.machine import Tally
from tests.modals import sees_at_home, sees_modal
from tests.users import Someone

OPEN = OPEN_LINK.label
TAKEN = ("I'll DM you when", "already has a request", "got a request today")
"""What a sender is told once their wish can no longer get lost."""


def lives(
    session: aiohttp.ClientSession, sandbox: Sandbox, names: list[str], tally: Tally, *, seconds: int
) -> Iterator[object]:
    """Yield what everybody does meanwhile."""
    people = [Someone(session, sandbox.url, name) for name in names]
    third = len(people) // 3
    yield from (fetches_links(person, tally) for person in people[:third])
    yield from (opens_modals(person, tally) for person in people[third : 2 * third])
    for number, person in enumerate(people[2 * third :]):
        yield asks(person, people[number * 3 : number * 3 + 3], tally, seconds=seconds)
    for name in names:
        yield answers(Someone(session, sandbox.url, name, sandbox.slack.world.dm_of(name)), tally, seconds=seconds)


async def fetches_links(person: Someone, tally: Tally) -> None:
    """Type, open the page, come back for another link a while later."""
    while True:
        with contextlib.suppress(AssertionError):
            await person.types()
            await person.clicks(await person.sees_a_card(), OPEN)
            tally.clicks["page opened"] += 1
        await asyncio.sleep(random.uniform(3, 15))


async def opens_modals(person: Someone, tally: Tally) -> None:
    """Open a window with a card, and leave it open."""
    while True:
        with contextlib.suppress(AssertionError):
            home = await sees_at_home(person, CONNECT.label)
            await home.clicks(CONNECT.label)
            await sees_modal(person, OPEN)
            tally.clicks["window opened"] += 1
        await asyncio.sleep(random.uniform(5, 25))


async def asks(person: Someone, others: list[Someone], tally: Tally, *, seconds: int) -> None:
    """Ask others for their accounts, each until it is said that the message is on its way."""
    for other in others:
        await asyncio.sleep(random.uniform(0, seconds / len(others) / 2))
        while other.name not in tally.promised:
            with contextlib.suppress(AssertionError):
                before = {seen.ts for seen in await person.messages()}
                await person.types(f"send @{other.name}")
                said = await person.sees("", where=lambda seen, before=before: seen.ts not in before)  # type: ignore[misc]  # mypy doesn't see the default
                if any(words in f"{said.text}{said.words}" for words in TAKEN):
                    tally.promised.add(other.name)
            await asyncio.sleep(1)


async def answers(dm: Someone, tally: Tally, *, seconds: int) -> None:
    """Get one's link as soon as one is asked, and once more when it has died."""
    while True:
        with contextlib.suppress(AssertionError):
            asked = await dm.sees(GET_LINK.action_id, within=seconds)
            await dm.clicks(asked, GET_LINK.action_id)
            await dm.sees_a_card()
            tally.clicks["link fetched in a direct message"] += 1
        await asyncio.sleep(random.uniform(1, 3))
