"""`doctor` on Redis and on what lies in it: real servers with odd settings, and some that only pretend."""

import ssl
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.cli.examined import BEN, TEAM, examined, map_ben, stores
from tests.cli.servers import redis_that_says, valkey
from tests.commands import command
from tests.keys import RING
from tests.redis_servers import PASSWORD, RedisServer, cluster_of_three, moving_address, sentinel_group
from tests.storage.test_redis_url import certificate

CHECKS = ("redis", "redis.version", "redis.append_only", "redis.eviction", "redis.memory", "redis.access")
SOUND = {
    "redis_version": "7.0.15",
    "aof_enabled": "1",
    "aof_last_write_status": "ok",
    "maxmemory_policy": "noeviction",
    "maxmemory": "0",
    "used_memory": "1000000",
    "total_system_memory": "8000000000",
}


def at(port: int, *, password: str = "") -> dict[str, str]:
    return {"REDIS_URL": f"redis://{password}127.0.0.1:{port}", "ENCRYPTION_KEYS": RING}


async def test_a_server_of_ones_own_that_is_as_it_should_be(environment: dict[str, str], tmp_path: Path) -> None:
    async with valkey(tmp_path, "--appendonly", "yes", "--requirepass", "secret", "--maxmemory", "100mb") as port:
        report = await examined(environment, **at(port, password=":secret@"))
    assert report.status(*CHECKS) == ["ok"] * len(CHECKS)
    assert "Valkey" in report.told("redis.version")
    assert "of 100.0 MB" in report.told("redis.memory")
    assert report.rows["redis.access"][1] == "a password"


async def test_a_user_with_the_bots_own_keys_and_channels_is_enough(
    environment: dict[str, str], tmp_path: Path
) -> None:
    user = ("--user", "default", "on", "nopass", "~connectbot:*", "&connectbot:*", "+@all", "-@admin")
    async with valkey(tmp_path, "--appendonly", "yes", *user) as port:
        report = await examined(environment, **at(port))
    assert report.status("redis", "redis.append_only", "jobs") == ["ok"] * 3


async def test_a_server_that_forgets_is_wrong(environment: dict[str, str], tmp_path: Path) -> None:
    options = ("--appendonly", "no", "--maxmemory-policy", "allkeys-lru", "--maxmemory", "1mb")
    async with valkey(tmp_path, *options) as port:
        report = await examined(environment, **at(port))
    assert report.code == 1
    assert report.status(*CHECKS) == ["wrong", "ok", "wrong", "wrong", "wrong", "ok"]
    assert "OutOfMemoryError OOM" in report.told("redis")
    assert "appendonly yes" in report.told("redis.append_only")
    assert "allkeys-lru" in report.told("redis.eviction")
    assert "private address" in report.told("redis.access")


RUNS_NO_SCRIPTS = ("--user", "default", "on", "nopass", "~*", "&*", "+@all", "-@scripting")
NO_CHANNELS = ("--user", "default", "on", "nopass", "~*", "resetchannels", "+@all")
NO_STREAMS = ("--user", "default", "on", "nopass", "~*", "&*", "+@all", "-@stream")
READS_ONLY = ("--user", "default", "on", "nopass", "~*", "&*", "+@all", "-@write")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--maxmemory", "1mb", "--maxmemory-policy", "noeviction"), "its memory is full"),
        (("--min-replicas-to-write", "1"), "too few replicas are connected"),
        (READS_ONLY, "this user may not do that"),
        (RUNS_NO_SCRIPTS, "this user may not do that"),
        (NO_CHANNELS, "this user may not do that"),
        (NO_STREAMS, "this user may not do that"),
    ],
)
async def test_a_server_that_answers_reads_and_takes_no_writes_is_wrong(
    environment: dict[str, str], tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    async with valkey(tmp_path, "--appendonly", "yes", *options) as port:
        report = await examined(environment, **at(port))
    assert report.code == 1
    assert report.status("redis", "redis.append_only", "redis.eviction") == ["wrong", "ok", "ok"]
    assert "Redis takes no writes" in report.told("redis")
    assert says in report.told("redis")


async def test_a_disk_that_takes_nothing_is_named(environment: dict[str, str]) -> None:
    async with redis_that_says(written="-MISCONF Errors writing to the AOF file: No space left\r\n", **SOUND) as port:
        report = await examined(environment, **at(port))
    assert report.status("redis") == ["wrong"]
    assert "it can't write to its disk" in report.told("redis")


async def test_a_user_who_may_not_ask_is_told_what_to_look_for(environment: dict[str, str], tmp_path: Path) -> None:
    rights = ("on", "nopass", "~*", "&*", "+@all", "-info", "-config")
    async with valkey(tmp_path, "--user", "default", *rights) as port:
        report = await examined(environment, **at(port))
    assert report.code == 0
    assert report.status(*CHECKS) == ["ok", "note", "note", "note", "note", "ok"]


async def test_a_password_that_is_wrong_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    async with valkey(tmp_path, "--requirepass", "secret") as port:
        report = await examined(environment, **at(port, password=":CANARY@"))
    assert report.status("redis", "redis.version", "encryption_keys") == ["wrong", "note", "note"]
    assert "wants another password" in report.told("redis")
    assert "CANARY" not in report.written


async def test_all_that_a_server_says_of_itself_is_judged(environment: dict[str, str]) -> None:
    odd = {
        "redis_version": "6.2.14",
        "aof_last_write_status": "err",
        "maxmemory_policy": "volatile-ttl",
        "used_memory": "7500000000",
    }
    async with redis_that_says(**SOUND | odd) as port:
        report = await examined(environment, **at(port))
    assert report.status(*CHECKS) == ["ok", "wrong", "wrong", "wrong", "wrong", "ok"]
    assert "6.2.14" in report.told("redis.version")
    assert "Make room" in report.told("redis.append_only")
    assert "7.0 GB used of 7.5 GB, all this machine has" in report.told("redis.memory")


async def test_memory_that_is_nearly_used_up_is_noted_first(environment: dict[str, str]) -> None:
    async with redis_that_says(**SOUND | {"used_memory": "80", "maxmemory": "100"}) as port:
        report = await examined(environment, **at(port))
    assert report.status(*CHECKS) == ["ok", "ok", "ok", "ok", "note", "ok"]
    assert report.rows["redis.version"][1] == "Redis 7.0.15"


async def test_what_a_server_does_not_say_is_a_note(environment: dict[str, str]) -> None:
    async with redis_that_says(redis_version="huge", used_memory="1048576") as port:
        report = await examined(environment, **at(port))
    assert report.code == 0
    assert report.status(*CHECKS) == ["ok", "note", "note", "note", "ok", "ok"]
    assert "1.0 MB used" in report.told("redis.memory")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        # A multicast address is public, and no system lets a connection to it out.
        ("redis://224.0.1.1:6379", "wrong"),
        ("redis://:password@224.0.1.1:6379", "note"),
        ("rediss://:password@224.0.1.1:6379", "ok"),
        ("redis://no-such-host.invalid:1", "note"),
        ("unix:///nowhere/at/all.sock", "ok"),
    ],
)
async def test_whoever_can_reach_it_needs_a_password(environment: dict[str, str], url: str, status: str) -> None:
    report = await examined(environment, REDIS_URL=url, ENCRYPTION_KEYS=RING)
    assert report.status("redis", "redis.access") == ["wrong", status]


async def test_an_address_that_cannot_be_read_is_said_to_be(environment: dict[str, str]) -> None:
    report = await examined(environment, REDIS_URL="redis://127.0.0.1:1?socket_timeout=soon", ENCRYPTION_KEYS=RING)
    assert report.status("redis", "redis.access") == ["wrong", "note"]
    assert "REDIS_URL can't be read" in report.told("redis")


async def test_a_check_that_stumbles_is_a_row_and_hides_no_other(environment: dict[str, str]) -> None:
    async with redis_that_says(scan="+CANARY\r\n", **SOUND) as port:
        report = await examined(environment, **at(port))
    assert report.status(*CHECKS) == ["ok"] * len(CHECKS)
    assert report.status("jobs", "ayrshare.api_key") == ["wrong", "ok"]
    assert "CANARY" not in report.written


async def test_an_embedded_server_that_cannot_run_is_explained(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    report = await examined(environment, DATA_DIR=str(tmp_path / "file"))
    assert report.status("redis", "encryption_keys") == ["wrong", "note"]
    assert "DATA_DIR" in report.told("redis")


async def test_profile_keys_that_do_not_open_are_counted_and_named(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    await map_ben(environment, sandbox)
    await map_ben(environment, sandbox, "Globex")
    report = await examined(environment, ENCRYPTION_KEYS=RING)
    jane, *_ = sandbox.ayrshare.profiles
    assert report.status("encryption_keys", "ayrshare.links") == ["wrong", "note"]
    assert "2 of 2" in report.told("encryption_keys")
    for words in ("'Acme: Jane'", jane.ref_id, "'Globex'"):
        assert words in report.told("encryption_keys")
    assert jane.key not in report.written


async def test_a_damaged_key_file_is_explained(environment: dict[str, str]) -> None:
    await examined(environment)
    (Path(environment["DATA_DIR"]) / "encryption.keys").write_text("CANARY")
    report = await examined(environment)
    assert report.status("redis", "encryption_keys") == ["ok", "wrong"]
    assert "DATA_DIR" in report.told("encryption_keys")
    assert "CANARY" not in report.written


async def test_keys_sealed_with_an_older_encryption_key_are_noted(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    await map_ben(environment, sandbox)
    assert (await command("keys", "generate", environment=environment)).code == 0
    report = await examined(environment)
    assert (report.code, report.status("encryption_keys")) == (0, ["note"])
    assert "1 of 1" in report.told("encryption_keys")
    assert "keys rotate" in report.told("encryption_keys")
    assert report.status("ayrshare.links") == ["ok"]


async def test_a_profile_that_nobody_looks_after_any_more_is_counted_but_not_used(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    await map_ben(environment, sandbox)
    async with stores(environment) as (_, mappings):
        (mapping,) = await mappings.of(TEAM, BEN)
        await mappings.remove(TEAM, BEN, mapping.ref_id, by="test")
    report = await examined(environment)
    assert report.rows["encryption_keys"][1] == "all profile keys open (1)"
    assert report.status("ayrshare.links") == ["note"]


async def test_a_group_under_sentinel_is_as_it_should_be(environment: dict[str, str], tmp_path: Path) -> None:
    async with sentinel_group(tmp_path) as group:
        report = await examined(environment, REDIS_URL=group.url, ENCRYPTION_KEYS=RING)
        assert report.status(*CHECKS) == ["ok"] * len(CHECKS)
        one = f"redis://127.0.0.1:{group.sentinels[0].port}"
        report = await examined(environment, REDIS_URL=one, ENCRYPTION_KEYS=RING)
        assert "redis+sentinel://" in report.told("redis")
        replica = f"redis://:{PASSWORD}@127.0.0.1:{group.replicas[0].port}"
        report = await examined(environment, REDIS_URL=replica, ENCRYPTION_KEYS=RING)
        assert "ReadOnlyError READONLY" in report.told("redis")
        assert PASSWORD not in report.written


async def test_a_primary_that_takes_writes_without_its_replicas_is_noted(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async with sentinel_group(tmp_path, replicas=2) as group:
        report = await examined(environment, REDIS_URL=group.url, ENCRYPTION_KEYS=RING)
        assert "redis.replicas" not in report.rows
        await group.primary.client.config_set("min-replicas-to-write", 0)
        report = await examined(environment, REDIS_URL=group.url, ENCRYPTION_KEYS=RING)
        assert report.status("redis.replicas") == ["note"]
        assert "min-replicas-to-write 1" in report.told("redis.replicas")


async def test_a_cluster_is_as_good_as_the_worst_of_its_nodes(environment: dict[str, str], tmp_path: Path) -> None:
    async with cluster_of_three(tmp_path) as cluster:
        report = await examined(environment, REDIS_URL=cluster.url, ENCRYPTION_KEYS=RING)
        assert report.status(*CHECKS) == ["ok"] * len(CHECKS)
        await cluster.primaries[1].client.config_set("maxmemory-policy", "allkeys-lru")
        report = await examined(environment, REDIS_URL=cluster.url, ENCRYPTION_KEYS=RING)
        assert report.status("redis.append_only", "redis.eviction") == ["ok", "wrong"]
        one = f"redis://:{PASSWORD}@127.0.0.1:{cluster.primaries[0].port}"
        report = await examined(environment, REDIS_URL=one, ENCRYPTION_KEYS=RING)
        assert "redis+cluster://" in report.told("redis")


@pytest.mark.parametrize("scheme", ["redis+cluster", "redis+sentinel"])
async def test_a_password_that_is_wrong_is_said_of_clusters_and_sentinels(
    environment: dict[str, str], tmp_path: Path, scheme: str
) -> None:
    group = "/group" if scheme == "redis+sentinel" else ""
    async with valkey(tmp_path, "--requirepass", "secret") as port:
        url = f"{scheme}://:CANARY@127.0.0.1:{port}{group}/0"
        report = await examined(environment, REDIS_URL=url, ENCRYPTION_KEYS=RING)
    assert "wants another password" in report.told("redis")
    assert "CANARY" not in report.written


async def test_a_name_that_the_sentinels_do_not_know_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    sentinel = RedisServer(tmp_path, sentinel=True)
    await sentinel.start()
    try:
        url = f"redis+sentinel://127.0.0.1:{sentinel.port}/another/0"
        report = await examined(environment, REDIS_URL=url, ENCRYPTION_KEYS=RING)
    finally:
        await sentinel.close()
    assert "the sentinels know no primary of that name" in report.told("redis")


async def test_a_certificate_of_ones_own_is_named_with_the_variable_that_takes_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    cert, key = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    async with (
        valkey(tmp_path, "--appendonly", "yes", "--requirepass", "secret") as port,
        moving_address(tls) as address,
    ):
        address.target = port
        url = f"rediss://:secret@127.0.0.1:{address.port}"
        settings = {"ENCRYPTION_KEYS": RING}
        unknown = await examined(environment, REDIS_URL=url, **settings)
        known = await examined(environment, REDIS_URL=url, REDIS_CA_FILE=str(cert), **settings)
        options = {"ssl_cert_reqs": ("none", "%6eone"), "ssl_check_hostname": ("false", "0")}
        unchecked = [
            (name, await examined(environment, REDIS_URL=f"{url}?{name}={value}", **settings))
            for name, values in options.items()
            for value in values
        ]
        sentinel = url.replace("rediss:", "rediss+sentinel:") + "/group/0"
        group = await examined(environment, REDIS_URL=sentinel, **settings)
        cluster = await examined(environment, REDIS_URL=url.replace("rediss:", "rediss+cluster:"), **settings)
    for report in (unknown, group, cluster):
        assert "isn't trusted (SSLCertVerificationError: self-signed certificate" in report.told("redis")
        assert "REDIS_CA_FILE" in report.told("redis")
    assert known.status("redis", "redis.access") == ["ok", "ok"]
    for name, report in unchecked:
        assert report.status("redis.access") == ["note"]
        assert name in report.told("redis.access")
