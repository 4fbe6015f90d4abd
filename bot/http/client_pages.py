"""The page of a client link: `GET /c/{token}` changes nothing, whoever asks; `POST /c/{token}` makes a link."""

from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import structlog
from aiohttp import web

from bot.ayrshare.networks import NETWORK_NAMES
from bot.client_links import page_views, visit
from bot.client_links.errors import ClientLinkEnded, ClientLinkGone, FormTooOld, OpenedTooOften
from bot.client_links.model import ClientLink
from bot.core.errors import ConnectbotError
from bot.deps import Deps
from bot.http.client_address import FORWARDED, client_address
from bot.http.signed_body import SignedBodies
from bot.settings import AYRSHARE_API_URL

PATH = "/c/{token}"
FORM_TYPE = "application/x-www-form-urlencoded"
LONGEST_BODY = 4096
SENDER = "client"
"""Who should have sent a form, in the count of what was refused."""
HSTS = "max-age=31536000"

log = structlog.get_logger()

Answer = tuple[HTTPStatus, str]


def client_page_routes(deps: Deps, bodies: SignedBodies) -> Iterator[web.RouteDef]:
    """Yield the routes, if the bot knows its own address."""
    if deps.settings.public_url:
        pages = ClientPages(deps, bodies, deps.settings.public_url)
        yield web.get(PATH, pages.show)
        yield web.post(PATH, pages.press)


class ClientPages:
    """Answers browsers, mail scanners and whoever else asks."""

    def __init__(self, deps: Deps, bodies: SignedBodies, public_url: str) -> None:
        self._deps, self._bodies = deps, bodies
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(public_url)).lower()
        self._headers = _headers(deps, https=self._origin.startswith("https:"))

    async def show(self, request: web.Request) -> web.Response:
        """Show the page, or what got connected; nothing is made, and no use is counted."""

        async def shown() -> Answer:
            token = request.match_info["token"]
            try:
                return HTTPStatus.OK, self._open_page(await visit.look(self._deps, token), token)
            except ClientLinkGone:
                return HTTPStatus.OK, page_views.returned_page(*await visit.come_back(self._deps, token))

        return await self._answer(request, shown)

    async def press(self, request: web.Request) -> web.Response:
        """Make a link and send the browser there."""
        token, url = request.match_info["token"], ""

        async def pressed() -> Answer:
            nonlocal url
            try:
                self._check_own_page(request)
                form = await self._form(request)
                url = (await visit.press(self._deps, token, form)).get_secret_value()
            except FormTooOld as error:
                link = await visit.look(self._deps, token)
                return HTTPStatus.CONFLICT, self._open_page(link, token, notice=error.sentence)
            return HTTPStatus.SEE_OTHER, ""

        answer = await self._answer(request, pressed)
        if url:
            answer.headers["Location"] = url
        return answer

    def _open_page(self, link: ClientLink, token: str, *, notice: str = "") -> str:
        networks = self._deps.ayrshare.options.offered.restriction(link.networks) or tuple(NETWORK_NAMES)
        form = self._deps.client_forms.issue(token, now=self._deps.clock.now())
        return page_views.open_page(link, networks, form, notice=notice)

    def _check_own_page(self, request: web.Request) -> None:
        """Raise FormTooOld if another site sent the form. Under `no-referrer`, browsers send `Origin: null`."""
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null").lower()
        if site not in {None, "same-origin"} or origin not in {"null", self._origin}:
            log.info("client_form_from_elsewhere", site=(site or "")[:20])
            raise FormTooOld

    async def _form(self, request: web.Request) -> str:
        """Return the form's hidden field; raise FormTooOld where there is none."""
        length = request.content_length or 0
        if request.content_type != FORM_TYPE or not 0 < length <= LONGEST_BODY:
            raise FormTooOld
        raw = await self._bodies.unsigned(request, sender=SENDER)
        return parse_qs(raw.decode(errors="replace")).get(page_views.FORM_FIELD, [""])[-1]

    def _address(self, request: web.Request) -> str:
        forwarded = request.headers.getall(FORWARDED, [])
        return client_address(request.remote, forwarded, self._deps.settings.trusted_proxies)

    async def _answer(self, request: web.Request, work: Callable[[], Awaitable[Answer]]) -> web.Response:
        outcome, headers = "ok", dict(self._headers)
        try:
            await visit.check_rate(self._deps, self._address(request))
            status, html = await work()
        except ClientLinkGone as error:
            outcome, status, html = error.kind, HTTPStatus.NOT_FOUND, page_views.unknown_page()
        except ClientLinkEnded as error:
            outcome, status, html = error.kind, HTTPStatus.GONE, page_views.ended_page(error.link, error.ending)
        except OpenedTooOften as error:
            outcome, status, html = error.kind, HTTPStatus.TOO_MANY_REQUESTS, page_views.too_often_page(error.seconds)
            headers["Retry-After"] = str(error.seconds)
        except ConnectbotError as error:
            log.warning("client_page_failed", kind=error.kind)
            outcome, status, html = error.kind, HTTPStatus.SERVICE_UNAVAILABLE, page_views.trouble_page()
        self._deps.metrics.client_pages.labels(request.method.lower(), outcome).inc()
        return web.Response(status=status, text=html, content_type="text/html", charset="utf-8", headers=headers)


def _headers(deps: Deps, *, https: bool) -> dict[str, str]:
    """Return the headers of every page; Chromium holds the redirect of a form to `form-action`, too."""
    target = "https:" if deps.settings.ayrshare_api_url == AYRSHARE_API_URL else "https: http:"
    policy = (
        f"default-src 'none'; style-src 'sha256-{page_views.STYLE_HASH}'; form-action 'self' {target}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return headers | ({"Strict-Transport-Security": HSTS} if https else {})
