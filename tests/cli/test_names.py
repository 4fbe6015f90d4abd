"""At the shell people and profiles are named as in Slack: names beside IDs, parts of titles, tables that fit."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from sandbox.server import Sandbox
from tests.commands import ROOT, SURROUNDINGS, Ended, bot_command, command
from tests.conftest import Map

TEAM, BEN, CARA = "T0CONNECT", "U0BEN0001", "U0CARA001"
Run = Callable[..., Awaitable[Ended]]


@pytest.fixture
async def run(mapped: Map, environment: dict[str, str]) -> Run:
    for user, title in (("ben", "Acme: Jane"), ("cara", "Acme: Team"), ("cara", "Globex")):
        await mapped(user, title)

    async def run(*words: str, typed: str = "", **variables: str) -> Ended:
        return await command(*words, environment=environment | variables, typed=typed)

    return run


def on_a_terminal(*words: str, environment: dict[str, str], columns: int = 80) -> list[str]:
    """Return what a command shows on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    surroundings = SURROUNDINGS | environment | {"COLUMNS": str(columns), "TERM": "dumb"}
    subprocess.run([sys.executable, "-m", "bot", *words], cwd=ROOT.parent, env=surroundings, stdout=theirs, check=True)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # Linux says so at the end of what was written
        pass
    os.close(ours)
    return [line.rstrip() for line in shown.decode().splitlines()]


async def test_into_a_pipe_the_list_is_tab_separated_with_ids_beside_names(run: Run) -> None:
    first, *rows = (await run("mappings", "list")).out.splitlines()
    assert first.split("\t") == ["workspace", "person", "name", "profile", "title", "default", "disconnected"]
    shown = {tuple(row.split("\t")[1:3]) for row in rows}
    assert shown == {(BEN, "Ben Brandt"), (CARA, "Cara Costa")}
    assert all(len(row.split("\t")[3]) == 40 for row in rows)


async def test_as_json_each_row_is_an_object(run: Run) -> None:
    rows = [json.loads(line) for line in (await run("mappings", "list", "--json")).out.splitlines()]
    assert [(row["person"], row["name"], row["title"], row["default"]) for row in rows] == [
        (BEN, "Ben Brandt", "Acme: Jane", True),
        (CARA, "Cara Costa", "Acme: Team", True),
        (CARA, "Cara Costa", "Globex", False),
    ]


async def test_without_slack_there_are_ids(run: Run, sandbox: Sandbox) -> None:
    for variables in ({"SLACK_BOT_TOKEN": ""}, {"SLACK_BOT_TOKEN": "nonsense"}):
        listed = await run("mappings", "list", **variables)
        assert (listed.code, BEN in listed.out, "Brandt" in listed.out) == (0, True, False)
    sandbox.slack.faults.add("internal_error", times=None)
    listed = await run("mappings", "list")
    assert (listed.code, BEN in listed.out, "Brandt" in listed.out) == (0, True, False)


@pytest.mark.parametrize("letters", ["ascii", "latin-1"])
async def test_titles_of_any_script_are_shown_where_the_terminal_has_few_letters(
    mapped: Map, sandbox: Sandbox, environment: dict[str, str], letters: str
) -> None:
    title = sandbox.ayrshare.profiles[0].title = "Caf\u00e9 \U0001f389 \u2014 \u6771\u4eac"
    await mapped("ben", title)
    few = environment | {"PYTHONIOENCODING": letters, "COLUMNS": "0"}
    listed = await bot_command("mappings", "list", "--json", environment=few)
    assert (listed.code, json.loads(listed.out)["title"]) == (0, title)
    removed = await bot_command("mappings", "remove", TEAM, BEN, title, environment=few)
    assert (removed.code, removed.out) == (0, f'{BEN} no longer has "{title}".\n')


async def test_a_terminal_without_columns_shows_the_report_all_the_same(environment: dict[str, str]) -> None:
    report = await bot_command("doctor", environment=environment | {"COLUMNS": "0"})
    assert "settings.link_life" in report.out


async def test_on_a_terminal_tables_have_no_boxes_and_fit_80_columns(
    run: Run, mapped: Map, sandbox: Sandbox, environment: dict[str, str]
) -> None:
    sandbox.ayrshare.profiles[3].title = "A title that is a good deal longer than what fits beside the rest"
    await mapped("cara", sandbox.ayrshare.profiles[3].title)
    bare = environment | {"SLACK_BOT_TOKEN": ""}
    for words in (("mappings", "list"), ("audit",), ("status",)):
        lines = on_a_terminal(*words, environment=bare)
        assert max(map(len, lines)) <= 80
        assert len(lines) > 1
        assert not set("│┃─━┏") & set("".join(lines))


@pytest.mark.parametrize("named", ["@ben", "ben", "Ben Brandt", "BEN BRANDT", BEN])
@pytest.mark.parametrize("profile", ["jane", "acme ja", "Acme: Jane", ""])
async def test_a_mapping_is_removed_by_names(run: Run, named: str, profile: str) -> None:
    removed = await run("mappings", "remove", TEAM, named, *([profile] if profile else []))
    shown = BEN if named == BEN else f"Ben Brandt ({BEN})"
    assert (removed.code, removed.out) == (0, f'{shown} no longer has "Acme: Jane".\n')


async def test_a_profile_is_named_by_the_beginning_of_its_id(run: Run, sandbox: Sandbox) -> None:
    ref_id = next(one.ref_id for one in sandbox.ayrshare.profiles if one.title == "Globex")
    assert (await run("mappings", "remove", TEAM, CARA, ref_id[:8])).out == f'{CARA} no longer has "Globex".\n'


async def test_what_fits_several_profiles_removes_none(run: Run) -> None:
    ended = await run("mappings", "remove", TEAM, CARA)
    assert (ended.code, "Acme: Team" in ended.err, "Globex" in ended.err) == (1, True, True)


async def test_who_is_unknown_is_said_with_what_to_write(run: Run) -> None:
    for variables in ({}, {"SLACK_BOT_TOKEN": ""}):
        ended = await run("mappings", "remove", TEAM, "@nobody", **variables)
        assert ended.code == 2
        assert "Nobody is called @nobody in T0CONNECT" in ended.err
        assert "U0123ABC" in ended.err


async def test_the_audit_log_names_people_and_profiles(run: Run) -> None:
    rows = [json.loads(line) for line in (await run("audit", "--json", "--user", "@ben")).out.splitlines()]
    assert {(row["for"], row["for_name"], row["title"]) for row in rows if row["what"] == "mapping_added"} == {
        (BEN, "Ben Brandt", "Acme: Jane")
    }
    assert (await run("audit")).out.splitlines()[0].split("\t")[3:5] == ["by", "by name"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PORT": "abc"}, "PORT: must be a whole number"),
        ({"PORT": "70000"}, "PORT: must be 65535 or less"),
        ({"AYRSHARE_EXPIRES_IN": "0"}, "AYRSHARE_EXPIRES_IN: must be 1 or more"),
    ],
)
async def test_wrong_settings_are_explained_in_our_own_words(run: Run, variables: dict[str, str], said: str) -> None:
    ended = await run("run", **variables)
    assert (ended.code, said in ended.err, "Input should" in ended.err) == (2, True, False)


async def test_whoever_was_named_is_called_by_name_with_what_they_have(run: Run) -> None:
    unknown = await run("mappings", "remove", TEAM, "cara", "zzz")
    assert unknown.code == 1
    assert unknown.err.startswith(f'Cara Costa ({CARA}) has no profile "zzz" in {TEAM}. They have ')
    assert {"Acme: Team", "Globex"} <= set(unknown.err.removesuffix(".\n").split("They have ")[1].split(", "))
    gone = await run("mappings", "remove", TEAM, "@cara", "glob")
    assert gone.out.startswith(f'Cara Costa ({CARA}) no longer has "Globex".')


async def test_a_name_in_capitals_is_not_taken_for_an_id(run: Run, sandbox: Sandbox) -> None:
    sandbox.slack.world.user("ben").real_name = "UWE"
    removed = await run("mappings", "remove", TEAM, "UWE")
    assert (removed.code, removed.out) == (0, f'UWE ({BEN}) no longer has "Acme: Jane".\n')
    assert "Nobody is called URSEL" in (await run("mappings", "remove", TEAM, "URSEL")).err
