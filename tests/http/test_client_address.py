"""Which address a request counts as, behind proxies that are trusted and behind those that aren't."""

from ipaddress import ip_network

import pytest

from bot.http.client_address import client_address

PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "127.0.0.1", "fd00::/8")))
CLIENT = "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "forwarded", "counts"),
    [
        (CLIENT, ["203.0.113.9"], CLIENT),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [CLIENT], CLIENT),
        ("::ffff:127.0.0.1", [CLIENT], CLIENT),
        ("127.0.0.1", [f"203.0.113.9, {CLIENT}"], CLIENT),
        ("127.0.0.1", ["203.0.113.9", CLIENT], CLIENT),
        ("127.0.0.1", [f"10.9.9.9, {CLIENT}"], CLIENT),
        ("10.0.0.1", [f"203.0.113.9, {CLIENT}, 10.0.0.2,10.0.0.3"], CLIENT),
        ("10.0.0.1", ["10.1.1.1, 10.0.0.2"], "10.1.1.1"),
        ("10.0.0.1", [f"{CLIENT}:50123"], CLIENT),
        ("10.0.0.1", [f"::ffff:{CLIENT}"], CLIENT),
        ("fd00::1", ["[2001:db8:1:2:3:4:5:6]:50123"], "2001:db8:1:2::"),
        ("fd00::1", ["2001:db8:1:2::9%eth0"], "2001:db8:1:2::"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", [f"{CLIENT}, <script>"], "10.0.0.1"),
        ("10.0.0.1", [f"{CLIENT}, <script>, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["", ",,"], "10.0.0.1"),
        (None, [CLIENT], "::"),
        ("2001:db8:1:2:3::1", [], "2001:db8:1:2::"),
    ],
)
def test_the_last_address_that_a_trusted_proxy_saw_counts(peer: str | None, forwarded: list[str], counts: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == counts


def test_without_trusted_proxies_the_header_is_not_read() -> None:
    assert client_address("127.0.0.1", [CLIENT], ()) == "127.0.0.1"
