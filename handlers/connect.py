"""`/connect`: a link for one's own profile, or for somebody else's."""

from bot.cards.links import LinkRequest, ask_for_link
from bot.deps import Deps
from bot.profiles.views import picker
from bot.slack.delivery import reply
from bot.slack.mentions import split_mention
from bot.slack.requests import Command


async def offer_link(deps: Deps, command: Command, rest: str) -> None:
    """Show a card with a link, or a picker where it isn't clear for which profile."""
    mentioned, words = split_mention(rest)
    owner = mentioned or command.user
    asking = LinkRequest(command.team, command.user, command.response_url)
    unclear = await ask_for_link(deps, asking, owner=owner, words=words)
    if unclear:
        await reply(deps, command.user, command.response_url, picker(unclear, owner=owner))
