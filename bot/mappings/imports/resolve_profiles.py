"""Which profile each row of a file means, and what that does to the profiles that are known."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from bot.ayrshare.model import Profile
from bot.core.model import RefId
from bot.mappings.imports.keys import Verdicts, is_unchecked, unchecked
from bot.mappings.imports.mapping_file import FileRow
from bot.mappings.imports.records import Problem
from bot.profiles.model import ProfileMapping

WRONG_PAIR = "ref_id: the profile_key beside it is another profile's"
UNKNOWN_REF = "ref_id: no such profile is known here; write its profile_key"


@dataclass(frozen=True, slots=True)
class Known:
    """What a workspace has already; `profiles` are those whose keys can be read."""

    mappings: Sequence[ProfileMapping] = ()
    titles: Mapping[RefId, str] = field(default_factory=dict)
    profiles: Sequence[Profile] = ()


class ProfileResolver:
    """The profiles of a file.

    `replaced` are those stored unchecked whose own names are known now, `saved` those that are new or have changed.
    """

    def __init__(self, verdicts: Verdicts, known: Known) -> None:
        self._verdicts = verdicts
        self._known = known.titles
        stored = {profile.ref_id: profile for profile in known.profiles}
        found = [verdict for verdict in verdicts.values() if isinstance(verdict, Profile)]
        self.saved = tuple(profile for profile in found if stored.get(profile.ref_id) != profile)
        self.titles = dict(known.titles) | {profile.ref_id: profile.title for profile in found}
        self.replaced = dict(_replaced(known.profiles, verdicts))

    def ref_id(self, row: FileRow) -> RefId | Problem:
        """Return the ref_id of the profile that a row means."""
        if row.key is None:
            return self._named(row)
        verdict = self._verdicts[row.key]
        if isinstance(verdict, str):
            return Problem(row.line, f"profile_key: {verdict}")
        if row.ref_id is not None and not self._fits(row.ref_id, row.key, verdict):
            return Problem(row.line, WRONG_PAIR)
        return verdict.ref_id

    def two_keys(self, rows: Iterable[FileRow]) -> Iterator[Problem]:
        """Yield the rows whose key is a second one of a profile that stands in the file already."""
        first: dict[RefId, FileRow] = {}
        for row in rows:
            verdict = self._verdicts.get(row.key) if row.key else None
            if isinstance(verdict, Profile) and first.setdefault(verdict.ref_id, row).key != row.key:
                line = first[verdict.ref_id].line
                yield Problem(row.line, f"profile_key: another key of the same profile stands in line {line}")

    def _named(self, row: FileRow) -> RefId | Problem:
        if row.ref_id is None or row.ref_id not in self._known:
            return Problem(row.line, UNKNOWN_REF)
        return self.replaced.get(row.ref_id, row.ref_id)

    def _fits(self, ref_id: RefId, key: SecretStr, profile: Profile) -> bool:
        """Whether a ref_id and a key may stand in one row; nobody can tell where both are new and unchecked."""
        if self.replaced.get(ref_id, ref_id) == profile.ref_id or ref_id == unchecked(key).ref_id:
            return True
        return ref_id not in self._known and is_unchecked(profile.ref_id)


def _replaced(stored: Iterable[Profile], verdicts: Verdicts) -> Iterator[tuple[RefId, RefId]]:
    for profile in stored:
        verdict = verdicts.get(profile.key)
        if is_unchecked(profile.ref_id) and isinstance(verdict, Profile) and verdict.ref_id != profile.ref_id:
            yield profile.ref_id, verdict.ref_id
