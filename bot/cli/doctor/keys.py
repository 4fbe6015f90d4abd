"""The encryption keys: whether every stored profile key opens, and with the newest of them."""

from dataclasses import dataclass, field

from bot.ayrshare.model import Profile
from bot.cli.doctor.finding import Findings
from bot.core.model import RefId, TeamId
from bot.profiles.mapping_store import MappingStore
from bot.profiles.model import SealedProfile
from bot.profiles.rotation import SealedProfileStore
from bot.profiles.store import PURPOSE
from bot.settings import StoreSettings
from bot.storage.connection import Connection
from bot.storage.envelope import KeyRing, key_ring
from bot.storage.errors import UnreadableSecret

CHECKS = ("encryption_keys",)
NAMED = 5
"""As many profiles are named; the rest are counted."""
OFFERED = 3
"""As many mapped profiles are returned: Ayrshare may not know the first."""

Place = tuple[TeamId, RefId]


@dataclass(frozen=True, slots=True)
class Stored:
    """All profiles that are kept, by whether their keys open; those of `older` do, but not with the newest key."""

    open: dict[Place, Profile] = field(default_factory=dict)
    shut: dict[Place, SealedProfile] = field(default_factory=dict)
    older: set[Place] = field(default_factory=set)

    def add(self, team: TeamId, sealed: SealedProfile, ring: KeyRing) -> None:
        """Try to open one."""
        place = team, sealed.ref_id
        try:
            key = ring.open(sealed.envelope, team, sealed.ref_id, PURPOSE)
        except UnreadableSecret:
            self.shut[place] = sealed
            return
        self.open[place] = Profile(sealed.ref_id, sealed.title, key)
        if sealed.key_id != ring.ids[0]:
            self.older.add(place)


async def check_keys(findings: Findings, settings: StoreSettings, connection: Connection) -> tuple[Profile, ...]:
    """Check that all profile keys open; return a few profiles that are mapped to somebody."""
    ring = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
    store, stored = SealedProfileStore(connection, ring), Stored()
    for team in await store.teams():
        async for page in store.profiles(team):
            for sealed in page:
                stored.add(team, sealed, ring)
    _tell(findings, stored)
    return await _mapped(MappingStore(connection), stored)


async def _mapped(mappings: MappingStore, stored: Stored) -> tuple[Profile, ...]:
    places = [(team, mapping.ref_id) for team in await mappings.teams() for mapping in await mappings.all(team)]
    return tuple([stored.open[place] for place in dict.fromkeys(places) if place in stored.open][:OFFERED])


def _tell(findings: Findings, stored: Stored) -> None:
    check, count = CHECKS[0], len(stored.open) + len(stored.shut)
    if stored.shut:
        found = f"{len(stored.shut)} of {count} profile keys do not open: {_named(stored.shut)}"
        hint = (
            "Put the missing encryption key back behind the others, or give these profile keys anew (`mappings set`)."
        )
        findings.wrong(check, found, hint)
    elif stored.older:
        found = f"{len(stored.older)} of {count} profile keys are sealed with an older key"
        findings.note(check, found, "They open. `python -m bot keys rotate` seals them with the newest.")
    else:
        findings.ok(check, f"all profile keys open ({count})" if count else "there; no profile key is stored yet")


def _named(shut: dict[Place, SealedProfile]) -> str:
    names = [f"{sealed.title or '?'!r} ({sealed.ref_id})" for sealed in shut.values()]
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
