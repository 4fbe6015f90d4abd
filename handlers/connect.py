"""`/connect`: a link for one's own profile, or for somebody else's."""

from bot.deps import Deps
from bot.services import access, cards, profiles
from bot.services.replies import tell
from bot.views.answers import picker
from handlers.mentions import split_mention
from handlers.requests import Command


async def offer_link(deps: Deps, command: Command, rest: str) -> None:
    """Show a card with a link, or a picker where it isn't clear for which profile."""
    mentioned, words = split_mention(rest)
    owner = mentioned or command.user
    await access.check_may_see_link(deps, team=command.team, caller=command.user, owner=owner)
    found = await profiles.choose(deps, command.team, owner, words=words)
    if len(found) > 1:
        await tell(deps, command.user, command.answer, picker(found, owner=owner))
        return
    await cards.offer(deps, found[0], team=command.team, viewer=command.user, owner=owner, answer=command.answer)
