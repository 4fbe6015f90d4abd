"""Secrets at rest: sealed with the newest key, bound to their place."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.encryption_keys import new_key, parse_keys
from bot.envelope import KEY_FILE, KeyRing, key_ring
from bot.errors import UnreadableSecret

OLD, NEW = new_key(), new_key()


@given(st.text(), st.lists(st.text()))
def test_what_was_sealed_opens_in_the_same_context(secret: str, context: list[str]) -> None:
    ring = KeyRing(parse_keys(NEW))
    assert ring.open(ring.seal(SecretStr(secret), *context), *context).get_secret_value() == secret


@pytest.mark.parametrize("context", [(), ("T1",), ("T1", "U2"), ("U1", "T1"), ("T1U1",), ("T1", "U1", "")])
def test_an_envelope_moved_elsewhere_does_not_open(context: tuple[str, ...]) -> None:
    ring = KeyRing(parse_keys(NEW))
    with pytest.raises(UnreadableSecret):
        ring.open(ring.seal(SecretStr("canary"), "T1", "U1"), *context)


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    sealed = KeyRing(parse_keys(OLD)).seal(SecretStr("canary"), "T1")
    both = KeyRing(parse_keys(f"{NEW},{OLD}"))
    assert both.open(sealed, "T1").get_secret_value() == "canary"
    with pytest.raises(UnreadableSecret):
        KeyRing(parse_keys(OLD)).open(both.seal(SecretStr("canary"), "T1"), "T1")


def test_the_same_secret_never_looks_the_same_twice() -> None:
    ring = KeyRing(parse_keys(NEW))
    assert ring.seal(SecretStr("canary")) != ring.seal(SecretStr("canary"))


@given(st.text())
def test_what_is_no_envelope_is_refused_in_words(text: str) -> None:
    with pytest.raises(UnreadableSecret) as raised:
        KeyRing(parse_keys(NEW)).open(text)
    assert "ENCRYPTION_KEYS" in raised.value.sentence


def test_a_damaged_envelope_is_refused() -> None:
    ring = KeyRing(parse_keys(NEW))
    version, key_id, encoded = ring.seal(SecretStr("canary")).split(":")
    raw = bytearray(base64.b64decode(encoded))
    raw[-1] ^= 1
    for damaged in (
        f"{version}:{key_id}:{base64.b64encode(raw).decode()}",
        f"v2:{key_id}:{encoded}",
        f"v1:x:{encoded}",
    ):
        with pytest.raises(UnreadableSecret):
            ring.open(damaged)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no key"),
        (",,", "no key"),
        ("c2VjcmV0", "no id in front"),
        ("k 1:AAAA", "no id in front"),
        ("k1:not base64!", "not base64"),
        ("k1:AAAA", "3 bytes"),
        (f"{NEW},{NEW}", "twice"),
    ],
)
def test_a_key_ring_that_cannot_be_read_is_explained_without_its_keys(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as raised:
        parse_keys(text)
    assert NEW.partition(":")[2] not in str(raised.value)


def test_the_generated_key_is_kept_for_the_owner_only_and_used_again(tmp_path: Path) -> None:
    sealed = key_ring(None, data_dir=tmp_path).seal(SecretStr("canary"))
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert key_ring(None, data_dir=tmp_path).open(sealed).get_secret_value() == "canary"
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_configured_keys_make_no_file(tmp_path: Path) -> None:
    key_ring(SecretStr(NEW), data_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []
