"""The pages name what the code has: variables, metrics, files and what is in them; and their links lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.metrics import Metrics
from bot.environment import secrets_of
from bot.settings import ImportSettings, Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
DESCRIPTIONS = [page for page in PAGES if page.name != "CHANGELOG.md"]
"""Pages about the bot as it is now."""

FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FILE = re.compile(r"`((?:[\w-]+/)+[\w-]+\.(?:py|json|toml|svg)):?(\w*)`")
METRIC = re.compile(r"`(connectbot_\w+)[`{]")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
every_description = pytest.mark.parametrize("page", DESCRIPTIONS, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    return FENCE.sub("", page.read_text())


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings as GitHub makes them: words in small letters, joined by hyphens."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text_of(page))}


def test_every_variable_is_in_the_installation_page() -> None:
    named = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/install.md").read_text().partition("## All variables")[2]))
    assert {name.upper() for name in {*Settings.model_fields, *ImportSettings.model_fields}} - named == set()


def test_every_secret_is_named_as_a_file_in_the_installation_page_and_no_other_setting_is() -> None:
    named = set(
        re.findall(r"`([A-Z_]+)_FILE`", (ROOT / "docs/install.md").read_text().partition("## All variables")[2])
    )
    assert named - {"REDIS_CA"} == {name.upper() for name in secrets_of(Settings)}


def test_every_metric_is_in_the_operations_page_and_every_metric_there_exists() -> None:
    named = set(METRIC.findall((ROOT / "docs/operations.md").read_text()))
    metrics = {f"{m.name}_total" if m.type == "counter" else m.name for m in Metrics().registry.collect()}
    assert named == metrics


@every_description
def test_every_file_that_a_page_names_exists_and_has_what_the_page_names_in_it(page: Path) -> None:
    for path, name in FILE.findall(text_of(page)):
        assert (ROOT / path).is_file(), f"{page.name} names {path}"
        assert re.search(rf"^ *(async def|def|class) {name}\b", (ROOT / path).read_text(), re.MULTILINE) or not name, (
            f"{page.name} names {name} in {path}"
        )


def test_what_the_table_of_decisions_names_is_in_the_files_it_names() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    rows = re.findall(r"^\| .+ \| `([\w/]+\.py)` \| (.+) \|$", page, re.MULTILINE)
    assert len(rows) > 20
    for path, said in rows:
        files = [path, *re.findall(r"`([\w/]+\.py)", said)]
        code = "\n".join((ROOT / one).read_text() for one in files)
        names = [name for quoted in re.findall(r"`([\w.]+)`", said) for name in quoted.split(".")]
        assert [name for name in names if not re.search(rf"\b{name}\b", code)] == [], files


@every_page
def test_every_relative_link_leads_to_a_file_and_a_heading_in_it(page: Path) -> None:
    for path, anchor in LINK.findall(text_of(page)):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {path}"
        assert not anchor or anchor in anchors_of(target), f"{page.name} links to {path}#{anchor}"


def test_make_setup_says_which_python_it_needs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 9, 2, 'final', 0)")
    ran = subprocess.run(
        ["make", "setup", f"PYTHON={sys.executable}", f"VENV={tmp_path}/venv"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode != 0
    assert "needs Python 3.11 or newer" in ran.stderr
    assert not (tmp_path / "venv").exists()
