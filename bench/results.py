"""The figures of a peer, their ratios, and the table.

`--json` prints `{"bare": {…}, "tutorial": {…}, "lean": {…}, "node": {…}, "connectbot": {…}}`. Each object has

    note             why a peer was not measured, else null
    figures          the keys of FIGURES, each a number, or null where the peer or the system has none
    failed           commands without a card of all that were sent
    sent             commands that were sent for jobs
    lost_500_150ms   commands without a card of the bursts of 500 with Ayrshare at 150 ms
    sent_500_150ms   commands of those bursts
    times_bare, times_tutorial, times_lean
                     the figures divided by that peer's, null where either has none
"""

import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

FIGURES: dict[str, tuple[str, str]] = {
    "ack_p50_ms": ("ack p50", "{:.2f}"),
    "ack_p99_ms": ("ack p99", "{:.2f}"),
    "card_p50_ms": ("card p50", "{:.2f}"),
    "jobs_1_0ms": ("1, 0", "{:.0f}"),
    "jobs_50_0ms": ("50, 0", "{:.0f}"),
    "jobs_500_0ms": ("500, 0", "{:.0f}"),
    "jobs_1_150ms": ("1, 150", "{:.1f}"),
    "jobs_50_150ms": ("50, 150", "{:.0f}"),
    "jobs_500_150ms": ("500, 150", "{:.0f}"),
    "cpu_ms_a_job": ("CPU ms", "{:.2f}"),
    "redis_round_trips_a_job": ("trips", "{:.1f}"),
    "redis_commands_a_job": ("commands", "{:.1f}"),
    "memory_mb": ("MB", "{:.0f}"),
}
"""Key in JSON: heading and format. `jobs_50_150ms` is jobs a second, 50 at once, Ayrshare at 150 ms."""
BASES = ("bare", "tutorial", "lean")
COLUMN = 9


@dataclass(slots=True)
class Result:
    """What was measured of one peer, a value a round."""

    note: str | None = None
    values: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: int = 0
    sent: int = 0
    lost_in_bursts: int = 0
    sent_in_bursts: int = 0

    def add(self, key: str, value: float | None) -> None:
        """Add a round's value, if there is one."""
        if value is not None:
            self.values[key].append(value)

    def figure(self, key: str) -> float | None:
        """Return the median of the rounds."""
        return statistics.median(self.values[key]) if self.values.get(key) else None


Results = dict[str, Result]


def as_json(results: Results) -> dict[str, Any]:
    """Return one object a peer."""
    return {
        name: {
            "note": result.note,
            "figures": {key: _rounded(result.figure(key)) for key in FIGURES},
            "failed": result.failed,
            "sent": result.sent,
            "lost_500_150ms": result.lost_in_bursts,
            "sent_500_150ms": result.sent_in_bursts,
            **{f"times_{base}": {key: _rounded(_ratio(results, name, base, key)) for key in FIGURES} for base in BASES},
        }
        for name, result in results.items()
    }


def table(results: Results) -> str:
    """Return the figures with a row a peer, then the same as ratios."""
    lines = [
        "ack, card: ms after a command, one at a time, Ayrshare at 0 ms. Jobs a second: at once, Ayrshare's ms.",
        "CPU: of the bot's process alone (neither Redis nor the load), at 50 at once and 0 ms. trips: round trips to",
        "Redis a job, at 1 at once. commands: what Redis executed a job, scripts included, at 50 at once. n/a: none.",
        "",
        _row("", [heading for heading, _ in FIGURES.values()] + ["failed"]),
    ]
    for name, result in results.items():
        if result.note:
            lines.append(f"{name:<11}{result.note}")
            continue
        cells = [_cell(result.figure(key), form) for key, (_, form) in FIGURES.items()]
        lines.append(_row(name, [*cells, f"{result.failed}/{result.sent}"]))
    for base in BASES:
        lines += ["", f"times {base}:"]
        for name in results:
            ratios = [_ratio(results, name, base, key) for key in FIGURES]
            if name != base and any(ratio is not None for ratio in ratios):
                lines.append(_row(name, [_cell(ratio, "{:.2f}") for ratio in ratios]))
    return "\n".join([*lines, "", *_bursts(results)])


def _bursts(results: Results) -> list[str]:
    return [
        f"{name}: {result.lost_in_bursts} of {result.sent_in_bursts} lost in bursts of 500 with Ayrshare at 150 ms"
        for name, result in results.items()
        if result.sent_in_bursts
    ]


def _ratio(results: Results, name: str, base: str, key: str) -> float | None:
    ours = results[name].figure(key)
    theirs = results[base].figure(key) if base in results else None
    return ours / theirs if ours is not None and theirs else None


def _row(name: str, cells: list[str]) -> str:
    return f"{name:<11}" + "".join(f"{cell:>{COLUMN}}" for cell in cells)


def _cell(value: float | None, form: str) -> str:
    return "n/a" if value is None else form.format(value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
