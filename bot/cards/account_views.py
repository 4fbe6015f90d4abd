"""What a card says of its profile's accounts: what to connect, what was connected, and what is broken or expires."""

from dataclasses import replace

from bot.ayrshare.model import Account
from bot.ayrshare.networks import network_name
from bot.cards.model import Card
from bot.profiles.model import ProfileHealth, ProfileStatus
from bot.profiles.views import SIGNS, account, profile_status, since_when
from bot.slack.actions import CONNECT_ANOTHER
from bot.slack.text import date, several, titled


def task(card: Card) -> str:
    """Say what to connect: what is broken, else what expires, else what the link is for."""
    broken = _broken_meant(card)
    if broken:
        others = "You can connect other accounts here."
        there = "it" if len(broken) == 1 else "them"
        then = others if _is_for_others(card) else f"Posts to {there} won't go out until you reconnect."
        return f"{SIGNS[ProfileHealth.DISCONNECTED]} {_lost(broken)}. {then}"
    expiring = _expiring_meant(card)
    if expiring:
        by = min(one.refresh_by for one in expiring if one.refresh_by)
        names = several([account(one) for one in expiring])
        return f"{SIGNS[ProfileHealth.EXPIRING]} Reconnect {names} by {date(by)} to keep posting."
    if card.scope.networks:
        return _task_for_networks(card)
    if card.seen and card.seen.accounts and not card.broken and not _expiring(card):
        return "Everything works. Connect more accounts if you like."
    return "Connect the accounts that this profile should post to."


def _task_for_networks(card: Card) -> str:
    if card.scope.reconnect:
        return f"Reconnect {card.scope.names} to keep posting."
    if not _is_again(card):
        return f"Connect {card.scope.names}."
    are, them = ("is", "it") if len(card.scope.networks) == 1 else ("are", "them")
    return f"{card.scope.names} {are} connected. Reconnect {them} to renew the sign-in or change the account."


def _is_for_others(card: Card) -> bool:
    """Whether no link may offer what is broken, so that this one is for the other networks."""
    return bool(card.scope.left_out) and not card.scope.networks


def _asks_for_all(card: Card) -> bool:
    """Whether it was asked for all networks, not only for what needs a new sign-in."""
    return card.scope.asked == () and not _is_for_others(card)


def _is_again(card: Card) -> bool:
    """Whether the networks that the link is for were connected before."""
    working = {one.network for one in card.seen.working} if card.seen else set[str]()
    return bool(card.scope.networks) and (card.scope.reconnect or working.issuperset(card.scope.networks))


def _lost(broken: tuple[str, ...]) -> str:
    names = several([network_name(network) for network in broken])
    return f"{names} {'is' if len(broken) == 1 else 'are'} disconnected"


def _broken_meant(card: Card) -> tuple[str, ...]:
    """Return the broken networks if the link is for just those, or for all networks unless they were asked for."""
    meant = card.scope.networks
    if _asks_for_all(card):
        return ()
    broken = tuple(network for network in card.broken if network in meant or not meant)
    return broken if len(meant) <= len(broken) else ()


def _said_by_task(card: Card) -> set[str]:
    """Return the networks of which the task says all that is known."""
    if not card.state.live or card.connected:
        return set()
    expiring = _expiring_meant(card)
    return set(_broken_meant(card)) or {one.network for one in expiring if len(expiring) == 1}


def connected_lines(card: Card) -> list[str]:
    """Return a line for each account that was connected and is the right one, as far as is known."""
    right = (one for one in card.connected if not one.questionable)
    return [f"✅ {_connected_account(one, card)}" for one in right]


def all_works(card: Card) -> bool:
    """Whether nothing of the profile needs anyone, also what the link isn't for."""
    healthy = {one.network for one in card.connected if not one.questionable}
    return card.done and len(healthy) == len(card.connected) and set(card.broken) <= healthy and not _expiring(card)


def _connected_account(one: Account, card: Card) -> str:
    again = one.known_since is not None and one.known_since < card.made_at
    name = f"@{one.handle}" if one.handle else one.name
    return f"{network_name(one.network)} {'re' if again else ''}connected{f' ({titled(name)})' if name else ''}."


def _expiring(card: Card) -> list[Account]:
    """Return the accounts that need a new sign-in by a day, and got none by this card."""
    connected = {one.network for one in card.connected}
    return [one for one in (card.seen.expiring if card.seen else ()) if one.network not in connected]


def _expiring_meant(card: Card) -> list[Account]:
    """Return the accounts that expire if the link is for just those, or for all networks unless they were asked for."""
    meant = card.scope.networks
    if _asks_for_all(card):
        return []
    expiring = [one for one in _expiring(card) if one.network in meant or not meant]
    return expiring if len(meant) <= len(expiring) else []


def account_lines(card: Card) -> list[str]:
    """Return a line for each account that is broken or expires, and one for those that work."""
    if card.seen is None or card.seen.stale:
        return []
    connected = {one.network for one in card.connected}
    said = connected | _said_by_task(card)
    accounts = tuple(one for one in card.seen.accounts if one.network not in said)
    lost = tuple(one for one in card.seen.disconnected if one.network not in connected)
    if not accounts and not lost and card.seen.health is not ProfileHealth.NOTHING_CONNECTED:
        return []
    shortly = tuple(one for one in lost if one.network in said)
    left = replace(card.seen, accounts=accounts, disconnected=tuple(one for one in lost if one not in shortly))
    _, *lines = profile_status(ProfileStatus(card.ref_id, card.title, left)).split("\n")
    return [*since_when(shortly), *lines]


def opening_label(card: Card) -> str:
    """Return the label of the button with the link: the verb of the sentence above it, and the network if it is one."""
    if card.done:
        return CONNECT_ANOTHER.label
    lost = () if _is_for_others(card) else _broken_meant(card)
    lost = lost or tuple(one.network for one in _expiring_meant(card))
    names = [network_name(one) for one in lost or card.scope.networks]
    return f"{'Reconnect' if lost or _is_again(card) else 'Connect'} {names[0] if len(names) == 1 else 'accounts'}"
