"""What a control call gets: the two local services, and its arguments, which are checked when they are read."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from multidict import MultiMapping

from sandbox.ayrshare import LocalAyrshare
from sandbox.calls import CallLog
from sandbox.clock import MovableClock
from sandbox.slack import LocalSlack

TEAM = web.RequestKey("team", str)
"""The workspace in which a page acts, by what it shows."""


@dataclass(frozen=True)
class Services:
    """The two local services, their clock, and the log of the control calls; `url()` is the sandbox's own address."""

    slack: LocalSlack
    ayrshare: LocalAyrshare
    clock: MovableClock
    done: CallLog
    url: Callable[[], str]

    def within(self, team_id: str) -> "Services":
        """Return the services as they are in another workspace, if one is named; raises ActionUnavailable."""
        return replace(self, slack=self.slack.workspace(team_id)) if team_id else self


class BadRequest(Exception):
    """A control call with a missing or malformed argument; the message says which. It is answered with 400."""


class ControlRequest:
    """The arguments of a control call; every method that reads one raises BadRequest."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._arguments = arguments

    def as_json(self) -> dict[str, Any]:
        """Return all arguments as they were given."""
        return self._arguments

    def changed(self, **arguments: str) -> "ControlRequest":
        """Return the call with other arguments."""
        return ControlRequest(self._arguments | arguments)

    def __contains__(self, name: str) -> bool:
        return name in self._arguments

    def check_names(self, *known: str) -> None:
        """Check that there are no other arguments than these, and at least one."""
        if unknown := set(self._arguments) - set(known):
            raise BadRequest(f"unknown: {', '.join(sorted(unknown))}")
        if not self._arguments:
            raise BadRequest(f"at least one is needed of {', '.join(known)}")

    def text(self, name: str) -> str:
        """Return a required string."""
        if not (value := self.optional(name)):
            raise BadRequest(f"{name!r} is missing")
        return value

    def optional(self, name: str) -> str:
        """Return a string, empty if it is missing."""
        value = self._arguments.get(name)
        if value is not None and not isinstance(value, str):
            raise BadRequest(f"{name!r} must be a string")
        return value or ""

    def value(self, name: str) -> Any:
        """Return an argument of any type, None if it is missing."""
        return self._arguments.get(name)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a boolean."""
        value = self._arguments.get(name, default)
        if not isinstance(value, bool):
            raise BadRequest(f"{name!r} must be true or false")
        return value

    def number(self, name: str, default: int, *, minimum: int = 0, maximum: int = 10**9) -> int:
        """Return a whole number in that range."""
        try:
            number = int(self._arguments.get(name, default))
        except (TypeError, ValueError, OverflowError):
            number = minimum - 1
        if not minimum <= number <= maximum:
            raise BadRequest(f"{name!r} must be a whole number from {minimum} to {maximum}")
        return number

    def nested(self, name: str) -> dict[str, dict[str, Any]]:
        """Return an object of objects, empty if it is missing."""
        value = self._arguments.get(name) or {}
        if not isinstance(value, dict) or not all(isinstance(row, dict) for row in value.values()):
            raise BadRequest(f"{name!r} must be an object of objects")
        return value

    def flags(self, name: str, *, known: Iterable[str]) -> dict[str, bool]:
        """Return a nonempty object of booleans whose names are known."""
        value = self._arguments.get(name)
        if not isinstance(value, dict) or not value or not all(isinstance(one, bool) for one in value.values()):
            raise BadRequest(f"{name!r} must be an object of true and false")
        if unknown := set(value) - set(known):
            raise BadRequest(f"unknown in {name!r}: {', '.join(sorted(unknown))}")
        return value


async def read_request(request: web.Request) -> ControlRequest:
    """Read the query of a GET, the JSON object of a POST, or a form of the page; raises BadRequest."""
    if request.method == "GET":
        return ControlRequest(dict(request.query))
    if request.content_type == "multipart/form-data":
        workspace = {"team": request[TEAM]} if request.get(TEAM) else {}
        return ControlRequest(workspace | _arguments(request.query.get("told", "{}"), await request.post()))
    try:
        body = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    return ControlRequest(body)


def _arguments(told: str, form: MultiMapping[Any]) -> dict[str, Any]:
    """Return what a form of the page says: `told` is JSON, `values/block/action` is the value of an element."""
    try:
        arguments: dict[str, Any] = json.loads(told)
    except ValueError:
        raise BadRequest("'told' is not JSON") from None
    if not isinstance(arguments, dict):
        raise BadRequest("'told' is not a JSON object")
    values: dict[str, dict[str, Any]] = {}
    for name in {name for name in form if not name.startswith("typed/")}:
        if not name.startswith("values/") or name.count("/") == 1:
            arguments[name] = form[name]
            continue
        block_id, action_id, *many = map(unquote, name.split("/")[1:])
        chosen = [value for value in form.getall(name) if value]
        values.setdefault(block_id, {})[action_id] = chosen if many else form[name]
    if "action_id" in arguments:
        own = values.get(str(arguments.get("block_id", "")), {}).get(str(arguments["action_id"]))
        return {"value": own} | arguments if own is not None else arguments
    return arguments | {"values": values} if values else arguments
