"""The arguments of a Web API call, from the query, a form or JSON."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.slack.api_types import ErrorResponse


class Arguments:
    """Named values; a form contains nested ones as JSON strings and flags as words or digits."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = {name: value for name, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """Return a string; a value of another type is returned as JSON."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def required(self, name: str) -> str:
        """Return a required string; raises ErrorResponse."""
        if not (value := self.text(name)):
            raise ErrorResponse("invalid_arguments", messages=[f"missing required field: {name}"])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean: `true`, `"true"`, `1` and `"1"` are true."""
        return str(self.values.get(name, default)).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        """Return a whole number; raises ErrorResponse."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError, OverflowError):
            raise ErrorResponse("invalid_arguments", messages=[f"must be an integer: {name}"]) from None

    def structure(self, name: str, *, malformed: str) -> Any:
        """Return a nested value, or None; raises ErrorResponse(malformed) for a string that isn't JSON."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except ValueError:
            raise ErrorResponse(malformed) from None


async def read_arguments(request: web.Request) -> Arguments:
    """Read the query and a form or JSON body; raises ErrorResponse for a malformed one."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        values |= _json_object(await request.read())
    else:
        values |= await _form(request)
    return Arguments(values)


async def _form(request: web.Request) -> dict[str, str]:
    try:
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except LookupError:
        raise ErrorResponse("invalid_charset") from None
    except ValueError:
        raise ErrorResponse("invalid_form_data") from None


def _json_object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        raise ErrorResponse("invalid_json") from None
    if not isinstance(value, dict):
        raise ErrorResponse("json_not_object")
    return value
