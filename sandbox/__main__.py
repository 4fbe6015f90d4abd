"""`make demo`: a local Slack, a local Ayrshare and the real bot in a process of its own."""

import asyncio
import os
import signal
import sys

from sandbox.demo import Demo
from sandbox.script import play

SCRIPT_LINK_SECONDS = 6
"""The lifetime of a link in the scripted conversation, which waits until the link expires."""


async def _run() -> int:
    scripted, task = bool(os.environ.get("SCRIPT")), asyncio.current_task()
    if task is not None:  # SIGTERM cancels the demo at any time, so that leaving it also stops the bot
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with _configured_demo() as demo:
        if scripted:
            demo.sandbox.ayrshare.link_seconds = SCRIPT_LINK_SECONDS
            sys.stdout.write(demo.mode + "\n")
            return await play(demo.sandbox.url)
        demo.greet()
        return await demo.run_until_stopped()


def _configured_demo() -> Demo:
    """Return the demo that the environment variables describe; raises ValueError."""
    port = os.environ.get("SANDBOX_PORT") or "8080"
    if not port.isdecimal():
        raise ValueError("SANDBOX_PORT must be a number")
    return Demo(
        port=int(port),
        socket_mode=bool(os.environ.get("SOCKET")),
        link_api=os.environ.get("LINK_API") or "session",
        scripted=bool(os.environ.get("SCRIPT")),
    )


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(_run()))
    except asyncio.CancelledError:
        sys.exit(128 + signal.SIGTERM)
    except ValueError as error:
        sys.exit(f"The demo cannot run: {error}.")
    except (OSError, RuntimeError) as error:
        sys.exit(f"The demo cannot run: {error}. SANDBOX_PORT and DATA_DIR choose another port and folder.")
