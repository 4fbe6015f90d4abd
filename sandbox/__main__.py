"""`make demo`: a local Slack, a local Ayrshare and the real bot as a process of its own."""

import asyncio
import os
import sys
import time

from sandbox.demo import Demo
from sandbox.script import play

SCRIPT_LINK_SECONDS = 60


async def _demo() -> int:
    scripted = bool(os.environ.get("SCRIPT"))
    started = time.monotonic()
    async with Demo(port=int(os.environ.get("SANDBOX_PORT", "8080"))) as demo:
        if scripted:
            demo.sandbox.ayrshare.link_seconds = SCRIPT_LINK_SECONDS
            return await play(demo.sandbox.url)
        demo.greet(seconds=time.monotonic() - started)
        return await demo.until_told_to_stop()


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(_demo()))
    except (OSError, RuntimeError) as error:
        sys.exit(f"The demo cannot run: {error}. SANDBOX_PORT and DATA_DIR choose another port and folder.")
