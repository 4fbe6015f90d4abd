"""The tour: five things to do, each ticked off when it has been done."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.drawing.html import tag
from sandbox.page.address import APP, HOME, SETUP, Address, Seat
from sandbox.page.entries import PAGE, PERSON
from sandbox.page.nodes import Node
from sandbox.page.world import Json, World

Check = Callable[["Progress", World], bool]


@dataclass(frozen=True)
class Step:
    """A thing to do: what it is, how it is done, and the seats that it is done from."""

    title: str
    how: str
    seats: tuple[Seat, ...]
    is_done: Check


class Progress:
    """What has been done; a step stays done. `follow` looks at the world each time it has changed."""

    def __init__(self) -> None:
        self.done: set[int] = set()
        self._with_link: set[str] = set()

    def follow(self, world: World) -> None:
        """Tick off what has been done by now."""
        self.done |= {
            number for number, step in enumerate(STEPS) if number not in self.done and step.is_done(self, world)
        }
        self._with_link |= {key for key, message in world.values["messages"].items() if _has_link(message)}

    def ended_link(self, world: World) -> bool:
        """Tell whether a message that had a link is there without one, after the clock was moved."""
        messages = world.values["messages"]
        ended = any(key in messages and not _has_link(messages[key]) for key in self._with_link)
        return ended and world.meta["ahead"] > 0


def tour(address: Address, progress: Progress) -> Iterator[Node]:
    """Draw the steps, what to do next open, and where it goes from there."""
    next_step = next((number for number in range(len(STEPS)) if number not in progress.done), len(STEPS))
    intro = "Five steps, about four minutes. Slack and Ayrshare are local stand-ins: nothing leaves this machine."
    yield Node("tour-intro", tag("p", intro, id="tour-intro", class_="intro"))
    for number, step in enumerate(STEPS):
        yield _step(number, step, address, done=number in progress.done, now=number == next_step)
    yield _end(address, all_done=next_step == len(STEPS))


def _step(number: int, step: Step, address: Address, *, done: bool, now: bool) -> Node:
    node_id = f"tour-{number + 1}"
    mark = tag("span", "✓" if done else str(number + 1), class_="mark", aria_hidden="true")
    state = tag("span", "Done: " if done else "", class_="sr")
    people = " and ".join(seat.person.title() for seat in step.seats)
    go = tag("a", f"Be {people}", href=address.url(seats=step.seats), class_="button primary" if now else "button")
    there = address.seats == step.seats
    body = (tag("p", step.how), None if there else go) if now or not done else ()
    look = f"step {'done' if done else ''} {'now' if now else ''}"
    heading = tag("h3", mark, state, step.title)
    current = "step" if now else None
    return Node(node_id, tag("section", heading, *body, id=node_id, class_=look, tabindex=-1, aria_current=current))


def _end(address: Address, *, all_done: bool) -> Node:
    said = "That's all of it." if all_done else "Then, or now:"
    go = tag(
        "a", "Set it up in my workspace", href=address.url(side=SETUP), class_=f"button {'primary' if all_done else ''}"
    )
    return Node("tour-end", tag("section", tag("p", said), go, id="tour-end", class_="step"))


def _has_link(message: Json) -> bool:
    return any(
        "url" in one
        for block in message["blocks"]
        for one in [*block.get("elements", ()), block.get("accessory") or {}]
    )


def _entries(world: World, way: str, *calls: str) -> list[Json]:
    return [one for one in world.values["entries"].values() if one["way"] == way and one["call"] in calls]


def _typed_connect(_progress: Progress, world: World) -> bool:
    return any("/connect" in one["about"] for one in _entries(world, PERSON, "command", "type"))


def _connected_tiktok(_progress: Progress, world: World) -> bool:
    connected = any("tiktok" in one["about"] for one in _entries(world, PAGE, "link"))
    return connected and any("TikTok" in json.dumps(m["blocks"]) for m in world.values["messages"].values())


def _asked_and_answered(_progress: Progress, world: World) -> bool:
    """Cara asked, and after that Ben used something in his messages from the app."""
    ben = world.person("ben")
    dm = ben and world.app_channel(ben)
    asked = min(
        (one["order"] for one in _entries(world, PERSON, "command", "type", "submit", "click") if _by(one, "cara")),
        default=None,
    )
    answers = [one for one in _entries(world, PERSON, "click") if dm and one["channel"] == dm["id"]]
    return asked is not None and any(_by(one, "ben") and one["order"] > asked for one in answers)


def _repaired(_progress: Progress, world: World) -> bool:
    """Ana used her Home, and after that an account was connected on the linking page."""
    used = min(
        (one["order"] for one in _entries(world, PERSON, "click") if _by(one, "ana") and one["view"]), default=None
    )
    return used is not None and any(one["order"] > used for one in _entries(world, PAGE, "link"))


def _by(entry: Json, person: str) -> bool:
    return str(entry["about"]).partition(" ")[0] == person


STEPS = (
    Step(
        "Ask for a link",
        "As Ben, type /connect in #general. Only Ben sees the card, and it says until when its link works.",
        (Seat("ben"),),
        _typed_connect,
    ),
    Step(
        "Connect TikTok",
        "Press the green button on the card. On the page that opens, press Link beside TikTok. Back here, the card says"
        " so.",
        (Seat("ben"),),
        _connected_tiktok,
    ),
    Step(
        "See the link end",
        "Move the clock above: “Link's end”, then “+1 min”. The card loses its link and offers a new one.",
        (Seat("ben"),),
        lambda progress, world: progress.ended_link(world),
    ),
    Step(
        "Ask a colleague",
        "As Cara, type /connect send @ben in #general. As Ben, beside her, press Reconnect in his messages from"
        " connectbot.",
        (Seat("cara"), Seat("ben", APP)),
        _asked_and_answered,
    ),
    Step(
        "Repair an account",
        "Ana is an admin, and her Home lists what is broken first. In its ⋯ menu choose “Status and more”. Press"
        " Reconnect, then Reconnect TikTok, and sign in again on the page that opens.",
        (Seat("ana", HOME),),
        _repaired,
    ),
)
