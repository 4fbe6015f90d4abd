"""Modals in their stacks and Home tabs.

https://docs.slack.dev/surfaces/modals, https://docs.slack.dev/reference/views
"""

import itertools
import json
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.block_kit import blocks_with_defaults, view_problems, with_defaults
from sandbox.slack.inputs import ElementStates, state_json, states_after_update
from sandbox.slack.world import AppIdentity

MAX_STACK = 3
MAX_BYTES = 250_000
COPIED_FIELDS = (
    "title",
    "submit",
    "close",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
)
DEFAULTS: Json = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "title": None,
    "submit": None,
    "close": None,
}


@dataclass(kw_only=True, eq=False)
class View:
    """A modal or Home tab of one user; `content` is the app's view completed with defaults."""

    id: str
    user_id: str
    content: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    states: ElementStates = field(default_factory=dict)

    def as_json(self, *, team_id: str, installed_in: str, app: AppIdentity) -> Json:
        """Return the view object; the first team is the viewer's."""
        return {
            "id": self.id,
            "team_id": team_id,
            **self.content,
            "state": state_json(self.content["blocks"], self.states),
            "hash": self.hash,
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": app.app_id,
            "app_installed_team_id": installed_in,
            "bot_id": app.bot_id,
        }


def validated_content(view: Any, *, kind: Literal["modal", "home"]) -> Json:
    """Return a view completed with defaults; raises ErrorResponse with everything that is wrong with it."""
    if not isinstance(view, dict):
        raise ErrorResponse("invalid_arguments", messages=["must provide an object [json-pointer:/view]"])
    if problems := list(view_problems(view, kind=kind)):
        raise ErrorResponse("invalid_arguments", messages=problems)
    if len(json.dumps(view)) > MAX_BYTES:
        raise ErrorResponse("view_too_large")
    given = {name: with_defaults(view[name]) for name in COPIED_FIELDS if name in view}
    return {"type": kind, "blocks": blocks_with_defaults(view["blocks"]), **DEFAULTS, **given}


class Views:
    """All open modals, one stack for each user, and the published Home tabs."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self.stacks: defaultdict[str, list[View]] = defaultdict(list)
        self.homes: dict[str, View] = {}

    def top(self, user_id: str) -> View | None:
        """Return the modal in front, if there is one."""
        stack = self.stacks[user_id]
        return stack[-1] if stack else None

    def find(self, view_id: str) -> View:
        """Return an open view by ID; raises ErrorResponse."""
        return self._first(lambda view: view.id == view_id)

    def find_external(self, external_id: str) -> View:
        """Return an open view by the app's own ID; raises ErrorResponse."""
        return self._first(lambda view: view.content["external_id"] == external_id)

    def open(self, user_id: str, content: Json) -> View:
        """Open a modal, which replaces the user's stack; raises ErrorResponse."""
        self._check_external_id(content, except_for=None)
        view = self._new(user_id, content)
        self.stacks[user_id] = [view]
        return view

    def push(self, user_id: str, content: Json) -> View:
        """Push a modal onto the user's stack; raises ErrorResponse."""
        stack = self.stacks[user_id]
        if len(stack) >= MAX_STACK:
            raise ErrorResponse("push_limit_reached")
        if not stack:
            raise ErrorResponse("not_found")
        self._check_external_id(content, except_for=None)
        view = self._new(user_id, content)
        view.root_id, view.previous_id = stack[0].id, stack[-1].id
        stack.append(view)
        return view

    def update(self, view: View, content: Json, *, expected_hash: str = "") -> View:
        """Replace the content of a view; the input stays where the IDs match. Raises ErrorResponse."""
        if expected_hash and expected_hash != view.hash:
            raise ErrorResponse("hash_conflict")
        self._check_external_id(content, except_for=view)
        view.content, view.hash = content, self._hash()
        view.states = states_after_update(view.states, content["blocks"])
        return view

    def publish(self, user_id: str, content: Json, *, expected_hash: str = "") -> View:
        """Publish a Home tab; raises ErrorResponse."""
        if (home := self.homes.get(user_id)) is not None:
            return self.update(home, content, expected_hash=expected_hash)
        self.homes[user_id] = self._new(user_id, content)
        return self.homes[user_id]

    def close(self, view: View) -> None:
        """Close a modal and those on top of it; a modal that is closed already changes nothing."""
        stack = self.stacks[view.user_id]
        if view in stack:
            del stack[stack.index(view) :]

    def _all(self) -> list[View]:
        return [*itertools.chain.from_iterable(self.stacks.values()), *self.homes.values()]

    def _first(self, matches: Callable[[View], bool]) -> View:
        for view in self._all():
            if matches(view):
                return view
        raise ErrorResponse("not_found")

    def _check_external_id(self, content: Json, *, except_for: View | None) -> None:
        external_id = content["external_id"]
        others = (view for view in self._all() if view is not except_for)
        if external_id and any(view.content["external_id"] == external_id for view in others):
            raise ErrorResponse("duplicate_external_id")

    def _new(self, user_id: str, content: Json) -> View:
        view_id = f"V0{next(self._numbers):07d}"
        return View(id=view_id, user_id=user_id, content=content, hash=self._hash(), root_id=view_id)

    def _hash(self) -> str:
        return f"{int(self._now().timestamp())}.{secrets.token_hex(4)}"
