"""The world's switches: the clock, what goes wrong, Ayrshare's account and profiles, people, the app at Slack."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.ayrshare.page_html import PEOPLE
from sandbox.ayrshare.plans import PLANS
from sandbox.ayrshare.social_accounts import LABELS
from sandbox.drawing.html import Html, tag
from sandbox.drawing.text import moment
from sandbox.page.controls import call, form, number, select
from sandbox.page.document import recording_form
from sandbox.page.faults import faults
from sandbox.page.nodes import Node
from sandbox.page.world import Json, World

TOKENS = {"jwt": "a JWT", "session": "an opaque token"}
MINUTE, DAY = 60, 86_400
MONDAY, NINE = 0, 9
MOST_PEOPLE = 30
SHORT_LIFE = 20
USUAL_FLAGS = {"Admin": ("is_admin",), "Guest": ("is_restricted",), "Deactivated": ("deleted",)}
RARER_FLAGS = {
    "Owner": ("is_owner", "is_admin"),
    "Primary owner": ("is_primary_owner", "is_owner", "is_admin"),
    "Guest of one channel": ("is_ultra_restricted", "is_restricted"),
    "Invited, not here yet": ("is_invited_user",),
    "Stranger": ("is_stranger",),
}
"""What somebody may be besides, with what goes with it. A bot has no row, so nobody becomes one here."""
RANKS = (("is_admin", "is_owner", "is_primary_owner"), ("is_restricted", "is_ultra_restricted"))
"""Nobody is both an admin and a guest."""


def switches(world: World, now: datetime, zone: str) -> list[Node]:
    """Draw all switches; Monday at nine is meant in that time zone."""
    drawn = {
        "clock": _clock(world, now, zone),
        "faults": faults(world),
        "account": _account(world),
        "profiles": _profiles(world),
        "people": _people(world),
        "sockets": _sockets(world),
        "installations": _installations(world),
        "mails": _mails(world),
        "recording": _recording(),
    }
    return [Node(f"switch-{name}", tag("section", html, id=f"switch-{name}")) for name, html in drawn.items()]


def clock_buttons(world: World, now: datetime, zone: str) -> list[Html]:
    """Return the buttons that move the clock; one that leads nowhere can't be pressed."""
    ends = world.meta["link_ends"]
    left = max(0, int(ends - now.timestamp()) - 10) if ends else 0
    title = "to 10 s before the last link expires" if left else "No link is alive, or it expires within 10 s"
    return [
        call("+1 min", "clock", {"seconds": MINUTE}),
        tag("span", call("Link's end", "clock", {"to": int(ends) - 10} if left else None), title=title),
        call("+1 day", "clock", {"seconds": DAY}),
        call("Mon 9:00", "clock", {"to": int(_next_monday(now, zone).timestamp())}),
    ]


def _next_monday(now: datetime, zone: str) -> datetime:
    """Return the next Monday at nine."""
    local = now.astimezone(ZoneInfo(zone))
    monday = (local + timedelta(days=(MONDAY - local.weekday()) % 7)).replace(
        hour=NINE, minute=0, second=0, microsecond=0
    )
    return (monday if monday > local else monday + timedelta(days=7)).astimezone(UTC)


def _clock(world: World, now: datetime, zone: str) -> Html:
    ahead = timedelta(seconds=world.meta["ahead"])
    said = (
        f"{ahead} ahead of this machine."
        if ahead
        else "The time of this machine. It moves forward only, and the bot's moves along."
    )
    custom = form("clock", number("seconds", 3_600, label="Seconds ", maximum=366 * DAY), button="Move")
    return tag(
        "div", tag("h3", "Clock"), tag("p", said), tag("p", *clock_buttons(world, now, zone), class_="buttons"), custom
    )


def _account(world: World) -> Html:
    meta = world.meta
    plan = form("switch", select("plan", {one: one for one in PLANS}, label="Plan ", chosen=meta["plan"]), button="Set")
    names = {"": "the profile's own people"} | {name: name for name in PEOPLE}
    signed_in = select("signed_in", names, label="Signed in at the networks ", chosen=meta["signed_in"])
    style = select("token_style", TOKENS, label="Links made by generateJWT hold ", chosen=meta["token_style"])
    pack = call(
        "Take the Max Pack away" if meta["max_pack"] else "Give it the Max Pack",
        "switch",
        {"max_pack": not meta["max_pack"]},
    )
    life = number("link_seconds", SHORT_LIFE, label="Seconds that links live ", maximum=DAY)
    choices = (form("switch", field, button="Set") for field in (signed_in, style, life))
    as_usual = call("Links live as usual", "switch", {"link_seconds": None})
    return tag("div", tag("h3", "Ayrshare's account"), plan, *choices, tag("p", pack, as_usual, class_="buttons"))


def _profiles(world: World) -> Html:
    return tag("div", tag("h3", "Profiles"), *(_profile(profile) for profile in world.values["profiles"].values()))


def _profile(profile: Json) -> Html:
    title, suspended = profile["title"], profile["suspended"]
    others = {network: label for network, label in LABELS.items() if network not in profile["accounts"]}
    connect = form(
        "ayrshare", select("network", others, label=""), button="Connect", body={"do": "link", "profile": title}
    )
    suspend = call(
        "Resume" if suspended else "Suspend", "ayrshare", {"do": "resume" if suspended else "suspend", "profile": title}
    )
    delete = call("Delete", "ayrshare", {"do": "delete", "profile": title})
    rows = [_account_row(title, network, account) for network, account in profile["accounts"].items()]
    count = f"{len(rows)} account{'' if len(rows) == 1 else 's'}{', suspended' if suspended else ''}"
    summary = tag("summary", tag("strong", title), tag("small", count))
    return tag(
        "details",
        summary,
        tag("ul", *rows),
        connect,
        tag("p", suspend, delete, class_="buttons"),
        class_="profile",
        id=f"profile-{title}",
    )


def _account_row(title: str, network: str, account: Json) -> Html:
    about = {"profile": title, "network": network}
    state: tuple[str | Html, ...] = ("sign-in needed",) if account["refresh_required"] else ()
    if account["refresh_by"]:
        state = ("until ", moment(account["refresh_by"], date_format="{date_short}"))
    days = number("days", 7, label="days left ", minimum=0, maximum=3_650)
    why = tag("label", "because of ", tag("input", name="details", placeholder="Account locked", size=14))
    return tag(
        "li",
        tag("span", LABELS.get(network, network), " ", tag("small", account["name"], " ", *state)),
        form("ayrshare", days, button="Set", body={"do": "refresh", **about}),
        form("ayrshare", why, button="Drop", body={"do": "unlink", **about}),
    )


def _people(world: World) -> Html:
    people = [user for user in world.values["users"].values() if not user["is_bot"] and user["name"] != "slackbot"]
    group = tag("label", "in a group ", tag("input", name="group", placeholder="none", size=10))
    with_profiles = call("Add with profiles", "people", {"profiles": True})
    add = form("people", number("count", 10, label="More members "), group, with_profiles, button="Add")
    rows = (_person(user, world.note(user)) for user in people[:MOST_PEOPLE])
    groups = (_group(world, group) for group in world.values["groups"].values())
    return tag("div", tag("h3", "People"), tag("ul", *rows), add, *groups)


def _group(world: World, group: Json) -> Html:
    """Draw a user group: who joins it, who leaves it, whether there is one."""
    about, names = {"group": group["handle"]}, {user["id"]: user["real_name"] for user in world.people}
    inside = {one: names[one] for one in group["users"][:MOST_PEOPLE] if one in names}
    outside = {one: name for one, name in names.items() if one not in group["users"]}
    forms = [
        form("group", select(do, dict([*people.items()][:MOST_PEOPLE]), label=""), button=do.title(), body=about)
        for do, people in (("add", outside), ("remove", inside))
        if people
    ]
    disabled = call("Enable" if group["disabled"] else "Disable", "group", about | {"disabled": not group["disabled"]})
    count = f"{len(group['users'])} people{', disabled' if group['disabled'] else ''}"
    summary = tag("summary", tag("strong", f"@{group['handle']}"), tag("small", count))
    parts = (summary, *forms, tag("p", disabled, class_="buttons"))
    return tag("details", *parts, class_="profile", id=f"group-{group['handle']}")


def _person(user: Json, note: str) -> Html:
    def flag(label: str, flags: tuple[str, ...]) -> Html:
        body = {"user": user["name"], "flags": _changed(flags, on=not user[flags[0]])}
        pressed = str(bool(user[flags[0]])).lower()
        return call(label, "person", body, aria_pressed=pressed, aria_label=f"{label}: {user['real_name']}")

    said = "" if note in {"admin", "guest"} else note
    summary = tag("summary", "More", aria_label=f"More: {user['real_name']}")
    rarer = tag("p", *(flag(*one) for one in RARER_FLAGS.items()), class_="buttons")
    more = tag("details", summary, rarer, class_="more", id=f"more-{user['name']}")
    name = tag("span", user["real_name"], " ", tag("small", said))
    return tag("li", name, *(flag(*one) for one in USUAL_FLAGS.items()), more)


def _changed(flags: tuple[str, ...], *, on: bool) -> dict[str, bool]:
    """Return what a person's flags become: who is no admin is no owner either, and a guest is neither."""
    every = (USUAL_FLAGS | RARER_FLAGS).values()
    if not on:
        return {one[0]: False for one in every if flags[0] in one}
    lost = next((other for own, other in (RANKS, RANKS[::-1]) if flags[0] in own), ())
    return dict.fromkeys(flags, True) | dict.fromkeys(lost, False)


def _sockets(world: World) -> Html:
    """Draw what Slack does with sockets; without Socket Mode there are none, and nothing can be pressed."""
    names, on = ("warn", "refresh", "disable", "silence", "resume", "drop"), world.meta["socket_mode"]
    buttons = [call(name.title(), "socket", {"do": name} if on else None) for name in names]
    return tag(
        "div",
        tag("h3", "Socket Mode"),
        tag("p", "What Slack does with the app's sockets, where the demo runs with SOCKET=1."),
        tag("p", *buttons, class_="buttons"),
    )


def _installations(world: World) -> Html:
    oauth = world.meta["oauth"]
    said = "Workspaces in which an admin has installed the app by OAuth, where the demo runs with WORKSPACES=1."
    names = oauth["places"]
    rows = [tag("li", tag("span", names[place]), _uninstall(place, names[place])) for place in oauth["installed"]]
    rows += [_access(team, names[team], is_open=is_open) for team, is_open in oauth["within"].items()]
    approves = select(
        "approves",
        {"": "no place: the page asks"} | names,
        label="Allowed at once in ",
        chosen=oauth["approves"],
    )
    rotation = {"rotation": not oauth["rotation"]}
    tokens = call("Tokens live for ever" if oauth["rotation"] else "Tokens live 12 hours", "oauth", rotation)
    choice = form("oauth", approves, button="Set")
    return tag("div", tag("h3", "Installations"), tag("p", said), tag("ul", *rows), choice, tag("p", tokens))


def _access(team: str, name: str, *, is_open: bool) -> Html:
    """Draw a workspace of an organization that has installed the app: whether the app can access it."""
    do = "close" if is_open else "open"
    return tag("li", tag("span", name), call(do.title(), "oauth", {do: team}, aria_label=f"{do.title()} {name}"))


def _uninstall(place: str, name: str) -> Html:
    return call("Uninstall", "oauth", {"uninstall": place}, aria_label=f"Uninstall from {name}")


def _recording() -> Html:
    record, keep = tag("code", "make demo RECORD=file"), tag("code", "pytest --keep-world")
    said = (record, " keeps what happens, ", keep, " what a failing test saw. Play such a file:")
    return tag("div", tag("h3", "Recordings"), tag("p", *said), recording_form())


def _mails(world: World) -> Html:
    mails = [_mail(mail) for mail in world.values["mails"].values()]
    said = None if mails else tag("p", "Ayrshare has mailed no link. It needs the Max Pack: /connect email.")
    return tag("div", tag("h3", "Mails"), said, tag("ul", *mails))


def _mail(mail: Json) -> Html:
    at = moment(datetime.fromisoformat(mail["at"]).timestamp())
    return tag("li", tag("span", mail["to"], " ", tag("small", "a link for ", mail["title"], ", ", at)))
