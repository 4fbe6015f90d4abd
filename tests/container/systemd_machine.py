"""A Debian whose PID 1 is systemd, in namespaces of its own; the network is this machine's."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.commands import child_of
from tests.eventually import eventually

PACKAGES = "systemd systemd-sysv dbus"
BOOT = """\
set -e
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mkdir --parents "$root/old"
cd "$root"
pivot_root . old
umount --lazy /old
mount --make-rshared /
exec env -i container=docker PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=basic.target
"""
"""No chroot, because in one PrivateUsers can't make a user namespace. Mounts are shared, for credentials are mounts."""
INSIDE = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "COLUMNS=200")


def cgroups() -> Path | None:
    """Return where the cgroups of version 2 are, which systemd needs, or None."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return next((Path(place) for _, place, kind, *_ in mounts if kind == "cgroup2"), None)


@dataclass(frozen=True)
class Machine:
    """A booted machine; `init` is the process id of its systemd."""

    init: int

    async def run(self, *words: str) -> tuple[int, str]:
        """Run a program on it to its end; return its exit code and what it said."""
        process = await asyncio.create_subprocess_exec(
            *("nsenter", "--target", str(self.init), "--mount", "--pid", "--root", "--wd", *INSIDE, *words),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    async def show(self, unit: str, what: str) -> str:
        """Return a property of a unit."""
        _, said = await self.run("systemctl", "show", unit, f"--property={what}", "--value")
        return said.strip()


@asynccontextmanager
async def booted(root: Path) -> AsyncIterator[Machine]:
    """Boot the Debian in a folder, in a cgroup of its own; in the end everything in it is killed."""
    cgroup = Path(tempfile.mkdtemp(prefix="connectbot", dir=cgroups()))
    enter = f'echo $$ > {cgroup}/cgroup.procs && exec "$@"'
    namespaces = ("--mount", "--pid", "--cgroup", "--uts", "--ipc", "--fork", "--kill-child")
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", enter, "sh", "setpriv", "--pdeathsig=KILL", "unshare", *namespaces),
        *("sh", "-c", BOOT, "sh", str(root)),
    )
    try:
        machine = Machine(await eventually(lambda: _child_of(process.pid), "systemd is started"))
        await eventually(lambda: _is_up(machine), "systemd is up", within=60)
        yield machine
    finally:
        if process.returncode is None:
            os.kill(child_of(process.pid), signal.SIGKILL)
        await process.wait()
        _remove(cgroup)


async def _child_of(pid: int) -> int | None:
    with suppress(IndexError):
        return child_of(pid)
    return None


async def _is_up(machine: Machine) -> bool:
    _, said = await machine.run("systemctl", "is-system-running")
    return said.strip() in {"running", "degraded"}


def _remove(cgroup: Path) -> None:
    for left in sorted((path for path in cgroup.rglob("*") if path.is_dir()), reverse=True):
        left.rmdir()
    cgroup.rmdir()
