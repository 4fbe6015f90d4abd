"""The page's addresses: the page itself, its steps as server-sent events, and what its script asks for."""

import asyncio
import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web
from multidict import MultiMapping

from sandbox.control.request import TEAM, BadRequest, ControlRequest, read_request
from sandbox.control.user_actions import options as external_options
from sandbox.drawing import Names
from sandbox.drawing.controls import field_name
from sandbox.drawing.html import Html, join, tag, web_address
from sandbox.drawing.text import words
from sandbox.page.address import HOME, Address, read_address
from sandbox.page.composer import offers
from sandbox.page.document import document, notice, recording_form
from sandbox.page.entries import bodies as call_bodies
from sandbox.page.live import Live
from sandbox.page.nodes import Step
from sandbox.page.player import Player
from sandbox.page.screen import Screen
from sandbox.page.timeline import bodies
from sandbox.page.world import World
from sandbox.slack.api_types import ActionUnavailable, Json
from sandbox.slack.events import open_home

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
KEEP_ALIVE_SECONDS = 15.0
MOST_RECORDED = 50 * 1024 * 1024
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class Page:
    """The handlers; `player` has the recordings that are played."""

    def __init__(self, live: Live, player: Player) -> None:
        self._live, self._player = live, player
        self._files = {path.name: path.read_bytes() for path in STATIC.iterdir()}
        self._opening: set[asyncio.Task[object]] = set()

    def add_routes(self, app: web.Application) -> None:
        """Add the page's routes to the sandbox's application."""
        app.add_routes(
            [
                web.get("/", self.show),
                web.get("/page/stream", self.stream),
                web.get("/page/look", self.look),
                web.post("/page/offers", self.offers),
                web.post("/page/options", self.options),
                web.get("/page/call", self.call),
                web.get("/page/open", self.open_address),
                web.post("/page/recordings", self.take_recording),
                web.get("/page/{name:[a-z]+\\.(?:js|css|svg)}", self.static),
                web.get("/favicon.ico", self.icon),
            ]
        )

    async def show(self, request: web.Request) -> web.Response:
        """Show the page."""
        await self._live.ready.wait()
        address = read_address(request.query)
        if not self._is_known(address):
            raise web.HTTPFound(address.url(play="", team=""))
        screen = self._live.open(address)
        self._open_homes(address, before=None)
        drawn = screen.render(self._world(address))
        self._live.send(screen.id, screen.first_steps())
        return _html(document(drawn, screen.id))

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send the steps of a page as they become due; `gone` makes its browser load it again."""
        response = web.StreamResponse(
            headers={**HEADERS, "Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        try:
            with self._live.connected(request.query.get("screen", "")) as queue:
                self._live.touch()
                while True:
                    await response.write(await _next_event(queue))
        except LookupError:
            await response.write(b"event: gone\ndata:\n\n")
        except (ConnectionError, asyncio.CancelledError):
            pass  # the browser has gone, or the sandbox stops
        return response

    async def look(self, request: web.Request) -> web.Response:
        """Show another state of an open page; its steps come in order with all others."""
        screen = self._live.screen(request.query.get("screen", ""))
        if screen is None:
            return web.Response(status=HTTPStatus.GONE)
        address = read_address(request.query)
        if not self._is_known(address):
            return web.Response(status=HTTPStatus.GONE)
        before, screen.address = screen.address, address
        self._open_homes(address, before=before)
        self._live.send(screen.id, screen.steps(self._world(address)))
        return web.Response(status=HTTPStatus.NO_CONTENT, headers=HEADERS)

    async def offers(self, request: web.Request) -> web.Response:
        """Return what a person may mean while they type in the composer."""
        typed = str((await request.post()).get("text", ""))
        return _html(offers(self._live.world(request.get(TEAM, "")), typed))

    async def options(self, request: web.Request) -> web.Response:
        """Return the options that the app supplies for an external select while somebody types."""
        try:
            asked = await read_request(request)
            services = self._live.services.within(asked.optional("team"))
            typed = _typed(asked, await request.post())
            if len(typed) < asked.number("least", 3):
                return _html("")
            found = (await external_options(services, asked.changed(text=typed)))["options"]
        except BadRequest as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        except ActionUnavailable as error:
            return _html(_hint(str(error)))
        return _html(join(map(_option, found)) or _hint("No results"))

    async def call(self, request: web.Request) -> web.Response:
        """Return what was sent and answered in a call."""
        order, play = request.query.get("order", ""), request.query.get("play", "")
        if play in self._player:
            return _html(bodies(self._player.bodies(play, order)))
        return _html(bodies(call_bodies(self._live.services, int(order) if order.isdigit() else 0)))

    async def open_address(self, request: web.Request) -> web.Response:
        """Send a tab that the client's browser opened on to its address; a redirect would be the page's own step."""
        if url := web_address(request.query.get("address", "")):
            return _html(tag("meta", http_equiv="refresh", content=f"0; url={url}"))
        said = "Copy the whole address of the client link, from https:// on, and paste it again."
        return _notice("That isn't the address of a page", tag("p", said))

    async def take_recording(self, request: web.Request) -> web.Response:
        """Take a recording that somebody wants to see."""
        try:
            beginning = self._beginning((await _uploaded(request)).decode())
        except (ValueError, LookupError, TypeError, AttributeError):
            said = "It may be cut off, another kind of file, or from another version of the demo. Choose another one:"
            return _notice("This recording can't be read", tag("p", said), recording_form())
        raise web.HTTPSeeOther(beginning.url())

    async def static(self, request: web.Request) -> web.Response:
        """Send a file of the page."""
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        return self._file(name)

    async def icon(self, _request: web.Request) -> web.Response:
        """Send the icon, which browsers ask for whatever answers them."""
        return self._file("icon.svg")

    def _file(self, name: str) -> web.Response:
        kind = TYPES[name[name.rindex(".") :]]
        return web.Response(
            body=self._files[name], headers={**HEADERS, "Content-Type": kind, "Cache-Control": "no-cache"}
        )

    def _beginning(self, recording: str) -> Address:
        """Take a recording and return where it begins; raises an error if it can't be drawn."""
        beginning = self._player.beginning(self._player.add(recording))
        Screen(beginning, self._live.progress, None).render(self._world(beginning))
        return beginning

    def _world(self, address: Address) -> World:
        return self._player.world(address) if address.play else self._live.world(address.team)

    def _is_known(self, address: Address) -> bool:
        """Tell whether the recording and the workspace of an address exist."""
        teams = {"", *self._live.services.slack.teams}
        return address.team in teams and (not address.play or address.play in self._player)

    def _open_homes(self, address: Address, *, before: Address | None) -> None:
        """Tell the app of everybody who has just come to its Home tab, as Slack does."""
        already = {seat.person for seat in before.seats if seat.place == HOME} if before else set()
        for seat in address.seats if not address.play else ():
            if seat.place == HOME and seat.person not in already:
                task = asyncio.create_task(self._open_home(seat.person, address.team))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

    async def _open_home(self, person: str, team: str) -> None:
        slack = self._live.services.within(team).slack
        try:
            await open_home(slack, slack.events, user=slack.world.user(person))
        except ActionUnavailable:
            return  # there is nobody of that name, or they can't sign in: the pane says so
        self._live.touch()


async def _uploaded(request: web.Request) -> bytes:
    """Return a recording, which may be longer than other requests; raises ValueError for none, or one too long."""
    is_form = request.content_type == "multipart/form-data"
    part = await (await request.multipart()).next() if is_form else None
    if not isinstance(part, BodyPartReader):
        raise ValueError("there is no file")
    body = bytearray()
    while chunk := await part.read_chunk():
        body += chunk
        if len(body) > MOST_RECORDED:
            raise ValueError(f"a recording has at most {MOST_RECORDED} bytes")
    return bytes(body)


async def _next_event(queue: asyncio.Queue[list[Step]]) -> bytes:
    try:
        async with asyncio.timeout(KEEP_ALIVE_SECONDS):
            return b"data: " + json.dumps(await queue.get()).encode() + b"\n\n"
    except TimeoutError:
        return b": still here\n\n"


def _typed(asked: ControlRequest, form: MultiMapping[Any]) -> str:
    """Return what somebody typed in the field of the element that they ask for."""
    element, block = ({key: asked.optional(key)} for key in ("action_id", "block_id"))
    return str(form.get(field_name(element, block, kind="typed"), ""))


def _option(option: Json) -> Html:
    shown = words(option["text"], Names())
    return tag("li", tag("strong", shown), role="option", data_insert=shown, data_value=option["value"])


def _hint(words: str) -> Html:
    return tag("li", words, class_="hint", role="presentation")


def _notice(title: str, *said: Html) -> web.Response:
    response = _html(notice(title, *said))
    response.set_status(HTTPStatus.BAD_REQUEST)
    return response


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers={**HEADERS, "Cache-Control": "no-store"})
