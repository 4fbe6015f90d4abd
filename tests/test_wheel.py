"""The wheel, installed with the locked requirements into an environment of its own and used without the source."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bot import VERSION

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
PACKAGES = ("bot", "handlers", "sandbox", "demobot")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def connectbot(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment that has the wheel and what it requires, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    install(folder / "venv/bin/python", "--require-hashes", "-r", str(ROOT / "requirements.txt"))
    install(folder / "venv/bin/python", "--no-deps", str(wheel))
    return folder / "venv/bin/connectbot"


def install(python: Path, *what: str) -> None:
    """Install as `make setup` does: by uv, and by pip where uv fails; only pip may know a mirror."""
    try:
        run(str(UV), "pip", "install", "--quiet", "--python", str(python), *what)
    except subprocess.CalledProcessError:
        run(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *what)


def run(*words: str, cwd: Path | None = None, **environment: str) -> str:
    """Run a program that knows nothing of the source; return what it said."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(
        words,
        cwd=cwd,
        env=inherited | environment,
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if ran.returncode:
        raise subprocess.CalledProcessError(ran.returncode, words, ran.stdout)
    return ran.stdout


def test_the_wheel_holds_each_file_of_its_packages_and_nothing_else(wheel: Path) -> None:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    files = {str(path.relative_to(ROOT)) for path in paths if path.suffix != ".pyc"}
    assert {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name} == files


def test_what_it_requires_is_what_is_locked(connectbot: Path) -> None:
    run(str(UV), "pip", "check", "--python", str(connectbot.with_name("python")))


def test_it_installs_one_command_that_needs_no_source(connectbot: Path, tmp_path: Path) -> None:
    assert run(str(connectbot), "--version", cwd=tmp_path) == f"connectbot {VERSION}\n"
    written = json.loads(run(str(connectbot), "manifest", "--socket", cwd=tmp_path))
    assert written == json.loads((ROOT / "manifest.json").read_text())
    assert run(str(connectbot), "texts", cwd=tmp_path) == (ROOT / "tests/approved_texts.txt").read_text()


def test_the_demo_plays_its_conversation_from_an_empty_folder(connectbot: Path, tmp_path: Path) -> None:
    transcript = run(str(connectbot), "demo", "SCRIPT=1", "RECORD=seen.jsonl", cwd=tmp_path, SANDBOX_PORT="0")
    assert "All as promised." in transcript
    assert {path.name for path in tmp_path.iterdir()} == {".demo", "seen.jsonl"}
