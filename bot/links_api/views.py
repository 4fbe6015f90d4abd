"""The receipt that the person who has a profile gets of a link that an app got."""

from bot.cards.model import Card, CardState
from bot.core.model import Message
from bot.profiles.views import accounts
from bot.slack.blocks import telling
from bot.slack.text import date_and_time, titled


def receipt(card: Card, *, app_name: str) -> Message:
    """Say for which profile an app got a link, and what came of it so far."""
    sign = "✅" if card.connected else ""
    return telling(titled(card.title), _told(card, titled(app_name)), sign=sign)


def _told(card: Card, app: str) -> str:
    if card.connected:
        return f"{accounts(card.connected)} connected, with {app}'s link."
    if card.state is CardState.READY:
        return f"{app} got a link to connect accounts. It works until {date_and_time(card.link.expires_at)}."
    if card.state is CardState.OPENED:
        return f"{app}'s link was opened."
    if card.opened_at:
        return f"{app}'s link was opened, but no new account was connected."
    if card.state is CardState.EXPIRED:
        return f"{app}'s link has expired{' unopened' if card.link.session_id else ''}."
    return f"{app}'s link was taken back."
