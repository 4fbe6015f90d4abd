"""The steps from one drawing of the page to the next, and how modals take the focus and give it back in them."""

from sandbox.drawing.html import Html
from sandbox.page.nodes import Node, first_steps, steps

UNDER = Node("under", Html('<p id="under">'))
MODAL, OTHER = (Node(one, Html(f'<dialog id="{one}"></dialog>'), over=("under",)) for one in ("modal", "other"))


def pane(*children: Node, look: str = "") -> Node:
    return Node("pane", Html(f'<div id="pane"{look}>'), children)


def told(before: Node, after: Node) -> list[tuple[object, ...]]:
    return [(one["do"], one["id"], *one["with"]) for one in steps(before, after)]


def test_a_modal_is_shown_when_it_is_there_and_only_then_nothing_under_it_can_be_reached() -> None:
    added = ("insertAdjacentHTML", "under", "afterend", MODAL.html)
    shown = [("show", "modal"), ("toggleAttribute", "under", "inert", True)]
    assert told(pane(UNDER), pane(UNDER, MODAL)) == [added, *shown]
    assert [(one["do"], one["id"], *one["with"]) for one in first_steps(pane(UNDER, MODAL))] == shown
    assert told(pane(UNDER, MODAL), pane(UNDER, MODAL)) == []


def test_a_modal_that_is_gone_closes_first_when_what_has_the_focus_next_can_be_reached() -> None:
    closed = [("toggleAttribute", "under", "inert", False), ("close", "modal")]
    assert told(pane(UNDER, MODAL), pane(UNDER)) == [*closed, ("remove", "modal")]
    replaced = told(pane(UNDER, MODAL), pane(UNDER, OTHER))
    assert replaced[:2] == closed
    assert replaced[-2:] == [("show", "other"), ("toggleAttribute", "under", "inert", True)]


def test_a_modal_stays_or_opens_in_what_is_drawn_as_a_whole() -> None:
    redrawn = pane(UNDER, MODAL, look=' class="new"')
    assert told(pane(UNDER, MODAL), redrawn) == [("morph", "pane", redrawn.render())]
    assert told(pane(UNDER), redrawn)[1:] == [("show", "modal"), ("toggleAttribute", "under", "inert", True)]
