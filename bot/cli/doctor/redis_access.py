"""Redis: who may write to it besides the bot."""

import asyncio
import socket
from ipaddress import ip_address

from pydantic import SecretStr
from redis.asyncio.connection import SSLConnection, parse_url

from bot.cli.doctor.finding import Findings
from bot.cli.doctor.settings import HINTS

ACCESS = "redis.access"
CHECKS = (ACCESS,)
LOOKUP = 3.0
"""Seconds for finding a host's addresses."""


async def check_access(findings: Findings, url: SecretStr | None) -> bool:
    """Check who may write to Redis, and return whether its URL can be read; without one it is the embedded one.

    docket pickles what it keeps for later, so whoever can write to Redis can run code in the bot.
    """
    if url is None:
        findings.ok(ACCESS, "a Unix socket that only this user can open")
        return True
    try:
        asked = parse_url(url.get_secret_value())
    except ValueError:
        findings.wrong("redis", "REDIS_URL can't be read", HINTS["REDIS_URL"])
        return False
    if "path" in asked:
        findings.ok(ACCESS, "a Unix socket")
    else:
        public = await _is_public(str(asked.get("host", "localhost")))
        encrypted = asked.get("connection_class") is SSLConnection
        _access(findings, password=bool(asked.get("password")), public=public, encrypted=encrypted)
    return True


async def _is_public(host: str) -> bool | None:
    """Tell whether any of a host's addresses is reachable for all the world; None for a name that nobody knows."""
    try:
        async with asyncio.timeout(LOOKUP):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    return any(ip_address(address[0]).is_global for *_, address in found)


def _access(findings: Findings, *, password: bool, public: bool | None, encrypted: bool) -> None:
    if password and public and not encrypted:
        hint = "Use TLS (rediss://) or a private network."
        findings.note(ACCESS, "a password, but it goes over a public network unencrypted", hint)
    elif password:
        findings.ok(ACCESS, "a password")
    elif public is None:
        findings.note(
            ACCESS, "no password, and the host's name is not known", "Give it a password or a private address."
        )
    elif public:
        hint = "Whoever can write there can run code in the bot. Give it a password or a private address."
        findings.wrong(ACCESS, "a public address without a password", hint)
    else:
        findings.ok(ACCESS, "no password, but a private address")
