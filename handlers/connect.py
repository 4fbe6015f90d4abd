"""`/connect`: a link for one's own profile or another person's, on a card; with `email`, by Ayrshare's mail."""

from bot.cards import mail
from bot.cards.model import LinkRequest
from bot.cards.offer import ask_for_link
from bot.cards.views import mailed_link
from bot.core.model import UserId
from bot.deps import Deps
from bot.profiles.views import picker
from bot.slack.delivery import reply
from bot.slack.mentions import split_mention
from bot.slack.requests import Command


async def offer_link(deps: Deps, command: Command, rest: str) -> None:
    """Show a card with a link, or a picker where several profiles fit."""
    request, owner, words = _read(command, rest)
    profiles = await ask_for_link(deps, request, owner=owner, words=words)
    if profiles:
        await reply(deps, command.user, command.response_url, picker(profiles, owner=owner))


async def mail_link(deps: Deps, command: Command, rest: str) -> None:
    """Have a link mailed to the owner of a profile, and say where the mail comes from."""
    request, owner, words = _read(command, rest)
    mailed = await mail.mail_link(deps, request, owner=owner, words=words)
    await reply(deps, command.user, command.response_url, mailed_link(mailed, now=deps.clock.now()))


def _read(command: Command, rest: str) -> tuple[LinkRequest, UserId, str]:
    """Return the request, whose profile it is for, and the words of its title; raise NotAPerson."""
    mentioned, words = split_mention(rest)
    return LinkRequest(command.team, command.user, command.response_url), mentioned or command.user, words
