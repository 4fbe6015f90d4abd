"""An app that calls the links API with a key of its own."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.commands import command


@dataclass(frozen=True)
class Said:
    """What the API answered."""

    status: int
    body: Any
    headers: Any

    @property
    def problem(self) -> str:
        """The last part of the problem's type."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.body
        assert self.body["status"] == self.status
        return str(self.body["type"]).removeprefix("urn:problem-type:connectbot:")


@dataclass(frozen=True)
class App:
    """Somebody else's backend."""

    session: aiohttp.ClientSession
    url: str
    token: str

    async def asks(self, method: str, path: str, json: Any = None, **headers: str) -> Said:
        """Call the API."""
        named = {name.replace("_", "-"): one for name, one in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}"} | named
        async with self.session.request(method, f"{self.url}/api/v1{path}", json=json, headers=sent) as answer:
            body = await answer.json(content_type=None) if await answer.read() else None
            return Said(answer.status, body, answer.headers)

    async def asks_for_link(self, **order: Any) -> Said:
        """Ask for a link."""
        return await self.asks("POST", "/links", json=order)

    async def takes_back(self, link_id: str) -> Said:
        """Take back a link."""
        return await self.asks("DELETE", f"/links/{link_id}")


async def new_key(environment: dict[str, str], *words: str) -> str:
    """Make a key as an operator does."""
    made = await command("api-keys", "create", "--name", "Bubble", *words, environment=environment)
    assert made.code == 0, made.err
    return made.out.strip()
