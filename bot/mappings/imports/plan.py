"""What a file would change: its rows and what is known already in; the difference, or what is wrong, out. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.model import RefId, UserId
from bot.mappings.imports.conflicts import RequestedMapping, distinct, second_defaults
from bot.mappings.imports.keys import Verdicts
from bot.mappings.imports.mapping_file import FileRow
from bot.mappings.imports.records import Problem
from bot.mappings.imports.resolve_profiles import Known, ProfileResolver
from bot.mappings.imports.store import Assignment, Batch

NAMED = 20
"""How many lines are named where it is only a note."""


@dataclass(frozen=True, slots=True)
class MappingChange:
    """One line of the difference: a mapping that is new, or becomes its person's default, or both."""

    user: UserId
    ref_id: RefId
    title: str
    new: bool
    default: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, the same to be shown, and how many rows ask for what is so already."""

    batch: Batch
    changes: tuple[MappingChange, ...]
    unchanged: int
    new_people: int
    new_profiles: int
    updated_profiles: int
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class PlannedPerson:
    """What somebody has."""

    ref_ids: set[RefId]
    default: RefId | None


def planned(
    rows: Sequence[FileRow], users: Mapping[int, UserId], verdicts: Verdicts, known: Known
) -> tuple[Plan, tuple[Problem, ...]]:
    """Return what the rows would change, and what is wrong with them; a plan with problems must not be applied.

    `users` tells by line whom a row means; one that means nobody is a problem already told.
    """
    whose = ProfileResolver(verdicts, known)
    wishes: list[RequestedMapping] = []
    problems = [*whose.two_keys(rows)]
    for row in rows:
        meant = whose.ref_id(row)
        if isinstance(meant, Problem):
            problems.append(meant)
        elif row.line in users:
            wishes.append(RequestedMapping(row.line, users[row.line], meant, row.default))
    said, repeated, contradicting = distinct(wishes)
    problems += [*contradicting, *second_defaults(said)]
    notes = (*_left_out(repeated), *_unreadable(known))
    return _plan(said, whose, known, notes), tuple(sorted(problems))


def _left_out(repeated: Sequence[int]) -> Iterator[str]:
    if repeated:
        lines = ", ".join(map(str, repeated[:NAMED])) + (" and more" if len(repeated) > NAMED else "")
        yield f"Left out, because they only repeat an earlier line: line {lines}."


def _unreadable(known: Known) -> Iterator[str]:
    if count := len(known.titles) - len(known.profiles):
        yield f"Stored profile keys that can't be read: {count:,}. An operator has to check ENCRYPTION_KEYS."


def _plan(wishes: Iterable[RequestedMapping], whose: ProfileResolver, known: Known, notes: tuple[str, ...]) -> Plan:
    people = _people(known, whose)
    groups: defaultdict[UserId, list[RequestedMapping]] = defaultdict(list)
    for wish in wishes:
        groups[wish.user].append(wish)
    changes: list[MappingChange] = []
    assignments: list[Assignment] = []
    for user, group in groups.items():
        asked = Assignment(user, tuple(w.ref_id for w in group), next((w.ref_id for w in group if w.default), None))
        mine = [*_changes(asked, people.get(user) or PlannedPerson(set(), None), whose)]
        changes += mine
        assignments += [asked] if mine else []
    new = {profile.ref_id for profile in whose.saved} - known.titles.keys() - {*whose.replaced.values()}
    return Plan(
        batch=Batch(whose.saved, whose.replaced, tuple(assignments)),
        changes=tuple(changes),
        unchanged=sum(map(len, groups.values())) - len(changes),
        new_people=len(groups.keys() - people.keys()),
        new_profiles=len(new),
        updated_profiles=sum(profile.ref_id in known.titles for profile in whose.saved),
        notes=notes,
    )


def _people(known: Known, whose: ProfileResolver) -> dict[UserId, PlannedPerson]:
    people: dict[UserId, PlannedPerson] = {}
    for mapping in known.mappings:
        person = people.setdefault(mapping.user, PlannedPerson(set(), None))
        ref_id = whose.replaced.get(mapping.ref_id, mapping.ref_id)
        person.ref_ids.add(ref_id)
        person.default = ref_id if mapping.default else person.default
    return people


def _changes(asked: Assignment, person: PlannedPerson, whose: ProfileResolver) -> Iterator[MappingChange]:
    default = asked.default or person.default or asked.ref_ids[0]
    for ref_id in asked.ref_ids:
        new, moved = ref_id not in person.ref_ids, ref_id == default != person.default
        if new or moved:
            yield MappingChange(asked.user, ref_id, whose.titles[ref_id], new, ref_id == default)
