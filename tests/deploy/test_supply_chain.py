"""The workflow, Dependabot's file and the licences."""

import re
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.tools import SOURCE, lint, run

WORKFLOW, DEPENDABOT = ".github/workflows/ci.yml", ".github/dependabot.yml"
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
FREE = "MIT;BSD;Apache;PSF;Python Software Foundation;ISC"
"""Licences that ask for nothing but their text; each name of a licence contains one of these."""


def workflow() -> Any:
    return yaml.safe_load((SOURCE / WORKFLOW).read_text())


def required() -> dict[str, str]:
    """What every machine installs, by name, with its version."""
    lines = re.findall(
        r"^([\w.-]+)(?:\[\w+\])?==([^ ;]+) *(;.*)?\\$", (SOURCE / "requirements.txt").read_text(), re.MULTILINE
    )
    return {name: version for name, version, marker in lines if not marker}


def test_the_workflow_is_clean() -> None:
    lint("actionlint", WORKFLOW)
    lint("zizmor", "--offline", "--quiet", "--strict-collection", ".")
    for schema in ("vendor.github-workflows", "custom.github-workflows-require-timeout"):
        lint("check-jsonschema", "--builtin-schema", schema, WORKFLOW)
    lint("check-jsonschema", "--builtin-schema", "vendor.dependabot", DEPENDABOT)


def test_each_action_is_pinned_by_the_hash_of_a_commit() -> None:
    uses = re.findall(r"uses: (.+)", (SOURCE / WORKFLOW).read_text())
    assert uses
    assert [one for one in uses if not PINNED.fullmatch(one)] == []


def test_no_job_may_do_more_than_read() -> None:
    assert workflow()["permissions"] == {}
    for name, job in workflow()["jobs"].items():
        assert job["permissions"] == {"contents": "read"}, name


def test_the_workflow_tests_every_python_that_the_package_allows() -> None:
    allowed = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', (SOURCE / "pyproject.toml").read_text())
    assert allowed
    pythons = [f"3.{minor}" for minor in range(int(allowed[1]), int(allowed[2]))]
    assert workflow()["jobs"]["test"]["strategy"]["matrix"]["python"] == pythons


def test_each_target_that_the_workflow_makes_exists() -> None:
    made = set(re.findall(r"\bmake ([a-z-]+)", (SOURCE / WORKFLOW).read_text()))
    targets = set(re.findall(r"^([a-z-]+):", (SOURCE / "Makefile").read_text(), re.MULTILINE))
    assert made - targets == set()
    assert made >= {"check", "check-deploy", "test", "test-page", "wheel"}


def test_the_licences_are_those_of_the_locked_versions() -> None:
    listed = dict(re.findall(r"^\| ([\w.-]+) +\| (\S+) ", (SOURCE / "LICENCES.md").read_text(), re.MULTILINE))
    listed = {name.lower().replace("_", "-"): version for name, version in listed.items()}
    assert required().items() <= listed.items(), "run make licences"


def test_the_licences_are_what_the_packages_say_and_none_restricts_the_use() -> None:
    words = ("--packages", *required())
    program = str(Path(sys.executable).with_name("pip-licenses"))
    installed = run(program, f"--python={sys.executable}", "--from=mixed", "--format=csv", *words)
    listed = (SOURCE / "LICENCES.md").read_text()
    for name, version, licence in re.findall(r'^"([^"]+)","([^"]+)","([^"]+)"$', installed, re.MULTILINE)[1:]:
        assert re.search(
            rf"^\| {re.escape(name)} +\| {re.escape(version)} +\| {re.escape(licence)} +\|$", listed, re.MULTILINE
        ), f"run make licences: {name} {version} has {licence}"
    lint("pip-licenses", "--from=mixed", "--partial-match", f"--allow-only={FREE}", *words)
