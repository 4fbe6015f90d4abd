"""The state of the page, which stands in its address: who is looked at where, and what is on the right."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from multidict import MultiMapping

MOST_SEATS, MOST_DIGITS = 3, 6
HOME, ALERTS, APP = "home", "alerts", "app"
"""Places that aren't channels: the app's Home tab, the notifications, and the direct message with the app."""
TOUR, HAPPENED, WORLD, SETUP = "tour", "happened", "world", "setup"
SIDES = (TOUR, HAPPENED, WORLD, SETUP)


@dataclass(frozen=True)
class Seat:
    """A person's Slack, in front of a place.

    `thread` is the `ts` of the thread that is open beside it, `earlier` how often earlier messages were asked for.
    """

    person: str
    place: str = "general"
    thread: str = ""
    earlier: int = 0

    def __str__(self) -> str:
        """Return the seat as it stands in the address."""
        return f"{self.person}:{self.place}:{self.thread}:{self.earlier or ''}".rstrip(":")


@dataclass(frozen=True)
class Address:
    """What the address says.

    `team` is a workspace's ID, empty for the first, `only` a way of calls, `log` whether the bot's log is open, `play`
    a recording.
    """

    seats: tuple[Seat, ...] = (Seat("ben"),)
    side: str = TOUR
    team: str = ""
    only: str = ""
    log: bool = False
    done: frozenset[str] = frozenset()
    play: str = ""
    at: int = 0

    def url(self, **changes: Any) -> str:
        """Return the address of this state with some changes."""
        return "/?" + urlencode(replace(self, **changes).pairs(), safe=":,")

    def pairs(self) -> list[tuple[str, str]]:
        """Return what stands in the address, by name."""
        pairs = [("see", str(seat)) for seat in self.seats] + [("side", self.side)]
        pairs += [(name, str(getattr(self, name))) for name in ("team", "only", "play") if getattr(self, name)]
        pairs += [("log", "1")] if self.log else []
        pairs += [("done", ",".join(sorted(self.done)))] if self.done else []
        pairs += [("at", str(self.at))] if self.play else []
        return pairs

    def seated(self, seat: Seat) -> str:
        """Return the address in which that person sits there."""
        seats = tuple(seat if one.person == seat.person else one for one in self.seats)
        return self.url(seats=seats if seat in seats else (*seats, seat)[-MOST_SEATS:])

    def without(self, person: str) -> str:
        """Return the address without that person."""
        return self.url(seats=tuple(seat for seat in self.seats if seat.person != person))


def read_address(query: MultiMapping[str]) -> Address:
    """Read an address; what it doesn't know it leaves out. `thread` opens one beside what a person is in front of."""
    person, _, thread = query.get("thread", "").partition(":")
    seats = tuple(_seat(see) for see in query.getall("see", []) if see)[:MOST_SEATS]
    seats = tuple(replace(seat, thread=thread) if seat.person == person else seat for seat in seats)
    side = query.get("side", TOUR)
    return Address(
        seats=tuple({seat.person: seat for seat in seats}.values()) or (Seat("ben"),),
        side=side if side in SIDES else TOUR,
        team=query.get("team", ""),
        only=query.get("only", ""),
        log=query.get("log") == "1",
        done=frozenset(filter(None, query.get("done", "").split(","))),
        play=query.get("play", ""),
        at=number(query.get("at", "")),
    )


def _seat(text: str) -> Seat:
    person, place, thread, earlier = (*text.split(":"), "", "", "")[:4]
    return Seat(person, place or Seat.place, thread, number(earlier))


def number(text: str) -> int:
    """Return a whole number, 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0
