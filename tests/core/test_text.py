"""Titles and names from elsewhere don't steer an operator's terminal, whichever command shows them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.text import printable, printable_json, read_json
from bot.people.audit import AuditRow
from bot.scheduling.processes import PROCESSES, Process, ProcessStore
from sandbox.server import Sandbox
from tests.commands import Ended, command
from tests.conftest import Map
from tests.redis_probe import TEAM, redis_of

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31mAcme\u202e"
STEERING = ("\x1b", "\x07", "\x9b", "\u202e")
BEN, CARA = "U0BEN0001", "U0CARA001"
NAMES_NO_ACME = ("keys", "doctor", "mappings forget", f"mappings remove T0CONNECT {BEN} nothing")
COMMANDS = (
    "mappings list",
    "mappings list --json",
    "mappings export",
    "mappings forget-profile T0CONNECT Acme",
    "audit",
    "audit --json",
    "status",
    "status --json",
    "jobs list",
    "jobs retry \x1b[2JAcme",
    "keys rotate",
    "doctor",
    "doctor --json",
    f"mappings remove T0CONNECT {BEN}",
    f"mappings remove T0CONNECT {BEN} nothing\x1b[2Jlike-Acme",
)


def test_tabs_line_breaks_and_letters_of_all_scripts_stay() -> None:
    for text in ("Ünïcode 日本 🎉\ta\nb", "שלום"):
        assert printable(text) == text
        assert json.loads(printable_json(text)) == text


def test_json_stays_what_it_was() -> None:
    assert json.loads(printable_json([EVIL, "\ud800"])) == [EVIL, "\ud800"]


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (r'["cut \uD83D", {"\udc4d": 1}]', ["cut ?", {"?": 1}]),
        (b'["\\ud83d\\udc4d", "\\\\ud83d", "\xc3\xa9"]', ["👍", "\\ud83d", "é"]),
        ("[1e999, 7]", [float("inf"), 7]),
    ],
)
def test_half_of_a_letter_is_no_text(raw: str | bytes, read: object) -> None:
    assert read_json(raw) == read


async def dress_up(bot: Bot, sandbox: Sandbox, mapped: Map) -> None:
    """Put what would steer a terminal wherever a name, a title or an id from elsewhere is shown."""
    profile = await mapped("ben", "Acme: Jane")
    await mapped("ben", "Globex")
    await bot.deps.profiles.save(TEAM, Profile(profile.ref_id, EVIL, profile.key))
    sandbox.slack.world.user("ben").real_name = f"Ben {EVIL}"
    await bot.deps.audit.add(TEAM, AuditRow("refused", by=BEN, ref_id=profile.ref_id, detail=EVIL))
    await redis_of(bot).zadd("connectbot:{T0CONNECT}:jobs_set_aside", {f"draw_receipt:{EVIL}": 1_795_000_000_000})
    await redis_of(bot).hset("connectbot:{T0CONNECT}:mappings", EVIL, "not JSON")
    await ProcessStore(bot.deps.audit.connection).say("x", Process("worker", EVIL, 1, "1", datetime.now(UTC)))
    assert await redis_of(bot).exists(PROCESSES)


def check(ended: Ended, *, names: bool) -> None:
    assert not [sign for sign in STEERING if sign in ended.out + ended.err]
    assert not names or "Acme" in ended.out + ended.err, ended


async def test_no_command_passes_them_on(mapped: Map, bot: Bot, sandbox: Sandbox, environment: dict[str, str]) -> None:
    await dress_up(bot, sandbox, mapped)
    for words in COMMANDS:
        ended = await command(*words.split(" "), environment=environment)
        check(ended, names=not words.startswith(NAMES_NO_ACME))


async def test_nor_does_import_pass_on_what_ayrshare_calls_a_profile_or_a_file_has(
    bot: Bot, sandbox: Sandbox, environment: dict[str, str], tmp_path: Path
) -> None:
    profile = sandbox.ayrshare.profiles[0]
    profile.title = EVIL
    file = tmp_path / "mappings.csv"
    for user in (CARA, f"{CARA}\x1b[2J"):
        file.write_text(f"user,profile_key,\x9b31mremark\n{user},{profile.key},x\n")
        check(await command("mappings", "import", str(file), environment=environment), names=user == CARA)
    check(await command("mappings", "import", "--apply", "\x1b[2Jno-file", environment=environment), names=False)
    set_one = await command("mappings", "set", "T0CONNECT", CARA, environment=environment, typed=profile.key)
    check(set_one, names=True)
