"""The recordings that are played on the page."""

import secrets
from typing import Any

from sandbox.page.address import Address
from sandbox.page.recording import Recording
from sandbox.page.world import World

MOST_RECORDINGS = 5


class Player:
    """Recordings by the name that stands in the address; the oldest gives way to a new one."""

    def __init__(self) -> None:
        self._recordings: dict[str, Recording] = {}

    def add(self, text: str) -> str:
        """Take a recording and return its name; raises ValueError if it is none."""
        recording, name = Recording(text), secrets.token_hex(4)
        self._recordings[name] = recording
        while len(self._recordings) > MOST_RECORDINGS:
            del self._recordings[next(iter(self._recordings))]
        return name

    def get(self, name: str) -> Recording | None:
        """Return a recording by its name."""
        return self._recordings.get(name)

    def world(self, address: Address) -> World:
        """Return the world at the moment that the address says; raises LookupError for an unknown recording."""
        return World(self._recordings[address.play].world_at(address.at), {})

    def bodies(self, name: str, order: str) -> dict[str, Any] | None:
        """Return what was sent and answered in a call of a recording."""
        recording = self._recordings[name]
        entry = recording.world_at(len(recording))["entries"].get(f"{int(order):09d}", {})
        found: dict[str, Any] | None = entry.get("bodies")
        return found
