"""Secrets given as files: NAME_FILE in place of NAME, as containers, Kubernetes and systemd hand them over."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.core.text_file import NotText, decode
from bot.environment import clean
from bot.setting_types import home_path

MOST_BYTES = 65_536
"""A longer file holds no secret."""


def read_secret_files(names: Iterable[str], values: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """Return the values with the content of each file that is named for one of the secrets `names`.

    What is wrong with a file is added to `problems`, by the variable that names it.
    """
    files = {name: f"{name}_file" for name in names if f"{name}_file" in values}
    for name, file in files.items():
        if name in values:
            problems.append(f"{file.upper()}: set this or {name.upper()}, not both")
            continue
        try:
            content, reasons = clean({file: _text_of(home_path(Path(values[file])))})
        except ValueError as error:
            problems.append(f"{file.upper()}: {error}")
            continue
        if file in content:
            values = values | {name: content[file]}
            problems += reasons
        else:
            problems.append(f"{file.upper()}: is empty")
    return values


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from None
    if len(raw) > MOST_BYTES:
        raise ValueError("is too long for a secret")
    try:
        return decode(raw)
    except NotText:
        raise ValueError("is not UTF-8 text") from None
