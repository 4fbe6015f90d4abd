"""However the private key was pasted, it is read, or what is wrong is said in words."""

import base64
import itertools
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.ayrshare.private_key import read_private_key

KEY = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)
PKCS1 = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
PKCS8 = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

Corruption = Callable[[str], str]
INSIDE: list[Corruption] = [
    lambda pem: pem.replace("\n", "\r\n"),
    lambda pem: pem.replace("\n", "  \n"),
    lambda pem: pem.replace("\n", "\n\t "),
    lambda pem: pem.replace("\n", "\\n"),
    lambda pem: pem.replace("\n", "\\r\\n"),
    lambda pem: pem.replace("\n", " "),
    lambda pem: pem.replace("\n", "\n\n"),
    lambda pem: pem.replace("\n", "\n> "),
    lambda pem: pem.replace("\n", "\u200b\n"),
    lambda pem: pem.replace("-----", "\u2014\u2013"),  # as word processors write them
    lambda pem: pem.replace("-----", "----"),
    lambda pem: pem.replace(" ", "\u00a0"),  # as pages and word processors do
    lambda pem: pem.replace("-", "\uff0d"),
]
AROUND: list[Corruption] = [
    lambda text: f'"{text}"',
    lambda text: f"'{text}'",
    lambda text: f"\ufeff{text}",
    lambda text: f"\n  {text}\r\n",
    lambda text: text.strip(),
]
BESIDE: list[Corruption] = [
    lambda pem: f"{PUBLIC}{pem}",
    lambda pem: f"Bag Attributes\n  friendlyName: x\n{pem}",
    lambda pem: f"{pem}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
]
IN_BASE64: list[Corruption] = [
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.encodebytes(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    lambda text: base64.b64encode(text.encode("utf-16")).decode(),
]
URL_ENCODED: list[Corruption] = [quote, quote_plus, lambda text: quote(text).replace("%2B", "+")]


def corrupted(text: str, corruptions: list[Corruption]) -> str:
    for corrupt in corruptions:
        text = corrupt(text)
    return text


@given(
    pem=st.sampled_from([PKCS1, PKCS8]),
    inside=st.lists(st.sampled_from(INSIDE), max_size=3),
    around=st.lists(st.sampled_from(AROUND), max_size=3),
    beside=st.lists(st.sampled_from(BESIDE), max_size=1),
    quoted=st.lists(st.sampled_from(URL_ENCODED), max_size=2),
    encoded=st.lists(st.sampled_from(IN_BASE64), max_size=2),
    outside=st.lists(st.sampled_from(AROUND), max_size=3),
    encoding=st.sampled_from([None, "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
)
def test_any_mixture_of_corruptions_is_mended(
    pem: str,
    inside: list[Corruption],
    around: list[Corruption],
    beside: list[Corruption],
    quoted: list[Corruption],
    encoded: list[Corruption],
    outside: list[Corruption],
    encoding: str | None,
) -> None:
    text = corrupted(pem, [*beside, *inside, *around, *(encoded or quoted), *outside])
    assert read_private_key(text.encode(encoding) if encoding else text) == pem


EC = ec.generate_private_key(ec.SECP256R1())
BODY = "".join(PKCS1.splitlines()[1:-1])
PASSPHRASE = BestAvailableEncryption(b"secret")
LOCKED = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, PASSPHRASE).decode()
LOCKED_1 = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, PASSPHRASE).decode()
SSH = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
EC_1 = EC.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
EC_8 = EC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
DER = KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

REFUSED: list[tuple[str | bytes, str]] = [
    ("", "it is empty"),
    (' "" \n', "it is empty"),
    (PUBLIC, "public key"),
    (LOCKED, "passphrase"),
    (LOCKED_1, "passphrase"),
    (SSH, "SSH key"),
    (EC_1, "elliptic-curve"),
    (EC_8, "of another kind"),
    (PKCS1[: len(PKCS1) // 2], "END line is missing"),
    (PKCS1.partition("\n")[2], "BEGIN line is missing"),
    (BODY, "BEGIN and END lines are missing"),
    (PKCS1.replace(BODY[64:128], ""), "part is missing"),
    (PKCS1.replace(BODY[64:128], "!" * 64), "part is missing"),
    (DER, "not text"),
    (base64.b64encode(DER), "BEGIN and END lines are missing"),
    ("secrets/private.key", "name of a file"),
    ("private.pem", "name of a file"),
    ("id-aB3dE", "AYRSHARE_DOMAIN"),
    ("acme", "AYRSHARE_DOMAIN"),
    ("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "PuTTY"),
    ("käse", "AYRSHARE_DOMAIN"),
]


@pytest.mark.parametrize(("raw", "says"), REFUSED)
def test_what_is_no_private_key_is_refused_in_words(raw: str | bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        read_private_key(raw)
    assert "\n" not in str(refused.value)


@given(cut=st.integers(min_value=30, max_value=len(PKCS1) - 30))
def test_a_refusal_contains_nothing_of_the_key(cut: int) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - which of the refusals is the other test's business
        read_private_key(PKCS1[:cut])
    pieces = ("".join(piece) for piece in itertools.pairwise(BODY[i : i + 4] for i in range(0, len(BODY), 4)))
    assert not any(piece in repr(refused.value) for piece in pieces)
