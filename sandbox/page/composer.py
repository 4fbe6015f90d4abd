"""The line in which a person types, with the app's shortcuts, and what is offered while they type."""

from collections.abc import Iterator

from sandbox.drawing.controls import sending
from sandbox.drawing.html import Html, join, tag
from sandbox.page.address import Seat
from sandbox.page.icons import icon
from sandbox.page.messages import shortcuts_of
from sandbox.page.nodes import Node
from sandbox.page.world import Json, World

MOST_OFFERS = 8


def composer(world: World, seat: Seat, viewer: Json, channel: Json, *, thread: str = "") -> Node:
    """Draw the composer; the app may have turned typing to it off."""
    node_id = f"composer-{seat.person}-{channel['id']}{'-thread' if thread else ''}"
    if _read_only(world, channel):
        said = tag("p", "Sending messages to this app has been turned off.")
        return Node(node_id, tag("div", said, id=node_id, class_="composer off"))
    field = _field(node_id, _placeholder(world, channel, viewer, thread))
    send = tag("button", icon("send"), type="submit", class_="send", aria_label="Send")
    parts = (tag("ul", id=f"{node_id}-list", role="listbox"), field, *_shortcuts(world, seat, node_id), send)
    return Node(
        node_id,
        tag(
            "form",
            *parts,
            id=node_id,
            class_="composer suggested",
            **sending("type", user=seat.person, channel=channel["id"], thread_ts=thread),
        ),
    )


def offers(world: World, typed: str) -> Html:
    """Return the commands or the mentions that what was typed may become, as options of the list."""
    words = typed.split(" ")
    if typed.startswith("/") and len(words) == 1:
        return join(_option(f"{name} ", name, about) for name, about in _commands(world) if name.startswith(typed))
    hint = next((about for name, about in _hints(world) if name == words[0]), "")
    if words[-1].startswith("@"):
        return join(
            _option(f"{' '.join(words[:-1])} @{name} ".lstrip(), f"@{name}", about)
            for name, about in _handles(world, words[-1][1:])
        )
    return tag("li", hint, class_="hint", role="presentation") if hint and len(words) <= 2 else join([])  # noqa: PLR2004 - the command and its first word


def _field(node_id: str, placeholder: str) -> Html:
    return tag(
        "input",
        type="text",
        name="text",
        id=f"{node_id}-text",
        placeholder=placeholder,
        aria_label=placeholder,
        role="combobox",
        aria_expanded="false",
        aria_autocomplete="list",
        aria_controls=f"{node_id}-list",
        autocomplete="off",
        fx_action="/page/offers",
        fx_method="POST",
        fx_trigger="input",
        data_initial=placeholder,
    )


def _placeholder(world: World, channel: Json, viewer: Json, thread: str) -> str:
    if thread:
        return "Reply…"
    commands = [name for name, _ in _commands(world)]
    name = world.place_name(channel, viewer).replace("# ", "#")
    return f"Message {name}, or {commands[0]}" if commands else f"Message {name}"


def _shortcuts(world: World, seat: Seat, node_id: str) -> Iterator[Html]:
    items = [
        tag(
            "button",
            one["name"],
            tag("small", one["description"]),
            type="button",
            **sending("shortcut", user=seat.person, callback_id=one["callback_id"]),
        )
        for one in shortcuts_of(world, "global")
    ]
    if items:
        menu_id = f"{node_id}-shortcuts"
        yield tag(
            "button",
            icon("bolt"),
            type="button",
            popovertarget=menu_id,
            aria_label="Shortcuts",
            title="Shortcuts",
        )
        yield tag("div", *items, id=menu_id, popover=True, class_="menu")


def _commands(world: World) -> list[tuple[str, str]]:
    features = world.meta["manifest"].get("features", {})
    return [(one["command"], one["description"]) for one in features.get("slash_commands", ())]


def _hints(world: World) -> list[tuple[str, str]]:
    features = world.meta["manifest"].get("features", {})
    return [(one["command"], one.get("usage_hint", "")) for one in features.get("slash_commands", ())]


def _handles(world: World, begun: str) -> list[tuple[str, str]]:
    people = [(user["name"], user["real_name"]) for user in world.people]
    groups = [(group["handle"], f"{len(group['users'])} people") for group in world.values["groups"].values()]
    return [(name, about) for name, about in people + groups if name.startswith(begun.lower())][:MOST_OFFERS]


def _option(insert: str, shown: str, about: str) -> Html:
    return tag("li", tag("strong", shown), " ", tag("small", about), role="option", data_insert=insert)


def _read_only(world: World, channel: Json) -> bool:
    features = world.meta["manifest"].get("features", {})
    off = features.get("app_home", {}).get("messages_tab_read_only_enabled", False)
    return bool(off) and channel["kind"] == "im" and world.meta["bot_user"] in channel["members"]
