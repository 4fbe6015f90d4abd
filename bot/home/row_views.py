"""A profile's row in an overview: its sign, whose it is, what is wrong, since when and why, what its ⋯ menu offers."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.core.model import Block, Button, UserId
from bot.home.model import AGED
from bot.profiles.model import ProfileHealth, ProfileStatus, Row, Snapshot
from bot.profiles.views import SIGNS, WORDS, Day, network_since, own_status
from bot.slack.actions import (
    ASK_TO_CONNECT,
    HAND_OVER,
    LINK_FOR,
    MAKE_CLIENT_LINK,
    MAP_TO_SOMEONE,
    NEW_KEY,
    OWN_LINK,
    STATUS_OF,
    UNMAP,
)
from bot.slack.blocks import section
from bot.slack.menu import button_menu
from bot.slack.text import ago, date, date_and_time, plain_date, titled

USUAL_ROW = (LINK_FOR, ASK_TO_CONNECT, STATUS_OF, HAND_OVER, UNMAP)
CLIENT_LINK_ROW = (MAKE_CLIENT_LINK, ASK_TO_CONNECT, STATUS_OF, HAND_OVER, UNMAP)
"""Where there are client links. Slack's menus have five entries at most; `status_views.py` has buttons for the rest."""
OWN_ROW = (OWN_LINK, STATUS_OF, HAND_OVER, UNMAP)
"""Nobody asks themselves."""
OWN_CLIENT_LINK_ROW = (MAKE_CLIENT_LINK, *OWN_ROW)
REFUSED_ROW = (NEW_KEY, STATUS_OF, HAND_OVER, UNMAP)
NOTHING = "Nothing connected yet"
NOT_CHECKED = WORDS[ProfileHealth.UNSEEN].capitalize()
KEY_REFUSED = "Refused by Ayrshare: deleted, suspended, or it has a new key"
KEY_MISSING = "Ayrshare lists it. Map it with its profile key"


def admin_row(row: Row, viewer: UserId, *, now: datetime, client_links: bool = False) -> Block:
    """Draw a profile with what `viewer`, an admin, can do about it; `client_links`: also make a client link."""
    who = f"<@{row.user}>" if row.user else "not mapped"
    told = " · ".join((state(row), *_notes(row, now=now)))
    shown = section(f"{SIGNS[row.health]} *{titled(row.title)}* · {who}\n{told}")
    entries = (
        (one, f":{row.ref_id}" if one is MAP_TO_SOMEONE else row.owned)
        for one in _offered(row, own=row.user == viewer, client_links=client_links)
    )
    return {**shown, "block_id": f"row:{row.owned}", "accessory": button_menu(*entries)}


def own_row(row: Row, owner: UserId, offered: OfferedNetworks, *, primary: bool) -> tuple[Block, ...]:
    """Draw a profile for its owner, with its button."""
    return own_status(_status(row), owner, offered, primary=primary)


def plain_row(row: Row) -> str:
    """Say on one line how a profile is, for notifications and screen readers."""
    return f"{SIGNS[row.health]} {titled(row.title)}: {state(row, day=plain_date)}."


def state(row: Row, *, day: Day = date) -> str:
    """Return a profile's health in words: which accounts, since when and why, or by when."""
    if not row.known:
        return KEY_MISSING
    if row.snapshot is None:
        return row.trouble.removesuffix(".") or NOT_CHECKED
    if row.snapshot.stale:
        return KEY_REFUSED
    return ". ".join((*_parts(row.snapshot, day), *([row.trouble.removesuffix(".")] if row.trouble else ())))


def _parts(seen: Snapshot, day: Day) -> Iterator[str]:
    lost = [network_since(one, day) for one in seen.disconnected]
    expiring = [f"{network_name(one.network)} by {day(one.refresh_by)}" for one in seen.expiring if one.refresh_by]
    if lost:
        yield f"Disconnected: {', '.join(lost)}"
    if expiring:
        yield f"Expires soon: {', '.join(expiring)}"
    if not lost and not expiring:
        connected = _names(one.network for one in seen.working)
        yield f"Connected: {', '.join(connected)}" if connected else NOTHING


def _names(networks: Iterable[str]) -> list[str]:
    return [network_name(network) for network in networks]


def _notes(row: Row, *, now: datetime) -> Iterator[str]:
    """Yield when somebody was asked, and how old what is shown is, if that matters."""
    if row.asked_at:
        yield f"asked {ago(row.asked_at)}"
    if row.snapshot and now - row.snapshot.at >= AGED:
        yield f"seen {date_and_time(row.snapshot.at)}"


def _offered(row: Row, *, own: bool, client_links: bool) -> Iterable[Button]:
    if not row.known:
        return (MAP_TO_SOMEONE,)
    if not row.user:
        return STATUS_OF, MAP_TO_SOMEONE
    if row.health is ProfileHealth.STALE:
        return REFUSED_ROW
    if own:
        return OWN_CLIENT_LINK_ROW if client_links else OWN_ROW
    return CLIENT_LINK_ROW if client_links else USUAL_ROW


def _status(row: Row) -> ProfileStatus:
    if row.snapshot is None:
        return ProfileStatus(row.ref_id, row.title, None, row.trouble or f"{SIGNS[row.health]} {NOT_CHECKED}.")
    return ProfileStatus(row.ref_id, row.title, row.snapshot, row.trouble)
