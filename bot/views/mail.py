"""What is said of a mail with a link. The link itself stands in the mail and nowhere else."""

from collections.abc import Callable
from datetime import datetime

from bot.model import Card, Mailed, Message, UserId
from bot.views.text import date_and_time, escaped, minutes, plain_date_and_time, section, shortened

SENDER = "connect@socialconnecthub.com (Social Connect Hub)"
"""Whom Ayrshare's mails come from: https://www.ayrshare.com/docs/apis/profiles/generate-jwt-overview"""
TITLE = 150
TOLD = " I've told them what that mail is."
UNTOLD = (
    " I couldn't send them a message about it: please tell them yourself, so that they don't take the mail for "
    "phishing."
)


def mailed_link(mailed: Mailed, *, now: datetime) -> Message:
    """Tell whoever wanted a link to be mailed what came of it; the address itself is nobody else's business."""
    own = mailed.by == mailed.card.owner
    whom, whose = ("you", "your") if own else (f"<@{mailed.card.owner}>", "their")
    left = minutes(mailed.card.link.expires_at - now)
    told = "" if mailed.told is None else TOLD if mailed.told else UNTOLD
    return _message(
        mailed.card,
        lambda title, until: (
            f"Ayrshare has mailed {whom} a link for {title}, to the address in {whose} Slack profile. "
            f"The mail comes from {SENDER}, not from Slack. The link works until {until} ({left}).{told}"
        ),
    )


def mail_announced(card: Card, *, by: UserId) -> Message:
    """Tell somebody that a mail with a link is on its way to them, and that it is genuine."""
    return _message(
        card,
        lambda title, until: (
            f"<@{by}> had Ayrshare mail you a link for {title}, to the address in your Slack profile. "
            f"The mail comes from {SENDER}, not from Slack: it is no phishing. The link works until {until}. "
            "Whoever opens it can link accounts to that profile, so don't forward it."
        ),
    )


def _message(card: Card, words: Callable[[str, str], str]) -> Message:
    """Say it, with neither bold nor date tokens where notifications and screen readers get it."""
    title, moment = escaped(shortened(card.title, limit=TITLE)), card.link.expires_at
    shown = words(f"*{title}*", date_and_time(moment))
    return Message(text=words(title, plain_date_and_time(moment)), blocks=(section(shown),))
