"""Slack's link previews: every URL in a message's text is fetched, unless the app opts out.

https://docs.slack.dev/messaging/unfurling-links-in-messages
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence

import aiohttp
from yarl import URL

from sandbox.calls import CallLog, without_secrets
from sandbox.slack.api_types import Json

URL_PATTERN = re.compile(r"https?://[^\s<>|\"]+")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TIMEOUT = aiohttp.ClientTimeout(total=5)


class Crawler:
    """Records each fetch in `calls`; only URLs on loopback are really fetched."""

    def __init__(self, calls: CallLog, *, session: Callable[[], aiohttp.ClientSession]) -> None:
        self.calls = calls
        self._session = session
        self._running: set[asyncio.Task[None]] = set()

    def crawl(self, text: str, blocks: Sequence[Json]) -> None:
        """Start to fetch the URLs in a message's text and in the text of its sections."""
        for url in URL_PATTERN.findall("\n".join([text, *_section_texts(blocks)])):
            self.calls.record("GET " + without_secrets(url))
            if URL(url).host in LOOPBACK:
                task = asyncio.create_task(self._fetch(url))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def idle(self) -> None:
        """Wait until all fetches are done."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def close(self) -> None:
        """Cancel the fetches."""
        for task in self._running:
            task.cancel()
        await self.idle()

    async def _fetch(self, url: str) -> None:
        headers = {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}
        try:
            async with self._session().get(url, headers=headers, timeout=TIMEOUT) as response:
                await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError):
            return  # there is no preview then


def _section_texts(blocks: Sequence[Json]) -> Iterator[str]:
    for block in blocks:
        if block["type"] == "section":
            for text in (block.get("text"), *(block.get("fields") or ())):
                if text:
                    yield text["text"]
