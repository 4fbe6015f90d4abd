"""What a card says: whose profile, what needs a sign-in, a button with the link, and until when it works.

The first block and `text` both begin with the title and the sentence that tells most, since desktops take a
notification's words from the one and phones from the other. The link stands in its button only: Slack crawls the rest.
Where a card can't be changed later it must stay true by itself, so it shows the deadline in the reader's own clock.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.ayrshare.model import Account, AccountChange
from bot.ayrshare.networks import network_name
from bot.cards.model import LONGEST_COUNTDOWN, Card, CardState
from bot.core.model import Block, Button, Message
from bot.profiles.account_change_views import change_buttons, change_told
from bot.profiles.model import WORST_FIRST, ProfileHealth, ProfileStatus
from bot.profiles.views import SIGNS, WORDS, account, profile_status, since_when
from bot.slack.actions import (
    CANCEL_LINK,
    CARD_MODAL,
    CONNECT_ANOTHER,
    CONNECT_OTHERS,
    NEW_LINK,
    OPEN_LINK,
    OTHER_PROFILES,
)
from bot.slack.blocks import actions, button, context, quoted, section
from bot.slack.menu import button_menu
from bot.slack.model import Modal
from bot.slack.text import (
    bar,
    clock_time,
    date,
    date_and_time,
    in_full,
    lifetime,
    several,
    time_left,
    titled,
    to_the_second,
    without_dates,
)

MODAL_TITLE = OPEN_LINK.label
ONLY_YOU = "only you can see this"
PHONE_HINT = "Sign-in fails on your phone? Choose *Open in browser* in that page's menu."
ENDINGS = {CardState.REPLACED: "A newer link has replaced this one.", CardState.CANCELLED: "This link is cancelled."}
RIGHT_ACCOUNT = "Is this the right account?"
FOREIGN = "⚠️ Use a private window: accounts you're signed in to here could be connected to <@{}>'s profile."
OTHERS_NAMED = 4
TimeLeft = Callable[[timedelta], str]


def card_message(card: Card, *, now: datetime) -> Message:
    """Draw a card in the state it is in at `now`."""
    parts = [f"{titled(card.title)}:", _told(card, now), _time_in_full(card, now) if card.state.live else ""]
    return Message(without_dates(" ".join(filter(None, parts)).replace("\n", " ")), _blocks(card, now, time_left))


def card_modal(card: Card, *, now: datetime) -> Modal:
    """Draw a card as a modal, to the second where it counts down."""
    blocks = _blocks(card, now, to_the_second)
    return Modal(title=MODAL_TITLE, blocks=blocks, name=CARD_MODAL, metadata=card.id, tells_of_close=True)


def undelivered_card(card: Card) -> Message:
    """Say in a direct message, without a link, that a card could not be shown where it was requested."""
    said = "Slack didn't let me show your link where you asked."
    row = actions("card", _button(NEW_LINK, card, style="primary"))
    return Message(f"{titled(card.title)}: {said}", (section(f"*{titled(card.title)}*\n{said}"), row))


def _blocks(card: Card, now: datetime, left: TimeLeft) -> tuple[Block, ...]:
    whose = "" if card.viewer == card.owner else f" · <@{card.owner}>'s profile"
    return (
        section(f"*{titled(card.title)}*{whose}\n{_told(card, now)}"),
        *_asked_by(card),
        *(_live_blocks(card, now, left) if card.state.live else _dead_blocks(card, now)),
    )


def _live_blocks(card: Card, now: datetime, left: TimeLeft) -> tuple[Block, ...]:
    lines = _account_lines(card)
    warning = (section(FOREIGN.format(card.owner)),) if card.viewer != card.owner else ()
    hint = (context(PHONE_HINT),) if card.state is CardState.OPENED and not card.connected else ()
    return (
        *((section("\n".join(lines)),) if lines else ()),
        *_questions(card),
        *((context(card.scope.left_out),) if card.scope.left_out else ()),
        *((context(_others(card)),) if card.others else ()),
        *warning,
        actions("card", _primary(card), _menu(card)),
        context(_until(card, now, left)),
        *hint,
    )


def _dead_blocks(card: Card, now: datetime) -> tuple[Block, ...]:
    ended = (context(_ending(card, now)),) if _connected(card) else ()  # else it is said first
    return (*_questions(card), actions("card", _button(NEW_LINK, card)), *ended)


def _told(card: Card, now: datetime) -> str:
    """Say what tells most: what was connected, else how the link ended, else what to do."""
    connected = _connected(card)
    if connected:
        return "\n".join(connected) + (" Everything works." if _all_works(card) else "")
    if not card.state.live:
        return _ending(card, now)
    return RIGHT_ACCOUNT if card.connected else _task(card)


def _task(card: Card) -> str:
    broken = _broken_meant(card)
    if broken:
        others = "You can connect other accounts here."
        then = others if _is_for_others(card) else "Posts won't go out until you reconnect."
        return f"{SIGNS[ProfileHealth.DISCONNECTED]} {_lost(broken)}. {then}"
    expiring = _expiring_meant(card)
    if expiring:
        by = min(one.refresh_by for one in expiring if one.refresh_by)
        names = several([account(one) for one in expiring])
        return f"{SIGNS[ProfileHealth.EXPIRING]} Reconnect {names} by {date(by)} to keep posting."
    if card.scope.networks:
        why = " to keep posting" if card.scope.reconnect else ""
        return f"{'Reconnect' if _is_again(card) else 'Connect'} {card.scope.names}{why}."
    if card.seen and card.seen.accounts and not card.broken and not _expiring(card):
        return "Everything works. Connect more accounts if you like."
    return "Connect the accounts that this profile should post to."


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


def _connected(card: Card) -> list[str]:
    """Return a line for each account that was connected and is the right one, as far as is known."""
    right = (one for one in card.connected if not one.questionable)
    return [f"✅ {_connected_account(one, card)}" for one in right]


def _all_works(card: Card) -> bool:
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


def _account_lines(card: Card) -> list[str]:
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


def _others(card: Card) -> str:
    whose = "Your other profiles" if card.viewer == card.owner else "Their other profiles"
    worst_first = sorted(card.others, key=lambda one: WORST_FIRST[one.health])
    shown = (f"{SIGNS[one.health]} {titled(one.title)} ({WORDS[one.health]})" for one in worst_first[:OTHERS_NAMED])
    more = len(card.others) - OTHERS_NAMED
    return f"{whose}: {' · '.join(shown)}{f' and {more} more' if more > 0 else ''}"


def _primary(card: Card) -> Block:
    """Return the button with the link; where nothing is left to mend, it is for another account."""
    if card.done and card.scope.networks:
        return _button(CONNECT_ANOTHER, card)
    opening = _button(Button(OPEN_LINK.action_id, _label(card)), card, style="" if card.done else "primary")
    return opening | {"url": card.link.url.get_secret_value()}


def _label(card: Card) -> str:
    """Return the label of the button with the link: the verb of the sentence above it, and the network if it is one."""
    if card.done:
        return CONNECT_ANOTHER.label
    lost = () if _is_for_others(card) else _broken_meant(card)
    lost = lost or tuple(one.network for one in _expiring_meant(card))
    names = [network_name(one) for one in lost or card.scope.networks]
    return f"{'Reconnect' if lost or _is_again(card) else 'Connect'} {names[0] if len(names) == 1 else 'accounts'}"


def _menu(card: Card) -> Block:
    choices = [NEW_LINK, CANCEL_LINK]
    choices += [CONNECT_OTHERS] if card.scope.networks and not card.done else []
    choices += [OTHER_PROFILES] if card.others else []
    return button_menu(*((choice, _value(card)) for choice in choices))


def _button(kind: Button, card: Card, *, style: str = "") -> Block:
    return button(kind, _value(card), spoken=f"{kind.label} for {card.title}", style=style)


def _value(card: Card) -> str:
    return f"{card.id}:{card.version}"


def _asked_by(card: Card) -> tuple[Block, ...]:
    """Say which colleague asked, and quote their note; it is their own text, so nothing in it becomes a link."""
    if card.asked_by is None:
        return ()
    note = (quoted(card.note),) if card.note else ()
    return (context(f"<@{card.asked_by}> asks you to connect your accounts."), *note)


def _questions(card: Card) -> tuple[Block, ...]:
    """Say what may be the wrong account, which can be undone on a live card."""
    changes = (one.change for one in card.connected if one.change and one.change.questionable)
    return tuple(block for change in changes for block in _question(card, change))


def _question(card: Card, change: AccountChange) -> tuple[Block, ...]:
    told = section(change_told(change, over=not card.state.live))
    buttons = change_buttons(change, card.ref_id, title=card.title, card=card.id)
    return (told, buttons) if card.state.live else (told,)


def _until(card: Card, now: datetime, left: TimeLeft) -> str:
    """Say until when the link works; the time left only where that can be redrawn and matters."""
    if card.done:
        return f"The link still works until {_deadline(card)} · {ONLY_YOU}"
    remaining = card.link.expires_at - now
    if card.counts_down:
        return f"{bar(remaining, card.life)} *{left(remaining)} left* · expires at {_deadline(card)} · {ONLY_YOU}"
    at = "" if _lives_long(card) else "at "
    return f"Expires {at}{_deadline(card)} ({lifetime(card.life)} link) · {ONLY_YOU}"


def _time_in_full(card: Card, now: datetime) -> str:
    if card.done:
        return f"The link still works until {_deadline(card)}."
    if card.counts_down:
        return f"{in_full(time_left(card.link.expires_at - now)).capitalize()} left."
    return f"The link expires {'' if _lives_long(card) else 'at '}{_deadline(card)}."


def _ending(card: Card, now: datetime) -> str:
    """Say how a card ended and, where its link wasn't revoked, until when a copy of it works."""
    deadline = _deadline(card)
    if card.state not in ENDINGS:
        return f"This link expired {'' if _lives_long(card) else 'at '}{deadline}."
    if not card.usable or now >= card.link.expires_at:
        return ENDINGS[card.state]
    copies = "Ayrshare hasn't revoked it yet: copies may work" if card.can_be_revoked else "Copies keep working"
    return f"{ENDINGS[card.state]} {copies} until {deadline}."


def _deadline(card: Card) -> str:
    moment = card.link.expires_at
    return date_and_time(moment) if _lives_long(card) else clock_time(moment)


def _lives_long(card: Card) -> bool:
    return card.life > LONGEST_COUNTDOWN


def cancelled_links(cards: Sequence[Card], *, now: datetime) -> Message:
    """Say which links were cancelled and, where a copy still works, until when."""
    shown = "\n".join(f"*{titled(card.title)}*: {_ending(card, now)}" for card in cards)
    plain = "\n".join(f"{titled(card.title)}: {_ending(card, now)}" for card in cards)
    return Message(without_dates(plain), (section(shown),))
