"""What a process used, as Linux tells it; None on systems without /proc."""

import os
from contextlib import suppress
from pathlib import Path


def cpu_seconds(pid: int) -> float | None:
    """Return the CPU seconds of a process and its threads, user and system."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return None


def memory_mb(pid: int) -> float | None:
    """Return the resident memory of a process in MB."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return None
