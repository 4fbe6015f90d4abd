"""Text files as editors write them: UTF-8, with a byte order mark or not, and UTF-16, as Windows writes it."""

import codecs

SAMPLE = 200
"""Bytes from which UTF-16 without a byte order mark is told: every other byte of most of our text is zero."""


class NotText(ValueError):
    """Bytes that are text in no encoding that we read; `line` is where the first one is."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is not UTF-8; save the file as UTF-8")
        self.line = line


def decode(raw: bytes) -> str:
    """Return the text of a file, without its byte order mark; raise NotText."""
    try:
        return raw.decode(_encoding(raw)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise NotText(raw[: error.start].count(b"\n") + 1) from None


def _encoding(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = raw[:SAMPLE:2], raw[1:SAMPLE:2]
    if odd and odd.count(0) > len(odd) // 2:
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > len(even) // 2 else "utf-8"
