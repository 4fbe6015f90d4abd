"""The world's switches: the clock, what goes wrong, Ayrshare's account and profiles, people, the app's sockets.

Each sends a control call, the one that scripts use: `data-call` names it, `data-body` and the fields are its arguments.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.ayrshare.fault_injection import KINDS as AYRSHARE_FAULTS
from sandbox.ayrshare.plans import PLANS
from sandbox.ayrshare.social_accounts import LABELS
from sandbox.drawing.html import Html, tag
from sandbox.drawing.text import moment
from sandbox.page.nodes import Node
from sandbox.page.world import Json, World
from sandbox.slack.fault_injection import KINDS as SLACK_FAULTS

MINUTE, DAY = 60, 86_400
MONDAY, NINE = 0, 9


def switches(world: World, now: datetime, zone: str) -> list[Node]:
    """Draw all switches; Monday at nine is meant in that time zone."""
    drawn = {
        "clock": _clock(world, now, zone),
        "faults": _faults(world),
        "account": _account(world),
        "profiles": _profiles(world),
        "people": _people(world),
        "sockets": _sockets(),
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


def call(label: str, name: str, body: Json | None, **more: Any) -> Html:
    """Draw a button that sends a control call; without a body it can't be pressed."""
    sends = {"data_call": name, "data_body": json.dumps(body)} if body is not None else {"disabled": True}
    return tag("button", label, type="button", class_="button", **sends, **more)


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
    custom = _form(
        "clock",
        tag("label", "Seconds ", tag("input", type="number", name="seconds", value="3600", min="1", data_number=True)),
        button="Move",
    )
    return tag(
        "div", tag("h3", "Clock"), tag("p", said), tag("p", *clock_buttons(world, now, zone), class_="buttons"), custom
    )


def _form(name: str, *fields: Html, button: str, body: Json | None = None) -> Html:
    send = tag("button", button, type="submit", class_="button")
    return tag("form", *fields, send, class_="fields", data_call=name, data_body=json.dumps(body or {}))


def _faults(world: World) -> Html:
    forms = [
        _form(
            "fault",
            _select("kind", sorted(kinds), label=f"{service.title()} "),
            *_numbers(),
            button="Break",
            body={"target": service},
        )
        for service, kinds in (("slack", SLACK_FAULTS), ("ayrshare", AYRSHARE_FAULTS))
    ]
    pending = [_pending(service, fault) for service, faults in world.meta["faults"].items() for fault in faults]
    clear = [
        call(f"Mend {service.title()}", "fault", {"target": service, "kind": "none"})
        for service, faults in world.meta["faults"].items()
        if faults
    ]
    return tag(
        "div",
        tag("h3", "What goes wrong"),
        *forms,
        tag("ul", *pending) if pending else None,
        tag("p", *clear, class_="buttons"),
    )


def _numbers() -> tuple[Html, Html]:
    return (
        tag("label", "times ", tag("input", type="number", name="times", value="1", min="1", data_number=True)),
        tag("label", "ms ", tag("input", type="number", name="ms", value="0", min="0", step="500", data_number=True)),
    )


def _pending(service: str, fault: Json) -> Html:
    return tag("li", f"{service.title()}: {fault['kind']}, {fault['times'] or 'any number of'} more")


def _select(name: str, options: list[str], *, label: str, chosen: str = "") -> Html:
    drawn = (tag("option", option, value=option, selected=option == chosen) for option in options)
    return tag("label", label, tag("span", tag("select", *drawn, name=name), class_="select"))


def _account(world: World) -> Html:
    meta = world.meta
    plan = _form("switch", _select("plan", list(PLANS), label="Plan ", chosen=meta["plan"]), button="Set")
    pack = call(
        "Take the Max Pack away" if meta["max_pack"] else "Give it the Max Pack",
        "switch",
        {"max_pack": not meta["max_pack"]},
    )
    seconds = [
        call(label, "switch", {"link_seconds": value})
        for label, value in (("Links live 20 s", 20), ("Links live as usual", None))
    ]
    return tag("div", tag("h3", "Ayrshare's account"), plan, tag("p", pack, *seconds, class_="buttons"))


def _profiles(world: World) -> Html:
    return tag("div", tag("h3", "Profiles"), *(_profile(profile) for profile in world.values["profiles"].values()))


def _profile(profile: Json) -> Html:
    title, suspended = profile["title"], profile["suspended"]
    others = [network for network in LABELS if network not in profile["accounts"]]
    connect = _form(
        "ayrshare", _select("network", others, label=""), button="Connect", body={"do": "link", "profile": title}
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
    days = tag("label", "days left ", tag("input", type="number", name="days", value="7", min="0", data_number=True))
    return tag(
        "li",
        tag("span", LABELS.get(network, network), " ", tag("small", account["name"], " ", *state)),
        _form("ayrshare", days, button="Set", body={"do": "refresh", **about}),
        call("Drop", "ayrshare", {"do": "unlink", **about}, aria_label=f"Drop {LABELS.get(network, network)}"),
    )


def _people(world: World) -> Html:
    people = [user for user in world.values["users"].values() if not user["is_bot"] and user["name"] != "slackbot"]
    add = _form(
        "people",
        tag("label", "More members ", tag("input", type="number", name="count", value="10", min="1", data_number=True)),
        button="Add",
    )
    return tag("div", tag("h3", "People"), tag("ul", *(_person(user, world.note(user)) for user in people[:30])), add)


def _person(user: Json, note: str) -> Html:
    def flag(label: str, **flags: bool) -> Html:
        return call(label, "person", {"user": user["name"], "flags": flags}, aria_label=f"{label}: {user['real_name']}")

    admin = (
        flag("Make member", is_admin=False, is_owner=False) if user["is_admin"] else flag("Make admin", is_admin=True)
    )
    active = flag("Bring back", deleted=False) if user["deleted"] else flag("Deactivate", deleted=True)
    said = "deactivated" if user["deleted"] else note
    return tag("li", tag("span", user["real_name"], " ", tag("small", said)), admin, active)


def _sockets() -> Html:
    names = ("warn", "refresh", "disable", "silence", "resume", "drop")
    buttons = [call(name.title(), "socket", {"do": name}) for name in names]
    return tag(
        "div",
        tag("h3", "Socket Mode"),
        tag("p", "What Slack does with the app's sockets, where the demo runs with SOCKET=1."),
        tag("p", *buttons, class_="buttons"),
    )


def _recording() -> Html:
    said = "make demo RECORD=file keeps what happens, pytest --keep-world what a failing test saw. Play such a file:"
    file = tag("input", type="file", accept=".jsonl,.json,.txt,*", data_recording=True, aria_label="A recording")
    return tag("div", tag("h3", "Recordings"), tag("p", said), file)


def _mails(world: World) -> Html:
    mails = [tag("li", tag("pre", json.dumps(mail, indent=1, default=str))) for mail in world.values["mails"].values()]
    said = None if mails else tag("p", "Ayrshare has mailed no link. It needs the Max Pack: /connect email.")
    return tag("div", tag("h3", "Mails"), said, tag("ul", *mails))
