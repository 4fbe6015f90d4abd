"""What is said of an account that is another than before, or that other profiles have as well, and how it is undone."""

from collections.abc import Sequence

from bot.ayrshare.model import Account, AccountChange
from bot.ayrshare.networks import network_name
from bot.core.model import Block, Message, RefId, UserId
from bot.slack.actions import KEEP_ACCOUNT, RECONNECT, UNDO_ACCOUNT
from bot.slack.blocks import actions, button, confirmation, context, menu, option, telling
from bot.slack.text import escaped, several, titled, told_apart

NAME_LIMIT = 75
HOLDERS_NAMED = 3
TITLE_LIMIT = 60
"""Of a profile, where several of them have to fit into a confirmation of 300 characters."""


def name_and_handle(account: Account) -> str:
    """Return how people recognise an account: its name and its handle, in mrkdwn."""
    return escaped(_named(account))


def change_told(change: AccountChange, *, over: bool) -> str:
    """Say in mrkdwn, on a card, what is new about an account and what follows; or, where the card is over, what was."""
    return f"⚠️ *{_heading(change)}*\n{_news(change, over=over)}"


def change_buttons(change: AccountChange, ref_id: RefId, *, title: str, card: str = "") -> Block:
    """Return *Keep it*, and *Undo* in a menu, which asks first; `card` is the card that they stand on."""
    value = ":".join((ref_id, change.account.network, change.id, card))
    spoken = f"{KEEP_ACCOUNT.label}: {_on(change)} {_named(change.account)}"
    asks = confirmation("Disconnect it?", _asked(change, title), confirm="Disconnect", danger=True)
    undo = menu(UNDO_ACCOUNT.action_id, option(UNDO_ACCOUNT.label, value), confirm=asks)
    return actions(f"account:{change.id}", button(KEEP_ACCOUNT, value, spoken=spoken), undo)


def told(
    change: AccountChange, ref_id: RefId, *, title: str, reader: UserId, by: UserId, decided_by: Sequence[UserId] | None
) -> Message:
    """Tell a person what is new about an account, with buttons, or who decides, besides admins, if they may not."""
    who = "You" if by == reader else f"<@{by}>" if by else ""
    rest = change_buttons(change, ref_id, title=title) if decided_by is None else context(_who_decides(decided_by))
    return telling(f"{_heading(change)} for {titled(title)}", _news(change, who=who), rest, sign="⚠️")


def kept(change: AccountChange, *, title: str) -> Message:
    """Say that an account stays."""
    said = f"{titled(title)} posts to it on {_on(change)}."
    return telling(f"{name_and_handle(change.account)} stays", said, sign="✅")


def undone(change: AccountChange, *, title: str, ref_id: RefId, owner: UserId | None) -> Message:
    """Say that an account is disconnected and the former isn't back; `owner` is who may reconnect that."""
    on = _on(change)
    back = f"Reconnect {on} to bring {name_and_handle(change.former)} back." if change.former else ""
    said = f"{titled(title)} posts nothing to {on} until you connect an account. {back}".rstrip()
    row = _reconnect(change.account.network, ref_id, owner)
    return telling(f"{name_and_handle(change.account)} is disconnected", said, *row, sign="🔴")


def settled(
    network: str, here: Account | None, ref_id: RefId, *, title: str, by: UserId, owner: UserId | None
) -> Message:
    """Say what became of an account that was told as possibly wrong: which one is there in its place, if any.

    `by` is who kept or undid it, if anybody did; `owner` may reconnect it.
    """
    if here and here.questionable:
        said = f"{name_and_handle(here)} has taken the place of the account I told you about."
        return telling(f"{network_name(network)} changed again for {titled(title)}", said, sign="⚠️")
    if here:
        said = f"{f'<@{by}> kept it. ' if by else ''}{titled(title)} posts to it on {network_name(network)}."
        return telling(f"{name_and_handle(here)} stays" if by else f"{name_and_handle(here)} is back", said, sign="✅")
    done = f"<@{by}> disconnected the other account. " if by else ""
    said = f"{done}Posts won't go out until it's reconnected."
    heading = f"{network_name(network)} is disconnected for {titled(title)}"
    return telling(heading, said, *_reconnect(network, ref_id, owner), sign="🔴")


def _reconnect(network: str, ref_id: RefId, owner: UserId | None) -> tuple[Block, ...]:
    if owner is None:
        return ()
    spoken = f"{RECONNECT.label} {network_name(network)}"
    again = button(RECONNECT, f"{owner}:{ref_id}:{network}", spoken=spoken, style="primary")
    return (actions("reconnect", again),)


def _heading(change: AccountChange) -> str:
    return f"{'Another' if change.former else 'Shared'} {_on(change)} account"


def _news(change: AccountChange, *, who: str = "", over: bool = False) -> str:
    """Say which account is connected, and where else; `who` connected it, if that is known. `over`: say it was."""
    now, was = name_and_handle(change.account), change.former
    done = f"{who} connected {now}" if who else f"{now} {'was' if over else 'is'} connected"
    instead = f" in place of {name_and_handle(was)}.{'' if over else ' Posts go there now.'}" if was else "."
    others = [titled(one) for one in change.shared_with.values()]
    post = "posts" if len(others) == 1 else "post"
    return f"{done}{instead}{f' {several(others)} {post} there, too.' if others else ''}"


def _who_decides(holders: Sequence[UserId]) -> str:
    named = ", ".join(f"<@{user}>" for user in holders[:HOLDERS_NAMED])
    return f"{named} or an admin can disconnect it." if named else "An admin can disconnect it."


def _asked(change: AccountChange, title: str) -> str:
    on, of = _on(change), told_apart(title, limit=TITLE_LIMIT)
    then = f"That doesn't bring {_named(change.former)} back. " if change.former else ""
    gone = f"{_named(change.account)} will be disconnected from {of}."
    return f"{gone} {then}Nothing is posted to {on} until you reconnect it."


def _on(change: AccountChange) -> str:
    return network_name(change.account.network)


def _named(account: Account) -> str:
    name, handle = (told_apart(text, limit=NAME_LIMIT) for text in (account.name or "", account.handle))
    if handle and name:
        return f"{name} (@{handle})"
    return name or (f"@{handle}" if handle else account.id)
