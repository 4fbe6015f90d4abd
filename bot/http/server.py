"""Listening on every address of HOST, IPv4 and IPv6 alike."""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.core.errors import ConnectbotError
from bot.http.connection import Connections
from bot.http.refusals import Refusals

DRAIN = timedelta(seconds=1)
"""How long requests in progress may take at a stop."""
ALL_ADDRESSES = "::"
"""The one address that takes IPv4 too."""
RECEIVE_BYTES = 64 * 1024
"""The kernel's buffer for what arrives on a connection, and so the most that is read at once."""
NOT_OURS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

log = structlog.get_logger()


class CannotListen(ConnectbotError):
    """The port is taken, or the address is not this machine's."""

    kind = "cannot_listen"

    def __init__(self, host: str, port: int, *, reason: str) -> None:
        super().__init__(f"Cannot listen on {host}, port {port}: {reason}. Set HOST or PORT to something else.")


class Site(web.BaseSite):
    """One listening socket, whose connections are limited."""

    def __init__(self, runner: web.BaseRunner, bound: socket.socket, connections: Connections) -> None:
        super().__init__(runner)
        self._bound = bound
        self._connections = connections

    @property
    def name(self) -> str:
        """Return the address."""
        return str(self._bound.getsockname())

    async def start(self) -> None:
        """Accept connections."""
        await super().start()
        self._server = await asyncio.get_running_loop().create_server(self._connections, sock=self._bound)


@asynccontextmanager
async def listening(
    routes: Iterable[web.RouteDef],
    refusals: Refusals,
    *,
    host: str,
    port: int,
    middlewares: Iterable[Middleware] = (),
) -> AsyncIterator[int]:
    """Serve these routes until the context is left, and yield the port; port 0 takes a free one.

    `host` is one address or name, several with commas between, or `*` for all. Raises CannotListen.
    """
    app = web.Application(middlewares=middlewares)
    app.add_routes(routes)
    app.on_response_prepare.append(_name_no_version)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=DRAIN.total_seconds())
    await runner.setup()
    try:
        if runner.server is None:
            raise AssertionError("setup() makes the server")
        connections = Connections(runner.server, refusals)
        sockets = _bound(host, port)
        for one in sockets:
            await Site(runner, one, connections).start()
        port = sockets[0].getsockname()[1]
        log.info("listening", host=host, port=port)
        yield port
    finally:
        await runner.cleanup()


async def _name_no_version(_request: web.Request, response: web.StreamResponse) -> None:
    """Leave out the header in which aiohttp tells strangers its own and Python's version."""
    response.headers.popall("Server", None)


def _bound(host: str, port: int) -> list[socket.socket]:
    """Return a listening socket for each address; all have the same port."""
    sockets: list[socket.socket] = []
    names = _names(host)
    with ExitStack() as opened:
        try:
            for family, address, spare in _addresses(names):
                bound = _bind(family, address, port, spare=spare, both=names == [ALL_ADDRESSES])
                if bound:
                    sockets.append(opened.enter_context(bound))
                    port = bound.getsockname()[1]
        except OSError as error:
            reason = (error.strerror or "unknown").partition(" (while")[0]  # Python's own words repeat the address
            raise CannotListen(host, port, reason=reason) from error
        except UnicodeError:  # a label that is empty or too long
            raise CannotListen(host, port, reason="it is no host's name") from None
        if not sockets:
            raise CannotListen(host, port, reason=os.strerror(errno.EADDRNOTAVAIL))
        opened.pop_all()
    return sockets


def _names(host: str) -> list[str]:
    """Return the addresses and names of HOST, each once, an IPv6 address without brackets."""
    everywhere = ALL_ADDRESSES if socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104 - HOST asks for it
    names = (name.strip("[]") for name in host.replace(",", " ").split())
    return list(dict.fromkeys(everywhere if name == "*" else name for name in names))


def _addresses(names: Iterable[str]) -> Iterator[tuple[int, str, bool]]:
    """Yield each address with its family; it is spare if it is one of several of a name, such as `localhost`."""
    for name in names:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        yield from ((family, str(address[0]), len(found) > 1) for family, *_, address in found)


def _bind(family: int, address: str, port: int, *, spare: bool, both: bool) -> socket.socket | None:
    """Return a socket that listens; None if a spare address is not this machine's."""
    both = both and socket.has_dualstack_ipv6()
    try:
        bound = socket.create_server((address, port), family=family, dualstack_ipv6=both)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    except OSError as error:
        if spare and error.errno in NOT_OURS:
            return None
        raise
    return bound
