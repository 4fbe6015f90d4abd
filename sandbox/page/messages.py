"""The messages of a channel or a thread, as one person sees them."""

from collections.abc import Iterator, Sequence

from sandbox.drawing import Canvas, Names, message_body
from sandbox.drawing.controls import sending
from sandbox.drawing.html import Html, join, tag
from sandbox.drawing.text import moment
from sandbox.page.address import Seat
from sandbox.page.icons import icon
from sandbox.page.nodes import Node
from sandbox.page.world import Json, World

PAGE = 50
"""So many messages are drawn, and so many more each time that earlier ones are asked for."""
FIRST = 20
"""So many are drawn when a page opens, about a screenful; the others come as its first step."""
TOGETHER_SECONDS = 300
"""Messages of one author within so many seconds stand under one name."""
THREADS = "threads"
"""The id of the form in which a message's button opens its thread."""


class Messages:
    """Draws messages for one seat, and remembers drawings as long as the message is the same."""

    def __init__(self) -> None:
        self._drawn: dict[str, tuple[tuple[object, ...], Node]] = {}
        self._opened = False

    def draw(self, world: World, seat: Seat, viewer: Json, shown: Sequence[Json]) -> Iterator[Node]:
        """Draw the messages of a thread, or the last of a channel: at first a screenful, unless no steps follow."""
        names, messages = world.names(viewer), _drawn(seat, shown)
        at_most, self._opened = len(messages) if self._opened or world.replayed else FIRST, True
        replies = _replies(shown) if not seat.thread else {}
        for before, message in [*zip([None, *messages], messages, strict=False)][-at_most:]:
            together = before is not None and _stands_together(before, message)
            inputs = (id(message), together, replies.get(message["ts"], 0))
            node_id = f"m-{seat.person}-{'t' if seat.thread else ''}{message['ts']}"
            if self._drawn.get(node_id, ((), None))[0] != inputs:
                parts = _Parts(world, seat, names, message)
                self._drawn[node_id] = (inputs, Node(node_id, parts.html(node_id, together, inputs[2])))
            yield self._drawn[node_id][1]


def channel_messages(shown: Sequence[Json]) -> list[Json]:
    """Return the messages of a channel without the replies in threads."""
    return [one for one in shown if one["thread_ts"] in {"", one["ts"]}]


def _drawn(seat: Seat, shown: Sequence[Json]) -> list[Json]:
    if seat.thread:
        return [one for one in shown if seat.thread in {one["ts"], one["thread_ts"]}]
    return channel_messages(shown)[-PAGE * (1 + seat.earlier) :]


def _replies(shown: Sequence[Json]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for message in shown:
        if message["thread_ts"] and message["thread_ts"] != message["ts"]:
            counts[message["thread_ts"]] = counts.get(message["thread_ts"], 0) + 1
    return counts


def _stands_together(before: Json, message: Json) -> bool:
    """Tell whether a message needs no name of its own; ephemeral ones are told apart."""
    near = float(message["ts"]) - float(before["ts"]) < TOGETHER_SECONDS
    same = before["user"] == message["user"] and before["visible_to"] == message["visible_to"]
    return near and same and not message["visible_to"]


class _Parts:
    """The parts of one message."""

    def __init__(self, world: World, seat: Seat, names: Names, message: Json) -> None:
        self._world, self._seat, self._names, self._message = world, seat, names, message
        self._told = {"user": seat.person, "channel": message["channel"], "message_ts": message["ts"]}
        self._author: Json = world.values["users"].get(message["user"], {})

    def html(self, node_id: str, together: bool, replies: int) -> Html:  # noqa: FBT001  # one of two ways to draw
        message, mine = self._message, bool(self._message["visible_to"])
        look = " ".join(filter(None, ("message", "ephemeral" if mine else "", "together" if together else "")))
        only = tag("p", icon("eye"), " Only visible to you", class_="only-you") if mine else None
        body = message_body(message, Canvas(self._names, node_id, message["values"], told=self._told))
        content = (only, None if together else self._heading(), body, self._edited(), self._thread(replies))
        return tag(
            "article",
            tag("span", class_="gutter") if together else avatar(self._author),
            tag("div", *content, class_="content"),
            None if mine else self._tools(node_id),
            id=node_id,
            class_=look,
        )

    def _heading(self) -> Html:
        badge = tag("span", "APP", class_="badge") if self._author.get("is_bot") else None
        name = tag("strong", self._author.get("real_name", "somebody"))
        return tag("header", name, badge, moment(float(self._message["ts"])))

    def _edited(self) -> Html | None:
        shown = self._message["edited_ts"] and not self._message["visible_to"] and not self._author.get("is_bot")
        return tag("small", "(edited)", class_="edited") if shown else None

    def _thread(self, replies: int) -> Html | None:
        if not replies:
            return None
        said = f"{replies} {'reply' if replies == 1 else 'replies'}"
        return tag("button", said, class_="replies", **self._opens_thread())

    def _opens_thread(self) -> dict[str, str]:
        ts = self._message["thread_ts"] or self._message["ts"]
        return {"form": THREADS, "name": "thread", "value": f"{self._seat.person}:{ts}"}

    def _tools(self, node_id: str) -> Html:
        """Draw what appears over a message: reply in a thread, and the app's shortcuts."""
        shortcuts = shortcuts_of(self._world, "message")
        items = [tag("button", one["name"], type="button", **self._shortcut(one)) for one in shortcuts]
        menu_id = f"{node_id}-more"
        more = (
            tag("button", "⋮", type="button", popovertarget=menu_id, aria_label="Shortcuts"),
            tag("div", *items, id=menu_id, popover=True, class_="menu"),
        )
        reply = tag("button", "Reply", **self._opens_thread(), aria_label="Reply in thread")
        return tag("div", reply, *(more if items else ()), class_="tools")

    def _shortcut(self, shortcut: Json) -> dict[str, str]:
        return sending("shortcut", **self._told, callback_id=shortcut["callback_id"])


def shortcuts_of(world: World, kind: str) -> list[Json]:
    """Return the app's shortcuts of a kind, `global` or `message`, as its manifest names them."""
    features = world.meta["manifest"].get("features", {})
    return [one for one in features.get("shortcuts", ()) if one["type"] == kind]


def avatar(user: Json) -> Html:
    """Draw a person's or an app's picture: their first letter."""
    name = str(user.get("real_name", "?"))
    shade = "app" if user.get("is_bot") else f"shade-{sum(map(ord, name)) % 6}"
    return tag("span", join([name[:1].upper()]), class_=f"avatar {shade}", aria_hidden="true")
