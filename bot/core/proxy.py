"""One rule for all calls: HTTPS_PROXY and HTTP_PROXY, or ALL_PROXY, name a proxy, NO_PROXY what is called without it.

slack_sdk knows no NO_PROXY, and aiohttp's own rule knows no proxy for WebSockets and costs a thread for each call.
"""

import ssl
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

NO_AUTHORITIES = "this machine trusts no certificates: install ca-certificates, or set SSL_CERT_FILE"
SOCKS = "SOCKS proxies aren't supported: name an HTTP proxy in HTTPS_PROXY"
NO_PROXY_ADDRESS = "what HTTPS_PROXY or ALL_PROXY names isn't an HTTP proxy's address"
SCHEMES = {"ws": "http", "wss": "https"}
AROUND = "\"' \t\r\n"
"""What files of settings leave around an address."""


class ProxyUnusable(aiohttp.ClientConnectionError):
    """The address of the proxy is none, or not that of an HTTP proxy; `cause` says which."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class ProxiedRequest(aiohttp.ClientRequest):
    """A request that goes through the proxy that the environment names."""

    def update_proxy(self, proxy: URL | None, proxy_auth: aiohttp.BasicAuth | None, proxy_headers: Any) -> None:
        """Take the environment's proxy, unless another is given; raise ProxyUnusable."""
        if proxy is None:
            proxy, proxy_auth = proxy_for(self.original_url.origin())
        super().update_proxy(proxy, proxy_auth, proxy_headers)


@lru_cache(maxsize=256)
def proxy_for(url: URL) -> tuple[URL | None, aiohttp.BasicAuth | None]:
    """Return the proxy for an address, and what it wants to know; the environment is read once for each."""
    proxies = getproxies()
    address = (proxies.get(SCHEMES.get(url.scheme, url.scheme)) or proxies.get("all", "")).strip(AROUND)
    if not address or _is_called_without(url):
        return None, None
    if address.lower().startswith("socks"):
        raise ProxyUnusable(SOCKS)
    try:
        proxy = URL(address if "://" in address else f"http://{address}")
    except ValueError:
        raise ProxyUnusable(NO_PROXY_ADDRESS) from None
    if proxy.scheme not in {"http", "https"} or not proxy.host:
        raise ProxyUnusable(NO_PROXY_ADDRESS)
    return proxy.with_user(None), aiohttp.BasicAuth.from_url(proxy, encoding="utf-8")


def _is_called_without(url: URL) -> bool:
    host, entries = (url.host or "").lower(), getproxies().get("no", "").replace(",", " ").split()
    return proxy_bypass(f"{host}:{url.port}") or any(_names(entry.strip(AROUND), host) for entry in entries)


def _names(entry: str, host: str) -> bool:
    """Return whether an entry names a host in a way that Python doesn't read: a network, `*.example.com`, `[::1]`."""
    with suppress(ValueError):
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    return f".{host}".endswith(f".{entry.lower().lstrip('*.')}")


def cause_of(error: BaseException) -> str:
    """Name why a call had no answer, without the error's text, which may hold an address."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return cause_of_status(error.status, by_proxy=True)
    if isinstance(error, ProxyUnusable):
        return error.cause
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return "the proxy can't be reached"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = getattr(error.certificate_error, "verify_message", "")
        return NO_AUTHORITIES if has_no_authorities() else f"the certificate isn't trusted: {reason}"
    return type(error).__name__


def has_no_authorities() -> bool:
    """Return whether this machine trusts no certificate at all, as in a container without the package for that."""
    folder = ssl.get_default_verify_paths().capath
    in_folder = any(Path(folder).iterdir()) if folder else False
    return not in_folder and not ssl.create_default_context().cert_store_stats()["x509_ca"]


def cause_of_status(status: int, *, by_proxy: bool = False) -> str:
    """Name an answer that is none of the service's; only a proxy answers 407."""
    if by_proxy or status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return f"the proxy refuses with HTTP {status}"
    return f"HTTP {status}"
