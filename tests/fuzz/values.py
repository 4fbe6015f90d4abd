"""Random settings files, CSV files, notes and titles: each is read, or refused by a failure that we know."""

import os
import random
from contextlib import suppress
from pathlib import Path

from bot.core.matching import best_matches
from bot.invitations.errors import NoteRefused
from bot.invitations.note import checked_note
from bot.mappings.imports import mapping_file
from bot.settings import Settings, SettingsError, load
from bot.slack.errors import NotAPerson
from bot.slack.mentions import readable, split_mention
from bot.slack.text import titled
from tests.fuzz.inputs import WORDS

PIECES = (
    *WORDS, "\n", "\r\n", "=", '"', "'", ",", ";", "\t", "#", "${X}", "SLACK_BOT_TOKEN=xoxb-1", "PORT=", "sep=;",
    "user,profile_key", "U0BEN0001", "bit.ly", "17:30", "\u200d", "\u2800", "\u201c", ":tada:", "<http://a.b|a.b>",
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1")


def read_one(chance: random.Random) -> str:
    """Have one random value read, and return its kind; raise what nobody expected."""
    text = "".join(chance.choice(PIECES) for _ in range(chance.randrange(20)))
    read = chance.choice((_settings_file, _csv, _note, _title))
    read(chance, text)
    return read.__name__.strip("_")


def _settings_file(chance: random.Random, text: str) -> None:
    Path(".env").write_bytes(_raw(chance, text))
    before = dict(os.environ)
    os.environ["SLACK_SIGNING_SECRET"] = text.replace("\0", "").encode("utf-8", "replace").decode()
    try:
        load(Settings)
    except SettingsError:
        pass
    finally:
        Path(".env").unlink()
        os.environ.clear()
        os.environ.update(before)


def _csv(chance: random.Random, text: str) -> None:
    mapping_file.read(_raw(chance, text))


def _note(_chance: random.Random, text: str) -> None:
    with suppress(NoteRefused):
        checked_note(readable(text))


def _title(chance: random.Random, text: str) -> None:
    with suppress(NotAPerson):
        split_mention(text)
    best_matches([text, chance.choice(PIECES)], chance.choice(PIECES), title=str)
    titled(text)


def _raw(chance: random.Random, text: str) -> bytes:
    raw = text.encode(chance.choice(ENCODINGS), "replace")
    return raw[: chance.randrange(len(raw) + 1)] if chance.random() < 0.3 else raw
