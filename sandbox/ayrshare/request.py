"""One API call as the endpoints see it, and what they may say in return."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.assumptions import MISSING_FIELD
from sandbox.ayrshare.errors import Refusal


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that has passed authorization; `profile` is the one acted for, `named` whether a key said so."""

    body: dict[str, Any]
    query: Mapping[str, str]
    path: Mapping[str, str]
    profile: Profile
    named: bool

    def text(self, field: str) -> str:
        """Return a required string of the body; raises Refusal."""
        value = self.body.get(field)
        if not isinstance(value, str) or not value.strip():
            raise Refusal(MISSING_FIELD, f"Missing or invalid parameter: {field}.")
        return value

    def listed(self, name: str) -> list[str] | None:
        """Return an array of the query, sent as `name[0]=a&name[1]=b`, as `name[]` or as plain `name`."""
        shape = re.compile(rf"{name}(\[\d*\])?")
        values = [value for key, value in self.query.items() if shape.fullmatch(key)]
        return values or None

    def flag(self, name: str) -> bool:
        """Tell whether the query says true, as JavaScript (`true`) or Python (`True`) writes it."""
        return self.query.get(name, "").lower() == "true"

    def own_profile(self) -> Profile:
        """Return the profile named by its key; raises Refusal where the Primary would be meant."""
        if not self.named:
            raise Refusal(MISSING_FIELD, "Missing or invalid Profile Key.")
        return self.profile


Endpoint = Callable[[Asked], dict[str, Any]]
