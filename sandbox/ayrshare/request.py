"""One authorized API call as an endpoint gets it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.errors import MissingParameter


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A call that passed authorization; `profile` is the Primary Profile unless `has_profile_key`.

    `own_x_app`: the keys of an own X app came with it.
    """

    body: dict[str, Any]
    query: Mapping[str, str]
    path: Mapping[str, str]
    profile: Profile
    has_profile_key: bool
    own_x_app: bool = False

    def text(self, field: str) -> str:
        """Return a required string of the body; raises ApiError."""
        value = self.body.get(field)
        if not isinstance(value, str) or not value.strip():
            raise MissingParameter(field)
        return value

    def array(self, name: str) -> list[str] | None:
        """Return an array of the query, sent as `name[0]=a&name[1]=b`, as `name[]` or as plain `name`."""
        pattern = re.compile(rf"{name}(\[\d*\])?")
        values = [value for key, value in self.query.items() if pattern.fullmatch(key)]
        return values or None

    def flag(self, name: str) -> bool:
        """Return whether the query says true, as JavaScript (`true`) or Python (`True`) writes it."""
        return self.query.get(name, "").lower() == "true"

    def user_profile(self) -> Profile:
        """Return the profile of the Profile Key; raises ApiError without a key, where the Primary would be used."""
        if not self.has_profile_key:
            raise MissingParameter("Profile-Key")
        return self.profile


Endpoint = Callable[[ApiRequest], dict[str, Any]]
