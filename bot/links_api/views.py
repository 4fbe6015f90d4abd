"""The receipt that the person who has a profile gets of a link that an app got."""

from bot.cards.model import Card, CardState
from bot.core.model import Message
from bot.profiles.views import accounts
from bot.slack.blocks import section
from bot.slack.text import date_and_time, titled, without_dates


def receipt(card: Card, *, app_name: str) -> Message:
    """Say for which profile an app got a link, and what came of it so far."""
    told = f"*{titled(card.title)}*\n{_told(card, titled(app_name))}"
    return Message(without_dates(told.replace("*", "")), (section(told),))


def _told(card: Card, app: str) -> str:
    if card.connected:
        return f":white_check_mark: {accounts(card.connected)} connected, by a link that {app} got."
    if card.state is CardState.READY:
        return f"{app} got a link to connect accounts. It expires at {date_and_time(card.link.expires_at)}."
    if card.state is CardState.OPENED:
        return f"The link that {app} got was opened."
    if card.opened_at:
        return f"The link that {app} got was opened, and no new account was connected."
    if card.state is CardState.EXPIRED:
        return f"The link that {app} got has expired{' unopened' if card.link.session_id else ''}."
    return f"The link that {app} got was taken back."
