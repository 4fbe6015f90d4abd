"""What is said of a mail with a link. The link itself stands in the mail and nowhere else."""

from datetime import datetime
from functools import partial

from bot.cards.model import Card, MailedLink
from bot.core.model import Message, UserId
from bot.slack.blocks import section
from bot.slack.text import date_and_time, escaped, minutes, plain_date_and_time, titled

SENDER = "connect@socialconnecthub.com (Social Connect Hub)"
"""Whom Ayrshare's mails come from: https://www.ayrshare.com/docs/apis/profiles/generate-jwt-overview"""
SHORT = 2
"""Letters before the @ of which one is not shown either: it would be half of all."""
MAILED = (
    "Ayrshare has mailed {whom} a link for {title}, to {address} in {whose} Slack profile. "
    "The mail comes from {sender}, not from Slack. The link works until {until} ({left}).{told}"
)
TOLD = " I've told them what that mail is."
UNTOLD = (
    " I couldn't send them a message about it: please tell them yourself, so that they don't take the mail for "
    "phishing."
)
ANNOUNCED = (
    "<@{by}> had Ayrshare mail you a link for {title}, to the address in your Slack profile. "
    "The mail comes from {sender}, not from Slack: it is no phishing. The link works until {until}. "
    "Whoever opens it can link accounts to that profile, so don't forward it."
)


def mailed_link(mailed: MailedLink, *, now: datetime) -> Message:
    """Tell whoever wanted a link to be mailed what came of it; only its owner is shown the whole address."""
    own = mailed.by == mailed.card.owner
    whom, whose = ("you", "your") if own else (f"<@{mailed.card.owner}>", "their")
    told = "" if mailed.notified is None else TOLD if mailed.notified else UNTOLD
    left = minutes(mailed.card.link.expires_at - now)
    shown = mailed.to if own else masked(mailed.to)
    return _message(MAILED, mailed.card, shown=shown, whom=whom, whose=whose, left=left, told=told)


def mail_announced(card: Card, *, by: UserId) -> Message:
    """Tell somebody that a mail with a link is on its way to them, and that it is genuine."""
    return _message(ANNOUNCED, card, by=by)


def masked(address: str) -> str:
    """Leave of an address what lets somebody who knows it recognise it: b…@connect.example."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1] if len(name) > SHORT else ''}…{at}{domain}"


def _message(words: str, card: Card, *, shown: str = "", **parts: str) -> Message:
    """Say it; notifications and screen readers get it without the address, bold and date tokens."""
    title, moment = titled(card.title), card.link.expires_at
    fill, address = partial(words.format, sender=SENDER, **parts), "the address"
    text = fill(title=title, until=plain_date_and_time(moment), address=address)
    spelt = f"{escaped(shown)}, {address}"
    return Message(text, (section(fill(title=f"*{title}*", until=date_and_time(moment), address=spelt)),))
