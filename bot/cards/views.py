"""What a card says: whose profile, a button with the link, and until when it works; and what is said of a mailed link.

Where a card can't be changed later it must stay true by itself, so it shows the deadline in the reader's own clock. The
link stands in its button only: `text` is what notifications show, and Slack crawls what it finds there.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.ayrshare.model import AccountChange
from bot.cards.model import LONGEST_COUNTDOWN, Card, CardState, MailedLink
from bot.cards.scope import Scope
from bot.core.model import Block, Button, Message, UserId
from bot.profiles.account_change_views import change_buttons, change_told
from bot.profiles.views import accounts
from bot.slack.actions import CANCEL_LINK, CARD_MODAL, CONNECT_OTHERS, NEW_LINK, OPEN_LINK
from bot.slack.blocks import actions, button, context, header, quoted, section
from bot.slack.model import Modal
from bot.slack.text import clock_time, date_and_time, escaped, minutes, plain_date_and_time, titled, to_the_second

MODAL_TITLE = "Linking page"
PHONE_HINT = "On a phone: if a network refuses to sign you in here, choose *Open in browser*."
MAIL_SENDER = "connect@socialconnecthub.com (Social Connect Hub)"
"""Where Ayrshare's mails come from: https://www.ayrshare.com/docs/apis/profiles/generate-jwt-overview"""
NOT_YET_REVOKED = "Ayrshare hasn't taken it back yet. I keep trying; until then"
SHORT_NAME = 2
"""Letters before the @ of an address of which none is shown: one would be half of all."""
MAILED = (
    "Ayrshare has mailed {whom} a link for {title}, to {address} in {whose} Slack profile. "
    "The mail comes from {sender}, not from Slack. The link works until {until} ({left}).{notified}"
)
NOTIFIED = " I've told them what that mail is."
NOT_NOTIFIED = (
    " I couldn't send them a message about it: please tell them yourself, so that they don't take the mail for "
    "phishing."
)
ANNOUNCED = (
    "<@{by}> had Ayrshare mail you a link for {title}, to the address in your Slack profile. "
    "The mail comes from {sender}, not from Slack: it is no phishing. The link works until {until}. "
    "Whoever opens it can link accounts to that profile, so don't forward it."
)


def card_message(card: Card, *, now: datetime) -> Message:
    """Draw a card in the state it is in at `now`."""
    if card.state.live:
        return Message(text=_live_text(card, now), blocks=_live_blocks(card, now))
    text = f"{titled(card.title)}: {_ending(card, _utc(card), now=now)} Press New link for a fresh one."
    return Message(text=text, blocks=_dead_blocks(card, now))


def card_modal(card: Card, *, now: datetime) -> Modal:
    """Draw a card as a modal, to the second where it counts down."""
    blocks = _live_blocks(card, now, left=to_the_second) if card.state.live else _dead_blocks(card, now)
    return Modal(title=MODAL_TITLE, blocks=blocks, name=CARD_MODAL, metadata=card.id, tells_of_close=True)


def undelivered_card(card: Card) -> Message:
    """Say in a direct message, without a link, that a card could not be shown where it was requested."""
    text = f"Slack didn't let me show the link for {titled(card.title)} where you asked. Press New link to get it here."
    return Message(text=text, blocks=(section(text), actions("card", _new_link_button(card))))


def mailed_link(mailed: MailedLink, *, now: datetime) -> Message:
    """Tell the person who had a link mailed what was sent where; only its owner is shown the whole address."""
    own = mailed.by == mailed.card.owner
    whom, whose = ("you", "your") if own else (f"<@{mailed.card.owner}>", "their")
    notified = "" if mailed.notified is None else NOTIFIED if mailed.notified else NOT_NOTIFIED
    left = minutes(mailed.card.link.expires_at - now)
    shown = mailed.to if own else masked(mailed.to)
    return _about_mail(MAILED, mailed.card, shown=shown, whom=whom, whose=whose, left=left, notified=notified)


def mail_announced(card: Card, *, by: UserId) -> Message:
    """Tell a person that a mail with a link is on its way to them, and that it is genuine."""
    return _about_mail(ANNOUNCED, card, by=by)


def masked(address: str) -> str:
    """Return an address that only those who know it recognise: b…@connect.example."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1] if len(name) > SHORT_NAME else ''}…{at}{domain}"


def _live_blocks(card: Card, now: datetime, *, left: Callable[[timedelta], str] = minutes) -> tuple[Block, ...]:
    left = minutes if _lives_long(card) else left
    until = f"The page works until {_deadline(card)} ({left(card.link.expires_at - now)})."
    label = card.scope.label(OPEN_LINK.label)
    spoken = f"{label} of {card.title}" if card.scope.networks else f"Open the linking page of {card.title}"
    opening = _button(Button(OPEN_LINK.action_id, label), card, spoken=spoken)
    opening |= {"style": "primary", "url": card.link.url.get_secret_value()}
    cancel = _button(CANCEL_LINK, card, spoken=f"Cancel the link of {card.title}")
    return (
        header(card.title),
        *_asked_by(card),
        *_warning(card),
        section(f"{_task(card.scope)} {until}{_opened_at(card)}"),
        *_connected(card),
        *((context(card.scope.left_out),) if card.scope.left_out else ()),
        actions("card", opening, _new_link_button(card), cancel, *_others(card)),
        context(PHONE_HINT),
    )


def _dead_blocks(card: Card, now: datetime) -> tuple[Block, ...]:
    return (
        header(card.title),
        *_asked_by(card),
        section(_ending(card, _deadline(card), now=now) + _opened_at(card)),
        *_connected(card),
        actions("card", _new_link_button(card)),
    )


def _task(scope: Scope) -> str:
    if not scope.networks:
        return "Sign in to the networks you want to link."
    return f"Sign in to {scope.names}{' again' if scope.reconnect else ''}."


def _others(card: Card) -> tuple[Block, ...]:
    """Return *Connect other accounts* where the link is for some networks only."""
    others = _button(CONNECT_OTHERS, card, spoken=f"{CONNECT_OTHERS.label} of {card.title}")
    return (others,) if card.scope.networks else ()


def _new_link_button(card: Card) -> Block:
    return _button(NEW_LINK, card, spoken=f"Make a new link for {card.title}")


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


def _asked_by(card: Card) -> tuple[Block, ...]:
    """Say which colleague asked, and quote their note; it is their own text, so nothing in it becomes a link."""
    if card.asked_by is None:
        return ()
    note = (quoted(card.note),) if card.note else ()
    return (context(f"<@{card.asked_by}> asks you to link your accounts."), *note)


def _connected(card: Card) -> tuple[Block, ...]:
    """Say what was connected, what was so again, and what may be the wrong account, which can be undone here."""
    right = [one for one in card.connected if not (one.change and one.change.questionable)]
    again = [one for one in right if one.known_since and one.known_since < card.made_at]
    new = [one for one in right if one not in again]
    return (
        *((section(f"Linked with this page: {accounts(new)}."),) if new else ()),
        *((section(f":white_check_mark: Reconnected: {accounts(again)}."),) if again else ()),
        *(block for change in _questionable(card) for block in _question(card, change)),
    )


def _questionable(card: Card) -> list[AccountChange]:
    return [one.change for one in card.connected if one.change and one.change.questionable]


def _question(card: Card, change: AccountChange) -> tuple[Block, ...]:
    told = section(change_told(change))
    buttons = change_buttons(change, card.ref_id, title=card.title, card=card.id)
    return (told, buttons) if card.state.live else (told,)


def _deadline(card: Card) -> str:
    moment = card.link.expires_at
    return date_and_time(moment) if _lives_long(card) else clock_time(moment)


def _opened_at(card: Card) -> str:
    return f" Opened at {clock_time(card.opened_at)}." if card.opened_at else ""


def _ending(card: Card, deadline: str, *, now: datetime) -> str:
    """Say how a card ended and, where its link wasn't revoked, until when a copy of it works."""
    endings = {
        CardState.REPLACED: "A newer link was made; this one has been replaced.",
        CardState.CANCELLED: "This link was cancelled.",
    }
    if card.state not in endings:
        return f"This link expired at {deadline}."
    if card.revoked or now >= card.link.expires_at:
        return endings[card.state]
    if card.can_be_revoked:
        return f"{endings[card.state]} {NOT_YET_REVOKED} whoever has a copy of it can use it, until {deadline} at most."
    return f"{endings[card.state]} It can't be taken back: whoever has a copy of it can use it until {deadline}."


def _live_text(card: Card, now: datetime) -> str:
    whose = "Your" if card.viewer == card.owner else "The"
    return (
        f"{whose} linking page for {titled(card.title)} is ready. It works until {_utc(card)} "
        f"({minutes(card.link.expires_at - now)}). Press {card.scope.label(OPEN_LINK.label)} to sign in."
    )


def _utc(card: Card) -> str:
    form = "%d %b %Y, %H:%M" if _lives_long(card) else "%H:%M"
    return f"{card.link.expires_at.astimezone(UTC):{form}} UTC"


def _lives_long(card: Card) -> bool:
    return card.link.expires_at - card.made_at > LONGEST_COUNTDOWN


def cancelled_links(cards: Sequence[Card], *, now: datetime) -> Message:
    """Say which links were cancelled and, where a copy still works, until when."""
    shown = "\n".join(f"*{titled(card.title)}*: {_ending(card, _deadline(card), now=now)}" for card in cards)
    plain = "\n".join(f"{titled(card.title)}: {_ending(card, _utc(card), now=now)}" for card in cards)
    return Message(plain, (section(shown),))


def _about_mail(words: str, card: Card, *, shown: str = "", **parts: str) -> Message:
    """Fill the words in; in `text`, for notifications and screen readers, without address, bold and date tokens."""
    title, moment = titled(card.title), card.link.expires_at
    fill, address = partial(words.format, sender=MAIL_SENDER, **parts), "the address"
    text = fill(title=title, until=plain_date_and_time(moment), address=address)
    spelt = f"{escaped(shown)}, {address}"
    return Message(text, (section(fill(title=f"*{title}*", until=date_and_time(moment), address=spelt)),))
