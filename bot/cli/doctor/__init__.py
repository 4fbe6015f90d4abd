"""`doctor`: what is wrong with a bot's set-up, one row per check, each with a hint on what to do.

findings.py  the rows, and the report: a table or JSON
settings.py  which settings are wrong, which checks are possible all the same, PUBLIC_URL
workspaces.py  with many workspaces: the app's ID and secret, and each one's token
slack.py     token, scopes, signing secret, app-level token, clock
store.py     Redis, who may write to it; profile_keys.py: whether every stored profile key opens
ayrshare.py  API key, plan, private key, links, webhooks

The report shows no secret: errors only by name, URLs only by host.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any, TypeVar

import typer

from bot.cli.boundary import finish
from bot.cli.doctor import ayrshare, profile_keys, slack, store, workspaces
from bot.cli.doctor.findings import Finding, Findings, is_sound, show
from bot.cli.doctor.settings import PUBLIC_URL, ReadableSettings, check_public_url, check_settings, read_settings
from bot.connections import redis_of
from bot.core.logs import configure_logs
from bot.core.metrics import Metrics
from bot.settings import StoreSettings

T = TypeVar("T")

TIMEOUT = 12.0
"""Seconds for the checks of one service."""
STORE_TIMEOUT = 9.0
"""Less, because the checks of Ayrshare wait for a mapped profile from the store."""
EXIT_TIMEOUT = 2.0
"""Seconds from the report until the process is ended."""


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="One JSON object")] = False) -> None:
    """Check settings, Slack, Redis, encryption keys, Ayrshare and PUBLIC_URL; exit 1 if anything is wrong."""
    configure_logs("ERROR", None)
    code, exit_timer = finish(_examine_and_show(as_json=as_json))
    exit_timer.cancel()
    if code:
        raise typer.Exit(code)


async def _examine_and_show(*, as_json: bool) -> tuple[int, threading.Timer]:
    """Show the report; return the exit code and the timer that ends the process with it."""
    rows = await _examine(read_settings())
    show(rows, as_json=as_json)
    code = 0 if is_sound(rows) else 1
    return code, _exit_soon(code)


def _exit_soon(code: int) -> threading.Timer:
    """Exit in a moment: a name lookup that hangs can't be cancelled, and closing the event loop would wait for it."""
    sys.stdout.flush()
    timer = threading.Timer(EXIT_TIMEOUT, os._exit, [code])
    timer.daemon = True
    timer.start()
    return timer


async def _examine(settings: ReadableSettings) -> list[Finding]:
    mapped: ayrshare.Mapped = asyncio.get_running_loop().create_future()
    both = (settings.oauth, settings.store) if settings.oauth and settings.store else None
    groups = await asyncio.gather(
        _rows(workspaces.CHECKS, both, workspaces.check_workspaces)
        if settings.many
        else _rows(slack.CHECKS, settings.slack, slack.check_slack),
        _rows(
            (*store.CHECKS, profile_keys.ENCRYPTION_KEYS),
            settings.store,
            partial(_check_store, mapped),
            within=STORE_TIMEOUT,
        ),
        _rows(ayrshare.CHECKS, settings.ayrshare, partial(ayrshare.check_ayrshare, mapped)),
        _rows((PUBLIC_URL,), settings.whole, check_public_url),
    )
    return [*check_settings(settings), *(row for rows in groups for row in rows)]


async def _rows(
    checks: tuple[str, ...],
    settings: T | None,
    check: Callable[[Findings, T], Coroutine[Any, Any, None]],
    *,
    within: float = TIMEOUT,
) -> list[Finding]:
    findings = Findings(*checks)
    if settings is not None:
        await findings.fill(check(findings, settings), within=within)
    return findings.rows()


async def _check_store(mapped: ayrshare.Mapped, findings: Findings, settings: StoreSettings) -> None:
    try:
        if await store.check_access(findings, settings.redis_url):
            async with redis_of(settings, metrics=Metrics()) as connection:
                if await store.check_redis(findings, connection):
                    await store.check_jobs(findings, connection)
                    await store.check_records(findings, connection)
                    mapped.set_result(await profile_keys.check_keys(findings, settings, connection))
    finally:
        if not mapped.done():
            mapped.set_result(None)
