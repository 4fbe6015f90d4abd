"""Fault injection: the faults that a test adds, and how often each applies. A service applies its own faults."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Fault:
    """A fault of one kind; `times` is how often it is still applied (None: until cleared), `ms` how long it takes.

    `method` is the only call that it applies to, empty for every call.
    """

    kind: str
    times: int | None = 1
    ms: int = 0
    method: str = ""


class Faults:
    """The faults of one service, which takes one from here wherever it can apply it."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self.kinds = kinds
        self._faults: list[Fault] = []

    def add(self, kind: str, *, times: int | None = 1, ms: int = 0, method: str = "") -> None:
        """Add a fault; raises ValueError for a kind that this service can't apply."""
        if kind not in self.kinds:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(sorted(self.kinds))}")
        self._faults.append(Fault(kind, times, ms, method))

    def take(self, *kinds: str, method: str = "") -> Fault | None:
        """Return the first fault of these kinds that applies to the call, if there is one, and count it as used."""
        for fault in self._faults:
            if fault.kind in kinds and fault.method in {"", method}:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None

    @property
    def pending(self) -> list[dict[str, Any]]:
        """The faults that are still to be applied."""
        return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()
