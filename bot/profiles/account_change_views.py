"""What is said of an account that is another than before, or that other profiles have as well, and how it is undone."""

from collections.abc import Callable
from dataclasses import replace

from bot.ayrshare.model import Account, AccountChange
from bot.ayrshare.networks import network_name
from bot.core.model import Block, Message, RefId, UserId
from bot.slack.actions import KEEP_ACCOUNT, RECONNECT, UNDO_ACCOUNT
from bot.slack.blocks import actions, button, context, plain, section
from bot.slack.text import escaped, shortened, titled

WHO_DECIDES = "Whoever has the profile can undo it, and so can an admin."
NAME_LIMIT = 75
TITLE_LIMIT = 60
"""Of a profile, where several of them have to fit into a confirmation of 300 characters."""


def name_and_handle(account: Account) -> str:
    """Return how people recognise an account: its name and its handle, in mrkdwn."""
    return escaped(_named(account))


def change_told(change: AccountChange, *, by: UserId | None = None) -> str:
    """Say in mrkdwn what is new about an account, and what follows; `by` is who connected it, if that is known."""
    on, now = network_name(change.account.network), name_and_handle(change.account)
    parts = []
    if change.former:
        whose = f"<@{by}> connected another {on} account" if by else f"Another {on} account is connected"
        parts.append(f":warning: {whose}: {now}. Before, it was {name_and_handle(change.former)}.")
        parts.append(f"Posts to {on} go to the new one.")
    if change.shared_with:
        others = ", ".join(titled(shortened(title, limit=NAME_LIMIT)) for title in change.shared_with.values())
        which = "It" if change.former else f":warning: {on} account {now}"
        parts.append(f"{which} is connected to {others} as well, so their posts go to the same account.")
    return " ".join(parts)


def change_buttons(change: AccountChange, ref_id: RefId, *, title: str, card: str = "") -> Block:
    """Return *Keep it* and *Undo*, which asks first; `card` is the card that they stand on."""
    value = ":".join((ref_id, change.account.network, change.id, card))
    what = f"{network_name(change.account.network)} {_named(change.account)}"
    keep = button(KEEP_ACCOUNT, value, spoken=f"{KEEP_ACCOUNT.label}: {what}")
    undo = button(UNDO_ACCOUNT, value, spoken=f"{UNDO_ACCOUNT.label}: disconnect {what}", style="danger")
    confirm = {
        "title": plain("Disconnect it?"),
        "text": plain(_asked(change, title)),
        "confirm": plain("Disconnect"),
        "deny": plain("Cancel"),
        "style": "danger",
    }
    return actions(f"account:{change.id}", keep, {**undo, "confirm": confirm})


def told(change: AccountChange, ref_id: RefId, *, title: str, reader: UserId, by: UserId, decides: bool) -> Message:
    """Tell a person what is new about an account; the buttons are for those who may decide."""
    said = change_told(change, by=by)
    said = said.replace(f"<@{by}> connected", "You connected") if by == reader else said
    rest = change_buttons(change, ref_id, title=title) if decides else context(WHO_DECIDES)
    return _about(title, said, rest)


def kept(change: AccountChange, *, title: str) -> Message:
    """Say that an account stays."""
    return _about(title, f"{name_and_handle(change.account)} stays connected to {_on(change)}.")


def undone(change: AccountChange, *, title: str, ref_id: RefId, owner: UserId | None) -> Message:
    """Say that an account is disconnected and the former isn't back; `owner` is who may reconnect that."""
    rest = _rest(change, name_and_handle)
    said = _about(title, f"{name_and_handle(change.account)} is disconnected from {_on(change)}. {rest}")
    if owner is None:
        return said
    value = f"{owner}:{ref_id}:{change.account.network}"
    again = button(RECONNECT, value, spoken=f"Reconnect {_on(change)}", style="primary")
    return replace(said, blocks=(*said.blocks, actions("reconnect", again)))


def _about(title: str, said: str, *rest: Block) -> Message:
    return Message(f"{titled(title)}: {said}", (section(f"*{titled(title)}*\n{said}"), *rest))


def _asked(change: AccountChange, title: str) -> str:
    on, of = _on(change), shortened(title, limit=TITLE_LIMIT)
    return f"{_named(change.account)} will be disconnected from {on} of {of}. {_rest(change, _named)}"


def _rest(change: AccountChange, name: Callable[[Account], str]) -> str:
    on = _on(change)
    if change.former:
        return f"That doesn't bring {name(change.former)} back: nothing is posted to {on} until you reconnect it."
    return f"Nothing is posted to {on} until you connect an account."


def _on(change: AccountChange) -> str:
    return network_name(change.account.network)


def _named(account: Account) -> str:
    name, handle = (shortened(text, limit=NAME_LIMIT) for text in (account.name or "", account.handle))
    if handle and name:
        return f"{name} (@{handle})"
    return name or (f"@{handle}" if handle else account.id)
