"""The page behind a link, where accounts are connected, for browsers and for scripts over plain HTTP.

A GET opens the page and is counted. A POST to the same URL with one form field does what a button does:
`link=instagram`, `unlink=instagram` or `done=1`; with `signed_in=Eve` her account gets connected. A link that doesn't
work is a 401.
"""

import secrets
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from sandbox.ayrshare import page_html
from sandbox.ayrshare.account import AyrshareAccount, Profile
from sandbox.ayrshare.links import IssuedLink, LinkRegistry
from sandbox.calls import CallLog

COOKIE = "profile_session"
PRIVATE_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
}


class ConnectPage:
    """Serves the page; `announce` sends a webhook for each account that is connected or disconnected on it.

    `visits` is the log of what people do on it.
    """

    def __init__(
        self, account: AyrshareAccount, links: LinkRegistry, announce: Callable[..., None], *, visits: CallLog
    ) -> None:
        self._account = account
        self._links = links
        self._announce = announce
        self._visits = visits
        self._browser_sessions: dict[str, Profile] = {}

    async def open(self, request: web.Request) -> web.Response:
        """Show the networks of the profile that this browser is logged in to."""
        link = self._working_link(request)
        if link is None:
            return _html(page_html.invalid_link(), status=401)
        if request.method == "GET":
            link.opens.append(self._now())
            self._visits.record("open", profile=link.profile.title)
        return self._grid(request, link, signed_in=self._account.signed_in or "")

    async def press(self, request: web.Request) -> web.Response:
        """Do what a button of the page does."""
        link = self._working_link(request)
        if link is None:
            return _html(page_html.invalid_link(), status=401)
        form = await request.post()
        if "done" in form:
            return _leave(request.query.get("redirect", ""))
        for change in ("link", "unlink"):
            if form.get(change) in link.networks:
                name = str(form.get("signed_in", self._account.signed_in or ""))
                self._change(self._logged_in_profile(request, link), str(form[change]), change, name=name)
                if link.signs_in:
                    return _html(page_html.done())
                return self._grid(request, link, signed_in=name, changed=str(form[change]))
        return _html(page_html.not_offered(), status=400)

    def _working_link(self, request: web.Request) -> IssuedLink | None:
        link = self._links.by_token(request.query.get("jwt") or request.query.get("session", ""))
        if link is None or request.query.get("domain") != link.domain or not link.works(self._now()):
            return None
        return link if link.profile in self._account.profiles else None

    def _now(self) -> datetime:
        return self._account.now()

    def _logged_in_profile(self, request: web.Request, link: IssuedLink) -> Profile:
        """Return the first profile that this browser opened, unless the link says to log out."""
        first = self._browser_sessions.get(request.cookies.get(COOKIE, ""))
        stays = first in self._account.profiles and request.query.get("logout") != "true"
        return first if first and stays else link.profile

    def _grid(self, request: web.Request, link: IssuedLink, *, signed_in: str, changed: str = "") -> web.Response:
        profile = self._logged_in_profile(request, link)
        if link.signs_in:
            page = _html(page_html.sign_in(profile, link, signed_in=signed_in))
        else:
            page = _html(page_html.grid(profile, link, signed_in=signed_in, changed=changed))
        if self._browser_sessions.get(request.cookies.get(COOKIE, "")) is not profile:
            browser = secrets.token_urlsafe(16)
            self._browser_sessions[browser] = profile
            page.set_cookie(COOKIE, browser, path=request.path, httponly=True, samesite="Lax")
        return page

    def _change(self, profile: Profile, network: str, change: str, *, name: str) -> None:
        self._visits.record(change, profile=profile.title, network=network)
        if change == "link":
            linked = profile.connect(network, at=self._now(), name=name or None)
            self._announce(profile, linked, "link", source="user")
        elif account := profile.accounts.pop(network, None):
            self._announce(profile, account, "unlink", source="user")


def _leave(redirect: str) -> web.Response:
    if redirect.startswith(("https://", "http://")):
        return web.Response(status=303, headers={"Location": redirect, **PRIVATE_HEADERS})
    return _html(page_html.done())


def _html(text: str, *, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=PRIVATE_HEADERS)
