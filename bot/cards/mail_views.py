"""What is said of a link that Ayrshare mails: to whom, from whom, and until when it works."""

from collections.abc import Sequence
from functools import partial

from bot.cards.errors import ProfileUnclear
from bot.cards.mail_model import MailedLink
from bot.cards.model import Card
from bot.core.model import Message, UserId
from bot.profiles.errors import TITLES_NAMED
from bot.slack.actions import MAIL_ONE
from bot.slack.blocks import button, section
from bot.slack.text import date_and_time, escaped, titled, without_dates

MAIL_SENDER = "connect@socialconnecthub.com (Social Connect Hub)"
"""Where Ayrshare's mails come from: https://www.ayrshare.com/docs/apis/profiles/generate-jwt-overview"""
SHORT_NAME = 2
"""Letters before the @ of an address of which none is shown: one would be half of all."""
MAILED = (
    "Ayrshare emailed {whom} a link to {address} in {whose} Slack profile.{notified}\n"
    "It comes from {sender}, not from Slack. It works until {until}."
)
NOTIFIED = " I told them that it's genuine."
NOT_NOTIFIED = " I couldn't tell them. Please do, or they may take it for phishing."
ANNOUNCED = (
    "<@{by}> had Ayrshare email you a link, to the address in your Slack profile.\n"
    "It isn't phishing: it comes from {sender}, not from Slack. It works until {until}.\n"
    "Don't forward it: whoever opens it can connect accounts to this profile."
)


def which_profile(owner: UserId, titles: Sequence[str]) -> Message:
    """Ask which profile is meant, with a button for each that runs the command for it alone."""
    rows = (
        section(f"*{titled(title)}*", button(MAIL_ONE, f'email <@{owner}> "{title}"'))
        for title in titles[:TITLES_NAMED]
    )
    return Message(ProfileUnclear.says, (section(ProfileUnclear.says), *rows))


def mailed_link(mailed: MailedLink) -> Message:
    """Tell the person who had a link mailed what was sent where; only its owner is shown the whole address."""
    own = mailed.by == mailed.card.owner
    whom, whose = ("you", "your") if own else (f"<@{mailed.card.owner}>", "their")
    notified = "" if mailed.notified is None else NOTIFIED if mailed.notified else NOT_NOTIFIED
    shown = mailed.to if own else masked(mailed.to)
    return _about_mail(MAILED, mailed.card, shown=shown, whom=whom, whose=whose, notified=notified)


def mail_announced(card: Card, *, by: UserId) -> Message:
    """Tell a person that a mail with a link is on its way to them, and that it is genuine."""
    return _about_mail(ANNOUNCED, card, by=by)


def masked(address: str) -> str:
    """Return an address that only those who know it recognise: b…@connect.example."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1] if len(name) > SHORT_NAME else ''}…{at}{domain}"


def _about_mail(words: str, card: Card, *, shown: str = "", **parts: str) -> Message:
    """Fill the words in; in `text`, which notifications show, without the address."""
    title, until = titled(card.title), date_and_time(card.link.expires_at)
    fill, address = partial(words.format, sender=MAIL_SENDER, until=until, **parts), "the address"
    text = without_dates(f"{title}: {fill(address=address)}".replace("\n", " "))
    return Message(text, (section(f"*{title}*\n{fill(address=f'{escaped(shown)}, {address}')}"),))
