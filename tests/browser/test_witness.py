"""The page's drawing beside a renderer that others wrote, `slack-blocks-to-jsx`, over everything that the bot shows.

Both must show the same words in the same order, and the same controls. The witness draws no closed menu, no
confirmation and nothing chosen, and takes `verbatim` for "no markup": so these aren't compared.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.cli.texts import all_texts
from bot.cli.texts.samples import NAMES
from sandbox.drawing import Canvas, Names
from sandbox.drawing.blocks import blocks as drawn

WITNESS = Path(__file__).parent / "witness"
DATE = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>")
OWN_WORDS = {
    "(optional)",
    "Choose…",
    "↵ Please 'enter' to submit",
    "Pick an option",
    "Write something",
    "Enter a number",
}
"""What one of the two says by itself: Slack's words aren't known to blocks."""
DROPPED = {"verbatim", "block_id"}
"""The witness gives blocks their ids, which can be those of controls."""
VOID = {"input", "br", "img", "hr"}

pytestmark = pytest.mark.skipif(not (WITNESS / "node_modules").is_dir(), reason="the witness isn't installed: no npm")


def test_the_witness_shows_the_same_words_and_controls() -> None:
    shown = {f"{one.made_by} {one.unusual}": one.shown.blocks for one in all_texts() if not isinstance(one.shown, str)}
    given = {name: _comparable(list(blocks)) for name, blocks in shown.items()}
    witnessed = dict(zip(given, _witness([*given.values()]), strict=True))
    assert len(given) > 300  # an empty comparison would prove nothing
    for name, blocks in given.items():
        actions = [*_actions(blocks)]
        ours, theirs = Seen(drawn(blocks, Canvas(Names(users=NAMES), "x", {}))), Seen(witnessed[name])
        assert ours.words == theirs.words, name
        assert ours.actions_among(actions) == actions, name
        assert theirs.actions_among(actions) == actions, name


class Seen(HTMLParser):
    """What somebody reads and can press of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._names: list[str] = []
        self._many = False
        self._said: list[str] = []
        self._inside: list[bool] = [False]
        self.feed(html)

    @property
    def words(self) -> list[str]:
        """The words, without what one of the two adds of its own."""
        return re.findall(r"\w+", " ".join(said for said in self._said if said.strip() not in OWN_WORDS))

    def actions_among(self, known: list[str]) -> list[str]:
        """The controls in their order."""
        return [name for name in self._names if name in known]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a control, and whether what follows is closed."""
        values = dict(attrs)
        closed = self._inside[-1] or tag == "dialog" or "popover" in values
        closed = (
            closed or (tag == "option" and values["value"] != "") or (self._many and values.get("class") == "choice")
        )
        self._many = (values.get("data-kind") or "multi" * self._many).startswith("multi")
        if action := (values.get("id") or "").removeprefix("x--"):  # ours begin with the canvas and a block's id
            self._names += [action] if self._names[-1:] != [action] or not closed else []  # a menu's entries share one
        if not closed:
            self._said.append(values.get("placeholder") or "")
        if tag not in VOID:
            self._inside.append(closed)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag not in VOID:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Note what is said."""
        if not self._inside[-1]:
            self._said.append(data)


def _witness(surfaces: list[Any]) -> list[str]:
    users = [{"id": user_id, "name": name} for user_id, name in NAMES.items()]
    given = json.dumps({"users": users, "surfaces": surfaces})
    ran = subprocess.run(
        ["node", "draw.mjs"], cwd=WITNESS, input=given, capture_output=True, text=True, check=True
    )  # node is the machine's
    return list(json.loads(ran.stdout))


def _comparable(value: Any) -> Any:
    """Return blocks with dates in words, and without what the witness doesn't draw."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key not in DROPPED and not key.startswith("initial_")}
        return {key: _comparable(one) for key, one in kept.items()}
    if isinstance(value, list | tuple):
        return [_comparable(one) for one in value]
    return DATE.sub(r"\1", value) if isinstance(value, str) else value


def _actions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["action_id"]] if "action_id" in value else []
        for one in value.values():
            yield from _actions(one)
    elif isinstance(value, list):
        for one in value:
            yield from _actions(one)
