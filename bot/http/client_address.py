"""Which address a request counts as: that of its connection, or the one that the operator's own proxies name.

A proxy appends the address that it sees to `X-Forwarded-For`; what stands in front of that is whatever its client sent.
So the header is read from its end, and only as far as the proxies of TRUSTED_PROXIES wrote it.
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from bot.setting_types import IpNetwork

FORWARDED = "X-Forwarded-For"
NOWHERE = IPv6Address(0)
IPV6_NETWORK = 64
"""Bits of an IPv6 address that name a household or a server; the rest is chosen freely there."""


def client_address(peer: str | None, forwarded: Sequence[str], proxies: Sequence[IpNetwork]) -> str:
    """Return the address that counts, an IPv6 address without what its owner chooses.

    `peer` is where the connection comes from, `forwarded` are the lines of the header.
    """
    address = _read(peer or "") or NOWHERE
    for entry in reversed(",".join(forwarded).split(",")):
        named = _read(entry) if _is_one_of(address, proxies) else None
        if named is None:
            break
        address = named
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> IPV6_NETWORK << IPV6_NETWORK))
    return str(address)


def _is_one_of(address: IPv4Address | IPv6Address, proxies: Sequence[IpNetwork]) -> bool:
    return any(address in proxy for proxy in proxies)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, also one in brackets, with a port or with a zone; None if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
