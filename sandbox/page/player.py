"""The recordings that are played on the page."""

import secrets
from collections.abc import Iterator
from typing import Any

from sandbox.drawing.html import tag
from sandbox.drawing.text import moment
from sandbox.page.address import HAPPENED, Address, Seat
from sandbox.page.nodes import Node
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

    def __contains__(self, name: str) -> bool:
        return name in self._recordings

    def beginning(self, name: str) -> Address:
        """Return where a recording is looked at: where somebody did the first thing in it, beside all that happened."""
        recording = self._recordings[name]
        done = (one for one in recording.calls().values() if one.get("channel"))
        seats = (Seat(str(one["about"]).partition(" ")[0], one["channel"]) for one in done)
        return Address(seats=(next(seats, Seat("ben")),), side=HAPPENED, play=name, at=1)

    def world(self, address: Address) -> World:
        """Return the world at the moment that the address says; raises LookupError for an unknown recording."""
        recording = self._recordings[address.play]
        return World(recording.world_at(address.at), {}, (len(recording), recording.moment(address.at)))

    def bodies(self, name: str, order: str) -> dict[str, Any] | None:
        """Return what was sent and answered in a call of a recording."""
        if not order.isdigit():
            return None
        entry = self._recordings[name].calls().get(f"{int(order):09d}", {})
        found: dict[str, Any] | None = entry.get("bodies")
        return found


def replay_bar(address: Address, replayed: tuple[int, float] | None) -> Iterator[Node]:
    """Draw the line with which one moves about in a recording."""
    if replayed is None:
        return
    count, at = replayed
    here = max(1, min(address.at, count))
    slider = tag(
        "input",
        type="range",
        min=1,
        max=count,
        value=here,
        id="replay-at",
        data_initial=str(here),
        data_url=address.url(at="").removesuffix("&at=") + "&at=",
        aria_label="Change",
    )
    back = tag("a", "◂", href=address.url(at=max(1, here - 1)), class_="button", aria_label="Back")
    on = tag("a", "▸", href=address.url(at=min(count, here + 1)), class_="button", aria_label="On", id="replay-on")
    plays = tag("input", type="checkbox", id="replay-plays", data_initial="")
    leave = tag("a", "Leave the recording", href="/?", class_="button")
    shown = (
        tag("strong", "This is a recording. Leave it to do something."),
        back,
        slider,
        on,
        tag("label", plays, " Play", class_="button"),
        tag("span", f"{here} of {count}, "),
        moment(at, date_format="{time_secs}"),
    )
    yield Node("replay", tag("div", *shown, leave, id="replay", class_="replay"))
