"""Another process on the same DATA_DIR: it enters, writes the URL, and leaves when it is told to."""

import asyncio
import os
import sys
from pathlib import Path

from bot.core.errors import ConnectbotError
from bot.storage.embedded import embedded_server


class Neighbour:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, data_dir: Path, kind: str, **env: str) -> "Neighbour":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__, str(data_dir), kind),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **env},
        )
        return cls(process)

    async def said(self) -> str:
        """The URL once it is in, or the sentence that says why it is not."""
        assert self.process.stdout
        return (await asyncio.wait_for(self.process.stdout.read(10_000), 20)).decode().strip()

    async def leave(self) -> int:
        await self.process.communicate(b"\n")
        assert self.process.returncode is not None
        return self.process.returncode

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.communicate()


async def _main(data_dir: Path, kind: str) -> int:
    try:
        async with embedded_server(data_dir, bot=kind == "bot") as url:
            sys.stdout.write(url + "\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.readline)
    except ConnectbotError as error:
        sys.stdout.write(f"{type(error).__name__}: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(Path(sys.argv[1]), sys.argv[2])))
