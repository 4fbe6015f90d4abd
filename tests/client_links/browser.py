"""A client's browser as far as HTTP goes: it follows no redirect by itself, and keeps no cookies."""

import re
from dataclasses import dataclass
from html import unescape

import aiohttp

PUBLIC_URL = "https://connect.example"
FORM = re.compile(r'name="form" value="([^"]+)"')
OWN_PAGE = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
"""What Chromium sends with a form of a page whose referrer policy is no-referrer."""


@dataclass(frozen=True)
class Page:
    """An answer."""

    status: int
    html: str
    headers: dict[str, str]

    @property
    def words(self) -> str:
        return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", self.html, flags=re.DOTALL))

    @property
    def form(self) -> str:
        found = FORM.search(self.html)
        assert found, self.html
        return unescape(found[1])


@dataclass(frozen=True)
class Browser:
    """Opens addresses of the bot, which is reached through PUBLIC_URL."""

    session: aiohttp.ClientSession
    bot_url: str

    def local(self, url: str) -> str:
        """Return the address at which a test reaches what PUBLIC_URL stands for."""
        return url.replace(PUBLIC_URL, self.bot_url)

    async def opens(self, url: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> Page:
        async with self.session.request(
            method, self.local(url), allow_redirects=False, headers=headers or {}
        ) as answer:
            return Page(answer.status, await answer.text(), dict(answer.headers))

    async def presses(self, url: str, form: str, *, headers: dict[str, str] | None = None) -> Page:
        sent = OWN_PAGE if headers is None else headers
        async with self.session.post(
            self.local(url), data={"form": form}, allow_redirects=False, headers=sent
        ) as answer:
            return Page(answer.status, await answer.text(), dict(answer.headers))

    async def opens_and_presses(self, url: str) -> str:
        """Return where the button of a page leads."""
        answer = await self.presses(url, (await self.opens(url)).form)
        assert answer.status == 303, answer.words
        return answer.headers["Location"]
