"""Reading control calls: what is wrong with one is said in words, with 400."""

import json
from collections.abc import Iterable
from typing import Any

from aiohttp import web


class BadCall(Exception):
    """A control call that cannot be understood."""


class Asked:
    """The members of a control call; each reader raises BadCall."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def only(self, *known: str) -> None:
        """Refuse a call with other members, or with none."""
        if unknown := set(self._given) - set(known):
            raise BadCall(f"unknown: {', '.join(sorted(unknown))}")
        if not self._given:
            raise BadCall(f"at least one is needed of {', '.join(known)}")

    def text(self, name: str) -> str:
        """Return a string that must be there."""
        if not (value := self.optional(name)):
            raise BadCall(f"{name!r} is missing")
        return value

    def optional(self, name: str) -> str:
        """Return a string, empty when it was not given."""
        value = self._given.get(name)
        if value is not None and not isinstance(value, str):
            raise BadCall(f"{name!r} must be a string")
        return value or ""

    def value(self, name: str) -> Any:
        """Return whatever was given."""
        return self._given.get(name)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._given.get(name, default)
        if not isinstance(value, bool):
            raise BadCall(f"{name!r} must be true or false")
        return value

    def number(self, name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
        """Return a whole number in that range."""
        try:
            number = int(self._given.get(name, default))
        except (TypeError, ValueError, OverflowError):
            number = least - 1
        if not least <= number <= most:
            raise BadCall(f"{name!r} must be a whole number from {least} to {most}")
        return number

    def table(self, name: str) -> dict[str, dict[str, Any]]:
        """Return an object of objects, empty when it was not given."""
        value = self._given.get(name) or {}
        if not isinstance(value, dict) or not all(isinstance(row, dict) for row in value.values()):
            raise BadCall(f"{name!r} must be an object of objects")
        return value

    def flags(self, name: str, *, known: Iterable[str]) -> dict[str, bool]:
        """Return an object of yes and no, which must not be empty."""
        value = self._given.get(name)
        if not isinstance(value, dict) or not value or not all(isinstance(one, bool) for one in value.values()):
            raise BadCall(f"{name!r} must be an object of true and false")
        if unknown := set(value) - set(known):
            raise BadCall(f"unknown in {name!r}: {', '.join(sorted(unknown))}")
        return value


async def read_call(request: web.Request) -> Asked:
    """Read a control call: the query of a GET, the JSON object of a POST; raises BadCall."""
    if request.method == "GET":
        return Asked(dict(request.query))
    try:
        given = json.loads(await request.read() or b"{}")
    except ValueError:
        raise BadCall("the body is not JSON") from None
    if not isinstance(given, dict):
        raise BadCall("the body is not a JSON object")
    return Asked(given)
