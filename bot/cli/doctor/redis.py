"""Redis: whether it answers, and keeps what it is given."""

from collections.abc import Mapping
from typing import Any

from redis.exceptions import AuthenticationError, RedisError, ResponseError

from bot.cli.doctor.finding import Findings
from bot.cli.doctor.settings import HINTS
from bot.storage.connection import Connection

CHECKS = ("redis", "redis.version", "redis.append_only", "redis.eviction", "redis.memory")
OLDEST = 7
"""Of Redis; every Valkey is younger."""
NOTED, WRONG = 0.75, 0.9
"""Shares of the memory there is."""
UNKNOWN = "the server doesn't say"
LOOK_YOURSELF = "Look at the server's own settings."

Info = Mapping[str, Any]


async def check_redis(findings: Findings, connection: Connection) -> bool:
    """Check what the server says about itself, and return whether it answers."""
    try:
        await connection.redis.ping()
        info = await _info(connection)
    except (RedisError, OSError, TypeError) as error:  # TypeError: an option in the URL that there is not
        _away(findings, error)
        return False
    findings.ok("redis", "answers")
    _version(findings, info)
    _append_only(findings, info)
    _eviction(findings, info)
    _memory(findings, info)
    return True


async def _info(connection: Connection) -> Info:
    """Return what the server tells, nothing to a user who may not ask."""
    try:
        info: Info = await connection.redis.info()
    except ResponseError:
        return {}
    return info


def _away(findings: Findings, error: Exception) -> None:
    if isinstance(error, AuthenticationError):
        findings.wrong("redis", "wants another password, or one at all", f"Put it into REDIS_URL. {HINTS['REDIS_URL']}")
    else:
        hint = "Is it running, the address in REDIS_URL right, the way open? Where it wants TLS, begin with rediss://."
        findings.wrong("redis", f"can't be used ({type(error).__name__})", hint)


def _version(findings: Findings, info: Info) -> None:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version", info.get("redis_version", "")))
    major = version.partition(".")[0]
    if not major.isdecimal():
        findings.note("redis.version", UNKNOWN, f"It has to be Redis {OLDEST}.0 or newer, or Valkey.")
    elif name == "Redis" and int(major) < OLDEST:
        findings.wrong("redis.version", f"Redis {version:.20}", f"Use Redis {OLDEST}.0 or newer, or Valkey.")
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


def _memory(findings: Findings, info: Info) -> None:
    check = "redis.memory"
    used, most = info.get("used_memory"), info.get("maxmemory") or info.get("total_system_memory")
    if not isinstance(used, int):
        findings.note(check, UNKNOWN, LOOK_YOURSELF)
    elif not isinstance(most, int) or not most:
        findings.ok(check, f"{_size(used)} used; the server doesn't say of how much")
    else:
        found = f"{_size(used)} used of {_size(most)}{'' if info.get('maxmemory') else ', all this machine has'}"
        _of_memory(findings, used / most, found)


def _of_memory(findings: Findings, share: float, found: str) -> None:
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
