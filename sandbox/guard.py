"""Keeps web pages of others out: the sandbox answers on loopback, under loopback's names, to itself and to scripts."""

from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
OURS = frozenset({"same-origin", "none"})
"""Values of `Sec-Fetch-Site`: from the page itself, or typed into the browser."""


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a foreign `Host`, as after DNS rebinding, and what another site's page sends."""
    if not _is_loopback(request.host):
        return _refusal("The sandbox is reached as 127.0.0.1 or localhost.", HTTPStatus.MISDIRECTED_REQUEST)
    if _is_foreign(request) and not _is_visit(request):
        return _refusal("The sandbox does nothing for other sites' pages.", HTTPStatus.FORBIDDEN)
    return await handler(request)


def _is_loopback(host: str) -> bool:
    try:
        return URL(f"http://{host}").host in LOOPBACK
    except ValueError:
        return False


def _is_foreign(request: web.Request) -> bool:
    """Tell whether a page of another origin sent this; a script sends neither of the two headers."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site not in OURS
    return origin is not None and origin != f"http://{request.host}"


def _is_visit(request: web.Request) -> bool:
    """Tell whether somebody followed a link to a page here, which the other site can't read."""
    opened = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.headers.get("Sec-Fetch-Dest") == "document"
    return opened and request.method == "GET" and not request.path.startswith("/control")


def _refusal(sentence: str, status: HTTPStatus) -> web.Response:
    return web.json_response({"ok": False, "error": sentence}, status=status)
