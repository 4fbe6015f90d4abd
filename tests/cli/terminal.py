"""A command at a terminal of its own, as a person uses it: what they see, and what they type."""

import asyncio
import fcntl
import os
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.commands import SURROUNDINGS
from tests.eventually import eventually

COLUMNS, LINES = 80, 50
AT_THE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Makes the terminal the one that Ctrl-C is typed at."""


@dataclass
class Terminal:
    """What is on the screen, from the beginning; `sees` and `types` go on from what was seen last."""

    process: asyncio.subprocess.Process
    side: int
    screen: str = ""
    seen: int = 0

    async def sees(self, words: str, *, within: float = 20) -> None:
        """Wait for words behind what was seen last; where lines are wrapped doesn't matter."""
        wanted = " ".join(words.split())

        async def look() -> bool:
            return wanted in self._text()[self.seen :]

        await eventually(look, f"the terminal shows {words!r}", within=within, last=lambda: self._text()[self.seen :])
        self.seen = self._text().index(wanted, self.seen) + len(wanted)

    async def types(self, text: str = "") -> None:
        os.write(self.side, f"{text}\n".encode())

    async def pastes(self, secret: str, *, at: str) -> None:
        """Paste a secret once it is asked for: getpass throws away what comes before."""
        await self.sees(at)
        await self.types(secret)

    async def presses_ctrl_c(self) -> None:
        os.write(self.side, b"\x03")

    async def ends(self, within: float = 30) -> int:
        async with asyncio.timeout(within):
            return await self.process.wait()

    def _text(self) -> str:
        return " ".join(self.screen.split())


@asynccontextmanager
async def at_a_terminal(*words: str, folder: Path, environment: dict[str, str]) -> AsyncIterator[Terminal]:
    """Run `python -m bot …` in a folder; what is left of it at the end is killed."""
    ours, theirs = os.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", AT_THE_TERMINAL, sys.executable, "-m", "bot", *words),
        cwd=folder,
        env=SURROUNDINGS | {"COLUMNS": str(COLUMNS), "TERM": "dumb"} | environment,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    terminal = Terminal(process, ours)

    def read() -> None:
        try:
            terminal.screen += os.read(ours, 65536).decode(errors="replace")
        except OSError:  # the last process at the terminal has ended
            asyncio.get_running_loop().remove_reader(ours)

    asyncio.get_running_loop().add_reader(ours, read)
    try:
        yield terminal
    finally:
        asyncio.get_running_loop().remove_reader(ours)
        if process.returncode is None:
            process.kill()
        await process.wait()
        os.close(ours)
