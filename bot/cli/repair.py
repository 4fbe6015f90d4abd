"""`repair`: saves what can be saved of the embedded server's files, after a disk or a power cut damaged them.

With `--records` it sets aside what can't be read in a Redis that runs.
"""

from typing import Annotated

import typer

from bot.cli.boundary import console, finish, settings_of, stop
from bot.cli.records import set_aside
from bot.connections import redis_of
from bot.core.metrics import Metrics
from bot.settings import StoreSettings
from bot.storage.embedded import repaired
from bot.storage.embedded.append_only import Damage
from bot.storage.embedded.manifest import ManifestLost
from bot.storage.embedded.snapshot import SnapshotDamaged
from bot.storage.errors import EmbeddedServerFailed


def repair(
    *, records: Annotated[bool, typer.Option("--records", help="Set aside what can't be read in Redis")] = False
) -> None:
    """Save what can be saved of a damaged file of the embedded server in DATA_DIR; a copy of the file is kept."""
    if records:
        for one in finish(_set_aside(settings_of(StoreSettings))) or ["All records can be read."]:
            console.print(one)
        return
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


async def _set_aside(settings: StoreSettings) -> list[str]:
    async with redis_of(settings, metrics=Metrics()) as redis:
        return [f"Set aside: {one}." for one in await set_aside(redis)]


def _saved(damage: Damage | ManifestLost | SnapshotDamaged) -> str:
    if isinstance(damage, Damage):
        return f"saved {damage.size - damage.lost} of {damage.size} bytes"
    return "written" if isinstance(damage, ManifestLost) else "laid aside; only what was written since is left"
