"""Lock files under flock(2): they work between processes, and the kernel frees a killed process's."""

import asyncio
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

TICK = 0.02
"""Seconds between two looks at something that tells nobody when it changes."""


class FileLock:
    """One holder's handle on a lock file, free at first; closing it lets go."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.fd)

    def try_exclusive(self) -> bool:
        """Take the lock for this handle alone; if it cannot be had at once, hold nothing and return False."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Take the lock beside other sharers; if it cannot be had at once, hold nothing and return False."""
        return self._try(fcntl.LOCK_SH)

    def release(self) -> None:
        """Let go, and keep the handle."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)

    async def exclusive(self, *, within: float) -> None:
        """Take the lock for this handle alone; raise TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not self.try_exclusive():  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(TICK)

    def read(self) -> str:
        """Return the text in the file."""
        return os.fsdecode(os.pread(self.fd, os.fstat(self.fd).st_size, 0))

    def write(self, text: str) -> None:
        """Replace the text in the file."""
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, os.fsencode(text), 0)

    def _try(self, mode: int) -> bool:
        try:
            fcntl.flock(self.fd, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
