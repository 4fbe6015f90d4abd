"""Files that a power cut or a disk damaged: zeros at the end are cut, and the rest is saved by a command."""

# ruff: noqa: ASYNC240 - a test's own loop may wait for the disk

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.storage.embedded import embedded_server
from bot.storage.embedded.append_only import CHECKSUM_BYTES, FOLDER
from bot.storage.errors import EmbeddedServerFailed
from tests.canaries import Lines
from tests.eventually import eventually
from tests.storage.embedded.server_probe import redis

NAMES = [f"name-{number}" for number in range(200)]


async def filled(data_dir: Path) -> Path:
    """Write 200 keys, and return the file that they are in."""
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        for name in NAMES:
            await client.set(name, "v" * 50)
    (file,) = (data_dir / "appendonlydir").glob("*.incr.aof")
    return file


async def names(data_dir: Path) -> list[str]:
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        return sorted(str(name) for name in await client.keys("name-*"))


@pytest.mark.parametrize("zeros", [1, 512, 4096, 200_000])
@pytest.mark.parametrize("cut", [0, 7, 30], ids=["whole", "in_the_value", "in_the_command"])
async def test_zeros_at_the_end_are_cut_and_a_copy_is_kept(
    data_dir: Path, log_lines: Lines, zeros: int, cut: int
) -> None:
    file = await filled(data_dir)
    before = file.read_bytes()
    damaged = before[: len(before) - cut] + b"\0" * zeros
    file.write_bytes(damaged)
    assert len(await names(data_dir)) == len(NAMES) - bool(cut)
    copy = min(data_dir.glob("*.damaged-*"))
    assert copy.read_bytes() == damaged
    said = json.loads(next(line for line in log_lines.lines if "append_only_file_cut" in line))
    assert (said["cut"], said["bytes"], said["copy"]) == ("zeros", zeros, str(copy))
    assert len(await names(data_dir)) == len(NAMES) - bool(cut)
    assert len(list(data_dir.glob("*.damaged-*"))) == 1 + bool(cut)


@pytest.mark.parametrize("lost", [1, 5, 8, 12, 30, 70])
async def test_what_was_not_written_to_its_end_is_cut(data_dir: Path, lost: int) -> None:
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        await client.set("name-1", "v")
        async with client.pipeline(transaction=True) as pipe:
            pipe.set("name-2", "v")
            pipe.set("name-3", "v")
            await pipe.execute()
    (file,) = (data_dir / "appendonlydir").glob("*.incr.aof")
    file.write_bytes(file.read_bytes()[:-lost])
    assert await names(data_dir) == ["name-1"]


async def test_what_was_copied_as_text_is_not_taken_for_an_incomplete_command(data_dir: Path) -> None:
    file = await filled(data_dir)
    copied = file.read_bytes().replace(b"\r\n", b"\n")
    file.write_bytes(copied)
    with pytest.raises(EmbeddedServerFailed) as failure:
        await names(data_dir)
    assert "is damaged at byte 0" in failure.value.sentence
    assert file.read_bytes() == copied


async def test_a_file_of_zeros_only_is_cut(data_dir: Path) -> None:
    file = await filled(data_dir)
    file.write_bytes(b"\0" * 4096)
    assert await names(data_dir) == []


def damaged_at(raw: bytes, where: str) -> bytes:
    middle = raw.index(b"name-100")
    return {
        "start": b"not what the server wrote" + raw,
        "zeros": raw[:middle] + b"\0" * 512 + raw[middle + 512 :],
        "noise": raw[:middle] + bytes(range(1, 200)) + raw[middle + 199 :],
        "length": raw[: middle - 3] + b"9999" + raw[middle + 1 :],
        "missing": raw[:middle] + raw[middle + 300 :],
        "end": raw + b"something else",
    }[where]


@pytest.mark.parametrize("where", ["start", "zeros", "noise", "length", "missing", "end"])
async def test_damage_is_said_with_the_command_that_saves_the_rest(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    file = await filled(data_dir)
    damaged = damaged_at(file.read_bytes(), where)
    file.write_bytes(damaged)
    with pytest.raises(EmbeddedServerFailed) as failure:
        await names(data_dir)
    assert "connectbot repair" in failure.value.sentence
    assert "valkey-check" not in failure.value.sentence
    assert file.read_bytes() == damaged
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    ran = CliRunner().invoke(app, ["repair"])
    assert ran.exit_code == 0, ran.output
    (copy,) = data_dir.glob("*.damaged-*")
    assert str(copy) in ran.output
    assert copy.read_bytes() == damaged
    assert len(await names(data_dir)) >= len(NAMES) - 10
    assert "name-199" in await names(data_dir)
    assert "No append-only file is damaged" in CliRunner().invoke(app, ["repair"]).output


MANIFEST = "*.manifest"


async def rewritten(data_dir: Path) -> None:
    """Write 200 keys, the first half into a snapshot."""
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        for name in NAMES[:100]:
            await client.set(name, "v" * 50)
        await client.bgrewriteaof()

        async def is_rewritten() -> bool:
            about = await client.info("persistence")
            return about["aof_rewrites"] == 1 and not about["aof_rewrite_in_progress"]

        await eventually(is_rewritten, "the snapshot is written")
        for name in NAMES[100:]:
            await client.set(name, "v" * 50)


@pytest.mark.parametrize(
    ("file", "zeros"), [(MANIFEST, 1), (MANIFEST, 512), ("*.base.rdb", CHECKSUM_BYTES + 1), ("*.base.rdb", 4096)]
)
async def test_zeros_behind_the_other_files_are_cut_too(data_dir: Path, file: str, zeros: int) -> None:
    await rewritten(data_dir)
    (path,) = (data_dir / FOLDER).glob(file)
    before = path.read_bytes()
    path.write_bytes(before + b"\0" * zeros)
    assert len(await names(data_dir)) == len(NAMES)
    (copy,) = data_dir.glob("*.damaged-*")
    assert copy.read_bytes() == before + b"\0" * zeros


@pytest.mark.parametrize("content", [None, b"", b"\0" * 80, b"file appendonly.aof.2.ba", b"\xff\xfe\n" * 9])
async def test_a_lost_list_of_files_is_said_and_written_anew(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    await rewritten(data_dir)
    (path,) = (data_dir / FOLDER).glob(MANIFEST)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(EmbeddedServerFailed) as failure:
        await names(data_dir)
    assert "connectbot repair" in failure.value.sentence
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    ran = CliRunner().invoke(app, ["repair"])
    assert ran.exit_code == 0, ran.output
    assert len(await names(data_dir)) == len(NAMES)


async def test_a_lost_list_of_two_snapshots_needs_a_copy(data_dir: Path) -> None:
    await rewritten(data_dir)
    folder = data_dir / FOLDER
    (folder / "appendonly.aof.1.base.rdb").write_bytes((folder / "appendonly.aof.2.base.rdb").read_bytes())
    (folder / "appendonly.aof.manifest").unlink()
    with pytest.raises(EmbeddedServerFailed) as failure:
        await names(data_dir)
    assert "put back from a copy" in failure.value.sentence
    assert "connectbot repair" not in failure.value.sentence


async def test_a_running_server_is_not_repaired(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    async with embedded_server(data_dir, bot=True):
        ran = CliRunner().invoke(app, ["repair"])
    assert ran.exit_code == 1
    assert "Stop the bot first" in ran.output


SNAPSHOTS: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "zeros": lambda raw: b"\0" * len(raw),
    "cut": lambda raw: raw[: len(raw) // 2],
    "header": lambda raw: raw[:9],
    "flipped": lambda raw: raw[:20] + bytes(byte ^ 0xFF for byte in raw[20:]),
    "one_byte": lambda raw: raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:],
}


@pytest.mark.parametrize("damage", SNAPSHOTS)
async def test_a_damaged_snapshot_needs_a_copy_or_is_laid_aside(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    await rewritten(data_dir)
    (base,) = (data_dir / FOLDER).glob("*.base.rdb")
    damaged = SNAPSHOTS[damage](base.read_bytes())
    base.unlink()
    if damaged is not None:
        base.write_bytes(damaged)
    with pytest.raises(EmbeddedServerFailed) as failure:
        await names(data_dir)
    assert f"{base.name}" in failure.value.sentence
    assert "put back from a copy" in failure.value.sentence
    assert "connectbot repair" in failure.value.sentence
    assert "valkey-check" not in failure.value.sentence
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    ran = CliRunner().invoke(app, ["repair"])
    assert ran.exit_code == 0, ran.output
    assert "only what was written since is left" in ran.output
    kept = [copy.read_bytes() for copy in data_dir.glob("*.base.rdb.damaged-*")]
    assert kept == ([damaged] if damaged is not None else [])
    assert await names(data_dir) == sorted(NAMES[100:])


async def test_the_snapshot_of_a_first_start_may_be_empty(data_dir: Path) -> None:
    await filled(data_dir)
    (base,) = (data_dir / FOLDER).glob("*.base.rdb")
    base.write_bytes(b"")
    assert len(await names(data_dir)) == len(NAMES)
