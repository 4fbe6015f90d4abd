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

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.block_kit import normalised, view_problems
from sandbox.slack.inputs import Chosen, kept, state
from sandbox.slack.world import AppIdentity, Team

STACK = 3
MOST_BYTES = 250_000
TAKEN = (
    "title",
    "submit",
    "close",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
)
UNSET: Json = {
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
    """What one person has open; `content` is what the app gave, as Slack completed it."""

    id: str
    user_id: str
    content: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    chosen: Chosen = field(default_factory=dict)

    def as_json(self, *, team: Team, app: AppIdentity) -> Json:
        """Return the view object."""
        return {
            "id": self.id,
            "team_id": team.id,
            **self.content,
            "state": state(self.content["blocks"], self.chosen),
            "hash": self.hash,
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": app.app_id,
            "app_installed_team_id": team.id,
            "bot_id": app.bot_id,
        }


def checked(view: Any, *, kind: Literal["modal", "home"]) -> Json:
    """Return a view's content completed; raises Refusal with what is wrong with it."""
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments", messages=["must provide an object [json-pointer:/view]"])
    if problems := list(view_problems(view, kind=kind)):
        raise Refusal("invalid_arguments", messages=problems)
    if len(json.dumps(view)) > MOST_BYTES:
        raise Refusal("view_too_large")
    given = {name: view[name] for name in TAKEN if view.get(name) is not None}
    return {"type": kind, "blocks": normalised(view["blocks"]), **UNSET, **given}


class Views:
    """All open modals, one stack for each person, and the published Home tabs."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self.stacks: defaultdict[str, list[View]] = defaultdict(list)
        self.homes: dict[str, View] = {}

    def top(self, user_id: str) -> View | None:
        """Return the modal that a person looks at."""
        stack = self.stacks[user_id]
        return stack[-1] if stack else None

    def find(self, view_id: str) -> View:
        """Return an open view by id; raises Refusal."""
        return self._first(lambda view: view.id == view_id)

    def find_external(self, external_id: str) -> View:
        """Return an open view by the app's own id; raises Refusal."""
        return self._first(lambda view: view.content["external_id"] == external_id)

    def open(self, user_id: str, content: Json) -> View:
        """Show a modal in place of whatever stack the person had."""
        self._unique(content, besides=None)
        view = self._new(user_id, content)
        self.stacks[user_id] = [view]
        return view

    def push(self, user_id: str, content: Json) -> View:
        """Put a modal on top of a person's stack; raises Refusal."""
        stack = self.stacks[user_id]
        if len(stack) >= STACK:
            raise Refusal("push_limit_reached")
        if not stack:
            raise Refusal("not_found")
        self._unique(content, besides=None)
        view = self._new(user_id, content)
        view.root_id, view.previous_id = stack[0].id, stack[-1].id
        stack.append(view)
        return view

    def update(self, view: View, content: Json, *, expected_hash: str = "") -> View:
        """Redraw a view, keeping what was entered where ids match; raises Refusal."""
        if expected_hash and expected_hash != view.hash:
            raise Refusal("hash_conflict")
        self._unique(content, besides=view)
        view.content, view.hash = content, self._hash()
        view.chosen = kept(view.chosen, content["blocks"])
        return view

    def publish(self, user_id: str, content: Json, *, expected_hash: str = "") -> View:
        """Show a Home tab; raises Refusal."""
        if (home := self.homes.get(user_id)) is not None:
            return self.update(home, content, expected_hash=expected_hash)
        self.homes[user_id] = self._new(user_id, content)
        return self.homes[user_id]

    def close(self, view: View) -> None:
        """Take a modal away, with whatever stands on top of it, unless it is gone already."""
        stack = self.stacks[view.user_id]
        if view in stack:
            del stack[stack.index(view) :]

    def _all(self) -> list[View]:
        return [*itertools.chain.from_iterable(self.stacks.values()), *self.homes.values()]

    def _first(self, wanted: Callable[[View], bool]) -> View:
        for view in self._all():
            if wanted(view):
                return view
        raise Refusal("not_found")

    def _unique(self, content: Json, *, besides: View | None) -> None:
        external_id = content["external_id"]
        others = (view for view in self._all() if view is not besides)
        if external_id and any(view.content["external_id"] == external_id for view in others):
            raise Refusal("duplicate_external_id")

    def _new(self, user_id: str, content: Json) -> View:
        view_id = f"V0{next(self._numbers):07d}"
        return View(id=view_id, user_id=user_id, content=content, hash=self._hash(), root_id=view_id)

    def _hash(self) -> str:
        return f"{int(self._now().timestamp())}.{secrets.token_hex(4)}"
