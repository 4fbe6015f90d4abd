"""REDIS_URL: what each kind looks like, what is refused, in which words, and the certificate authority for TLS."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.settings import SettingsError, StoreSettings, load
from bot.storage.connection import open_connection
from bot.storage.redis_url import RedisAddress, Topology, read_redis_url
from tests.keys import RING
from tests.redis_servers import PASSWORD, RedisServer, data_options, moving_address

A, B = ("a.example.com", 26379), ("::1", 26380)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://h", RedisAddress(Topology.SERVER, servers=(("h", 6379),))),
        ("rediss://u:p@h:1/2", RedisAddress(Topology.SERVER, tls=True, servers=(("h", 1),), password="p")),
        ("unix:///run/redis.sock", RedisAddress(Topology.SOCKET)),
        (
            "redis+sentinel://u:p%40%2F@a.example.com,[::1]:26380/group/3",
            RedisAddress(
                Topology.SENTINEL, tls=False, servers=(A, B), username="u", password="p@/", master="group", database=3
            ),
        ),
        (
            "rediss+sentinel://a.example.com/group",
            RedisAddress(Topology.SENTINEL, tls=True, servers=(A,), master="group"),
        ),
        ("redis+cluster://:p@h,i:2", RedisAddress(Topology.CLUSTER, servers=(("h", 6379), ("i", 2)), password="p")),
        ("rediss+cluster://h/0", RedisAddress(Topology.CLUSTER, tls=True, servers=(("h", 6379),))),
    ],
)
def test_an_address_is_read(url: str, address: RedisAddress) -> None:
    assert read_redis_url(url) == address


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with monkeypatch.context() as patch:
        patch.setenv("ENCRYPTION_KEYS", RING)
        yield patch


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("canary", "must look like redis://"),
        ("http://canary@host", "must look like redis://"),
        ("redis://:canary@host:canary", "must look like redis://"),
        ("redis://:can#ary@host", "# is %23"),
        ("redis://:12#canary@host", "# is %23"),
        ("redis://:12/canary@host", "/ is written %2F"),
        ("redis://:12?canary@host", "? is %3F"),
        ("redis://:canary@host/canary", "a database that is no number"),
        ("redis://:canary@h1,h2", "names several servers"),
        ("redis+sentinel://:canary@host", "names no master"),
        ("redis+sentinel://:canary@host/group/canary", "no number"),
        ("redis+sentinel://:canary@host,/group", "without a name"),
        ("redis+sentinel://:canary@host:canary/group", "without a name, or a port"),
        ("redis+sentinel://:canary@host/group?canary=1", "takes no options"),
        ("redis+cluster://:canary@host/1", "not 0 on a Cluster"),
        ("redis+cluster://:canary@host:99999", "redis+cluster://:PASSWORD@HOST"),
    ],
)
def test_a_malformed_address_is_refused_by_name_without_being_quoted(
    environment: pytest.MonkeyPatch, url: str, words: str
) -> None:
    environment.setenv("REDIS_URL", url)
    with pytest.raises(SettingsError) as raised:
        load(StoreSettings)
    (problem,) = raised.value.problems
    assert problem.startswith("REDIS_URL: ")
    assert words in problem
    assert "canary" not in problem


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), ("canary", "holds no certificate")])
def test_a_certificate_authority_that_is_none_is_reported(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: str | None, words: str
) -> None:
    if content:
        (tmp_path / "ca.pem").write_text(content)
    environment.setenv("REDIS_URL", "rediss://h")
    environment.setenv("REDIS_CA_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(SettingsError, match=f"REDIS_CA_FILE: {words}"):
        load(StoreSettings)


def test_a_certificate_authority_without_tls_is_reported(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REDIS_URL", "redis://h")
    environment.setenv("REDIS_CA_FILE", str(ssl.get_default_verify_paths().cafile))
    with pytest.raises(SettingsError, match="REDIS_CA_FILE: needs a REDIS_URL with TLS"):
        load(StoreSettings)


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for loopback, which is its own authority, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "connectbot test")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    encodings = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(signed.public_bytes(encodings[0]))
    (folder / "key.pem").write_bytes(key.private_bytes(*encodings))
    return folder / "cert.pem", folder / "key.pem"


async def test_tls_works_with_the_certificate_authority_and_not_without(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    server = RedisServer(tmp_path, *data_options())
    async with moving_address(tls) as address:
        address.target = server.port
        url = SecretStr(f"rediss://:{PASSWORD}@127.0.0.1:{address.port}")
        known, unknown = open_connection(url, Metrics(), cert), open_connection(url, Metrics())
        try:
            await server.start()
            assert await known.trouble() is None
            assert "SSLCertVerificationError: self-signed certificate" in (await unknown.trouble() or "")
        finally:
            await known.redis.aclose()
            await unknown.redis.aclose()
            await server.close()
