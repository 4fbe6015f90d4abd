"""One open page: its address, what is drawn on it, and the steps to what should be."""

import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.drawing.html import Html, tag
from sandbox.page.address import HAPPENED, HOME, SETUP, TOUR, WORLD, Address, Seat
from sandbox.page.faults import named
from sandbox.page.guide import guide
from sandbox.page.icons import icon
from sandbox.page.messages import THREADS, avatar
from sandbox.page.nodes import Node, Step, first_steps, steps
from sandbox.page.pane import Pane, refusal
from sandbox.page.player import replay_bar
from sandbox.page.switches import clock_buttons, switches
from sandbox.page.timeline import timeline
from sandbox.page.tour import Progress, tour
from sandbox.page.world import World

FIRST = ("ben", "cara", "ana", "dan", "eve")
"""The people of the demo in the order of the page; others are under More."""
MOST_OTHERS = 30
SIDE_NAMES = {TOUR: "Tour", HAPPENED: "What happened", WORLD: "World", SETUP: "Set it up"}


class Screen:
    """A page in a browser; `address` changes as somebody moves about."""

    def __init__(self, address: Address, progress: Progress, log_file: Path | None) -> None:
        self.id = secrets.token_urlsafe(12)
        self.address = address
        self._progress, self._log_file = progress, log_file
        self._panes: dict[str, Pane] = {}
        self._drawn: Node | None = None
        self._since = 0

    def render(self, world: World) -> Html:
        """Draw the whole page, without what was refused before."""
        self._since = world.last_done
        self._drawn = self._draw(world)
        return self._drawn.render()

    def first_steps(self) -> list[Step]:
        """Return what remains to be done when the whole page is shown."""
        return list(first_steps(self._drawn)) if self._drawn else []

    def steps(self, world: World) -> list[Step]:
        """Return the steps from what is drawn to what should be."""
        before, self._drawn = self._drawn, self._draw(world)
        return list(steps(before, self._drawn)) if before else []

    def _draw(self, world: World) -> Node:
        address = self.address
        self._panes = {seat.person: self._panes.get(seat.person, Pane()) for seat in address.seats}
        panes = tuple(self._panes[seat.person].draw(world, address, seat, self._since) for seat in address.seats)
        people = Node("panes", Html('<main id="panes" class="panes" tabindex="-1">'), panes)
        top = Node("top", _top(world, address, self._zone(world)))
        side = self._side(world)
        parts = (top, *replay_bar(address, world.replayed), people, side, _threads(address))
        return Node("page", Html('<div id="page">'), parts)

    def _side(self, world: World) -> Node:
        address = self.address
        drawers: dict[str, Callable[[], Iterable[Node]]] = {
            TOUR: lambda: tour(address, self._progress),
            HAPPENED: lambda: timeline(world, address, self._log_file),
            WORLD: lambda: switches(world, now_of(world), self._zone(world)),
            SETUP: lambda: guide(address),
        }
        children = tuple(drawers[address.side]())
        content = Node(
            f"side-{address.side}", Html(f'<div class="side-{address.side}" id="side-{address.side}">'), children
        )
        return Node(
            "side",
            Html('<aside id="side" aria-label="The demo">'),
            (Node("side-tabs", _tabs(address)), content, *refusal(world, "", self._since)),
        )

    def _zone(self, world: World) -> str:
        person = world.person(self.address.seats[0].person)
        return str(person["tz"]) if person else "UTC"


def now_of(world: World) -> datetime:
    """Return the present moment of the world, of a recording the one that is shown."""
    if world.replayed:
        return datetime.fromtimestamp(world.replayed[1], UTC)
    return datetime.now(UTC) + timedelta(seconds=world.meta["ahead"])


def _threads(address: Address) -> Node:
    """Draw the form whose buttons are at the messages: the thread of the pressed one joins the address."""
    fields = (tag("input", type="hidden", name=name, value=value) for name, value in address.pairs())
    return Node(THREADS, tag("form", *fields, id=THREADS, hidden=True, action="/"))


def _top(world: World, address: Address, zone: str) -> Html:
    ahead = round((now_of(world) - datetime.now(UTC)).total_seconds())
    clock = (
        icon("clock"),
        tag(
            "time",
            "",
            id="clock",
            data_ahead=ahead,
            data_format="{clock}",
            aria_label="The demo's time",
            title="The demo's time",
        ),
        *clock_buttons(world, now_of(world), zone),
    )
    broken = [named(service, fault) for service, faults in world.meta["faults"].items() for fault in faults]
    warning = tag("a", f"⚠ {', '.join(broken)}", href=address.url(side=WORLD), class_="broken") if broken else None
    return tag(
        "header",
        tag("h1", "connectbot", tag("small", "demo")),
        *_workspaces(world, address),
        tag("nav", *_people(world, address), *_client(), class_="people", aria_label="People"),
        warning,
        tag("div", *clock, class_="clock"),
        tag("nav", *_jumps(address), class_="jumps", aria_label="Parts of this page"),
        id="top",
        class_="top",
    )


def _workspaces(world: World, address: Address) -> tuple[Html, ...]:
    """Draw the choice of a workspace, where the app is installed in several."""
    teams = world.meta["oauth"]["teams"]
    if len(teams) == 1:
        return ()
    first = next(iter(teams))
    links = [
        tag(
            "a",
            name,
            href=address.url(team="" if team == first else team),
            aria_current="true" if team == world.meta["team_id"] else None,
        )
        for team, name in teams.items()
    ]
    button = tag(
        "button",
        f"{world.meta['team']} ▾",
        type="button",
        class_="more-people",
        title="Workspace",
        popovertarget="workspaces",
    )
    return button, tag("div", *links, id="workspaces", popover=True, class_="menu")


def _people(world: World, address: Address) -> list[Html]:
    """Draw a chip for each person: a click seats them alone, the plus seats them beside the others."""
    seated = {seat.person for seat in address.seats}
    first = [user for user in world.people if user["name"] in {*FIRST, *seated}]
    others = [user for user in world.people if user not in first][:MOST_OTHERS]
    chips = [_chip(world, address, user, user["name"] in seated) for user in sorted(first, key=_rank)]
    links = [
        tag(
            "a",
            user["real_name"],
            " ",
            tag("small", world.note(user)),
            href=address.url(seats=(_first_seat(world, user),)),
        )
        for user in others
    ]
    more = tag("button", "More…", type="button", popovertarget="more-people", class_="more-people")
    return [*chips, more, tag("div", *links, id="more-people", popover=True, class_="menu")] if links else chips


def _first_seat(world: World, user: dict[str, str]) -> Seat:
    """Return where somebody is seated first: in the usual channel, else one of theirs, else on the app's Home."""
    names = [one["name"] for one in world.channels(user) if one["kind"] == "channel"]
    return Seat(user["name"], Seat.place if Seat.place in names else next(iter(names), HOME))


def _client() -> tuple[Html, Html]:
    """Draw the browser of a client who isn't in Slack: an address bar, whose addresses open in tabs of their own."""
    field = tag("input", name="address", type="url", required=True, autocomplete="off", aria_label="Address")
    hint = tag("p", "A client isn't in Slack. Paste the address of a client link: /connect invite makes one.")
    bar = tag(
        "form",
        hint,
        field,
        tag("button", "Open", class_="button"),
        class_="client",
        action="/page/open",
        target="_blank",
    )
    button = tag("button", "Client's browser", type="button", popovertarget="client", class_="more-people")
    return button, tag("div", bar, id="client", popover=True, class_="menu")


def _rank(user: dict[str, str]) -> int:
    return FIRST.index(user["name"]) if user["name"] in FIRST else len(FIRST)


def _chip(world: World, address: Address, user: dict[str, str], here: bool) -> Html:  # noqa: FBT001  # a chip is pressed or not
    name, first = user["name"], user["real_name"].partition(" ")[0]
    note = world.note(user)
    seat = next((seat for seat in address.seats if seat.person == name), _first_seat(world, user))
    only = tag(
        "a",
        avatar(user),
        tag("span", first, tag("small", f", {note}") if note else None),
        href=address.url(seats=(seat,)),
        aria_current="true" if here else None,
        title=f"See Slack as {user['real_name']}",
    )
    alone = here and len(address.seats) == 1
    url = address.without(name) if here else address.seated(seat)
    sign, verb = ("✕", "Close") if here else ("+", "Beside the others:")
    more = (
        None
        if alone
        else tag("a", sign, href=url, class_="beside", aria_label=f"{verb} {first}", title=f"{verb} {first}")
    )
    return tag("span", only, more, class_="chip here" if here else "chip")


def _jumps(address: Address) -> list[Html]:
    seats = [tag("a", seat.person.title(), href=f"#pane-{seat.person}") for seat in address.seats]
    return [*seats, tag("a", "Demo", href="#side")]


def _tabs(address: Address) -> Html:
    return tag(
        "nav",
        *(
            tag("a", name, href=address.url(side=side), aria_current="page" if side == address.side else None)
            for side, name in SIDE_NAMES.items()
        ),
        id="side-tabs",
        class_="tabs",
        aria_label="The demo",
    )
