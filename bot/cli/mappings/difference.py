"""How an import is shown: what it would change, and what is wrong with its file."""

from collections.abc import Iterable, Sequence

from rich.table import Table

from bot.cli.boundary import console, errors
from bot.mappings.imports.mapping_file import Problem
from bot.mappings.imports.plan import MappingChange, Plan

SHOWN = 40
"""Rows of the difference; of a longer one the totals tell the rest."""


def show_problems(problems: Iterable[Problem]) -> None:
    """Write all that is wrong to standard error, by line."""
    errors.print("\n".join(map(str, sorted(problems))))


def show_difference(plan: Plan, notes: Sequence[str]) -> None:
    """Draw what would change, count it, and add what else is worth knowing."""
    if plan.changes:
        console.print(_table(plan.changes[:SHOWN]))
    if len(plan.changes) > SHOWN:
        console.print(f"… and {len(plan.changes) - SHOWN:,} more.")
    for line in (*_totals(plan), *plan.notes, *notes):
        console.print(line)


def _table(changes: Sequence[MappingChange]) -> Table:
    table = Table("person", "profile", "title", "change")
    for change in changes:
        table.add_row(change.user, change.ref_id, change.title, _words(change))
    return table


def _words(change: MappingChange) -> str:
    if not change.new:
        return "becomes the default"
    return "new, the default" if change.default else "new"


def _totals(plan: Plan) -> Iterable[str]:
    new = sum(change.new for change in plan.changes)
    yield (
        f"Mappings: {new:,} new, {len(plan.changes) - new:,} become the default, {plan.unchanged:,} unchanged. "
        f"People: {plan.new_people:,} new. "
        f"Profiles: {plan.new_profiles:,} new, {plan.updated_profiles:,} updated."
    )
    if plan.batch.replaced:
        yield f"Profiles that were stored unchecked and get their own name now: {len(plan.batch.replaced):,}."
