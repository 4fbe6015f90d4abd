"""`run` and `worker`, the two processes of the bot, and `manifest`, which the Slack app is created from."""

import asyncio
import gc
import json
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

import typer

from bot.cli.boundary import finish, settings_of, stop
from bot.manifest import app_manifest
from bot.settings import Settings, SlackAppSettings

COLLECTED_FROM = 10_000
"""Objects that were made and not freed; a command makes some hundred in a circle."""

# Bolt is imported by the commands that need it: the others start in half the time without it.


def run() -> None:
    """Run the bot: over Socket Mode when SLACK_APP_TOKEN is set, else over HTTP."""
    gc.disable()  # until it runs: nothing that a start makes is freed
    settings = settings_of(Settings)
    from bot.app import running_bot  # noqa: PLC0415 - Bolt

    serve(lambda: running_bot(settings))


def worker() -> None:
    """Run one more worker: it does what is due later, and hears nothing from Slack."""
    settings = settings_of(Settings)
    from bot.app import running_worker  # noqa: PLC0415 - Bolt

    serve(lambda: running_worker(settings))


def serve(running: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
    """Stay in the context until the process is told to stop; exit as a command does."""
    finish(_until_signalled(running), loop_factory=_fast_loop())


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import new_event_loop  # noqa: PLC0415 - only these two run long enough to be worth its import
    except ImportError:  # pragma: no cover - uvloop doesn't support this platform
        return None
    return new_event_loop


async def _until_signalled(running: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
    signalled = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, signalled.set)
    async with running():
        _leave_to_collector_what_is_new()
        await signalled.wait()


def _leave_to_collector_what_is_new() -> None:
    """Have the garbage collector pass over what lives as long as the process, and begin less often.

    To look through the libraries takes it 150 ms each time, in which nothing is acknowledged.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(COLLECTED_FROM)


def manifest(
    *, socket: Annotated[bool, typer.Option("--socket", help="for Socket Mode: without addresses")] = False
) -> None:
    """Print the Slack app's manifest as JSON, for HTTP at PUBLIC_URL or for Socket Mode."""
    settings = settings_of(SlackAppSettings)
    public_url = None if socket else _https(settings.public_url)
    many = settings.many_workspaces
    made = app_manifest(command=settings.connect_command, public_url=public_url, many_workspaces=many)
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


def _https(public_url: str | None) -> str:
    if public_url is None:
        stop("PUBLIC_URL: required for the HTTP manifest; or use --socket", code=2)
    if not public_url.startswith("https://"):
        stop("PUBLIC_URL: must begin with https://, because Slack calls nothing else; or use --socket", code=2)
    return public_url
