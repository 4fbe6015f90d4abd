"""What happened: people, Slack, the bot and Ayrshare in one order; each call opens to its JSON."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sandbox.drawing.html import Html, join, tag
from sandbox.drawing.text import moment, words
from sandbox.page.address import Address
from sandbox.page.entries import AYRSHARE_TO_BOT, BOT_TO_AYRSHARE, BOT_TO_SLACK, CRAWLER, PAGE, PERSON, SLACK_TO_BOT
from sandbox.page.nodes import Node, log
from sandbox.page.world import Json, World

WAYS = {
    PERSON: "People",
    SLACK_TO_BOT: "Slack → bot",
    BOT_TO_SLACK: "bot → Slack",
    CRAWLER: "crawler",
    BOT_TO_AYRSHARE: "bot → Ayrshare",
    AYRSHARE_TO_BOT: "Ayrshare → bot",
    PAGE: "linking page",
}
FAILED = "failed"
LOG_LINES = 200
LOG_BYTES = 100_000


def timeline(world: World, address: Address, log_file: Path | None) -> Iterator[Node]:
    """Draw the filters, the calls that pass them, and the bot's log."""
    yield _filters(address)
    log_id = f"calls-{address.only}"
    entries = [entry for entry in world.values["entries"].values() if _passes(entry, address.only)]
    shown = tuple(_entry(entry, world, address) for entry in entries) or (_nothing(address),)
    yield log(log_id, "calls", "What happened", shown)
    if log_file is not None and not address.play:
        yield _bot_log(address, log_file)


def bodies(shown: Json | None) -> Html:
    """Draw what was sent and answered in a call."""
    if shown is None:
        return tag("p", "That was too long ago: what was sent isn't kept any more.")
    parts = ((name, shown[name]) for name in ("sent", "answer", "details") if shown.get(name))
    return join(tag("figure", tag("figcaption", name), tag("pre", _pretty(value), tabindex=0)) for name, value in parts)


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _filters(address: Address) -> Node:
    choices = {"": "All", **WAYS, FAILED: "Failed"}
    links = [
        tag("a", name, href=address.url(only=only), aria_current="true" if only == address.only else None)
        for only, name in choices.items()
    ]
    return Node("filters", tag("nav", *links, id="filters", class_="filters", aria_label="Show"))


def _passes(entry: Json, only: str) -> bool:
    return bool(entry["failure"]) if only == FAILED else only in {"", entry["way"]}


def _nothing(address: Address) -> Node:
    said = "Nothing of this kind." if address.only else "Nothing yet. Type /connect on the left."
    return Node("no-calls", tag("p", said, id="no-calls", class_="empty"))


def _entry(entry: Json, world: World, address: Address) -> Node:
    entry_id = f"call-{entry['order']}"
    way, call, about = _words(entry, world)
    ack = f"{entry['ms']} ms" if entry["ms"] is not None else ""
    failure = tag("span", entry["failure"], class_="failure") if entry["failure"] else None
    line = (
        tag("span", way, class_="way"),
        tag("span", call, class_="call"),
        tag("span", about, class_="about"),
        failure,
        tag("span", ack, class_="ack") if ack else None,
        moment(entry["at"], date_format="{time_secs}"),
    )
    source = f"/page/call?order={entry['order']}&play={address.play}"
    bodies_id = f"{entry_id}-bodies"
    load = {"fx_action": source, "fx_trigger": "toggle", "fx_target": f"#{bodies_id}", "fx_swap": "innerHTML"}
    parts = (tag("summary", *line), tag("div", "…", id=bodies_id, class_="bodies"))
    return Node(entry_id, tag("details", *parts, id=entry_id, class_=f"entry {entry['way']}", **load))


CALLS = {
    "slash_commands": "command",
    "interactive": "interaction",
    "events_api": "event",
    "command": "types",
    "say": "says",
    "type": "types",
    "click": "uses",
    "submit": "submits",
    "close": "closes",
    "shortcut": "takes a shortcut",
    "reload": "reloads",
}
PERSONAL = frozenset({"command", "say", "type", "click", "submit", "close", "shortcut", "reload"})


def _words(entry: Json, world: World) -> tuple[str, str, str]:
    """Return who, what and about what."""
    name, about = str(entry["call"]), _spoken(entry["about"], world)
    if entry["way"] == PERSON and name in PERSONAL:
        who, _, about = about.partition(" ")
        return who.title(), CALLS[name], about
    return WAYS[entry["way"]], CALLS.get(name, name), about


def _spoken(about: str, world: World) -> str:
    """Return the words with names in place of ids."""
    names = world.any_names
    return " ".join(
        names.users.get(word) or names.channels.get(word) or word for word in words(about, names).split(" ")
    )


def _bot_log(address: Address, log_file: Path) -> Node:
    link = tag(
        "a", "Hide the bot's log" if address.log else "Show the bot's log", href=address.url(log=not address.log)
    )
    lines = (
        tag("pre", "\n".join(_last_lines(log_file)), tabindex=0, class_="log", aria_label="The bot's log")
        if address.log
        else None
    )
    return Node("bot-log", tag("div", link, lines, id="bot-log", class_="bot-log"))


def _last_lines(log_file: Path) -> Iterable[str]:
    try:
        with log_file.open("rb") as opened:
            opened.seek(max(0, log_file.stat().st_size - LOG_BYTES))
            lines = opened.read().decode(errors="replace").splitlines()
    except OSError:
        return ["There is no log."]
    return [_log_line(line) for line in lines[-LOG_LINES:]]


def _log_line(line: str) -> str:
    """Return a line of JSON as level, event and what else it says."""
    try:
        said = json.loads(line)
        rest = " ".join(
            f"{name}={value}" for name, value in said.items() if name not in {"timestamp", "level", "event"}
        )
        return f"{said['timestamp'][11:19]} {said['level']:<7} {said['event']} {rest}"
    except (ValueError, KeyError, TypeError):
        return line
