"""The arguments of a call, however they came: query, form or JSON."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.slack.api_types import Refusal


class Arguments:
    """Named values; forms carry nested ones as JSON strings and flags as words or digits."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = {name: value for name, value in given.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def text(self, name: str, default: str = "") -> str:
        """Return a string; anything else that was given is written as one."""
        value = self.given.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def required(self, name: str) -> str:
        """Return a string that must be there; raises Refusal."""
        if not (value := self.text(name)):
            raise Refusal("invalid_arguments", messages=[f"missing required field: {name}"])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a switch: `true`, `"true"`, `1` and `"1"` are on."""
        return str(self.given.get(name, default)).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        """Return a whole number; raises Refusal."""
        try:
            return int(self.given.get(name, default))
        except (TypeError, ValueError):
            raise Refusal("invalid_arguments", messages=[f"must be an integer: {name}"]) from None

    def structure(self, name: str, *, malformed: str) -> Any:
        """Return a nested value, or None; raises Refusal(malformed) when a string is not JSON."""
        value = self.given.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal(malformed) from None


async def read_arguments(request: web.Request) -> Arguments:
    """Read query, form or JSON body; raises Refusal for a body that is neither."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        given |= _json_object(await request.read())
    else:
        given |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return Arguments(given)


def _json_object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(value, dict):
        raise Refusal("json_not_object")
    return value
