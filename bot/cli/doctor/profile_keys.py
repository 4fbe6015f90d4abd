"""Whether the key of every stored profile can be decrypted, and a few mapped profiles with which to ask Ayrshare."""

from dataclasses import dataclass, field

from bot.ayrshare.model import Profile
from bot.cli.doctor.findings import Findings
from bot.core.model import RefId, TeamId
from bot.profiles.mapping_store import MappingStore
from bot.profiles.rotation import SealedProfile, SealedProfileStore
from bot.profiles.store import PURPOSE
from bot.settings import StoreSettings
from bot.storage.connection import Connection
from bot.storage.envelope import KeyRing, key_ring
from bot.storage.errors import UnreadableSecret

ENCRYPTION_KEYS = "encryption_keys"
NAMED_PROFILES = 5
"""How many unreadable profiles are named; the rest are counted."""
OFFERED_PROFILES = 3
"""How many mapped profiles are returned for making a link, because Ayrshare may not know the first."""

RecordId = tuple[TeamId, RefId]


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The stored profiles by whether their keys can be decrypted; `older` are those under an older encryption key."""

    open: dict[RecordId, Profile] = field(default_factory=dict)
    unreadable: dict[RecordId, SealedProfile] = field(default_factory=dict)
    older: set[RecordId] = field(default_factory=set)

    def add(self, team: TeamId, sealed: SealedProfile, ring: KeyRing) -> None:
        """Try to decrypt the key of one profile."""
        record = team, sealed.ref_id
        try:
            key = ring.open(sealed.envelope, team, sealed.ref_id, PURPOSE)
        except UnreadableSecret:
            self.unreadable[record] = sealed
            return
        self.open[record] = Profile(sealed.ref_id, sealed.title, key)
        if sealed.key_id != ring.ids[0]:
            self.older.add(record)


async def check_keys(findings: Findings, settings: StoreSettings, connection: Connection) -> tuple[Profile, ...]:
    """Check that all profile keys can be decrypted; return a few mapped profiles."""
    ring = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
    store, stored = SealedProfileStore(connection, ring), StoredKeys()
    for team in await store.teams():
        async for page in store.profiles(team):
            for sealed in page:
                stored.add(team, sealed, ring)
    _report_keys(findings, stored)
    return await _mapped(MappingStore(connection), stored)


async def _mapped(mappings: MappingStore, stored: StoredKeys) -> tuple[Profile, ...]:
    records = [(team, mapping.ref_id) for team in await mappings.teams() for mapping in await mappings.all(team)]
    return tuple([stored.open[record] for record in dict.fromkeys(records) if record in stored.open][:OFFERED_PROFILES])


def _report_keys(findings: Findings, stored: StoredKeys) -> None:
    check, count = ENCRYPTION_KEYS, len(stored.open) + len(stored.unreadable)
    if stored.unreadable:
        found = f"{len(stored.unreadable)} of {count} profile keys do not open: {_named(stored.unreadable)}"
        hint = (
            "Put the missing encryption key back behind the others, or set these profile keys again (`mappings set`)."
        )
        findings.wrong(check, found, hint)
    elif stored.older:
        found = f"{len(stored.older)} of {count} profile keys are sealed with an older key"
        findings.note(check, found, "They open. `connectbot keys rotate` seals them with the newest.")
    else:
        findings.ok(check, f"all profile keys open ({count})" if count else "there; no profile key is stored yet")


def _named(unreadable: dict[RecordId, SealedProfile]) -> str:
    names = [f"{sealed.title or '?'!r} ({sealed.ref_id})" for sealed in unreadable.values()]
    return ", ".join(names[:NAMED_PROFILES]) + (
        f" and {len(names) - NAMED_PROFILES} more" if len(names) > NAMED_PROFILES else ""
    )
