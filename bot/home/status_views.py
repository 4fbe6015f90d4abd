"""The window with one profile's status, for admins: its accounts, and what can be done about it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.ayrshare.networks import OfferedNetworks
from bot.core.model import Block, UserId
from bot.profiles.model import Disconnected, ProfileHealth, ProfileStatus
from bot.profiles.views import account, dismiss_button, profile_status, reconnect_button
from bot.slack.actions import (
    ADD_ANOTHER_FOR,
    ASK_TO_CONNECT,
    FORGET_PROFILE,
    LINK_FOR,
    MAP_TO_ANOTHER,
    MAP_TO_SOMEONE,
    NEW_KEY,
    OWN_LINK,
    RECONNECT,
    RECONNECT_FOR,
)
from bot.slack.blocks import actions, button, context, plain, section
from bot.slack.model import Modal
from bot.slack.text import ago

STATUS_TITLE = "Status"
FORGET_ASKS = {
    "title": plain("Forget this profile?"),
    "text": plain("I'll delete its stored key. Ayrshare tells a key only once, so this can't be undone."),
    "confirm": plain("Forget"),
    "deny": plain("Keep"),
    "style": "danger",
}


def status_modal(
    one: ProfileStatus,
    owner: UserId,
    viewer: UserId,
    offered: OfferedNetworks,
    *,
    asked_at: datetime | None = None,
    note: str = "",
) -> Modal:
    """Show a profile's accounts to an admin; `owner` is empty where nobody has it."""
    who = f"Mapped to <@{owner}>" if owner else "Not mapped to anyone"
    asked = f" · asked {ago(asked_at)}" if asked_at else ""
    return Modal(
        title=STATUS_TITLE,
        metadata=f"{owner}:{one.ref_id}",
        blocks=(
            *((section(note),) if note else ()),
            section(profile_status(one)),
            context(f"{who}{asked}"),
            actions("status", *_buttons(one, owner, offered, own=owner == viewer)),
            *(block for dropped in (one.seen.disconnected if one.seen else ()) for block in _dismissing(dropped, one)),
        ),
    )


def forgotten() -> str:
    """Confirm that a profile was forgotten."""
    return "Forgotten. I've deleted its key, too."


def _dismissing(dropped: Disconnected, one: ProfileStatus) -> tuple[Block, ...]:
    """Offer to end the warnings of an account that nobody needs any more."""
    until = "Dismiss it, and nobody is warned until it's connected and drops again."
    return context(f"Is {account(dropped)} no longer needed? {until}"), actions(
        f"dismiss:{dropped.network}", dismiss_button(dropped, one.ref_id)
    )


def _buttons(one: ProfileStatus, owner: UserId, offered: OfferedNetworks, *, own: bool) -> Iterator[Block]:
    """Yield what can be done about the profile; what takes it from somebody is in the row's menu alone."""
    owned = f"{owner}:{one.ref_id}"
    stale = one.health is ProfileHealth.STALE
    if owner and stale:
        yield button(NEW_KEY, owned, style="primary")
    elif owner:
        again, link = (RECONNECT, OWN_LINK) if own else (RECONNECT_FOR, LINK_FOR)
        connect = button(replace(again, label=link.label), f"{owned}:")
        yield reconnect_button(one, owner, offered, kind=again, style="primary") or connect
        if not own:
            yield button(ASK_TO_CONNECT, owned)
    yield button(MAP_TO_ANOTHER if owner else MAP_TO_SOMEONE, f":{one.ref_id}")
    if owner:
        yield button(ADD_ANOTHER_FOR, owner)
    if not owner and stale:
        yield {**button(FORGET_PROFILE, one.ref_id), "confirm": FORGET_ASKS}
