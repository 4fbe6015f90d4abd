"""The records of a CSV file, whatever a spreadsheet made of it: https://www.rfc-editor.org/rfc/rfc4180.

No cell is ever repeated in a message: a key may stand anywhere by mistake.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

COLUMNS = ("user", "profile_key", "default", "ref_id", "title")
NEEDED = {"user", "profile_key"}, {"user", "ref_id"}
DELIMITERS = ",;\t"
MOST_BYTES = 8 * 2**20
MOST_ROWS = 20_000
"""Redis does nothing else while it takes them in, and the bot waits for it no longer than 1.5 s."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong with a line of the file."""

    line: int
    words: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}"


class Unreadable(Exception):
    """From this line on the file makes no sense."""

    def __init__(self, line: int, words: str) -> None:
        self.problem = Problem(line, words)
        super().__init__(words)


def decoded(content: bytes) -> str:
    """Return the file's text; raise Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable(1, f"the file is larger than {MOST_BYTES // 2**20} MB; split it")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(line, "this is not UTF-8; save the table as “CSV UTF-8”") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise Unreadable(line, "this is no text file: it holds NUL bytes")
    return text


def header(text: str) -> tuple[str, list[str]]:
    """Return the delimiter under which the first line names the columns, and the columns; raise Unreadable."""
    for delimiter in DELIMITERS:
        try:
            _, cells = next(_records(text, delimiter), (1, []))
        except Unreadable:
            continue
        columns = [re.sub(r"[\s-]+", "_", cell.casefold()) for cell in cells]
        if any(needed <= {*columns} for needed in NEEDED):
            for name in COLUMNS:
                if columns.count(name) > 1:
                    raise Unreadable(1, f"the column {name} stands there twice")
            return delimiter, columns
    raise Unreadable(
        1,
        "the first line has to name the columns user and profile_key (and default, if wanted), "
        "with commas, semicolons or tabs between them",
    )


def body(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row, with the number of the line that it begins on; raise Unreadable."""
    records = _records(text, delimiter)
    next(records)
    for number, record in enumerate(records, start=1):
        if number > MOST_ROWS:
            raise Unreadable(record[0], f"there are more than {MOST_ROWS:,} rows; split the file")
        yield record


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that hold anything, with the number of the line that each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        words = "a quotation mark here has no counterpart, or stands inside a cell; nothing behind it can be read"
        raise Unreadable(line, words) from None
