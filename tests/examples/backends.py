"""A sample backend as its own process, and an app that asks it."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.server import Sandbox
from tests.api.apps import App
from tests.conftest import Map
from tests.eventually import eventually
from tests.mappings.removal_helpers import page_of
from tests.users import Someone

JANES, NOBODYS = "session-of-jane", "session-of-nobody"


@dataclass(frozen=True)
class Backend:
    """A backend that runs."""

    session: aiohttp.ClientSession
    url: str

    async def connect_link(self, signed_in: str) -> tuple[int, Any]:
        """Ask for a link as the app does."""
        headers = {"Authorization": f"Bearer {signed_in}"}
        async with self.session.post(f"{self.url}/connect-link", headers=headers) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def running(*words: str, app: App, profiles: dict[str, str]) -> AsyncIterator[Backend]:
    """Run a backend until the context is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {"CONNECTBOT_URL": app.url, "CONNECTBOT_API_KEY": app.token, "PROFILES": json.dumps(profiles)}
    process = await asyncio.create_subprocess_exec(*words, env=os.environ | given | {"PORT": str(port)})
    backend = Backend(app.session, f"http://127.0.0.1:{port}")

    async def listens() -> bool:
        try:
            return (await backend.connect_link("nobody"))[0] == 401
        except aiohttp.ClientError:
            return False

    try:
        await eventually(listens, "the backend listens", within=20)
        yield backend
    finally:
        process.kill()
        await process.wait()


async def check(*words: str, app: App, mapped: Map, ben: Someone, sandbox: Sandbox) -> None:
    """Fail unless a backend gives its people their links, and nobody else any."""
    profile = await mapped("ben", "Acme: Jane")
    async with running(*words, app=app, profiles={JANES: profile.ref_id, NOBODYS: "0" * 40}) as backend:
        status, said = await backend.connect_link(JANES)
        assert (status, await page_of(ben, said["url"])) == (200, 200)
        assert await backend.connect_link(NOBODYS) == (502, {"title": "No such profile"})
        assert await backend.connect_link("a stranger") == (401, {"title": "Sign in first."})


def sample(name: str) -> str:
    """Return a sample's path."""
    return str(Path(__file__).parents[2] / "examples" / name)
