"""Titles and names from elsewhere don't steer an operator's terminal."""

import pytest

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import TeamId
from bot.core.text import printable
from sandbox.server import Sandbox
from tests.commands import command
from tests.conftest import Map

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31mAcme\u202e"
STEERING = ("\x1b", "\x07", "\x9b", "\u202e")


def test_tabs_line_breaks_and_letters_of_all_scripts_stay() -> None:
    for text in ("Ünïcode 日本 🎉\ta\nb", "שלום"):
        assert printable(text) == text


@pytest.mark.parametrize("words", [("mappings", "list"), ("mappings", "export"), ("keys", "rotate"), ("doctor",)])
async def test_no_command_passes_them_on(
    mapped: Map, bot: Bot, sandbox: Sandbox, environment: dict[str, str], words: tuple[str, ...]
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await bot.deps.profiles.save(TeamId("T0CONNECT"), Profile(profile.ref_id, EVIL, profile.key))
    ended = await command(*words, environment=environment)
    assert not [sign for sign in STEERING if sign in ended.out + ended.err]
    assert words[0] != "mappings" or "Acme" in ended.out
