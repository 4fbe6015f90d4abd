"""`mappings`: keys go in through standard input and never come out."""

from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.commands import Ended, command
from tests.keys import RING

TEAM, BEN = "T0CONNECT", "U0BEN0001"


@pytest.fixture
def keys(sandbox: Sandbox) -> dict[str, str]:
    return {profile.title: profile.key for profile in sandbox.ayrshare.profiles}


async def mappings(environment: dict[str, str], *words: str, typed: str = "") -> Ended:
    return await command("mappings", *words, environment=environment, typed=typed)


async def test_a_profile_is_added_listed_and_removed_and_its_key_is_never_printed(
    environment: dict[str, str], keys: dict[str, str]
) -> None:
    added = await mappings(environment, "set", TEAM, BEN, typed=keys["Acme: Jane"] + "\n")
    assert (added.code, added.err) == (0, "")
    assert 'now has "Acme: Jane"' in added.out
    listed = await mappings(environment, "list")
    assert BEN in listed.out
    assert "Acme: Jane" in listed.out
    removed = await mappings(environment, "remove", TEAM, BEN)
    assert (removed.code, removed.out) == (0, f'{BEN} no longer has "Acme: Jane".\n')
    assert "Nobody is mapped" in (await mappings(environment, "list")).out
    assert keys["Acme: Jane"] not in added.out + listed.out + removed.out


async def test_of_several_profiles_one_is_the_default_and_removing_needs_a_name(
    environment: dict[str, str], keys: dict[str, str]
) -> None:
    await mappings(environment, "set", TEAM, BEN, typed=keys["Acme: Jane"])
    await mappings(environment, "set", TEAM, BEN, "--default", typed=keys["Globex"])
    rows = (await mappings(environment, "list", TEAM)).out.split("\n")
    assert ["yes" in row for row in rows if BEN in row] == [True, False]
    assert "Globex" in next(row for row in rows if "yes" in row)
    ambiguous = await mappings(environment, "remove", TEAM, BEN)
    assert ambiguous.code == 1
    assert "Acme: Jane" in ambiguous.err
    assert (await mappings(environment, "remove", TEAM, BEN, "Globex")).code == 0
    assert (await mappings(environment, "remove", TEAM, BEN, "Globex")).code == 1
    assert (await mappings(environment, "remove", TEAM, "U0NOBODY")).code == 1


async def test_a_key_that_ayrshare_refuses_is_not_stored(environment: dict[str, str]) -> None:
    refused = await mappings(environment, "set", TEAM, BEN, typed="WRONG123-KEY12345-AAAA1111-BBBB2222")
    assert refused.code == 1
    assert "WRONG123" not in refused.out + refused.err
    assert "Traceback" not in refused.err
    assert "Nobody is mapped" in (await mappings(environment, "list")).out


async def test_without_a_check_ayrshare_is_not_asked_and_not_even_configured(tmp_path: Path, sandbox: Sandbox) -> None:
    bare = {"DATA_DIR": str(tmp_path / "data")}
    added = await mappings(bare, "set", TEAM, BEN, "--no-check", typed="CANARY12-KEY12345-AAAA1111-BBBB2222")
    assert added.code == 0
    assert "CANARY12" not in added.out
    assert "unchecked" in (await mappings(bare, "list")).out
    assert sandbox.ayrshare.calls.since() == []


async def test_a_key_stored_unchecked_is_the_same_profile_once_it_was_checked(
    environment: dict[str, str], keys: dict[str, str]
) -> None:
    for words in ((BEN, "--no-check"), ("U0CARA001",), (BEN, "--no-check")):
        assert (await mappings(environment, "set", TEAM, *words, typed=keys["Acme: Jane"])).code == 0
    listed = (await mappings(environment, "list")).out
    assert (listed.count("Acme: Jane"), listed.count("unchecked")) == (2, 0)


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (("set", "acme", BEN), "KEY12345-KEY12345"),
        (("set", TEAM, "ben"), "KEY12345-KEY12345"),
        (("set", TEAM, BEN), ""),
        (("set", TEAM, BEN), "two words"),
        (("set", TEAM, BEN), "THE-ACCOUNTS-OWN"),
    ],
)
async def test_bad_input_is_explained(
    environment: dict[str, str], sandbox: Sandbox, words: tuple[str, ...], typed: str
) -> None:
    key = sandbox.ayrshare.api_key if typed == "THE-ACCOUNTS-OWN" else typed
    ended = await mappings(environment, *words, typed=key)
    assert ended.code in {1, 2}
    assert ended.err
    assert "Traceback" not in ended.err
    assert sandbox.ayrshare.api_key not in ended.err


async def test_missing_settings_are_all_named_and_the_exit_code_is_2(tmp_path: Path) -> None:
    ended = await mappings({"DATA_DIR": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1"}, "set", TEAM, BEN)
    assert ended.code == 2
    assert "AYRSHARE_API_KEY: required" in ended.err
    assert "ENCRYPTION_KEYS: required" in ended.err


async def test_a_redis_that_is_away_is_said_in_a_sentence(tmp_path: Path) -> None:
    environment = {"DATA_DIR": str(tmp_path), "REDIS_URL": f"unix://{tmp_path}/nobody.sock", "ENCRYPTION_KEYS": RING}
    ended = await mappings(environment, "list")
    assert ended.code == 1
    assert "I can't reach my database" in ended.err
    assert "Traceback" not in ended.err
