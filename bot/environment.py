"""Settings as people, shells and platforms write them: read, or refused in one line that never quotes a value.

`docker --env-file` and Kubernetes keep quotes and line ends, Windows writes UTF-16, and no platform replaces `${…}`.
"""

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from dotenv.parser import parse_stream
from pydantic import BaseModel, SecretStr
from pydantic_settings import EnvSettingsSource

from bot.core.text_file import NotText, decode

DOTENV = Path(".env")
AROUND = " \t\r\n\ufeff\u00a0\u200b\u2060"
"""What copying and line ends leave around a value."""
LITERAL_LINE_END = re.compile(r"(\\[nr])+$")
QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019", "\u201e": "\u201c"}
NAME = re.compile(r"[A-Za-z_][\w.-]*")
REFERENCE = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|^\$[A-Za-z_]\w*$|^\$[A-Z_]{3,}/|^%\w+%$|^\{\{.*\}\}$")
ELSEWHERE = re.compile(r"(op|ref\+\w+|gcp|sm|awsssm)://|vault:|arn:aws[\w-]*:|@Microsoft\.KeyVault\(")
"""What platforms and secret stores take for the place of a value."""
PLACEHOLDER = re.compile(r"<(?!xox|xapp)[A-Za-z][^<>]*>")
SURROGATE = re.compile(r"[\ud800-\udfff]")


class DotenvError(Exception):
    """A `.env` file that can't be read, in one line that names it."""


def secrets_of(settings: type[BaseModel]) -> tuple[str, ...]:
    """Return the names of the settings that are secrets; each may be given as a file, by NAME_FILE."""
    return tuple(name for name, field in settings.model_fields.items() if _is_secret(field.annotation))


def _is_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))


class EnvironmentSource(EnvSettingsSource):
    """The variables of the environment, those that name a secret's file among them."""

    def __call__(self) -> dict[str, Any]:
        """Return what is set, by the name in small letters."""
        files = {name: self.env_vars.get(name) for name in map("{}_file".format, secrets_of(self.settings_cls))}
        return super().__call__() | {name: path for name, path in files.items() if path}


class DotenvSource(EnvironmentSource):
    """The variables in the `.env` file of the current folder; nothing in it is replaced."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in _bindings() if value}


def _bindings() -> Iterator[tuple[str, str]]:
    """Yield the names and values in the file; raise DotenvError."""
    try:
        text = decode(DOTENV.read_bytes()) if DOTENV.exists() else ""
    except OSError as error:
        raise DotenvError(f"{DOTENV}: cannot be read ({error.strerror})") from None
    except NotText as error:
        raise DotenvError(f"{DOTENV}, {error}") from None
    for binding in parse_stream(io.StringIO(text)):
        blank = binding.original.string[: len(binding.original.string) - len(binding.original.string.lstrip())]
        line = binding.original.line + blank.count("\n")
        if binding.error or (binding.key and (binding.value is None or not NAME.fullmatch(binding.key))):
            raise DotenvError(f"{DOTENV}, line {line}: is not NAME=value; a value of several lines needs quotes")
        if binding.key:
            yield binding.key, binding.value or ""


def clean(values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the values without what was left around them, and a line for each that can't be meant.

    Values that are empty are left out.
    """
    cleaned = {name: _unwrapped(value) if isinstance(value, str) else value for name, value in values.items()}
    reasons = {name: _reason_against(value) for name, value in cleaned.items() if isinstance(value, str)}
    problems = [f"{name.upper()}: {reason}" for name, reason in reasons.items() if reason]
    return {name: value for name, value in cleaned.items() if value != ""}, problems


def _unwrapped(value: str) -> str:
    value = LITERAL_LINE_END.sub("", value.strip(AROUND)).strip(AROUND)
    if len(value) > 1 and QUOTES.get(value[0]) == value[-1]:
        return _unwrapped(value[1:-1])
    return value


def _reason_against(value: str) -> str | None:
    if REFERENCE.search(value):
        return "refers to another variable, which nothing replaces here; write the value itself"
    if ELSEWHERE.match(value):
        return "names a place in a store of secrets, which nothing reads here; write the value itself"
    if PLACEHOLDER.fullmatch(value):
        return "is a placeholder; write the value itself"
    if SURROGATE.search(value) or "\0" in value:
        return "is not UTF-8 text"
    opened, closed = value[:1] in QUOTES, value[-1:] in QUOTES.values()
    if opened != closed or value in QUOTES:
        return "has a quote at one end only"
    return None
