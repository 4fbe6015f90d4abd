"""The bot under what the systemd unit restricts: its memory and its system calls."""

import asyncio
import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.cli.servers import free_port
from tests.commands import ROOT, child_of
from tests.deploy.tools import SOURCE
from tests.eventually import eventually
from tests.users import Someone

UNIT = (SOURCE / "deploy/connectbot.service").read_text()
NEEDED = ("strace", "systemd-analyze")
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
"""Linux 6.3 and newer; it is how systemd's MemoryDenyWriteExecute is done there."""

pytestmark = pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {' and '.join(NEEDED)}")


def calls_of(group: str) -> set[str]:
    """The system calls of one of systemd's groups."""
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", group], text=True, check=True, stdout=subprocess.PIPE
    ).stdout
    names = [line.strip() for line in listed.splitlines()[1:]]
    calls = [calls_of(name) if name.startswith("@") else {name} for name in names if name and not name.startswith("#")]
    return set().union(*calls)


def allowed_calls() -> set[str]:
    allowed: set[str] = set()
    for minus, groups in re.findall(r"^SystemCallFilter=(~?)(.+)$", UNIT, re.MULTILINE):
        named = set().union(*map(calls_of, groups.split()))
        allowed = allowed - named if minus else allowed | named
    return allowed


def deny_write_execute() -> None:
    assert "MemoryDenyWriteExecute=yes" in UNIT
    if ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0):
        raise OSError("this kernel can't deny memory that is written and executed")


async def test_the_bot_and_its_redis_need_nothing_that_the_unit_refuses(
    environment: dict[str, str], sandbox: Sandbox, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    port, refused = free_port(), tmp_path / "refused"
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    strace = ("strace", "--follow-forks", "--seccomp-bpf", "--quiet=all", "--signal=none", "-o", str(refused))
    process = await asyncio.create_subprocess_exec(
        *(*strace, f"--trace=!{','.join(f'?{call}' for call in allowed_calls())}", sys.executable, "-m", "bot", "run"),
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)} | environment | {"PORT": str(port)},
        preexec_fn=deny_write_execute,
    )  # a ? in front of a call: unless this machine has none of that name

    async def ready() -> bool:
        with contextlib.suppress(aiohttp.ClientError):
            async with session.get(f"{sandbox.bot_url}/readyz") as answer:
                return answer.ok
        return False

    try:
        await eventually(ready, "the bot is ready", within=45)
        ben = Someone(session, sandbox.url, "ben")
        await ben.types("help")
        await ben.sees("connects your social accounts to Ayrshare")
    finally:
        if process.returncode is None:
            os.kill(child_of(process.pid), signal.SIGTERM)
    assert await process.wait() == 0
    assert refused.read_text() == ""
