"""Mappings as a CSV file: bytes in, rows or what is wrong with each line out; and back, without keys."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from bot.core.model import RefId
from bot.mappings.imports.keys import KEY_SHAPE
from bot.mappings.imports.records import COLUMNS, Problem, Unreadable, body, decoded, header
from bot.profiles.model import ProfileMapping

USER_ID = re.compile(r"[UW][A-Z0-9]{1,24}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
YES = {"yes", "y", "true", "1", "x"}
NO = {"", "no", "n", "false", "0"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """What a line asks for: the person as written, and a profile by its key, its ref_id or both."""

    line: int
    user: str
    key: SecretStr | None
    ref_id: RefId | None
    default: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A whole file: what can be read of it, what can't, and what is worth knowing."""

    rows: tuple[FileRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def read(content: bytes) -> Table:
    """Read a file of any newlines and delimiters; whatever it holds, every problem is told and none is raised."""
    rows: list[FileRow] = []
    problems: list[Problem] = []
    notes: list[str] = []
    try:
        text = decoded(content)
        delimiter, columns = header(text)
        notes += _unused(columns)
        for line, cells in body(text, delimiter):
            row, wrong = _row(line, dict(zip(columns, cells, strict=False)))
            wrong += ["more cells than the first line has columns"] * any(cells[len(columns) :])
            problems += [Problem(line, words) for words in wrong]
            rows += [] if wrong else [row]
    except Unreadable as unreadable:
        problems.append(unreadable.problem)
    return Table(tuple(rows), tuple(problems), tuple(notes))


def write(mappings: Iterable[ProfileMapping], titles: Mapping[RefId, str]) -> Iterator[str]:
    """Yield the lines of a file that `read` understands where the profiles are known; the key column is empty."""
    yield _line(COLUMNS)
    for mapping in mappings:
        default = "yes" if mapping.default else ""
        yield _line((mapping.user, "", default, mapping.ref_id, titles.get(mapping.ref_id, "")))


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(f"'{c}" if c.startswith(FORMULA) else c for c in cells)
    return line.getvalue()


def _unused(columns: list[str]) -> Iterator[str]:
    numbers = [str(number) for number, name in enumerate(columns, start=1) if name not in COLUMNS]
    if numbers:
        yield f"Columns without a known name are not used: number {', '.join(numbers)}."


def _row(line: int, cell: Mapping[str, str]) -> tuple[FileRow, list[str]]:
    user, key, default, ref_id, _ = (cell.get(name, "") for name in COLUMNS)
    said = default.casefold()
    person = user.isprintable() and (USER_ID.fullmatch(user) or EMAIL.fullmatch(user))
    wrong = {
        "user: empty": not user,
        "user: neither a user ID (U… or W…) nor an e-mail address": user and not person,
        "profile_key: empty": not (key or ref_id),
        "profile_key: that is no profile key, which is one word as Ayrshare showed it": key
        and not KEY_SHAPE.fullmatch(key),
        "default: write yes, no or nothing": said not in YES | NO,
    }
    row = FileRow(line, user, SecretStr(key) if key else None, RefId(ref_id) if ref_id else None, said in YES)
    return row, [words for words, holds in wrong.items() if holds]
