"""Slack's link previews: every address in a message's text is fetched, unless the app says not to.

https://docs.slack.dev/messaging/unfurling-links-in-messages
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence

import aiohttp
from yarl import URL

from sandbox.calls import CallLog
from sandbox.slack.api_types import Json
from sandbox.slack.masking import without_secrets

ADDRESS = re.compile(r"https?://[^\s<>|\"]+")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PATIENCE = aiohttp.ClientTimeout(total=5)


class Crawler:
    """Notes each fetch in `calls`, and really makes those on this machine: a sandbox never goes out."""

    def __init__(self, calls: CallLog, *, session: Callable[[], aiohttp.ClientSession]) -> None:
        self.calls = calls
        self._session = session
        self._running: set[asyncio.Task[None]] = set()

    def crawl(self, text: str, blocks: Sequence[Json]) -> None:
        """Start fetching the addresses in a message's text and in its sections' texts."""
        for address in ADDRESS.findall("\n".join([text, *_section_texts(blocks)])):
            self.calls.record("GET " + without_secrets(address))
            if URL(address).host in LOOPBACK:
                task = asyncio.create_task(self._fetch(address))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def idle(self) -> None:
        """Wait for the fetches under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def close(self) -> None:
        """Stop fetching."""
        for task in self._running:
            task.cancel()
        await self.idle()

    async def _fetch(self, address: str) -> None:
        headers = {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}
        try:
            async with self._session().get(address, headers=headers, timeout=PATIENCE) as response:
                await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError):
            return  # a preview that cannot be made is not shown


def _section_texts(blocks: Sequence[Json]) -> Iterator[str]:
    for block in blocks:
        if block["type"] == "section":
            for text in (block.get("text"), *(block.get("fields") or ())):
                if text:
                    yield text["text"]
