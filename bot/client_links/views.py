"""What people in Slack see of client links: the form, the address, the receipt, the list."""

from bot.cards.model import Card
from bot.client_links.model import ClientLink
from bot.core.model import Message
from bot.profiles.views import accounts
from bot.slack.blocks import telling
from bot.slack.text import escaped, titled


def receipt(link: ClientLink, card: Card) -> Message:
    """Tell whoever made a client link what its client did."""
    who = escaped(link.client) or "A client"
    if card.connected:
        return telling(titled(card.title), f"{who} connected {accounts(card.connected)}.", sign="✅")
    ended = " They connected nothing." if not card.state.live else ""
    return telling(titled(card.title), f"{who} opened your client link.{ended}")
