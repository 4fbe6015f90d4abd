"""`repair`: saves what can be saved of the embedded server's files, after a disk or a power cut damaged them."""

from bot.cli.boundary import console, settings_of, stop
from bot.settings import StoreSettings
from bot.storage.embedded import repaired
from bot.storage.embedded.append_only import Damage
from bot.storage.embedded.manifest import ManifestLost
from bot.storage.embedded.snapshot import SnapshotDamaged
from bot.storage.errors import EmbeddedServerFailed


def repair() -> None:
    """Save what can be saved of a damaged file of the embedded server in DATA_DIR; a copy of the file is kept."""
    data_dir = settings_of(StoreSettings).data_dir
    if not data_dir.is_dir():
        stop(f"There is no DATA_DIR {data_dir}.")
    try:
        found = repaired(data_dir)
    except EmbeddedServerFailed as failure:
        stop(failure.sentence)
    for damage, copy in found:
        console.print(f"{damage.path}: {_saved(damage)}.{f' The file as it was: {copy}' if copy else ''}")
        console.print("Start the bot, then look with `mappings list` and `audit` whether a late change is missing.")
    if not found:
        console.print("No append-only file is damaged. If the bot doesn't start, put DATA_DIR back from a copy.")


def _saved(damage: Damage | ManifestLost | SnapshotDamaged) -> str:
    if isinstance(damage, Damage):
        return f"saved {damage.size - damage.lost} of {damage.size} bytes"
    return "written" if isinstance(damage, ManifestLost) else "laid aside; only what was written since is left"
