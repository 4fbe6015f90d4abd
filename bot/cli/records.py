"""What is damaged in Redis, and what was set aside, as `doctor`, `status` and `repair --records` tell it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import bot.deps  # noqa: F401 - with it come all stores, which say how their keys look
from bot.core.model import TeamId
from bot.storage.connection import Connection
from bot.storage.damage import MARK, Damaged
from bot.storage.keys import Keys

SHOWN = 3
"""Fields that are named of a key."""


@dataclass(frozen=True, slots=True)
class Records:
    """What is damaged, and the keys of what could be done without and was set aside."""

    damaged: Sequence[str] = ()
    set_aside: Sequence[str] = ()


async def records_of(redis: Connection) -> Records:
    """Look for what is damaged in every workspace."""
    keys = {key async for page in Keys(redis).matching("*connectbot:*") for key in page}
    found = {one.key: one for team in _teams(keys) async for one in redis.damage.of(team)}
    aside = {key.partition(MARK)[0] for key in keys if MARK in key}
    return Records([described(one) for _, one in sorted(found.items())], sorted(aside))


async def set_aside(redis: Connection) -> list[str]:
    """Set aside all that is damaged, also what nothing can bring back; return what that was."""
    keys = {key async for page in Keys(redis).matching("*connectbot:*") for key in page}
    return [described(one) for team in _teams(keys) for one in await redis.damage.set_aside(team, irreplaceable=True)]


def _teams(keys: Iterable[str]) -> list[TeamId]:
    return sorted({TeamId(key.partition("{")[2].partition("}")[0]) for key in keys})


def described(one: Damaged) -> str:
    """Name what is damaged, and why it can't be used."""
    more = f" and {len(one.fields) - SHOWN} more" if len(one.fields) > SHOWN else ""
    where = f" ({', '.join(one.fields[:SHOWN])}{more})" if one.fields else ""
    return f"{one.key}{where}: {one.cause}"
