"""What a file would change: its rows and what is known already in; the difference, or what is wrong, out. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.model import RefId, UserId
from bot.mappings.imports.conflicts import Wish, distinct, second_defaults
from bot.mappings.imports.keys import Verdicts
from bot.mappings.imports.mapping_file import Row
from bot.mappings.imports.records import Problem
from bot.mappings.imports.resolve_profiles import Known, Whose
from bot.mappings.imports.store import Assignment, Batch

NAMED = 20
"""How many lines are named where it is only a note."""


@dataclass(frozen=True, slots=True)
class Change:
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
    changes: tuple[Change, ...]
    unchanged: int
    new_people: int
    new_profiles: int
    updated_profiles: int
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Person:
    """What somebody has."""

    ref_ids: set[RefId]
    default: RefId | None


def planned(
    rows: Sequence[Row], users: Mapping[int, UserId], verdicts: Verdicts, known: Known
) -> tuple[Plan, tuple[Problem, ...]]:
    """Return what the rows would change, and what is wrong with them; a plan with problems must not be applied.

    `users` tells by line whom a row means; one that means nobody is a problem already told.
    """
    whose = Whose(verdicts, known)
    wishes: list[Wish] = []
    problems = [*whose.two_keys(rows)]
    for row in rows:
        meant = whose.ref_id(row)
        if isinstance(meant, Problem):
            problems.append(meant)
        elif row.line in users:
            wishes.append(Wish(row.line, users[row.line], meant, row.default))
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


def _plan(wishes: Iterable[Wish], whose: Whose, known: Known, notes: tuple[str, ...]) -> Plan:
    people = _people(known, whose)
    groups: defaultdict[UserId, list[Wish]] = defaultdict(list)
    for wish in wishes:
        groups[wish.user].append(wish)
    changes: list[Change] = []
    assignments: list[Assignment] = []
    for user, group in groups.items():
        asked = Assignment(user, tuple(w.ref_id for w in group), next((w.ref_id for w in group if w.default), None))
        mine = [*_changes(asked, people.get(user) or Person(set(), None), whose)]
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


def _people(known: Known, whose: Whose) -> dict[UserId, Person]:
    people: dict[UserId, Person] = {}
    for mapping in known.mappings:
        person = people.setdefault(mapping.user, Person(set(), None))
        ref_id = whose.replaced.get(mapping.ref_id, mapping.ref_id)
        person.ref_ids.add(ref_id)
        person.default = ref_id if mapping.default else person.default
    return people


def _changes(asked: Assignment, person: Person, whose: Whose) -> Iterator[Change]:
    default = asked.default or person.default or asked.ref_ids[0]
    for ref_id in asked.ref_ids:
        new, moved = ref_id not in person.ref_ids, ref_id == default != person.default
        if new or moved:
            yield Change(asked.user, ref_id, whose.titles[ref_id], new, ref_id == default)
