"""Mappings as a CSV file: reads rows, or what is wrong with each line, from whatever a spreadsheet wrote; writes them.

A message never repeats a cell, since a key may be in any of them by mistake. https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from bot.core.model import RefId
from bot.core.text import printable
from bot.core.text_file import NotText, decode
from bot.mappings.model import KEY_SHAPE, MAX_FILE_BYTES, MAX_FILE_ROWS
from bot.profiles.model import ProfileMapping
from bot.slack.mentions import USER_ID, person_in

DISCONNECTED = "disconnected"
"""A column that is only written."""
COLUMNS = ("user", "profile_key", "default", "ref_id", "title")
REQUIRED = {"user", "profile_key"}, {"user", "ref_id"}
DELIMITERS = ",;\t|"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ALIASES = {"userid": "user", "profilekey": "profile_key", "refid": "ref_id"}
"""Other ways to write the columns' names, without spaces and dashes."""
YES_WORDS = """
on ✔ ☑
yes y true 1 1.0 1,0 x ✓ wahr ja vrai oui verdadero sí si vero sì verdadeiro sim waar prawda tak sant sand tosi pravda
igaz истина да doğru evet
"""
NO_WORDS = """
off - – — n/a ☐
no n false 0 0.0 0,0 falsch nein faux non falso não onwaar nee fałsz nie falskt falsk nej epätosi nepravda hamis ложь
нет yanlış hayır
"""  # noqa: RUF001 - they are of other languages
YES, NO = frozenset(YES_WORDS.split()), frozenset(NO_WORDS.split()) | {""}
"""Spreadsheets write truth in the language of their user, and so do people."""
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of Excel, LibreOffice and Numbers begin."""
AROUND = " \t\r\n\x1a\u00a0\u200b\u2060\ufeff"
AS_TEXT = re.compile(r'="([^"]*)"')
QUOTED = re.compile(r"""^["“„«‘‚](.*)["”“»’‘]$""")  # noqa: RUF001 - word processors put them around
IN_ADDRESS = re.compile(r"^(?:mailto:|https://\S+\.slack\.com/team/|[^<>]*<(?=[^<>@\s]+@))([^<>\s]+)>?$", re.IGNORECASE)
"""A person as other programs copy them: an e-mail address with its name, or the link to a profile in Slack."""
AS_NUMBER = re.compile(r"\d([.,]\d+)?E[+-]?\d+", re.IGNORECASE)
ONE_CELL = re.compile(rf'"[^"]*[{DELIMITERS}][^"]*"')
"""A first line that a spreadsheet took for one cell, and wrote so, with all lines behind it."""
SEPARATOR = re.compile(r"sep=.?", re.IGNORECASE)
"""Excel's own first line, `sep=;`."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""


@dataclass(frozen=True, slots=True, order=True)
class RowProblem:
    """What is wrong with a line of the file."""

    line: int
    words: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}"


class Unreadable(Exception):
    """The file can't be read from this line on."""

    def __init__(self, line: int, words: str) -> None:
        self.problem = RowProblem(line, words)
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class FileRow:
    """What a line asks for: the person as written, and a profile by its key, its ref_id or both."""

    line: int
    user: str
    key: SecretStr | None
    ref_id: RefId | None
    default: bool


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A whole file: the rows that can be read, what is wrong with the others, and notes."""

    rows: tuple[FileRow, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    notes: tuple[str, ...] = ()


def is_email(user: str) -> bool:
    """Whether a row names its person by an e-mail address."""
    return EMAIL.fullmatch(user) is not None


def is_id(user: str) -> bool:
    """Whether a row names its person by a user ID; else Slack has to say who is meant."""
    return USER_ID.fullmatch(user) is not None


def read(content: bytes) -> MappingFile:
    """Read a file with any newlines and delimiter; problems are returned, never raised."""
    rows: list[FileRow] = []
    problems: list[RowProblem] = []
    notes: list[str] = []
    try:
        text = _unpacked(_decode(content))
        delimiter, columns = _header(text)
        notes += _unused_columns(columns)
        for line, cells in _body(text, delimiter):
            row, wrong = _row(line, dict(zip(columns, cells, strict=False)))
            wrong += ["more cells than the first line has columns"] * any(cells[len(columns) :])
            problems += [RowProblem(line, words) for words in wrong]
            rows += [] if wrong else [row]
    except Unreadable as unreadable:
        problems.append(unreadable.problem)
    return MappingFile(tuple(rows), tuple(problems), tuple(notes))


def write(
    mappings: Iterable[ProfileMapping], titles: Mapping[RefId, str], disconnected: Mapping[RefId, str]
) -> Iterator[str]:
    """Yield the lines of a file that `read` accepts where the profiles are known; the key column is empty."""
    yield _line((*COLUMNS, DISCONNECTED))
    for mapping in mappings:
        default, ref_id = "yes" if mapping.default else "", mapping.ref_id
        yield _line((mapping.user, "", default, ref_id, titles.get(ref_id, ""), disconnected.get(ref_id, "")))


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    shown = map(printable, cells)
    csv.writer(line, lineterminator="\n").writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in shown)
    return line.getvalue()


def _decode(content: bytes) -> str:
    if len(content) > MAX_FILE_BYTES:
        raise Unreadable(1, f"the file is larger than {MAX_FILE_BYTES // 2**20} MB; split it")
    if content.startswith(SPREADSHEETS):
        raise Unreadable(1, "this is a spreadsheet program's own file; save the table as “CSV UTF-8”")
    try:
        text = decode(content)
    except NotText as error:
        raise Unreadable(error.line, "this is not UTF-8; save the table as “CSV UTF-8”") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise Unreadable(line, "this is no text file: it holds NUL bytes")
    return text


def _unpacked(text: str) -> str:
    """Return the lines that stand in one cell each, if they do."""
    lines = text.splitlines()
    if not (lines and ONE_CELL.fullmatch(lines[0].strip(AROUND))):
        return text
    return "\n".join(re.sub(r'^"(.*)"\s*$', r"\1", line).replace('""', '"') for line in lines)


def _header(text: str) -> tuple[str, list[str]]:
    """Return the delimiter with which the first line names the required columns, and all columns."""
    for delimiter in DELIMITERS:
        try:
            _, cells = next(_records(text, delimiter), (1, []))
        except Unreadable:
            continue
        columns = [_column(cell) for cell in cells]
        if any(required <= {*columns} for required in REQUIRED):
            for name in COLUMNS:
                if columns.count(name) > 1:
                    raise Unreadable(1, f"the column {name} stands there twice")
            return delimiter, columns
    raise Unreadable(
        1,
        "the first line has to name the columns user and profile_key (and default, if wanted), "
        "with commas, semicolons, tabs or bars between them",
    )


def _column(cell: str) -> str:
    name = re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", cell).casefold())
    return ALIASES.get(name.replace("_", ""), name)


def _body(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row, with the number of the line that it begins on."""
    records = _records(text, delimiter)
    next(records)
    for number, record in enumerate(records, start=1):
        if number > MAX_FILE_ROWS:
            raise Unreadable(record[0], f"there are more than {MAX_FILE_ROWS:,} rows; split the file")
        yield record


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that aren't empty, with the number of the line that each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            cells = [_cell(cell) for cell in record]
            if any(cells) and not (line == 1 and SEPARATOR.fullmatch(delimiter.join(record).strip())):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        words = "a quotation mark here has no counterpart, or stands inside a cell; nothing behind it can be read"
        if "field limit" in str(error):
            words = f"a cell here has more than {csv.field_size_limit():,} letters"
        raise Unreadable(line, words) from None


def _cell(text: str) -> str:
    """Return a cell without spaces, and without the apostrophe or `="…"` that makes spreadsheets take it for text."""
    text = text.strip(AROUND).removeprefix("'").strip(AROUND)
    return QUOTED.sub(r"\1", AS_TEXT.sub(r"\1", text)).strip(AROUND)


def _unused_columns(columns: list[str]) -> Iterator[str]:
    numbers = [str(number) for number, name in enumerate(columns, start=1) if name not in {*COLUMNS, DISCONNECTED}]
    if numbers:
        yield f"Columns without a known name are not used: number {', '.join(numbers)}."


def _row(line: int, cell: Mapping[str, str]) -> tuple[FileRow, list[str]]:
    user, key, default, ref_id, _ = (cell.get(name, "") for name in COLUMNS)
    user = IN_ADDRESS.sub(r"\1", unicodedata.normalize("NFKC", user))
    user = person_in(user.upper() if re.search(r"\d", user) else user) or user
    said = default.casefold()
    wrong = {
        "user: empty": not user,
        "user: a character in it can't be seen": not user.isprintable(),
        "profile_key: empty": not (key or ref_id),
        "profile_key: a spreadsheet has made a number of it; format the column as text": AS_NUMBER.fullmatch(key),
        "profile_key: that is no profile key, which is one word as Ayrshare showed it": key
        and not (KEY_SHAPE.fullmatch(key) or AS_NUMBER.fullmatch(key)),
        "ref_id: a spreadsheet has made a number of it; format the column as text": AS_NUMBER.fullmatch(ref_id),
        "default: write yes, no or nothing": said not in YES | NO,
    }
    row = FileRow(line, user, SecretStr(key) if key else None, RefId(ref_id) if ref_id else None, said in YES)
    return row, [words for words, holds in wrong.items() if holds]
