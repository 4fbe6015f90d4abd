"""What happened as a file that the page plays: one line of JSON for each change of the world, secrets masked."""

import json
from typing import IO, Any

from sandbox.calls import without_secrets
from sandbox.control.request import Services
from sandbox.page.entries import bodies
from sandbox.page.snapshot import KINDS, Change, Snapshot, make_changes

HEADING = {"recording": "connectbot demo", "version": 4}


class Recorder:
    """Writes changes to a file as they happen; `write` is a listener of `Live`."""

    def __init__(self, file: IO[str], services: Services) -> None:
        self._file, self._services = file, services
        self._line(HEADING)

    def write(self, changes: list[Change]) -> None:
        """Write what changed, calls with what was sent and answered."""
        masked = [(kind, key, self._with_bodies(kind, value)) for kind, key, value in changes]
        self._line({"at": self._services.clock.now().timestamp(), "changes": without_secrets(masked)})

    def _with_bodies(self, kind: str, value: object) -> object:
        if kind != "entries" or not isinstance(value, dict):
            return value
        return value | {"bodies": bodies(self._services, value["order"])}

    def _line(self, value: object) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
        self._file.flush()


class Recording:
    """A recording that is played: the world after each of its changes."""

    def __init__(self, text: str) -> None:
        lines = [json.loads(line) for line in text.splitlines()]
        if not lines or lines[0] != HEADING:
            raise ValueError("this is no recording of the demo")
        self._lines = [line for line in lines[1:] if line["changes"]]
        if not self._lines:
            raise ValueError("nothing happened in this recording")

    def __len__(self) -> int:
        return len(self._lines)

    def world_at(self, number: int) -> Snapshot:
        """Return the world after so many changes, at least one and at most all."""
        last = max(1, min(number, len(self)))
        values: Snapshot = {kind: {} for kind in KINDS}
        for line in self._lines[:last]:
            make_changes(values, (tuple(change) for change in line["changes"]))
        return values

    def calls(self) -> dict[str, Any]:
        """Return all calls as they were at last, also those that had left the page before the recording's end."""
        changes = (change for line in self._lines for change in line["changes"])
        return {key: value for kind, key, value in changes if kind == "entries" and value is not None}

    def moment(self, number: int) -> float:
        """Return when that change happened, in seconds since 1970."""
        return float(self._lines[max(1, min(number, len(self))) - 1]["at"])
