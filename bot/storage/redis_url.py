"""REDIS_URL: one server, a group under Sentinel, or a Cluster."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

EXAMPLES = {
    "redis": "redis://:PASSWORD@HOST:6379/0",
    "unix": "unix:///run/redis.sock",
    "redis+sentinel": "redis+sentinel://:PASSWORD@HOST:26379,HOST:26379,HOST:26379/MASTER/0",
    "redis+cluster": "redis+cluster://:PASSWORD@HOST:6379,HOST:6379",
}
PORTS = {"redis": 6379, "redis+sentinel": 26379, "redis+cluster": 6379}
HIGHEST_PORT = 65535
ENCODED = "in a password / is written %2F, # is %23, ? is %3F and @ is %40"


class Topology(StrEnum):
    """What a REDIS_URL addresses; the value is its scheme without TLS."""

    SERVER = "redis"
    SOCKET = "unix"
    SENTINEL = "redis+sentinel"
    CLUSTER = "redis+cluster"


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A REDIS_URL in parts. `servers` are the sentinels of a group, or any nodes of a Cluster; a socket has none."""

    topology: Topology
    tls: bool = False
    servers: tuple[tuple[str, int], ...] = ()
    username: str | None = None
    password: str | None = None
    master: str = ""
    database: int = 0


def read_redis_url(url: str) -> RedisAddress:
    """Return the parts of a REDIS_URL; raise ValueError, without quoting it, if it is malformed."""
    scheme, _, rest = url.partition("://")
    plain = scheme.replace("rediss", "redis", 1)
    if plain not in EXAMPLES or not rest or any(map(str.isspace, url)):
        raise ValueError(f"must look like {', '.join(EXAMPLES.values())} (rediss in place of redis for TLS)")
    topology, tls = Topology(plain), scheme != plain
    if topology is Topology.SOCKET:
        return RedisAddress(topology)
    try:
        if topology is Topology.SERVER:
            return _one_server(url, tls=tls)
        return _several_servers(topology, rest, tls=tls)
    except ValueError as error:
        raise ValueError(f"{error}; it must look like {EXAMPLES[topology]}") from None


def _one_server(url: str, *, tls: bool) -> RedisAddress:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "localhost", parts.port or PORTS["redis"]
    except ValueError:  # its text quotes the URL
        raise ValueError(f"has a host or a port that can't be read ({ENCODED})") from None
    if "#" in url or "@" in f"{parts.path}{parts.query}":
        raise ValueError(f"has a host that can't be read ({ENCODED})")
    if "," in host:
        raise ValueError("names several servers, as only redis+sentinel:// and redis+cluster:// do")
    if not re.fullmatch(r"/?\d*/?", parts.path):
        raise ValueError("has a database that is no number")
    password = parts.password or parse_qs(parts.query).get("password", [None])[0]
    return RedisAddress(Topology.SERVER, tls, ((host, port),), password=password)


def _several_servers(topology: Topology, rest: str, *, tls: bool) -> RedisAddress:
    authority, _, path = rest.partition("/")
    if "?" in rest or "#" in rest:
        raise ValueError("takes no options")
    credentials, _, hosts = authority.rpartition("@")
    username, _, password = credentials.partition(":")
    servers = tuple(_server(host, PORTS[topology]) for host in hosts.split(","))
    master, _, database = path.partition("/") if topology is Topology.SENTINEL else ("", "", path)
    if topology is Topology.SENTINEL and not master:
        raise ValueError("names no master")
    if not (database or "0").isdecimal() or (topology is Topology.CLUSTER and int(database or 0)):
        raise ValueError("has a database that is no number, or not 0 on a Cluster")
    names = unquote(username) or None, unquote(password) or None
    return RedisAddress(topology, tls, servers, *names, unquote(master), int(database or 0))


def _server(text: str, default_port: int) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or port.endswith("]"):  # an IPv6 address without a port
        host, port = text, str(default_port)
    if not host.strip("[]") or not port.isdecimal() or not 0 < int(port) <= HIGHEST_PORT:
        raise ValueError("has a host without a name, or a port that is no number")
    return host.strip("[]"), int(port)
