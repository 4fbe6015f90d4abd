"""Reads the page over HTTP as a browser does: the document, then its steps."""

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from sandbox.page.nodes import Step
from tests.eventually import eventually

MANIFEST = {
    "features": {
        "slash_commands": [{"command": "/connect", "description": "Link accounts", "usage_hint": "help"}],
        "shortcuts": [
            {"name": "Ask", "type": "global", "callback_id": "ask", "description": "Ask somebody"},
            {"name": "Ask author", "type": "message", "callback_id": "author", "description": "Ask who wrote"},
        ],
    }
}


@dataclass
class Browser:
    """An open page; `steps` are those that came over its stream, `together` how many of them came at once."""

    session: aiohttp.ClientSession
    url: str
    screen: str
    document: str
    steps: list[Step] = field(default_factory=list)
    together: list[int] = field(default_factory=list)

    @property
    def words(self) -> str:
        return words(self.document)

    async def look(self, query: str) -> list[Step]:
        """Go elsewhere; return the steps to it."""
        before = len(self.steps)
        async with self.session.get(f"{self.url}/page/look?screen={self.screen}&{query}") as response:
            assert response.status == HTTPStatus.NO_CONTENT

        async def taken() -> list[Step]:
            return self.steps[before:]

        return await eventually(taken, f"the page shows {query}")

    async def sends(self, call: str, told: dict[str, str], **fields: str) -> int:
        """Send a control call as what is on the page does; return the status of its answer."""
        form, query = aiohttp.FormData(fields, default_to_multipart=True), {"told": json.dumps(told)}
        url, screen = f"{self.url}/control/{call}", {"Screen": self.screen}
        async with self.session.post(url, params=query, data=form, headers=screen) as response:
            return response.status

    async def draws(self, *expected: str) -> str:
        """Wait until the steps have drawn all these words, and return what they drew."""

        async def look() -> str | None:
            drawn = "".join(map(html_of, self.steps))
            return drawn if all(one in words(drawn) for one in expected) else None

        return await eventually(look, f"the page draws {expected}", last=lambda: [words(str(s)) for s in self.steps])


def html_of(step: Step) -> str:
    """Return what a step draws."""
    return str(step["with"][-1]) if step["do"] in {"morph", "insertAdjacentHTML"} else ""


def words(drawn: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", drawn))


@asynccontextmanager
async def browser(session: aiohttp.ClientSession, url: str, query: str = "") -> AsyncIterator[Browser]:
    async with session.get(f"{url}/?{query}") as response:
        document = await response.text()
    found = re.search(r'data-screen="([^"]+)"', document)
    assert found, document
    page = Browser(session, url, found[1], document)
    async with session.get(f"{url}/page/stream?screen={page.screen}") as stream:
        reading = _read(stream, page)
        try:
            yield page
        finally:
            reading.cancel()


def _read(stream: aiohttp.ClientResponse, page: Browser) -> asyncio.Task[None]:
    async def read() -> None:
        async for line in stream.content:
            if line.startswith(b"data: "):
                taken = json.loads(line.removeprefix(b"data: "))
                page.together.append(len(taken))
                page.steps += taken

    return asyncio.create_task(read())
