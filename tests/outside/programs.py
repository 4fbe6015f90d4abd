"""Programs of Node's packages, which `make test-outside` installs from the lock files."""

import asyncio
import os
from pathlib import Path

from tests.commands import ROOT

NEWMAN = ROOT / "tests" / "outside" / "node_modules" / ".bin" / "newman"
SCREEN = ROOT / "examples" / "react-native"
TSC = SCREEN / "node_modules" / ".bin" / "tsc"


async def ran(*words: str, cwd: Path) -> str:
    """Run a program and return what it printed; fail if it does."""
    out, err = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    process = await asyncio.create_subprocess_exec(*words, cwd=cwd, env=os.environ, stdout=out, stderr=err)
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()
