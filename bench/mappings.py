"""`python -m bench.mappings`: seconds and memory of an import of 10,000 rows with the real command."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 10_000
BASE = ("-m", "bot", "mappings")
IMPORT = ("import", "rows.csv", "--team", "T0BENCH", "--no-check")


def main() -> None:
    """Measure an import without and with `--apply`, the same import again, and the export."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rows.csv").write_text("".join(_lines()))
        _run("empty list", folder, "list")
        for name, words in {
            f"{ROWS:,} rows looked at": IMPORT,
            "applied": (*IMPORT, "--apply"),
            "applied again": (*IMPORT, "--apply"),
            "exported": ("export", "--team", "T0BENCH"),
        }.items():
            _run(name, folder, *words)


def _lines() -> list[str]:
    rows = (f"U{number:08d},{number:06X}-{number:08X}-BENCH00-0000000,yes\n" for number in range(ROWS))
    return ["user,profile_key,default\n", *rows]


def _run(name: str, folder: str, *words: str) -> None:
    began = time.monotonic()
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": f"{folder}/data"}
    command = [sys.executable, *BASE, *words]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds, megabytes = time.monotonic() - began, used.ru_maxrss / 1024
    print(f"{name:22} {seconds:6.2f} s {megabytes:6.0f} MB   exit {process.returncode}")


if __name__ == "__main__":
    main()
