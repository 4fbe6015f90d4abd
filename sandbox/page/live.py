"""Watches the world: draws the open pages again when something has changed, and tells whoever records it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.control.request import TEAM, Services
from sandbox.page.address import Address
from sandbox.page.nodes import Step
from sandbox.page.recording import Recorder
from sandbox.page.screen import Screen
from sandbox.page.snapshot import Change, Snapshot, changes, snapshot
from sandbox.page.tour import Progress
from sandbox.page.world import World

TOGETHER_SECONDS = 0.01
"""Changes within so short a time are drawn together."""
MOST_STEPS = 60
"""So many are taken at once: longer ones, as when a long channel opens, would keep the browser from answering."""
FORGET_SECONDS = 60.0
"""A page that isn't connected is forgotten after so long; its browser loads it again."""

Listener = Callable[[list[Change]], None]


@dataclass
class _Open:
    """A page with the steps that its browser hasn't taken yet; `browsers` is how many listen."""

    screen: Screen
    queue: asyncio.Queue[list[Step]] = field(default_factory=asyncio.Queue)
    browsers: int = 0

    def put(self, steps: list[Step]) -> None:
        """Have the browser take steps, a few at a time."""
        for start in range(0, len(steps), MOST_STEPS):
            self.queue.put_nowait(steps[start : start + MOST_STEPS])


class Live:
    """The present world, the pages that show it, and the listeners that hear what changed.

    A page that is opened before `ready` is answered when it is: the demo clears it until its bot can be used.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self.progress = Progress()
        self.log_file: Path | None = None
        self.ready = asyncio.Event()
        self.ready.set()
        self.listeners: list[Listener] = []
        self._screens: dict[str, _Open] = {}
        self._reads: dict[str, dict[tuple[str, str], str]] = {}
        self._values: dict[str, Snapshot] = {}
        self._touched = asyncio.Event()

    @contextmanager
    def recording(self, path: Path) -> Iterator[None]:
        """Write all that happens meanwhile to a file."""
        with path.open("w", encoding="utf-8") as file:
            listener = Recorder(file, self.services).write
            self.listeners.append(listener)
            self._values.clear()
            try:
                yield
            finally:
                self.world()
                self.listeners.remove(listener)

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Look at the world again after every request, from whomever it came."""
        try:
            return await handler(request)
        finally:
            self._touched.set()

    @web.middleware
    async def place(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let what a page sends be done in the workspace that it shows; where it plays a recording, nothing is done."""
        if (screen_id := request.headers.get("Screen")) is None:
            return await handler(request)
        if (screen := self.screen(screen_id)) is None:
            return web.Response(status=HTTPStatus.GONE)
        if screen.address.play and request.path.startswith("/control/"):
            return web.Response(status=HTTPStatus.NO_CONTENT)
        request[TEAM] = screen.address.team
        return await handler(request)

    async def run(self) -> None:
        """Draw pages again and tell listeners, as long as there are any."""
        while True:
            await self._touched.wait()
            await asyncio.sleep(TOGETHER_SECONDS)
            self._touched.clear()
            if self._screens or self.listeners:
                listened = [page for page in self._screens.values() if page.browsers and not page.screen.address.play]
                worlds = {team: self.world(team) for team in {"", *(page.screen.address.team for page in listened)}}
                for page in listened:
                    page.put(page.screen.steps(worlds[page.screen.address.team]))

    def touch(self) -> None:
        """Look at the world again soon."""
        self._touched.set()

    def world(self, team: str = "") -> World:
        """Return a workspace as it is now; the first one after telling the listeners what changed in it."""
        after = snapshot(self.services.within(team))
        different = list(changes(self._values.get(team, {}), after))
        self._values[team] = after
        world = World(after, self._reads.setdefault(team, {}))
        if not team:
            for listener in self.listeners if different else ():
                listener(different)
            self.progress.follow(world)
        return world

    def open(self, address: Address) -> Screen:
        """Return a new page, which is kept for a while until its browser connects."""
        screen = Screen(address, self.progress, self.log_file)
        self._screens[screen.id] = _Open(screen)
        self._forget_later(screen.id)
        return screen

    def screen(self, screen_id: str) -> Screen | None:
        """Return a page, unless it is forgotten."""
        known = self._screens.get(screen_id)
        return known.screen if known else None

    def send(self, screen_id: str, steps: list[Step]) -> None:
        """Send steps to a page's browser, after those that it hasn't taken yet."""
        self._screens[screen_id].put(steps)

    @contextmanager
    def connected(self, screen_id: str) -> Iterator[asyncio.Queue[list[Step]]]:
        """Give the queue of a page's steps to its browser; raises LookupError if the page is forgotten."""
        page = self._screens[screen_id]
        page.browsers += 1
        try:
            yield page.queue
        finally:
            page.browsers -= 1
            self._forget_later(screen_id)

    def _forget_later(self, screen_id: str) -> None:
        def forget() -> None:
            if screen_id in self._screens and not self._screens[screen_id].browsers:
                del self._screens[screen_id]

        asyncio.get_running_loop().call_later(FORGET_SECONDS, forget)
