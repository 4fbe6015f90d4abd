"""One person's Slack: the list of places, the place they are in front of, the modal over it, the notification."""

from collections.abc import Iterator
from dataclasses import replace

from sandbox.drawing import Canvas, desktop_notification, home, modal, phone_notification
from sandbox.drawing.controls import sending
from sandbox.drawing.html import Html, join, tag
from sandbox.drawing.text import moment
from sandbox.page.address import ALERTS, APP, HOME, Address, Seat
from sandbox.page.composer import composer
from sandbox.page.icons import icon
from sandbox.page.messages import PAGE, Messages, avatar, channel_messages
from sandbox.page.nodes import Node, log
from sandbox.page.world import Json, World


class Pane:
    """Draws one seat; messages are remembered from one drawing to the next."""

    def __init__(self) -> None:
        self._messages, self._replies = Messages(), Messages()

    def draw(self, world: World, address: Address, seat: Seat, since: int) -> Node:
        """Draw a person's client, with what was refused since that call; somebody unknown or deactivated has none."""
        viewer = world.person(seat.person)
        opening = tag(
            "section",
            class_="pane",
            id=f"pane-{seat.person}",
            aria_label=f"Slack of {viewer['real_name'] if viewer else seat.person}",
        )
        opening = Html(opening.removesuffix("</section>"))
        if viewer is None:
            return Node(f"pane-{seat.person}", opening, (_nobody(world, address, seat),))
        main = Node(
            f"main-{seat.person}",
            Html(f'<div class="main" id="main-{seat.person}">'),
            (*self._main(world, address, seat, viewer),),
        )
        children = [_navigation(world, address, seat, viewer), main, *_modal(world, seat, viewer)]
        if viewer["id"] not in world.values["modals"]:
            children += [*_toast(world, address, seat, viewer), *refusal(world, seat.person, since)]
        return Node(f"pane-{seat.person}", opening, tuple(children))

    def _main(self, world: World, address: Address, seat: Seat, viewer: Json) -> Iterator[Node]:
        yield _head(world, address, seat, viewer)
        channel = world.channel_of(seat, viewer)
        if channel is None:
            place_id = f"place-{seat.person}"
            drawn = {HOME: _home, ALERTS: _alerts}.get(seat.place, _no_place)(world, seat, viewer)
            yield Node(place_id, tag("div", drawn, id=place_id, class_="place", tabindex=0))
            return
        shown = world.messages(channel, viewer)
        world.mark_read(channel, viewer)
        yield from self._channel(world, address, seat, viewer, channel, shown)
        if seat.thread:
            yield self._thread(world, address, seat, viewer, channel, shown)

    def _channel(
        self, world: World, address: Address, seat: Seat, viewer: Json, channel: Json, shown: list[Json]
    ) -> Iterator[Node]:
        log_id, in_channel = f"log-{seat.person}-{channel['id']}", replace(seat, thread="")
        messages = tuple(self._messages.draw(world, in_channel, viewer, shown))
        everything = len(channel_messages(shown)) <= PAGE * (1 + seat.earlier)
        before = _beginning(world, log_id, channel, viewer) if everything else _earlier(log_id, address, seat)
        yield log(log_id, "messages", "Messages", (before, *messages))
        yield composer(world, seat, viewer, channel)

    def _thread(
        self, world: World, address: Address, seat: Seat, viewer: Json, channel: Json, shown: list[Json]
    ) -> Node:
        thread_id, log_id = f"thread-{seat.person}", f"replies-{seat.person}-{seat.thread}"
        close = tag("a", "✕", href=address.seated(replace(seat, thread="")), aria_label="Close thread")
        head = Node(
            f"{thread_id}-head", tag("header", tag("h2", "Thread"), close, id=f"{thread_id}-head", class_="head")
        )
        replies = log(log_id, "messages", "Thread", (*self._replies.draw(world, seat, viewer, shown),))
        write = composer(world, seat, viewer, channel, thread=seat.thread)
        return Node(thread_id, Html(f'<aside class="thread" id="{thread_id}">'), (head, replies, write))


def _beginning(world: World, log_id: str, channel: Json, viewer: Json) -> Node:
    name = _place(world, channel, viewer)
    said = "This is the beginning of your messages with" if channel["kind"] == "im" else "This is the beginning of"
    beginning_id = f"{log_id}-beginning"
    return Node(beginning_id, tag("p", f"{said} ", tag("strong", name), ".", class_="beginning", id=beginning_id))


def _earlier(log_id: str, address: Address, seat: Seat) -> Node:
    url, earlier_id = address.seated(replace(seat, earlier=seat.earlier + 1)), f"{log_id}-earlier"
    link = tag("a", "Show earlier messages", href=url)
    return Node(earlier_id, tag("p", link, class_="beginning", id=earlier_id))


def _nobody(world: World, address: Address, seat: Seat) -> Node:
    node_id = f"main-{seat.person}"
    user: Json = next((one for one in world.values["users"].values() if one["name"] == seat.person), {})
    gone = " any more: they were deactivated." if user.get("deleted") else "."
    leave = tag("a", "Close", href=address.without(seat.person), class_="button")
    said = tag("p", f"{user.get('real_name', seat.person)} has no account here{gone}")
    return Node(node_id, tag("div", said, leave, class_="main nobody", id=node_id))


def _navigation(world: World, address: Address, seat: Seat, viewer: Json) -> Node:
    nav_id = f"places-{seat.person}"
    app = world.app_channel(viewer)
    others = [one for one in world.channels(viewer) if one is not app]
    named = [one for one in others if one["kind"] in {"channel", "group"}]
    direct = [one for one in others if one["kind"] in {"im", "mpim"}]
    link = _Link(world, address, seat, viewer)
    sections = (
        tag("p", tag("strong", world.meta["team"]), class_="team"),
        link.to(ALERTS, _signed("bell", "Notifications"), len(world.unread_notifications(viewer))),
        tag("h2", "connectbot"),
        link.to(HOME, _signed("home", "Home"), 0),
        link.to(APP, _signed("mail", "Messages"), len(world.unread(app, viewer))) if app else None,
        tag("h2", "Channels"),
        *(link.to(one["name"], _place(world, one, viewer), len(world.unread(one, viewer))) for one in named),
        tag("h2", "Direct messages") if direct else None,
        *(link.to(one["id"], _place(world, one, viewer), len(world.unread(one, viewer))) for one in direct),
    )
    return Node(nav_id, tag("nav", *sections, id=nav_id, class_="places", popover=True, aria_label="Places"))


def _signed(sign: str, words: str) -> Html:
    return join([icon(sign), " ", words])


def _place(world: World, channel: Json, viewer: Json) -> Html:
    """Draw a channel's name, a private one's with a lock."""
    name = world.place_name(channel, viewer)
    return _signed("lock", str(channel["name"])) if channel["kind"] == "group" else join([name])


class _Link:
    """Links from a person's list of places."""

    def __init__(self, world: World, address: Address, seat: Seat, viewer: Json) -> None:
        self._address, self._seat = address, seat
        self._channel = world.channel_of(seat, viewer)

    def to(self, place: str, name: Html, unread: int) -> Html:
        """Draw a link to a place, with the number of unread messages."""
        channel = self._channel or {}
        here = place == self._seat.place or place in {channel.get("id"), channel.get("name")}
        badge = tag("b", str(unread), tag("span", " unread", class_="sr"), class_="unread") if unread else None
        return tag(
            "a",
            tag("span", name),
            badge,
            href=self._address.seated(Seat(self._seat.person, place)),
            aria_current="page" if here else None,
            class_="has-unread" if unread else None,
        )


def _head(world: World, address: Address, seat: Seat, viewer: Json) -> Node:
    head_id = f"head-{seat.person}"
    channel = world.channel_of(seat, viewer)
    titles = {HOME: "connectbot", ALERTS: "Notifications", APP: "connectbot"}
    title = titles.get(seat.place) or (_place(world, channel, viewer) if channel else seat.place)
    note = world.note(viewer)
    who = tag("span", tag("strong", viewer["real_name"]), tag("small", note) if note else None, class_="who")
    places = tag(
        "button", "☰", type="button", popovertarget=f"places-{seat.person}", class_="to-places", aria_label="Places"
    )
    reload = tag(
        "button",
        icon("reload"),
        type="button",
        **sending("reload", user=seat.person),
        aria_label="Reload this Slack",
        title="Reload: what only they could see is gone",
    )
    close = (
        tag("a", "✕", href=address.without(seat.person), aria_label=f"Close {viewer['real_name']}")
        if len(address.seats) > 1
        else None
    )
    tabs = _tabs(address, seat) if seat.place in {HOME, APP} else None
    return Node(
        head_id,
        tag(
            "header",
            tag("div", avatar(viewer), who, tag("span", reload, close, class_="window"), class_="owner"),
            tag("div", places, tag("h2", title), tabs, class_="title"),
            id=head_id,
            class_="head",
        ),
    )


def _tabs(address: Address, seat: Seat) -> Html:
    return tag(
        "nav",
        *(
            tag(
                "a",
                name,
                href=address.seated(Seat(seat.person, place)),
                aria_current="page" if place == seat.place else None,
            )
            for place, name in ((HOME, "Home"), (APP, "Messages"))
        ),
        class_="tabs",
        aria_label="connectbot",
    )


def _home(world: World, seat: Seat, viewer: Json) -> Html:
    view = world.values["homes"].get(viewer["id"])
    if view is None:
        return tag("p", "The app hasn't published its Home tab for you yet.", class_="empty")
    told = {"user": seat.person, "view_id": view["id"]}
    return home(view, Canvas(world.names(viewer), f"h-{seat.person}", view["state"]["values"], told=told))


def _no_place(_world: World, seat: Seat, viewer: Json) -> Html:
    return tag("p", f"{viewer['real_name']} isn't in “{seat.place}”.", class_="empty")


def _alerts(world: World, _seat: Seat, viewer: Json) -> Html:
    told = world.notifications(viewer)[::-1]
    if not told:
        return tag(
            "p",
            "Nothing yet. What Slack would notify you of is shown here as a desktop and a phone show it.",
            class_="empty",
        )
    return tag("div", *(_alert(world, viewer, message) for message in told), class_="alerts")


def _alert(world: World, viewer: Json, message: Json) -> Html:
    names, at = world.names(viewer), moment(float(message["ts"]))
    author = world.values["users"].get(message["user"], {})
    shown = (("Desktop", desktop_notification), ("Phone", phone_notification))
    return tag(
        "article",
        *(
            tag(
                "figure",
                tag("figcaption", device, " · ", at),
                _notice(author, say(message, names)),
                class_=device.lower(),
            )
            for device, say in shown
        ),
    )


def _notice(author: Json, said: str) -> Html:
    first, _, rest = said.partition("\n")
    lines = (tag("strong", author.get("real_name", "")), tag("p", join([first])), tag("p", rest) if rest else None)
    return tag("div", avatar(author), tag("div", *lines), class_="notice")


def _toast(world: World, address: Address, seat: Seat, viewer: Json) -> Iterator[Node]:
    """Draw the newest notification of a place that the person isn't in front of."""
    unread = world.unread_notifications(viewer) if seat.place != ALERTS else []
    for message in unread[-1:]:
        channel = world.values["channels"][message["channel"]]
        is_app = channel is world.app_channel(viewer)
        author = world.values["users"].get(message["user"], {})
        notice = _notice(author, desktop_notification(message, world.names(viewer)))
        url = address.seated(Seat(seat.person, APP if is_app else channel["id"]))
        toast_id = f"toast-{seat.person}-{message['ts']}"
        yield Node(toast_id, tag("div", tag("a", notice, href=url), id=toast_id, class_="toast", role="status"))


def _modal(world: World, seat: Seat, viewer: Json) -> Iterator[Node]:
    if (top := world.values["modals"].get(viewer["id"])) is None:
        return
    view = top["view"]
    refused = world.refused(seat.person)
    errors = refused["errors"] if refused["view"] == view["id"] else {}
    modal_id = f"v-{seat.person}-{view['id']}-{'form' if _asks(view) else 'words'}"
    told = {"user": seat.person, "view_id": view["id"]}
    canvas = Canvas(world.names(viewer), modal_id, view["state"]["values"], errors, told)
    drawn = modal(view, canvas, depth=top["depth"], refused=refused["error"])
    yield Node(canvas.id, drawn, over=(f"main-{seat.person}", f"places-{seat.person}"))


def _asks(view: Json) -> bool:
    """Tell whether there is something to use, which gets the focus when it takes the place of mere words."""
    return any(block["type"] in {"input", "actions"} or "accessory" in block for block in view["blocks"])


def refusal(world: World, person: str, since: int) -> Iterator[Node]:
    """Say why the last thing that somebody did didn't work, without a name what was done on the demo's own side."""
    refused = world.refused(person)
    node_id = f"refused-{person}-{refused['order']}"
    if refused["error"] and refused["order"] > since:
        yield Node(node_id, tag("p", f"⚠ {refused['error']}", id=node_id, class_="refused", role="alert"))
