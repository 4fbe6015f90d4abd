"""What a file says twice, or says against itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.core.model import RefId, UserId
from bot.mappings.imports.records import Problem


@dataclass(frozen=True, slots=True)
class RequestedMapping:
    """A row whose profile is known."""

    line: int
    user: UserId
    ref_id: RefId
    default: bool


def distinct(wishes: Iterable[RequestedMapping]) -> tuple[list[RequestedMapping], list[int], list[Problem]]:
    """Part what is said for the first time from what is only repeated, and from what is taken back."""
    first: dict[tuple[UserId, RefId], RequestedMapping] = {}
    repeated: list[int] = []
    contradicting: list[Problem] = []
    for wish in wishes:
        before = first.setdefault((wish.user, wish.ref_id), wish)
        if before.default != wish.default:
            words = f"default: line {before.line} says otherwise for the same person and profile"
            contradicting.append(Problem(wish.line, words))
        elif before is not wish:
            repeated.append(wish.line)
    return [*first.values()], repeated, contradicting


def second_defaults(wishes: Iterable[RequestedMapping]) -> Iterator[Problem]:
    """Yield the rows that make a second profile somebody's default."""
    first: dict[UserId, RequestedMapping] = {}
    for wish in wishes:
        if wish.default and first.setdefault(wish.user, wish) is not wish:
            yield Problem(wish.line, f"default: this person has another default in line {first[wish.user].line}")
