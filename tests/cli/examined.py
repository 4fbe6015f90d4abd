"""`python -m bot doctor --json` as an operator's script runs it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.ayrshare.model import Profile
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from bot.storage.envelope import key_ring
from sandbox.server import Sandbox
from tests.commands import command

TEAM, BEN = TeamId("T0CONNECT"), UserId("U0BEN0001")


@dataclass(frozen=True)
class Report:
    """What doctor found: for each check its status, what was found, and the hint."""

    code: int
    rows: dict[str, tuple[str, str, str]]
    written: str

    def status(self, *checks: str) -> list[str]:
        return [self.rows[check][0] for check in checks]

    def told(self, check: str) -> str:
        return " ".join(self.rows[check][1:])


async def examined(environment: dict[str, str], **variables: str) -> Report:
    """Run it, with these variables set otherwise; one that is empty counts as unset."""
    ended = await command("doctor", "--json", environment=environment | variables)
    assert "Traceback" not in ended.err, ended.err
    report = json.loads(ended.out)
    rows = {row["check"]: (row["status"], row["found"], row["hint"]) for row in report["checks"]}
    assert report["ok"] is (ended.code == 0)
    assert ended.code == int("wrong" in {status for status, _, _ in rows.values()})
    return Report(ended.code, rows, ended.out + ended.err)


async def map_ben(environment: dict[str, str], sandbox: Sandbox, title: str = "Acme: Jane") -> Profile:
    """Let ben look after a profile, in the store on DATA_DIR."""
    known = next(profile for profile in sandbox.ayrshare.profiles if profile.title == title)
    profile = Profile(RefId(known.ref_id), title, SecretStr(known.key))
    async with stores(environment) as (profiles, mappings):
        await profiles.save(TEAM, profile)
        await mappings.add(TEAM, BEN, profile.ref_id, by="test")
    return profile


@asynccontextmanager
async def stores(environment: dict[str, str]) -> AsyncIterator[tuple[ProfileStore, MappingStore]]:
    """Open what lies in DATA_DIR, as a command does."""
    data_dir = Path(environment["DATA_DIR"])
    async with embedded_server(data_dir, bot=False) as url:
        connection = open_connection(SecretStr(url), Metrics())
        yield ProfileStore(connection, key_ring(None, data_dir=data_dir)), MappingStore(connection)
        await connection.redis.aclose()
