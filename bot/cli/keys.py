"""`keys`: new encryption keys, and what is stored put under the newest while the bot serves."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.ayrshare.accounts import AccountKeyStore
from bot.cli.boundary import console, errors, finish, settings_of
from bot.connections import redis_of
from bot.core.metrics import Metrics
from bot.profiles.rotation import OldKey, Rotation, RotationOutcome, SealedProfileStore
from bot.settings import StoreSettings
from bot.storage.encryption_keys import KeyFile, new_key
from bot.storage.envelope import KEY_FILE, key_ring
from bot.workspaces.reseal import Resealed, reseal_all
from bot.workspaces.store import InstallationStore


class KeySettings(StoreSettings):
    """Where keys are kept. ENCRYPTION_KEYS may be unset, because this command makes the first one."""

    @classmethod
    def _problems_across(cls, given: frozenset[str]) -> Iterable[str]:
        return super()._problems_across(given | {"encryption_keys"})


def generate() -> None:
    """Make a new encryption key: into DATA_DIR's key file, or printed for ENCRYPTION_KEYS where that is in use."""
    settings = settings_of(KeySettings)
    if settings.encryption_keys is None and settings.redis_url is None:
        finish(_generate(KeyFile(settings.data_dir / KEY_FILE)))
        return
    errors.print(
        "This key is shown only here. Put it into ENCRYPTION_KEYS, in front of the others and with a comma behind it, "
        "and start every bot with that.\n"
        "Where several bots are started one after the other, do it in two rounds: first with the new key at the end, "
        "so that each of them can read what another seals with it, then with it in front.\n"
        "Then `connectbot keys rotate`, with the same ENCRYPTION_KEYS, puts what is stored under it.\n"
    )
    console.out(new_key(), highlight=False)


async def _generate(file: KeyFile) -> None:
    key_id = file.add()
    console.print(f"Key {key_id} now stands in front in {file.path}; a running bot uses it from now on.")
    console.print("Next: `connectbot keys rotate` puts what is stored under it.")


def rotate() -> None:
    """Put every stored profile key under the newest encryption key, and tell when the older keys may go.

    The bot may serve meanwhile. A run that was cut short loses nothing: run it again.
    """
    if not finish(_rotate(settings_of(StoreSettings))):
        raise typer.Exit(1)


async def _rotate(settings: StoreSettings) -> bool:
    async with redis_of(settings, metrics=Metrics()) as redis:
        ring = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
        rotation = Rotation(SealedProfileStore(redis, ring), ring)
        try:
            with _progress(rotation) as advance:
                await rotation.run(advance)
        except asyncio.CancelledError:
            left = max(0, rotation.total - len(rotation.outcomes))
            errors.print(f"Stopped with {left} profiles not looked at. Nothing is lost: run `keys rotate` again.")
            raise
        workspaces = await reseal_all(InstallationStore(redis, ring), AccountKeyStore(redis, ring))
        old_keys = await rotation.old_keys()
    stored = (*_profile_lines(rotation, ring.ids), *_workspace_lines(workspaces))
    for line in (*stored, *_old_key_lines(old_keys, settings)):
        console.print(line)
    unreadable = rotation.with_outcome(RotationOutcome.UNREADABLE)
    return not (rotation.remaining or unreadable or workspaces.left)


def _workspace_lines(workspaces: Resealed) -> Iterator[str]:
    if workspaces.done:
        yield f"Workspaces' tokens and API keys under the newest key: {workspaces.done}."
    if workspaces.left:
        yield f"Not re-encrypted, and kept as they are: those of {', '.join(workspaces.left)}. Run this again."


@contextmanager
def _progress(rotation: Rotation) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("Profiles"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        bar = progress.add_task("", total=None)
        yield lambda: progress.update(bar, total=rotation.total, completed=len(rotation.outcomes))


def _profile_lines(rotation: Rotation, ring: tuple[str, ...]) -> Iterator[str]:
    already = rotation.with_outcome(RotationOutcome.NEWEST).keys() - rotation.resealed
    yield f"Profiles re-encrypted with key {ring[0]}: {len(rotation.resealed)}. Already under it: {len(already)}."
    if left := len(rotation.remaining):
        yield f"{left} remain: a bot goes on saving with an older key. Start it with the new one, and run this again."
    if unreadable := rotation.with_outcome(RotationOutcome.UNREADABLE):
        yield f"{len(unreadable)} can't be read, and are kept as they are:"
        for (team, ref_id), profile in sorted(unreadable.items()):
            yield f"  {team}  {profile.title or '?'} ({ref_id}): {_reason_unreadable(profile.key_id, ring)}"


def _reason_unreadable(key_id: str | None, ring: tuple[str, ...]) -> str:
    if key_id is None:
        return "the record is damaged"
    if key_id in ring:
        return f"key {key_id} doesn't open it; the record is damaged, or was moved here from elsewhere"
    return f"it wants key {key_id}, which isn't among the keys; put that one back, at the end, and run this again"


def _old_key_lines(old_keys: tuple[OldKey, ...], settings: StoreSettings) -> Iterator[str]:
    if not old_keys:
        yield "There is no older key. `keys generate` makes a new one."
        return
    yield "The older keys:"
    yield from (f"  {old_key.id} {_removal_advice(old_key)}" for old_key in old_keys)
    if settings.encryption_keys is None:
        yield f"To remove one, delete the line that begins with its id from {settings.data_dir / KEY_FILE}."
    else:
        yield "This holds if every bot runs with the new key in front. To remove one, take it out of ENCRYPTION_KEYS."


def _removal_advice(old_key: OldKey) -> str:
    if old_key.profiles:
        return f"has to stay: {old_key.profiles} profiles want it"
    if old_key.until is None:
        return "may go now"
    whole_minute = f"{old_key.until + timedelta(minutes=1):%Y-%m-%d %H:%M} UTC"
    return f"may go from {whole_minute} on; until then there are cards or other short-lived records under it"
