"""What goes wrong besides kills, by switches: FAULTS=unreadable,quotas,clock,failovers or =unreadable,disk, or =all.

`unreadable`: answers that no client can read, and endless ones. `quotas`: Slack takes a tenth of what it takes.
`clock`: the time of processes that start is an hour wrong. `failovers`: a group under Sentinel whose primary dies.
`disk`: the embedded server's disk is full, which needs the right to mount one. `all` leaves out one of the last two, by
the seed.
"""

import asyncio
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sandbox import unreadable
from sandbox.server import Sandbox
from tests.chaos.machine import Machine, Tally

LASTS = 10
"""Seconds."""
A_TENTH, AN_HOUR = 0.1, 3600
DISK_SIZE = "48m"
READABLE_IN_TIME = sorted(unreadable.KINDS - {"huge_answer", "gzip_bomb"})
"""Without those that keep the sandbox's own process busy."""
WRONG_TIME = """
import time
from pathlib import Path
_right, _wrong = time.time, Path({path!r})
time.time = lambda: _right() + float(_wrong.read_text())
"""


def switches(words: str, *, failovers: bool, seed: str) -> frozenset[str]:
    """Return what is to go wrong; raise ValueError for a word that isn't known."""
    known = {"unreadable", "quotas", "clock", "failovers", "disk"}
    named = set(filter(None, words.split(","))) | ({"failovers"} if failovers else set())
    if "all" in named:
        named = known - {random.Random(seed).choice(["failovers", "disk"])}
    if unknown := named - known:
        raise ValueError(f"FAULTS has {', '.join(unknown)}; known are {', '.join(sorted(known))} and all")
    return frozenset(named)


def going_wrong(
    chosen: frozenset[str], sandbox: Sandbox, machine: Machine, folder: Path, tally: Tally
) -> Iterator[object]:
    """Yield what makes the chosen things go wrong, one at a time, if there are any."""
    if kinds := sorted(chosen - {"failovers"}):
        yield _one_after_another(kinds, sandbox, machine, folder, tally)


def end_all(sandbox: Sandbox, folder: Path) -> None:
    """Have nothing go wrong any more."""
    sandbox.slack.faults.clear()
    sandbox.ayrshare.faults.clear()
    sandbox.slack.rate_limiter.share = 1.0
    _offset(folder).write_text("0")
    _filler(folder).unlink(missing_ok=True)


def clock_that_jumps(folder: Path) -> dict[str, str]:
    """Return the variables with which a process reads the time from where it can be set wrong."""
    place = folder / "clock"
    place.mkdir()
    _offset(folder).write_text("0")
    (place / "sitecustomize.py").write_text(WRONG_TIME.format(path=str(_offset(folder))))
    return {"PYTHONPATH": str(place)}


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small disk at a folder."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def _one_after_another(kinds: list[str], sandbox: Sandbox, machine: Machine, folder: Path, tally: Tally) -> None:
    while True:
        await asyncio.sleep(random.uniform(2, 8))
        kind = random.choice(kinds)
        tally.faults[kind] += 1
        if kind == "unreadable":
            service = random.choice([sandbox.slack.faults, sandbox.ayrshare.faults])
            service.add(random.choice(READABLE_IN_TIME), times=random.randint(1, 10))
        elif kind == "quotas":
            sandbox.slack.rate_limiter.share = A_TENTH
        elif kind == "clock":
            _offset(folder).write_text(str(random.choice([-AN_HOUR, AN_HOUR])))
            machine.kill(random.choice(["run", "worker"]))
        else:
            _fill(_filler(folder))
        await asyncio.sleep(LASTS)
        end_all(sandbox, folder)


def _fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))


def _filler(folder: Path) -> Path:
    return folder / "filler"


def _offset(folder: Path) -> Path:
    return folder / "clock" / "offset"
