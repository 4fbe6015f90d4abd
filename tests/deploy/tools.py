"""The linters and libraries that only these tests need (requirements-deploy.txt), and Debian's own tools."""

import importlib.util
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2]


def missing() -> str:
    """Return what is missing for all of these tests, empty if nothing is."""
    return "the linters aren't installed" if importlib.util.find_spec("kubernetes_validate") is None else ""


def lint(program: str, *words: str) -> None:
    """Run a linter that is installed beside this Python, and fail with what it says."""
    run(str(Path(sys.executable).with_name(program)), *words)


def run(*words: str) -> str:
    ran = subprocess.run(
        words, cwd=SOURCE, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=50
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout
