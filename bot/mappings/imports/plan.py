"""What a file would change: its rows and what is known in; the difference, or what is wrong, out. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from bot.ayrshare.model import Profile
from bot.core.model import RefId, UserId
from bot.mappings.imports.mapping_file import FileRow, RowProblem
from bot.mappings.imports.resolve import ResolvedKeys
from bot.mappings.imports.store import Batch, UserMappings
from bot.mappings.model import is_unchecked, unchecked_profile
from bot.profiles.model import ProfileMapping
from bot.profiles.titles import plain_title

MAX_LINES_NAMED = 20
"""How many lines a note names."""
WRONG_PAIR = "ref_id: the profile_key beside it is another profile's"
UNKNOWN_REF = "ref_id: no such profile is known here; write its profile_key"


@dataclass(frozen=True, slots=True)
class KnownMappings:
    """What a workspace has already; `profiles` are those whose keys can be read."""

    mappings: Sequence[ProfileMapping] = ()
    titles: Mapping[RefId, str] = field(default_factory=dict)
    profiles: Sequence[Profile] = ()


@dataclass(frozen=True, slots=True)
class RequestedMapping:
    """A row whose profile is known."""

    line: int
    user: UserId
    ref_id: RefId
    default: bool


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One line of the difference: a mapping that is new, becomes the person's default, or both."""

    user: UserId
    ref_id: RefId
    title: str
    new: bool
    default: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What to apply, the same to be shown, and how many rows ask for nothing new."""

    batch: Batch
    changes: tuple[PlannedChange, ...]
    unchanged: int
    new_people: int
    new_profiles: int
    updated_profiles: int
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class CurrentMappings:
    """A person's mappings before the import."""

    ref_ids: set[RefId] = field(default_factory=set)
    default: RefId | None = None


def make_plan(
    rows: Sequence[FileRow], users: Mapping[int, UserId], keys: ResolvedKeys, known: KnownMappings
) -> tuple[Plan, tuple[RowProblem, ...]]:
    """Return what the rows would change, and what is wrong with them; a plan with problems must not be applied.

    `users` are the rows' users by line; rows without one are left out, as their problem is reported elsewhere.
    """
    profiles = ProfileResolver(keys, known)
    requested: list[RequestedMapping] = []
    problems = [*profiles.second_keys(rows)]
    for row in rows:
        ref_id = profiles.ref_id(row)
        if isinstance(ref_id, RowProblem):
            problems.append(ref_id)
        elif row.line in users:
            requested.append(RequestedMapping(row.line, users[row.line], ref_id, row.default))
    distinct, repeated, contradicting = _distinct(requested)
    problems += [*contradicting, *_second_defaults(distinct)]
    notes = (*_repeated_note(repeated), *_unreadable_note(known))
    return _plan(distinct, profiles, known, notes), tuple(sorted(problems))


class ProfileResolver:
    """The profiles that a file's rows mean.

    `saved` are new or changed ones, `rekeyed` those of them that had another key, `replaced` those stored unchecked
    whose own ref_id is known now.
    """

    def __init__(self, keys: ResolvedKeys, known: KnownMappings) -> None:
        self._keys = keys
        self._known = known.titles
        stored = {one.ref_id: replace(one, title=plain_title(one.ref_id, one.title)) for one in known.profiles}
        found = [profile for profile in keys.values() if isinstance(profile, Profile)]
        self.saved = tuple(profile for profile in found if stored.get(profile.ref_id) != profile)
        self.rekeyed = tuple(
            one.ref_id
            for one in self.saved
            if one.ref_id in known.titles and not (one.ref_id in stored and stored[one.ref_id].key == one.key)
        )
        self.titles = dict(known.titles) | {profile.ref_id: profile.title for profile in found}
        self.replaced = dict(_replaced(known.profiles, keys))

    def ref_id(self, row: FileRow) -> RefId | RowProblem:
        """Return the ref_id of the profile that a row means."""
        if row.key is None:
            return self._by_ref_id(row)
        profile = self._keys[row.key]
        if isinstance(profile, str):
            return RowProblem(row.line, f"profile_key: {profile}")
        if row.ref_id is not None and not self._fits(row.ref_id, row.key, profile):
            return RowProblem(row.line, WRONG_PAIR)
        return profile.ref_id

    def second_keys(self, rows: Iterable[FileRow]) -> Iterator[RowProblem]:
        """Yield the rows whose key differs from an earlier one of the same profile."""
        first: dict[RefId, FileRow] = {}
        for row in rows:
            profile = self._keys.get(row.key) if row.key else None
            if isinstance(profile, Profile) and first.setdefault(profile.ref_id, row).key != row.key:
                line = first[profile.ref_id].line
                yield RowProblem(row.line, f"profile_key: another key of the same profile stands in line {line}")

    def _by_ref_id(self, row: FileRow) -> RefId | RowProblem:
        if row.ref_id is None or row.ref_id not in self._known:
            return RowProblem(row.line, UNKNOWN_REF)
        return self.replaced.get(row.ref_id, row.ref_id)

    def _fits(self, ref_id: RefId, key: SecretStr, profile: Profile) -> bool:
        """Whether a ref_id and a key may be in one row. If both are new and unchecked, nobody can tell."""
        if self.replaced.get(ref_id, ref_id) == profile.ref_id or ref_id == unchecked_profile(key).ref_id:
            return True
        return ref_id not in self._known and is_unchecked(profile.ref_id)


def _replaced(stored: Iterable[Profile], keys: ResolvedKeys) -> Iterator[tuple[RefId, RefId]]:
    for profile in stored:
        found = keys.get(profile.key)
        if is_unchecked(profile.ref_id) and isinstance(found, Profile) and found.ref_id != profile.ref_id:
            yield profile.ref_id, found.ref_id


def _distinct(requested: Iterable[RequestedMapping]) -> tuple[list[RequestedMapping], list[int], list[RowProblem]]:
    """Return the first request for each mapping, the lines that repeat it, and the lines that contradict it."""
    first: dict[tuple[UserId, RefId], RequestedMapping] = {}
    repeated: list[int] = []
    contradicting: list[RowProblem] = []
    for one in requested:
        before = first.setdefault((one.user, one.ref_id), one)
        if before.default != one.default:
            words = f"default: line {before.line} says otherwise for the same person and profile"
            contradicting.append(RowProblem(one.line, words))
        elif before is not one:
            repeated.append(one.line)
    return [*first.values()], repeated, contradicting


def _second_defaults(requested: Iterable[RequestedMapping]) -> Iterator[RowProblem]:
    first: dict[UserId, RequestedMapping] = {}
    for one in requested:
        if one.default and first.setdefault(one.user, one) is not one:
            yield RowProblem(one.line, f"default: this person has another default in line {first[one.user].line}")


def _repeated_note(lines: Sequence[int]) -> Iterator[str]:
    if lines:
        named = ", ".join(map(str, lines[:MAX_LINES_NAMED])) + (" and more" if len(lines) > MAX_LINES_NAMED else "")
        yield f"Left out, because they only repeat an earlier line: line {named}."


def _unreadable_note(known: KnownMappings) -> Iterator[str]:
    if count := len(known.titles) - len(known.profiles):
        yield f"Stored profile keys that can't be read: {count:,}. An operator has to check ENCRYPTION_KEYS."


def _plan(
    requested: Iterable[RequestedMapping], profiles: ProfileResolver, known: KnownMappings, notes: tuple[str, ...]
) -> Plan:
    current = _current_mappings(known, profiles)
    by_user: defaultdict[UserId, list[RequestedMapping]] = defaultdict(list)
    for one in requested:
        by_user[one.user].append(one)
    changes: list[PlannedChange] = []
    people: list[UserMappings] = []
    for user, group in by_user.items():
        default = next((one.ref_id for one in group if one.default), None)
        wanted = UserMappings(user, tuple(one.ref_id for one in group), default)
        changed = [*_changes(wanted, current.get(user) or CurrentMappings(), profiles)]
        changes += changed
        people += [wanted] if changed else []
    new = {profile.ref_id for profile in profiles.saved} - known.titles.keys() - {*profiles.replaced.values()}
    return Plan(
        batch=Batch(profiles.saved, profiles.replaced, tuple(people), profiles.rekeyed),
        changes=tuple(changes),
        unchanged=sum(map(len, by_user.values())) - len(changes),
        new_people=len(by_user.keys() - current.keys()),
        new_profiles=len(new),
        updated_profiles=sum(profile.ref_id in known.titles for profile in profiles.saved),
        notes=notes,
    )


def _current_mappings(known: KnownMappings, profiles: ProfileResolver) -> dict[UserId, CurrentMappings]:
    current: dict[UserId, CurrentMappings] = {}
    for mapping in known.mappings:
        person = current.setdefault(mapping.user, CurrentMappings())
        ref_id = profiles.replaced.get(mapping.ref_id, mapping.ref_id)
        person.ref_ids.add(ref_id)
        person.default = ref_id if mapping.default else person.default
    return current


def _changes(wanted: UserMappings, current: CurrentMappings, profiles: ProfileResolver) -> Iterator[PlannedChange]:
    default = wanted.default or current.default or wanted.ref_ids[0]
    for ref_id in wanted.ref_ids:
        new, moved = ref_id not in current.ref_ids, ref_id == default != current.default
        if new or moved:
            yield PlannedChange(wanted.user, ref_id, profiles.titles[ref_id], new, ref_id == default)
