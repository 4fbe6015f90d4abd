"""The card: whose profile, a button to the linking page, and until when it works.

Wherever it can't be changed later it must stay true by itself, so it tells the deadline by the reader's own clock. The
link stands in its button only: `text` is what notifications show, and Slack crawls what it finds there.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.cards.model import LONGEST_COUNTDOWN, Card, CardState
from bot.core.model import Block, Button, Message
from bot.profiles.views import accounts
from bot.slack.actions import CANCEL_LINK, CARD_WINDOW, NEW_LINK, OPEN_LINK
from bot.slack.blocks import actions, button, context, header, quoted, section
from bot.slack.model import Modal
from bot.slack.text import clock_time, date_and_time, minutes, titled, to_the_second

PHONE_HINT = "On a phone: if a network refuses to sign you in here, choose *Open in browser*."
WINDOW = "Linking page"


def card_message(card: Card, *, now: datetime) -> Message:
    """Draw a card in the state it is in at `now`."""
    if card.state.live:
        return Message(text=_live_text(card, now), blocks=_live_blocks(card, now))
    return Message(text=_dead_text(card, now), blocks=_dead_blocks(card, now))


def card_window(card: Card, *, now: datetime) -> Modal:
    """Draw a card as a window, to the second where it counts down."""
    blocks = _live_blocks(card, now, left=to_the_second) if card.state.live else _dead_blocks(card, now)
    return Modal(title=WINDOW, blocks=blocks, name=CARD_WINDOW, metadata=card.id, tells_of_close=True)


def undelivered_card(card: Card) -> Message:
    """Say in a direct message that a card could not be shown where it was asked for; it brings no link."""
    text = f"Slack didn't let me show the link for {_title(card)} where you asked. Press New link to get it here."
    return Message(text=text, blocks=(section(text), actions("card", _new_link_button(card))))


def _live_blocks(card: Card, now: datetime, *, left: Callable[[timedelta], str] = minutes) -> tuple[Block, ...]:
    left = minutes if _lives_long(card) else left
    until = f"The page works until {_deadline(card)} ({left(card.link.expires_at - now)})."
    return (
        header(card.title),
        *_origin(card),
        *_warning(card),
        section(f"Sign in to the networks you want to link. {until}{_opened(card)}"),
        *_linked(card),
        actions("card", _open_button(card), _new_link_button(card), _cancel_button(card)),
        context(PHONE_HINT),
    )


def _dead_blocks(card: Card, now: datetime) -> tuple[Block, ...]:
    return (
        header(card.title),
        *_origin(card),
        section(_ending(card, _deadline(card), now=now) + _opened(card)),
        *_linked(card),
        actions("card", _new_link_button(card)),
    )


def _open_button(card: Card) -> Block:
    opening = _button(OPEN_LINK, card, spoken=f"Open the linking page of {card.title}")
    return opening | {"style": "primary", "url": card.link.url.get_secret_value()}


def _new_link_button(card: Card) -> Block:
    return _button(NEW_LINK, card, spoken=f"Make a new link for {card.title}")


def _cancel_button(card: Card) -> Block:
    return _button(CANCEL_LINK, card, spoken=f"Cancel the link of {card.title}")


def _button(kind: Button, card: Card, *, spoken: str) -> Block:
    return button(kind, f"{card.id}:{card.version}", spoken=spoken)


def _warning(card: Card) -> tuple[Block, ...]:
    if card.viewer == card.owner:
        return ()
    return (
        section(
            f":warning: *This is <@{card.owner}>'s link.* Accounts that are signed in to in this browser "
            "will be linked to *that* profile, also if they are yours."
        ),
    )


def _origin(card: Card) -> tuple[Block, ...]:
    """Say who asked for it, and with which words; those are somebody's own, so nothing in them is a link."""
    if card.origin is None:
        return ()
    note = (quoted(card.origin.note),) if card.origin.note else ()
    return (context(f"<@{card.origin.asked_by}> asks you to link your accounts."), *note)


def _linked(card: Card) -> tuple[Block, ...]:
    return (section(f"Linked with this page: {accounts(card.connected)}."),) if card.connected else ()


def _deadline(card: Card) -> str:
    moment = card.link.expires_at
    return date_and_time(moment) if _lives_long(card) else clock_time(moment)


def _opened(card: Card) -> str:
    return f" Opened at {clock_time(card.opened_at)}." if card.opened_at else ""


def _ending(card: Card, deadline: str, *, now: datetime) -> str:
    """Say how a card ended and, where Ayrshare didn't take its link back, how long a copy of that goes on working."""
    endings = {
        CardState.REPLACED: "A newer link was made; this one has been replaced.",
        CardState.CANCELLED: "This link was cancelled.",
    }
    if card.state not in endings:
        return f"This link expired at {deadline}."
    if card.revoked or now >= card.link.expires_at:
        return endings[card.state]
    return f"{endings[card.state]} It can't be taken back: whoever has a copy of it can use it until {deadline}."


def _live_text(card: Card, now: datetime) -> str:
    whose = "Your" if card.viewer == card.owner else "The"
    return (
        f"{whose} linking page for {_title(card)} is ready. It works until {_utc(card)} "
        f"({minutes(card.link.expires_at - now)}). Press Open linking page to sign in to your networks."
    )


def _dead_text(card: Card, now: datetime) -> str:
    return f"{_title(card)}: {_ending(card, _utc(card), now=now)} Press New link for a fresh one."


def _title(card: Card) -> str:
    return titled(card.title)


def _utc(card: Card) -> str:
    form = "%d %b %Y, %H:%M" if _lives_long(card) else "%H:%M"
    return f"{card.link.expires_at.astimezone(UTC):{form}} UTC"


def _lives_long(card: Card) -> bool:
    return card.link.expires_at - card.made_at > LONGEST_COUNTDOWN
