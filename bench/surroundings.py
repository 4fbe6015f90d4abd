"""What every bot of the bench finds: Redis, a Slack and an Ayrshare on this core, and 30,000 people with a profile.

connectbot knows them, as it does ten minutes after it came to a workspace, when it has read everybody.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp
import redis.asyncio
from pydantic import SecretStr

from bench.fakes import Fakes
from bench.load import PEOPLE_PER_TEAM, Load, person, team
from bench.processes import SECRET, Running, environment_of
from bench.wire import serve
from bot.ayrshare.model import Profile
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.core.model import Membership, Person, RefId, TeamId, UserId
from bot.people.store import PeopleStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing

SETUP_AT_ONCE = 500
KEY = "BENCH-KEY-0000-0000"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The services of a run; `environment` points a bot to them."""

    session: aiohttp.ClientSession
    fakes: Fakes
    here: str
    environment: dict[str, str]
    redis: "redis.asyncio.Redis"
    redis_socket: Path
    folder: Path

    def load_for(self, name: str, running: Running, *, first: int = 0) -> Load:
        """Return the load for a bot; its commands come from the person number `first` and those after."""
        return Load(self.fakes, self.here, f"{name}-", running.port, SECRET, first)


@asynccontextmanager
async def surroundings(*, people: int) -> AsyncIterator[Surroundings]:
    """Start the services and map so many people."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = await stack.enter_async_context(embedded_server(folder / "data", bot=True))
        fakes = Fakes(team)
        server, here = await serve(fakes.answer)
        stack.callback(server.close)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        client = redis.asyncio.from_url(store)
        stack.push_async_callback(client.aclose)
        environment = environment_of(here, store)
        await _map_people(environment, store, people)
        yield Surroundings(session, fakes, here, environment, client, Path(unquote(urlsplit(store).path)), folder)


async def _map_people(environment: dict[str, str], store: str, people: int) -> None:
    client = open_connection(SecretStr(store), Metrics())
    profiles = ProfileStore(client, KeyRing(parse_keys(environment["ENCRYPTION_KEYS"])))
    for number in range(0, people, PEOPLE_PER_TEAM):
        await profiles.save(TeamId(team(number)), Profile(RefId("bench"), "Bench", SecretStr(KEY)))
    known = PeopleStore(client)
    for number in range(0, people, PEOPLE_PER_TEAM):
        members = [Person(UserId(person(n)), Membership.MEMBER) for n in range(number, number + PEOPLE_PER_TEAM)]
        await known.save(TeamId(team(number)), members, at=SystemClock().now())
    mappings = MappingStore(client)
    await client.redis.mset({f"tutorial:{person(number)}": KEY for number in range(people)})
    for first in range(0, people, SETUP_AT_ONCE):
        some = range(first, min(first + SETUP_AT_ONCE, people))
        await asyncio.gather(
            *(mappings.add(TeamId(team(n)), UserId(person(n)), RefId("bench"), by="bench") for n in some)
        )
    await client.redis.aclose()
