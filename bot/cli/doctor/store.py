"""The store: Redis itself, who may write to it, and whether a job was set aside."""

import asyncio
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from ssl import SSLCertVerificationError
from typing import Any

from pydantic import SecretStr
from redis.asyncio.connection import parse_url
from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import AuthenticationError, ResponseError

from bot.cli.doctor.findings import Findings
from bot.cli.doctor.settings import HINTS
from bot.cli.jobs import outstanding_of
from bot.cli.records import records_of
from bot.storage.batching import TIMEOUT
from bot.storage.client import FAILURES, cause_of, origin_of
from bot.storage.connection import Connection
from bot.storage.redis_url import Topology, read_redis_url

ACCESS, JOBS, RECORDS = "redis.access", "jobs", "records"
CHECKS = ("redis", "redis.version", "redis.append_only", "redis.eviction", "redis.memory", ACCESS, JOBS, RECORDS)
OLDEST_REDIS = 7
"""Every version of Valkey is newer than it."""
NOTED, WRONG = 0.75, 0.9
"""Shares of the server's memory that are in use."""
LOOKUP_TIMEOUT = 3.0
"""Seconds for resolving Redis' host name."""
UNKNOWN = "the server doesn't say"
LOOK_YOURSELF = "Look at the server's own settings."

OTHER_SCHEMES = {
    "cluster": "Begin REDIS_URL with redis+cluster:// (or rediss+cluster://).",
    "sentinel": "Begin REDIS_URL with redis+sentinel:// (or rediss+sentinel://), and name the master behind the hosts.",
}
"""What to do where INFO tells of another mode than a single server."""
SOUND = {"aof_enabled": 1, "aof_last_write_status": "ok", "maxmemory_policy": "noeviction"}

Info = Mapping[str, Any]


async def check_redis(findings: Findings, connection: Connection) -> bool:
    """Check what the server says about itself; return whether it answers."""
    try:
        async with asyncio.timeout(TIMEOUT.total_seconds()):
            await connection.redis.ping()
            info = await _info(connection)
    except (*FAILURES, TypeError) as error:  # TypeError: an unknown option in the URL
        _unusable(findings, error)
        return False
    if (mode := info.get("server_mode", info.get("redis_mode"))) in OTHER_SCHEMES and connection.cluster is None:
        findings.wrong("redis", f"a {mode}, which REDIS_URL addresses as one server", OTHER_SCHEMES[mode])
        return False
    if problem := await connection.trouble():
        hint = "The bot has to write. Mend the server, or lead REDIS_URL to one that can."
        findings.wrong("redis", problem.rstrip("."), hint)
    else:
        findings.ok("redis", "answers")
    _version(findings, info)
    _append_only(findings, info)
    _eviction(findings, info)
    _memory(findings, info)
    _replicas(findings, info)
    return True


async def _info(connection: Connection) -> Info:
    """Return the server's INFO, empty if the Redis user may not read it; of a Cluster the worst of each primary."""
    try:
        if connection.cluster is None:
            return await connection.redis.info()
        by_node = [await connection.redis.info(**primary) for primary in await connection.primaries()]
    except ResponseError:
        return {}
    fullest = max(by_node, key=lambda info: info["used_memory"] / (info["maxmemory"] or info["total_system_memory"]))
    worst = {name: info[name] for info in by_node for name, good in SOUND.items() if info[name] != good}
    return {**fullest, **worst}


def _unusable(findings: Findings, error: Exception) -> None:
    origin = origin_of(error)
    if isinstance(origin, AuthenticationError):
        findings.wrong("redis", "wants another password, or one at all", f"Put it into REDIS_URL. {HINTS['REDIS_URL']}")
    elif isinstance(origin, SSLCertVerificationError):
        hint = "Set REDIS_CA_FILE to the file of the authority that signed it (PEM); a self-signed one is its own."
        findings.wrong("redis", f"its certificate isn't trusted ({cause_of(error)})", hint)
    elif isinstance(origin, MasterNotFoundError):
        hint = "The name after the addresses in REDIS_URL is the group's, as in 'sentinel monitor'."
        findings.wrong("redis", "the sentinels know no primary of that name", hint)
    else:
        hint = "Is it running, the address in REDIS_URL right, the way open? Where it wants TLS, begin with rediss://."
        findings.wrong("redis", f"can't be used ({cause_of(error)})", hint)


def _version(findings: Findings, info: Info) -> None:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version", info.get("redis_version", "")))
    major = version.partition(".")[0]
    if not major.isdecimal():
        findings.note("redis.version", UNKNOWN, f"It has to be Redis {OLDEST_REDIS}.0 or newer, or Valkey.")
    elif name == "Redis" and int(major) < OLDEST_REDIS:
        findings.wrong("redis.version", f"Redis {version:.20}", f"Use Redis {OLDEST_REDIS}.0 or newer, or Valkey.")
    else:
        findings.ok("redis.version", f"{name} {version:.20}")


def _append_only(findings: Findings, info: Info) -> None:
    check, on = "redis.append_only", info.get("aof_enabled")
    if on is None:
        findings.note(check, UNKNOWN, LOOK_YOURSELF)
    elif not on:
        hint = "Without it a crash takes mappings and cards back in time. Set appendonly yes."
        findings.wrong(check, "off", hint)
    elif info.get("aof_last_write_status", "ok") != "ok":
        findings.wrong(check, "on, but the last write to the disk failed", "Make room on the server's disk.")
    else:
        findings.ok(check, "on")


def _eviction(findings: Findings, info: Info) -> None:
    check, policy = "redis.eviction", info.get("maxmemory_policy")
    if policy is None:
        findings.note(check, UNKNOWN, LOOK_YOURSELF)
    elif policy == "noeviction":
        findings.ok(check, "noeviction")
    else:
        hint = "When memory runs short the server would drop mappings or cards. Set maxmemory-policy noeviction."
        findings.wrong(check, f"{policy!s:.30}", hint)


def _replicas(findings: Findings, info: Info) -> None:
    """Note where a primary takes writes that no replica has; INFO has the second field where that is limited."""
    replicas = info.get("connected_slaves", 0)
    if replicas > 1 and "min_slaves_good_slaves" not in info:
        hint = "A primary that is cut off takes writes that are lost. Set min-replicas-to-write 1."
        findings.note("redis.replicas", f"{replicas}, and a write needs none of them", hint)


def _memory(findings: Findings, info: Info) -> None:
    check = "redis.memory"
    used, most = info.get("used_memory"), info.get("maxmemory") or info.get("total_system_memory")
    if not isinstance(used, int):
        findings.note(check, UNKNOWN, LOOK_YOURSELF)
    elif not isinstance(most, int) or not most:
        findings.ok(check, f"{_size(used)} used; the server doesn't say of how much")
    else:
        found = f"{_size(used)} used of {_size(most)}{'' if info.get('maxmemory') else ', all this machine has'}"
        _memory_share(findings, used / most, found)


def _memory_share(findings: Findings, share: float, found: str) -> None:
    check, hint = "redis.memory", "When it is full the bot can't keep anything new. Give the server more."
    if share >= WRONG:
        findings.wrong(check, found, hint)
    elif share >= NOTED:
        findings.note(check, found, hint)
    else:
        findings.ok(check, found)


def _size(octets: int) -> str:
    gigabyte, megabyte = 1024**3, 1024**2
    return f"{octets / gigabyte:.1f} GB" if octets >= gigabyte else f"{octets / megabyte:.1f} MB"


async def check_access(findings: Findings, url: SecretStr | None) -> bool:
    """Check who may write to Redis; return whether its URL can be read. Without a URL it is the embedded server."""
    if url is None:
        findings.ok(ACCESS, "a Unix socket that only this user can open")
        return True
    address, options = read_redis_url(url.get_secret_value()), dict[str, Any]()
    try:
        if address.topology is Topology.SERVER:
            options.update(parse_url(url.get_secret_value()))
    except ValueError:
        findings.wrong("redis", "REDIS_URL can't be read", HINTS["REDIS_URL"])
        return False
    if address.topology is Topology.SOCKET:
        findings.ok(ACCESS, "a Unix socket")
    else:
        known = [await _is_public(host) for host, _ in address.servers]
        public = True if True in known else None if None in known else False
        if address.tls and (unchecked := _unchecked(options)):
            hint = "Whoever is on the way can read what is sent. Take it out; REDIS_CA_FILE names an authority."
            findings.note(ACCESS, unchecked, hint)
        else:
            _access(findings, password=bool(address.password), public=public, encrypted=address.tls)
    return True


def _unchecked(options: Mapping[str, Any]) -> str:
    """Return what REDIS_URL's options leave unchecked of the server's certificate."""
    if str(options.get("ssl_cert_reqs", "")).lower() == "none":
        return "TLS whose certificate isn't checked (ssl_cert_reqs=none)"
    if options.get("ssl_check_hostname") is False:
        return "TLS whose certificate may be another host's (ssl_check_hostname=false)"
    return ""


async def _is_public(host: str) -> bool | None:
    """Return whether any of a host's addresses is public, or None if the name can't be resolved."""
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT):
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
        hint = "Anyone can change who is mapped to which profile there. Give it a password or a private address."
        findings.wrong(ACCESS, "a public address without a password", hint)
    else:
        findings.ok(ACCESS, "no password, but a private address")


async def check_jobs(findings: Findings, connection: Connection) -> None:
    """Check that no job was set aside."""
    aside = [job for one in (await outstanding_of(connection)).values() for job in one.set_aside]
    if aside:
        names = ", ".join(sorted({job.name for job in aside}))
        hint = "Look for job_failed in the log; once mended, `connectbot jobs retry` has them done."
        findings.wrong(JOBS, f"{len(aside)} failed for a day and are set aside: {names}", hint)
    else:
        findings.ok(JOBS, "none is set aside")


async def check_records(findings: Findings, connection: Connection) -> None:
    """Check that what all of a workspace share can be read."""
    records = await records_of(connection)
    if records.damaged:
        hint = (
            "Put it back from a backup; or `connectbot repair --records` sets it aside, and it has to be set up again."
        )
        findings.wrong(RECORDS, f"can't be read: {'; '.join(records.damaged)}", hint)
    elif records.set_aside:
        hint = "The bot goes on without them, and finds out again what it can. They are deleted after 30 days."
        findings.note(RECORDS, f"some couldn't be read and are set aside: {', '.join(records.set_aside)}", hint)
    else:
        findings.ok(RECORDS, "all can be read")
