"""Lock files under flock(2): they work between processes, and the kernel frees those of a killed process."""

import asyncio
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

POLL_EVERY = 0.02
"""Seconds between two checks of something that sends no event when it changes."""


class FileLock:
    """A handle on a lock file, not locked at first; closing it releases the lock."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.fd)

    def try_exclusive(self) -> bool:
        """Lock exclusively. If another handle prevents that, hold no lock and return False."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Lock together with other shared locks. If an exclusive one prevents that, hold no lock and return False."""
        return self._try(fcntl.LOCK_SH)

    def release(self) -> None:
        """Release the lock and keep the handle."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)

    async def exclusive(self, *, within: float) -> None:
        """Lock exclusively; raise TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not self.try_exclusive():  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(POLL_EVERY)

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
