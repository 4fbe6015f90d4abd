"""Things that go wrong on purpose, a given number of times."""

from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """One kind of trouble: `times` more uses (None: until cleared), `ms` for those that take a while.

    `method` is the only call that it befalls, empty for any.
    """

    kind: str
    times: int | None = 1
    ms: int = 0
    method: str = ""


class Faults:
    """The switches of one service; a service asks for the kinds it can play at the place where they belong."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self.kinds = kinds
        self._set: list[Fault] = []

    def add(self, kind: str, *, times: int | None = 1, ms: int = 0, method: str = "") -> None:
        """Switch a fault on; raises ValueError for a kind this service cannot play."""
        if kind not in self.kinds:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(sorted(self.kinds))}")
        self._set.append(Fault(kind, times, ms, method))

    def take(self, *kinds: str, method: str = "") -> Fault | None:
        """Use up one of the faults of these kinds, if any is set that may befall this call."""
        for fault in self._set:
            if fault.kind in kinds and fault.method in {"", method}:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._set.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Switch everything off."""
        self._set.clear()
