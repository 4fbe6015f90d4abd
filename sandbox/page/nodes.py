"""The page as a tree of elements with ids, and the steps from one tree to the next, which the page's script takes."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.drawing.html import Html

Step = dict[str, str]
"""`morph` the element of an id into another, `remove` it, put one `after` it, or `prepend` one to what is in it."""


@dataclass(frozen=True)
class Node:
    """An element with an id: a whole one, or its opening tag with children, which are redrawn one by one."""

    id: str
    html: Html
    children: tuple["Node", ...] | None = None

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
    """Yield the steps from one tree to another of the same id."""
    if before is after:
        return
    if before.html != after.html or _kept(before, after) != _kept(after, before):
        yield {"do": "morph", "id": after.id, "html": after.render()}
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
    yield from ({"do": "remove", "id": gone} for gone in former.keys() - {child.id for child in children})
    previous = ""
    for child in children:
        if child.id in former:
            yield from steps(former[child.id], child)
        else:
            yield {"do": "after" if previous else "prepend", "id": previous or after.id, "html": child.render()}
        previous = child.id
