"""Listening on IPv4 and IPv6."""

import socket

import aiohttp
import pytest
from aiohttp import web

from bot.core.metrics import Metrics
from bot.http.refusals import Refusals
from bot.http.server import CannotListen, listening
from bot.web import health_route, metrics_route

needs_ipv6 = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")


async def nothing() -> None:
    """Refresh no gauges."""


def routes() -> list[web.RouteDef]:
    return [health_route(), metrics_route(Metrics(), nothing, token=None)]


@needs_ipv6
@pytest.mark.parametrize("host", ["::", "[::]", "*", "127.0.0.1,::1", "[::1], 127.0.0.1,", "127.0.0.1 ::1 ::1"])
async def test_ipv4_and_ipv6_are_listened_on_together(host: str) -> None:
    async with (
        listening(routes(), Refusals(Metrics()), host=host, port=0) as port,
        aiohttp.ClientSession() as session,
    ):
        for address in ("127.0.0.1", "[::1]"):
            for path in ("healthz", "metrics"):  # an IPv4 address seen over IPv6 is this machine's too
                async with session.get(f"http://{address}:{port}/{path}") as answer:
                    assert answer.status == 200


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid", "a..b", "x" * 70])
async def test_an_address_that_is_not_this_machines_is_said(host: str) -> None:
    with pytest.raises(CannotListen) as refused:
        async with listening(routes(), Refusals(Metrics()), host=host, port=0):
            pass
    assert "Set HOST or PORT" in refused.value.sentence


async def test_a_port_that_is_taken_leaves_no_socket_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotListen, match="in use"):
        async with listening(routes(), Refusals(Metrics()), host="127.0.0.1", port=taken.getsockname()[1]):
            pass
