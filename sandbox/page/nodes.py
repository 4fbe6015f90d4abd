"""The page as a tree of elements with ids, and the steps from one tree to the next, which the page's script takes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.drawing.html import Html

Step = dict[str, Any]
"""`do` something to the element of an `id`, `with` arguments: `morph` it into another, or call a method that it has."""


@dataclass(frozen=True)
class Node:
    """An element with an id: a whole one, or its opening tag with children, which are redrawn one by one.

    One that is `over` others, by their ids, is a modal: it has the focus, and they can't be reached.
    """

    id: str
    html: Html
    children: tuple["Node", ...] | None = None
    over: tuple[str, ...] = ()

    def render(self) -> Html:
        """Return the element with everything in it."""
        if self.children is None:
            return self.html
        name = self.html[1:].partition(" ")[0].rstrip(">")
        return Html(f"{self.html}{''.join(child.render() for child in self.children)}</{name}>")


def log(log_id: str, look: str, label: str, children: tuple[Node, ...]) -> Node:
    """Return a place that is scrolled to its end, and stays there as more comes, which CSS does by what is within."""
    outer = Html(f'<div class="{look}" role="log" aria-label="{label}" tabindex="0" id="{log_id}">')
    inner = f"{log_id}-all"
    return Node(log_id, outer, (Node(inner, Html(f'<div id="{inner}">'), children),))


def steps(before: Node, after: Node) -> Iterator[Step]:
    """Yield the steps from one tree to another of the same id; modals that are gone give the focus back first."""
    old, new = ({modal.id: modal for modal in _modals(tree)} for tree in (before, after))
    for modal in (old[gone] for gone in old if gone not in new):
        yield from _reach(modal, inert=False)
        yield _step("close", modal.id)
    yield from _changes(before, after)
    yield from _opened(new[come] for come in new if come not in old)


def first_steps(drawn: Node) -> Iterator[Step]:
    """Yield what remains to be done when a tree is shown for the first time."""
    return _opened(_modals(drawn))


def _opened(modals: Iterable[Node]) -> Iterator[Step]:
    for modal in modals:
        yield _step("show", modal.id)
        yield from _reach(modal, inert=True)


def _reach(modal: Node, *, inert: bool) -> Iterator[Step]:
    return (_step("toggleAttribute", under, "inert", inert) for under in modal.over)


def _step(do: str, element_id: str, *arguments: Any) -> Step:
    return {"do": do, "id": element_id, "with": arguments}


def _modals(node: Node) -> Iterator[Node]:
    if node.over:
        yield node
    for child in node.children or ():
        yield from _modals(child)


def _changes(before: Node, after: Node) -> Iterator[Step]:
    if before is after:
        return
    if before.html != after.html or _kept(before, after) != _kept(after, before):
        yield _step("morph", after.id, after.render())
    elif after.children is not None:
        yield from _steps_within(before, after)


def _kept(one: Node, other: Node) -> list[str] | None:
    """Return the ids of the children that the other has too, in order; None for a leaf."""
    if one.children is None or other.children is None:
        return None if one.children is other.children else [one.id]
    others = {child.id for child in other.children}
    return [child.id for child in one.children if child.id in others]


def _steps_within(before: Node, after: Node) -> Iterator[Step]:
    former = {child.id: child for child in before.children or ()}
    children = after.children or ()
    yield from (_step("remove", gone) for gone in former.keys() - {child.id for child in children})
    previous = ""
    for child in children:
        if child.id in former:
            yield from _changes(former[child.id], child)
        else:
            where = "afterend" if previous else "afterbegin"
            yield _step("insertAdjacentHTML", previous or after.id, where, child.render())
        previous = child.id
