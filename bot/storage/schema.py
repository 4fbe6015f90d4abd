"""Which version the stored data has, and what brings older data up to date.

`connectbot:schema` is the version, a number; data without one is older than the first. Permanent.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Self

import structlog

from bot.core.errors import ConnectbotError
from bot.core.model import TeamId
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.damage import Shape
from bot.storage.errors import RecordDamaged, StoreUnavailable
from bot.storage.keys import Keys
from bot.storage.lock import Locks

VERSION_KEY = "connectbot:schema"
LONGEST = timedelta(minutes=30)
"""How long all migrations together may take; other processes that start meanwhile wait for them."""
RETRY_AFTER = timedelta(seconds=1)
EVERYONE = TeamId("schema")
"""Stands where a lock names the workspace."""

log = structlog.get_logger()

Migration = Callable[[Connection], Awaitable[None]]
"""Brings the data from one version to the next. It is begun again after a crash, and changes nothing twice."""


class NewerData(ConnectbotError):
    """The data was brought to a version that this program doesn't know."""

    kind = "newer_data"

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"The data in Redis has version {found}, from a newer connectbot. This one knows version {known} and would "
            "damage it. Install the newer version again, or put back the backup from before the upgrade."
        )


async def delete_left_over(connection: Connection) -> None:
    """To version 1: delete the jobs and drawings of the releases before the job queue, which nothing reads."""
    async for keys in Keys(connection).matching("connectbot:*"):
        for key in filter(LEFT_OVER.fullmatch, keys):
            await connection.redis.delete(key)


LEFT_OVER = re.compile(r"connectbot:(docket:.*|\{T\w+\}:(agenda|drawings|drawn|sweep))")
MIGRATIONS: Sequence[Migration] = (delete_left_over,)
"""The first brings data without a version to version 1, and so on. None is ever taken out."""


class Schema(Store):
    """The version of the data."""

    shapes = (Shape(VERSION_KEY, "string", lambda _, version: int(version), irreplaceable=True),)

    def __init__(self, connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        super().__init__(connection)
        self._migrations = migrations

    async def bring_up_to_date(self) -> None:
        """Migrate older data, once whoever else does it has ended; raise NewerData, StoreUnavailable."""
        if await self._missing() == 0:
            return
        new = await self._is_empty()
        async with Locks(self.connection).hold(EVERYONE, "migration", longest=LONGEST, wait=LONGEST) as ours:
            if not ours:
                raise StoreUnavailable
            while missing := await self._missing():
                version = len(self._migrations) - missing
                await self._migrate(self._migrations[version])
                await self._write(version + 1)
                if not new:
                    log.info("data_migrated", version=version + 1)

    @asynccontextmanager
    async def kept_up_to_date(self) -> AsyncIterator[Self]:
        """Migrate as soon as Redis can be used, if it can't yet; newer data ends the body with NewerData."""
        body = asyncio.current_task()
        watching = asyncio.create_task(self._once_reachable())
        watching.add_done_callback(lambda done: body and not done.cancelled() and done.exception() and body.cancel())
        try:
            yield self
        except asyncio.CancelledError:
            if watching.done() and (newer := watching.exception()):
                raise newer from None
            raise
        finally:
            watching.cancel()

    async def _once_reachable(self) -> None:
        while True:
            try:
                return await self.bring_up_to_date()
            except RecordDamaged:
                return None  # logged; nobody can tell what is to be migrated
            except StoreUnavailable:
                await asyncio.sleep(RETRY_AFTER.total_seconds())

    async def _missing(self) -> int:
        """Return how many migrations are to be done; raise NewerData."""
        found, known = await self.version(), len(self._migrations)
        if found > known:
            raise NewerData(found, known)
        return known - found

    @redis_errors_mapped
    async def _is_empty(self) -> bool:
        async for keys in Keys(self.connection).matching("connectbot:*"):
            if keys:
                return False
        return True

    @redis_errors_mapped
    async def version(self) -> int:
        """Return the version of the data, 0 for data without one."""
        return int(await self._redis.get(VERSION_KEY) or 0)

    @redis_errors_mapped
    async def _write(self, version: int) -> None:
        await self._redis.set(VERSION_KEY, version)

    @redis_errors_mapped
    async def _migrate(self, migration: Migration) -> None:
        await migration(self.connection)
