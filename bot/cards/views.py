"""What a card says: whose profile, what needs a sign-in, a button with the link, and until when it works.

The first block and `text` both begin with the title and the sentence that tells most, since desktops take a
notification's words from the one and phones from the other. The link stands in its button only: Slack crawls the rest.
Where a card can't be changed later it must stay true by itself, so it shows the deadline in the reader's own clock.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.ayrshare.model import AccountChange
from bot.cards.account_views import account_lines, all_works, connected_lines, opening_label, task
from bot.cards.model import LONGEST_COUNTDOWN, Card, CardState
from bot.core.model import Block, Button, Message
from bot.profiles.account_change_views import change_buttons, change_told
from bot.profiles.model import WORST_FIRST
from bot.profiles.views import SIGNS, WORDS
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
    date_and_time,
    in_full,
    lifetime,
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
    lines = account_lines(card)
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
    ended = (context(_ending(card, now)),) if connected_lines(card) else ()  # else it is said first
    return (*_questions(card), actions("card", _button(NEW_LINK, card)), *ended)


def _told(card: Card, now: datetime) -> str:
    """Say what tells most: what was connected, else how the link ended, else what to do."""
    connected = connected_lines(card)
    if connected:
        return "\n".join(connected) + (" Everything works." if all_works(card) else "")
    if not card.state.live:
        return _ending(card, now)
    return RIGHT_ACCOUNT if card.connected else task(card)


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
    opening = _button(Button(OPEN_LINK.action_id, opening_label(card)), card, style="" if card.done else "primary")
    return opening | {"url": card.link.url.get_secret_value()}


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
    """Say which colleague asked for what the button does, and quote their note, in which nothing becomes a link."""
    if card.asked_by is None:
        return ()
    verb, _, what = ("Connect accounts" if card.done else opening_label(card)).partition(" ")
    asked = f"{verb.lower()} {'your accounts' if what == 'accounts' else what}"
    note = (quoted(card.note),) if card.note else ()
    return (context(f"<@{card.asked_by}> asks you to {asked}."), *note)


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
