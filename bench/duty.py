"""`python -m bench.duty PID PID`: gives processes turns of 5 ms on their core, one after another.

A 0 leaves a turn unused. It is stopped by SIGTERM and then lets all of them run.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

TURN = 0.005


def main(pids: Iterable[int]) -> None:
    """Let the processes run in turn until SIGTERM."""
    turns, stopped = list(pids), False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    for pid in turns:
        _send(pid, signal.SIGSTOP)
    while not stopped:
        for pid in turns:
            _send(pid, signal.SIGCONT)
            time.sleep(TURN)
            _send(pid, signal.SIGSTOP)
    for pid in turns:
        _send(pid, signal.SIGCONT)


def _send(pid: int, what: signal.Signals) -> None:
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


if __name__ == "__main__":
    main(map(int, sys.argv[1:]))
