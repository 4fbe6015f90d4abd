"""Secrets at rest: sealed with the newest key, bound to their place."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.storage.encryption_keys import KeyFile, keys_named_in, new_key, parse_keys
from bot.storage.envelope import KEY_FILE, KeyRing, key_ring
from bot.storage.errors import KeyFileNotWritten, UnreadableKeyFile, UnreadableSecret

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
    assert "can't read the stored key" in raised.value.sentence


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


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    """A key file with one key in it."""
    file = KeyFile(tmp_path / KEY_FILE)
    file.ensure()
    return file


def test_a_new_key_stands_in_front_one_a_line_and_for_the_owner_only(file: KeyFile) -> None:
    file.path.write_text(f"{OLD}, {NEW}\n")
    added = file.add()
    lines = file.path.read_text().splitlines()
    assert lines[0].startswith(f"{added}:")
    assert lines[1:] == [OLD, NEW]
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == [KEY_FILE]


def test_adders_at_once_lose_no_key(file: KeyFile) -> None:
    first = list(parse_keys(file.path.read_text()))
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda _: KeyFile(file.path).add(), range(40)))
    kept = list(parse_keys(file.path.read_text()))
    assert sorted(kept) == sorted(first + added)
    assert kept[-1:] == first


def test_the_draft_of_a_killed_process_hinders_nobody(file: KeyFile) -> None:
    file.path.with_name(f"{KEY_FILE}.new").write_text("half a li")
    file.add()
    assert len(parse_keys(file.path.read_text())) == 2
    assert [path.name for path in file.path.parent.iterdir()] == [KEY_FILE]


def test_a_damaged_file_is_left_as_it_is(file: KeyFile) -> None:
    file.path.write_text("k1:AAAA")
    with pytest.raises(UnreadableKeyFile, match="3 bytes"):
        file.add()
    assert file.path.read_text() == "k1:AAAA"


def test_a_disk_that_takes_no_key_is_said_in_words_and_changes_nothing(file: KeyFile) -> None:
    kept = file.path.read_text()
    file.path.with_name(f"{KEY_FILE}.new").mkdir()
    with pytest.raises(KeyFileNotWritten) as raised:
        file.add()
    assert "as they were" in raised.value.sentence
    assert file.path.read_text() == kept


def test_a_running_bot_seals_with_a_key_as_soon_as_the_file_has_it(file: KeyFile) -> None:
    ring = key_ring(None, data_dir=file.path.parent)
    before = ring.seal(SecretStr("canary"))
    added = file.add()
    assert keys_named_in(ring.seal(SecretStr("canary"))) == {added}
    assert ring.ids[0] == added
    assert ring.open(before).get_secret_value() == "canary"


def test_a_running_bot_opens_what_another_process_sealed_with_a_newer_key(file: KeyFile) -> None:
    ring = key_ring(None, data_dir=file.path.parent)
    file.add()
    sealed = key_ring(None, data_dir=file.path.parent).seal(SecretStr("canary"))
    assert ring.open(sealed).get_secret_value() == "canary"


def test_a_key_that_was_taken_out_of_the_file_no_longer_opens(file: KeyFile) -> None:
    ring = key_ring(None, data_dir=file.path.parent)
    before = ring.seal(SecretStr("canary"))
    file.path.write_text(NEW)
    assert keys_named_in(ring.seal(SecretStr("canary"))) == {NEW.partition(":")[0]}
    with pytest.raises(UnreadableSecret):
        ring.open(before)


@pytest.mark.parametrize("text", [None, "", "k1:AAAA"])
def test_while_the_file_is_damaged_nothing_is_sealed_but_what_is_known_still_opens(
    file: KeyFile, text: str | None
) -> None:
    ring, kept = key_ring(None, data_dir=file.path.parent), file.path.read_text()
    before = ring.seal(SecretStr("canary"))
    if text is None:
        file.path.unlink()
    else:
        file.path.write_text(text)
    for _ in range(2):
        with pytest.raises(UnreadableKeyFile):
            ring.seal(SecretStr("canary"))
    assert ring.open(before).get_secret_value() == "canary"
    with pytest.raises(UnreadableSecret):
        ring.open(KeyRing(parse_keys(NEW)).seal(SecretStr("canary")))
    file.path.write_text(kept)
    assert ring.open(ring.seal(SecretStr("canary"))).get_secret_value() == "canary"
