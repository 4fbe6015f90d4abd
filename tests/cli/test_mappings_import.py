"""`mappings import` and `export`: the difference first, all or nothing, every error by line, never a key."""

import asyncio
import csv
import os
import pty
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.cli.mappings.common import stores_of
from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.settings import StoreSettings
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from bot.storage.embedded.process import pid_of
from sandbox.server import Sandbox
from tests.commands import SURROUNDINGS, Ended, bot_command, command
from tests.eventually import eventually

TEAM = TeamId("T0CONNECT")
BEN, CARA, GUS, LEO, ROBO = "U0BEN0001", "U0CARA001", "U0GUS0001", "U0LEO0001", "U0ROBO001"
UNTOUCHED = "Nothing has been changed."
SEVERAL_HAVE_IT = (
    "line 8: user: several people have that e-mail address: "
    f"Cara Costa ({CARA}) and Eve Ericsson (U0EVE0001); write the ID"
)


class Importing:
    """Somebody at a shell with a CSV file."""

    def __init__(self, environment: dict[str, str], sandbox: Sandbox, folder: Path) -> None:
        self.environment = environment
        self.sandbox = sandbox
        self.file = folder / "mappings.csv"
        self.keys = {profile.title: profile.key for profile in sandbox.ayrshare.profiles}
        self.jane, self.team, self.globex, self.initech = (profile.key for profile in sandbox.ayrshare.profiles)

    async def __call__(self, content: str | bytes, *words: str, without: tuple[str, ...] = ()) -> Ended:
        self.file.write_bytes(content.encode() if isinstance(content, str) else content)
        return await self.runs("import", str(self.file), *words, without=without)

    async def runs(self, *words: str, typed: str = "", without: tuple[str, ...] = ()) -> Ended:
        environment = {name: value for name, value in self.environment.items() if name not in without}
        ended = await command("mappings", *words, environment=environment, typed=typed)
        for key in (*self.keys.values(), self.sandbox.ayrshare.api_key, "CANARY"):
            assert key not in ended.out + ended.err
        return ended

    async def mapped(self) -> list[tuple[str, str, bool]]:
        """Return who looks after which title, and whether it is their default."""
        async with stores_of(StoreSettings(data_dir=Path(self.environment["DATA_DIR"]))) as stores:
            titles = await stores.profiles.all_titles(TEAM)
            return sorted((m.user, titles[m.ref_id], m.default) for m in await stores.mappings.all(TEAM))


@pytest.fixture
def importing(environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> Importing:
    sandbox.slack.scopes.add("users:read.email")
    return Importing(environment, sandbox, tmp_path)


async def test_the_difference_is_shown_first_and_made_on_apply(importing: Importing) -> None:
    text = (
        f"user,profile_key,default\n{BEN},{importing.jane},\n{BEN},{importing.globex},yes\n{CARA},{importing.globex},\n"
    )
    shown = await importing(text)
    assert (shown.code, shown.err) == (0, "")
    rows = [line.split("\t") for line in shown.out.splitlines() if "\t" in line]
    assert [(row[0], row[1], row[4]) for row in rows] == [
        ("person", "name", "change"),
        (BEN, "Ben Brandt", "new"),
        (BEN, "Ben Brandt", "new, the default"),
        (CARA, "Cara Costa", "new, the default"),
    ]
    assert "Mappings: 3 new, 0 become the default, 0 unchanged. People: 2 new. Profiles: 2 new" in shown.out
    assert f"{UNTOUCHED} Add --apply to do it." in shown.out
    assert await importing.mapped() == []
    done = await importing(text, "--apply")
    assert (done.code, done.err) == (0, "")
    assert "Done" in done.out
    assert await importing.mapped() == [(BEN, "Acme: Jane", False), (BEN, "Globex", True), (CARA, "Globex", True)]
    again = await importing(text, "--apply")
    assert (again.code, "3 unchanged" in again.out, "There is nothing to change." in again.out) == (0, True, True)
    trail = await command("audit", environment=importing.environment)
    assert trail.out.count("mapping_added") == 3


async def test_nothing_that_is_there_is_taken_away(importing: Importing) -> None:
    await importing.runs("set", TEAM, BEN, typed=importing.jane)
    await importing(f"user,profile_key,default\n{BEN},{importing.team},no\n", "--apply")
    assert await importing.mapped() == [(BEN, "Acme: Jane", True), (BEN, "Acme: Team", False)]


async def test_a_table_as_a_spreadsheet_saves_it(importing: Importing) -> None:
    text = (
        "User;Profile Key;Default;Remarks\r\n"
        f'BEN@connect.example;{importing.jane};WAHR?;"first\r\n\r\nsecond; third"\r\n'
        f'"{CARA}";"{importing.globex}";X;"says ""hello"""\r\n'
        ";;;\r\n"
    )
    refused = await importing(text.encode("utf-8-sig"), "--apply")
    assert (refused.code, refused.err) == (1, f"line 2: default: write yes, no or nothing\n{UNTOUCHED}\n")
    done = await importing(text.replace("WAHR?", "TRUE").encode("utf-8-sig"), "--apply")
    assert done.code == 0
    assert "Columns without a known name are not used: number 4." in done.out
    assert await importing.mapped() == [(BEN, "Acme: Jane", True), (CARA, "Globex", True)]


async def test_every_error_is_told_by_line_and_nothing_is_changed(importing: Importing) -> None:
    importing.sandbox.slack.world.users[CARA].email = "eve@connect.example"
    text = (
        "user,profile_key,default\n"
        f"{BEN},{importing.jane},yes\n"
        f"{LEO},{importing.jane},\n"
        f"leo@connect.example,{importing.jane},\n"
        f"{ROBO},{importing.jane},\n"
        f"U0NOBODY1,{importing.jane},\n"
        f"nobody@connect.example,{importing.jane},\n"
        f"eve@connect.example,{importing.jane},\n"
        f"{importing.jane},{BEN},\n"
        f"{BEN},CANARY-12345678,\n"
        f"{BEN},{importing.sandbox.ayrshare.api_key},\n"
        f"ben@connect.example,{importing.globex},yes\n"
        f"{BEN},,perhaps\n"
    )
    ended = await importing(text, "--apply")
    assert ended.code == 1
    assert ended.err.splitlines() == [
        "line 3: user: this person has left the workspace",
        "line 4: user: this person has left the workspace",
        "line 5: user: that is a bot",
        "line 6: user: nobody in the workspace has that ID",
        "line 7: user: nobody in the workspace has that e-mail address",
        SEVERAL_HAVE_IT,
        "line 9: profile_key: Ayrshare doesn't know that key, or has suspended its profile",
        "line 9: user: nobody in the workspace has that name",
        "line 10: profile_key: Ayrshare doesn't know that key, or has suspended its profile",
        "line 11: profile_key: that is the account's own API key; a profile's is wanted",
        "line 12: default: this person has another default in line 2",
        "line 13: default: write yes, no or nothing",
        "line 13: profile_key: empty",
        UNTOUCHED,
    ]
    assert "Nobody is mapped" in (await importing.runs("list")).out


@pytest.mark.parametrize("named", ["@ben", "Ben Brandt", "ben brandt", "“BEN  BRANDT”", "ben@connect.example"])
async def test_people_are_named_as_elsewhere_at_the_shell(importing: Importing, named: str) -> None:
    done = await importing(f"user,profile_key\n{named},{importing.jane}\n", "--apply")
    assert (done.code, done.err) == (0, "")
    assert await importing.mapped() == [(BEN, "Acme: Jane", True)]


async def test_a_name_of_several_people_is_refused_with_who_they_are(importing: Importing) -> None:
    people = importing.sandbox.slack.world.users
    people[CARA].real_name = people[BEN].real_name
    people[LEO].real_name = "Cara Costa"  # who has left
    text = f"user,profile_key\nBen Brandt,{importing.jane}\n@cara,{importing.globex}\nCara Costa,{importing.globex}\n"
    ended = await importing(text, "--apply")
    assert (ended.code, ended.err.splitlines()) == (
        1,
        [
            (f"line 2: user: several people have that name: Ben Brandt ({BEN}) and Ben Brandt ({CARA}); write the ID"),
            "line 4: user: this person has left the workspace",
            UNTOUCHED,
        ],
    )
    assert await importing.mapped() == []


async def test_names_need_slack(importing: Importing) -> None:
    ended = await importing(f"user,profile_key\n@ben,{importing.jane}\n", "--team", TEAM, without=("SLACK_BOT_TOKEN",))
    assert ended.code != 0
    assert "names and e-mail addresses can be looked up only with" in ended.err


async def test_whom_the_bot_would_not_serve_cannot_be_imported(importing: Importing) -> None:
    partner = importing.sandbox.slack.world.users[CARA]
    partner.team_id = "T0PARTNER"
    people = (GUS, "ida@connect.example", CARA)
    text = "user,profile_key\n" + "".join(f"{user},{importing.jane}\n" for user in people)
    ended = await importing(text, "--apply")
    assert ended.err.splitlines() == [
        "line 2: user: this person is a guest, and guests are not served here (CONNECT_GUESTS)",
        "line 3: user: this person was invited but has never joined",
        "line 4: user: this person belongs to another workspace",
        UNTOUCHED,
    ]
    importing.environment["CONNECT_GUESTS"] = "allow"
    assert (await importing(f"user,profile_key\n{GUS},{importing.jane}\n", "--apply")).code == 0
    assert await importing.mapped() == [(GUS, "Acme: Jane", True)]


async def test_the_primary_profile_is_nobodys(importing: Importing) -> None:
    importing.sandbox.ayrshare.profiles[0].ref_id = importing.sandbox.ayrshare.primary.ref_id
    ended = await importing(f"user,profile_key\n{BEN},{importing.jane}\n", "--apply")
    assert (ended.code, "line 2: profile_key: that is the account's own" in ended.err) == (1, True)


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (b"", 1, "line 1: the first line has to name the columns"),
        (b"\xff\xfe\xff", 1, "line 1: this is not UTF-8"),
        (b"user,profile_key,default\n", 0, "The file has no rows. Nothing has been changed."),
    ],
)
async def test_a_file_without_rows_is_explained(importing: Importing, content: bytes, code: int, told: str) -> None:
    ended = await importing(content, "--apply")
    assert ended.code == code
    assert told in ended.out + ended.err


async def test_a_file_that_is_not_there_is_explained_and_a_dash_is_standard_input(importing: Importing) -> None:
    missing = await importing.runs("import", "nowhere.csv")
    assert (missing.code, missing.err) == (2, "The file can't be read: No such file or directory.\n")
    done = await importing.runs("import", "-", "--apply", typed=f"user,profile_key\n{BEN},{importing.jane}\n")
    assert done.code == 0
    assert await importing.mapped() == [(BEN, "Acme: Jane", True)]


async def test_addresses_are_looked_up_in_pages_of_everybody_not_one_by_one(importing: Importing) -> None:
    world = importing.sandbox.slack.world
    for number in range(1700):
        user_id = f"U1{number:07}"
        world.users[user_id] = replace(
            world.users[BEN], id=user_id, name=f"p{number}", email=f"p{number}@connect.example"
        )
    rows = "".join(f"p{number}@connect.example,{importing.jane}\n" for number in range(1700))
    importing.sandbox.slack.faults.add("ratelimited", ms=1000)
    done = await importing("user,profile_key\n" + rows, "--apply")
    assert (done.code, done.err) == (0, "")
    assert "… and 1,660 more." in done.out
    calls = [row["call"] for row in importing.sandbox.slack.calls.since()]
    assert set(calls) == {"auth.test", "users.list"}
    assert calls.count("users.list") <= 4
    assert len(await importing.mapped()) == 1700


async def test_a_bot_that_may_not_see_addresses_is_told_which_scope_it_lacks(importing: Importing) -> None:
    importing.sandbox.slack.scopes.remove("users:read.email")
    ended = await importing(
        f"user,profile_key\nben@connect.example,{importing.jane}\n{BEN},{importing.jane}\n", "--apply"
    )
    assert ended.code == 1
    assert "line 2: user: Slack shows this bot no e-mail addresses; add the scope users:read.email" in ended.err
    assert "line 3" not in ended.err


@pytest.mark.parametrize(
    ("target", "kind", "told"),
    [
        ("slack", "error_500", "Slack can't be asked just now"),
        ("slack", "internal_error", "Slack can't be asked just now (internal_error)"),
        ("ayrshare", "error_503", "Ayrshare isn't responding"),
        ("ayrshare", "bad_api_key", "Ayrshare rejected our API key"),
        ("ayrshare", "rate_limited", "Ayrshare is asking us to slow down"),
    ],
)
async def test_when_somebody_is_away_nothing_is_changed(
    importing: Importing, target: str, kind: str, told: str
) -> None:
    getattr(importing.sandbox, target).faults.add(kind, times=None)
    ended = await importing(f"user,profile_key\nben@connect.example,{importing.jane}\n", "--team", TEAM, "--apply")
    assert ended.code == 1
    assert told in ended.err
    assert UNTOUCHED in ended.err
    getattr(importing.sandbox, target).faults.clear()
    assert await importing.mapped() == []


async def test_a_wrong_token_is_explained(importing: Importing) -> None:
    importing.sandbox.slack.token_error = "token_revoked"
    ended = await importing(f"user,profile_key\n{BEN},{importing.jane}\n", "--apply")
    assert (ended.code, "Slack doesn't accept SLACK_BOT_TOKEN (token_revoked)" in ended.err) == (1, True)


async def test_without_a_token_the_workspace_is_the_only_one_known_or_has_to_be_named(importing: Importing) -> None:
    bare, no_token = ("SLACK_BOT_TOKEN", "AYRSHARE_API_KEY"), ("SLACK_BOT_TOKEN",)
    text = f"user,profile_key\n{BEN},{importing.jane}\n"
    unclear = await importing(text, "--no-check", without=bare)
    assert (unclear.code, "Name it with --team" in unclear.err) == (2, True)
    assert (await importing.runs("export", without=bare)).code == 2
    assert (await importing(text, "--no-check", "--team", TEAM, "--apply", without=bare)).code == 0
    one = await importing(text + f"{CARA},{importing.globex}\n", "--apply", without=no_token)
    assert (one.code, f"Done, in workspace {TEAM}." in one.out) == (0, True)
    await importing(text, "--team", "T0OTHER", "--apply", without=no_token)
    unclear = await importing(text, without=no_token)
    assert (unclear.code, f"Known are {TEAM}, T0OTHER" in unclear.err) == (2, True)
    assert (await importing(text, "--team", "acme", without=no_token)).code == 2
    assert importing.sandbox.slack.calls.since() == []


async def test_addresses_of_another_workspace_than_the_tokens_are_refused(importing: Importing) -> None:
    text = f"user,profile_key\nben@connect.example,{importing.jane}\nU0ELSE,{importing.jane}\n"
    ended = await importing(text, "--team", "T0OTHER", "--apply")
    assert ended.code == 1
    assert "line 2: user: names and e-mail addresses can be looked up only with that workspace's" in ended.err
    assert "line 3" not in ended.err


async def test_unchecked_nobody_is_asked_and_a_later_check_gives_the_profile_its_own_name(importing: Importing) -> None:
    text = f"user,profile_key\n{BEN},{importing.jane}\nU0ELSE,{importing.jane}\n"
    for _ in range(2):
        assert (await importing(text, "--no-check", "--team", TEAM, "--apply", without=("AYRSHARE_API_KEY",))).code == 0
    assert importing.sandbox.ayrshare.calls.since() == importing.sandbox.slack.calls.since() == []
    titles = {title for _, title, _ in await importing.mapped()}
    assert len(titles) == 1
    assert "unchecked" in titles.pop()
    checked = await importing(f"user,profile_key\n{CARA},{importing.jane}\n", "--apply")
    assert "Profiles that were stored unchecked and get their own name now: 1." in checked.out
    assert await importing.mapped() == [(user, "Acme: Jane", True) for user in (BEN, CARA, "U0ELSE")]
    await importing(text, "--no-check", "--team", TEAM, "--apply")
    await importing.runs("set", TEAM, "U0MORE", "--no-check", typed=importing.jane)
    assert {title for _, title, _ in await importing.mapped()} == {"Acme: Jane"}


async def test_what_was_exported_can_be_imported_without_any_key(importing: Importing) -> None:
    importing.sandbox.ayrshare.profiles[2].title = "=1+1"
    text = (
        f"user,profile_key,default\n{BEN},{importing.jane},\n{BEN},{importing.globex},yes\n{CARA},{importing.jane},\n"
    )
    await importing(text, "--apply")
    before, exported = await importing.mapped(), (await importing.runs("export")).out
    assert exported.splitlines()[0] == "user,profile_key,default,ref_id,title,disconnected"
    assert all(row["profile_key"] == "" for row in csv.DictReader(exported.splitlines()))
    assert ",'=1+1,\n" in exported
    await importing.runs("remove", TEAM, BEN, "Acme: Jane")
    again = await importing(exported, "--apply")
    assert "Mappings: 1 new, 0 become the default, 2 unchanged." in again.out
    assert await importing.mapped() == before


async def test_the_list_can_be_narrowed_to_a_profile(importing: Importing) -> None:
    rows = [(BEN, importing.jane), (CARA, importing.team), (CARA, importing.globex)]
    await importing("user,profile_key\n" + "".join(f"{user},{key}\n" for user, key in rows), "--apply")
    ref = importing.sandbox.ayrshare.profiles[2].ref_id
    for wanted, users in {"acme: jane": [BEN], "acme": [BEN, CARA], ref: [CARA], "nothing": []}.items():
        listed = (await importing.runs("list", "--profile", wanted)).out
        assert [user for user in (BEN, CARA) if user in listed] == users
    assert 'No mapped profile matches "zzz".' in (await importing.runs("list", "--profile", "zzz")).out


async def test_ten_thousand_rows_are_imported_within_a_minute(importing: Importing) -> None:
    rows = "".join(f"U{n:08},{n:06}-{n:08}-1234567-1234567,yes\n" for n in range(10_000))
    importing.file.write_text("user,profile_key,default\n" + rows)
    words = ("mappings", "import", str(importing.file), "--no-check", "--apply")
    async with asyncio.timeout(60):
        done = await bot_command(*words, environment=importing.environment)
    assert (done.code, done.err, "Mappings: 10,000 new" in done.out) == (0, "", True)
    assert len(await importing.mapped()) == 10_000


@pytest.mark.parametrize("victim", ["command", "server"])
async def test_kill_9_in_the_middle_leaves_all_or_nothing(importing: Importing, victim: str) -> None:
    """Killed at the moment at which the workspace becomes known, just before the one step that changes everything."""
    data_dir = Path(importing.environment["DATA_DIR"])
    rows = "".join(f"U{n:08},{n:06}-{n:08}-1234567-1234567\n" for n in range(5000))
    importing.file.write_text("user,profile_key\n" + rows)
    async with embedded_server(data_dir, bot=False) as url:
        redis = open_connection(SecretStr(url), Metrics()).redis
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "mappings", "import", str(importing.file), "--no-check", "--apply"),
            cwd=importing.file.parent,
            env=SURROUNDINGS | importing.environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await eventually(lambda: redis.exists("connectbot:teams"), "the change begins", within=30)
        os.kill(process.pid if victim == "command" else pid_of(data_dir), signal.SIGKILL)
        await process.wait()
        await redis.aclose()
    assert len(await importing.mapped()) in {0, 5000}
    assert (await importing.runs("import", str(importing.file), "--no-check", "--apply")).code == 0
    assert len(await importing.mapped()) == 5000


async def test_a_terminal_sees_how_far_it_is(importing: Importing) -> None:
    importing.file.write_text(f"user,profile_key\n{BEN},{importing.jane}\n")
    near, far = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "mappings", "import", str(importing.file)),
        cwd=importing.file.parent,
        env=SURROUNDINGS | importing.environment | {"TERM": "xterm"},
        stdout=asyncio.subprocess.PIPE,
        stderr=far,
    )
    out, _ = await process.communicate()
    os.close(far)
    drawn = os.read(near, 100_000).decode()
    os.close(near)
    assert process.returncode == 0
    assert "People in Slack" in drawn
    assert "Profile keys" in drawn
    assert b"Profile keys" not in out
