"""`doctor`: one row for each thing that can be wrong, and exit code 1 when something is."""

from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.commands import bot_command


async def test_a_sound_set_up_passes_on_the_embedded_redis(environment: dict[str, str], sandbox: Sandbox) -> None:
    key = sandbox.ayrshare.profiles[0].key
    await bot_command("mappings", "set", "T0CONNECT", "U0BEN0001", environment=environment, typed=key)
    ended = await bot_command("doctor", environment=environment)
    assert ended.code == 0, ended.out + ended.err
    for told in ("complete", "5 min", "answers", "open all 1 profile keys", "T0CONNECT", "4 profiles"):
        assert told in ended.out


async def test_a_link_that_lives_long_is_noted_but_not_wrong(environment: dict[str, str]) -> None:
    ended = await bot_command("doctor", environment=environment | {"AYRSHARE_EXPIRES_IN": "61"})
    assert ended.code == 0
    assert "note" in ended.out
    assert "the longer a leaked one works" in ended.out


async def test_missing_settings_are_rows(tmp_path: Path) -> None:
    ended = await bot_command("doctor", environment={"DATA_DIR": str(tmp_path / "data")})
    assert ended.code == 1
    assert "SLACK_BOT_TOKEN: required" in ended.out
    assert "AYRSHARE_API_KEY: required" in ended.out


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-canary"}, "invalid_auth"),
        ({"SLACK_API_URL": "http://127.0.0.1:1/api/"}, "can't be reached"),
        ({"AYRSHARE_API_KEY": "CANARY"}, "doesn't accept this bot's API key"),
        ({"REDIS_URL": "unix:///nowhere/at/all.sock", "ENCRYPTION_KEYS": f"a:{'A' * 43}="}, "can't be used"),
    ],
)
async def test_what_is_wrong_is_told_without_a_secret(
    environment: dict[str, str], wrong: dict[str, str], told: str
) -> None:
    ended = await bot_command("doctor", environment=environment | wrong)
    assert ended.code == 1
    assert told in ended.out
    assert "canary" not in (ended.out + ended.err).lower()
    assert "Traceback" not in ended.err
