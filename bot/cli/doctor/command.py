"""`doctor`: all checks at once, each service's apart from the others'."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any, TypeVar

import typer

from bot.cli.boundary import finish
from bot.cli.doctor import ayrshare, keys, public_url, redis, redis_access, slack
from bot.cli.doctor.finding import Finding, Findings
from bot.cli.doctor.report import show, sound
from bot.cli.doctor.settings import Given, check_settings, given
from bot.connections import redis_of
from bot.core.logs import configure_logs
from bot.core.metrics import Metrics
from bot.settings import StoreSettings

T = TypeVar("T")

WITHIN = 12.0
"""Seconds for the checks of one service; those of the store have less, since Ayrshare's wait for a profile from it."""
STORE_WITHIN = 9.0
GRACE = 2.0
"""Seconds that the process may take to end after its report."""


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="One JSON object")] = False) -> None:
    """Check settings, Slack, Redis, encryption keys, Ayrshare and PUBLIC_URL; exit 1 if anything is wrong."""
    configure_logs("ERROR", None)
    if not finish(_examine_and_show(as_json=as_json)):
        raise typer.Exit(1)


async def _examine_and_show(*, as_json: bool) -> bool:
    rows = await _examine(given())
    show(rows, as_json=as_json)
    _end_soon(code=0 if sound(rows) else 1)
    return sound(rows)


def _end_soon(*, code: int) -> None:
    """End the process even where a name lookup hangs: it can't be called off, and the event loop would wait for it."""
    sys.stdout.flush()
    end = threading.Timer(GRACE, os._exit, [code])
    end.daemon = True  # one that ends in time does not wait for this
    end.start()


async def _examine(settings: Given) -> list[Finding]:
    mapped: ayrshare.Mapped = asyncio.get_running_loop().create_future()
    groups = await asyncio.gather(
        _rows(slack.CHECKS, settings.slack, slack.check_slack),
        _rows(
            (*redis.CHECKS, *redis_access.CHECKS, *keys.CHECKS),
            settings.store,
            partial(_check_store, mapped),
            within=STORE_WITHIN,
        ),
        _rows(ayrshare.CHECKS, settings.ayrshare, partial(ayrshare.check_ayrshare, mapped)),
        _rows(public_url.CHECKS, settings.whole, public_url.check_public_url),
    )
    return [*check_settings(settings), *(row for rows in groups for row in rows)]


async def _rows(
    checks: tuple[str, ...],
    settings: T | None,
    check: Callable[[Findings, T], Coroutine[Any, Any, None]],
    *,
    within: float = WITHIN,
) -> list[Finding]:
    findings = Findings(*checks)
    if settings is not None:
        await findings.fill(check(findings, settings), within=within)
    return findings.rows()


async def _check_store(mapped: ayrshare.Mapped, findings: Findings, settings: StoreSettings) -> None:
    try:
        if await redis_access.check_access(findings, settings.redis_url):
            async with redis_of(settings, metrics=Metrics()) as connection:
                if await redis.check_redis(findings, connection):
                    mapped.set_result(await keys.check_keys(findings, settings, connection))
    finally:
        if not mapped.done():
            mapped.set_result(None)
