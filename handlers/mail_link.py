"""`/connect email`: Ayrshare mails a link to the owner of a profile."""

from bot.cards import mail
from bot.cards.links import LinkRequest
from bot.cards.mail_views import mailed_link
from bot.deps import Deps
from bot.slack.delivery import reply
from bot.slack.mentions import split_mention
from bot.slack.requests import Command


async def mail_link(deps: Deps, command: Command, rest: str) -> None:
    """Have a link mailed to the caller or to somebody else, and say where it comes from."""
    mentioned, words = split_mention(rest)
    asking = LinkRequest(command.team, command.user, command.response_url)
    mailed = await mail.mail_link(deps, asking, owner=mentioned or command.user, words=words)
    await reply(deps, command.user, command.response_url, mailed_link(mailed, now=deps.clock.now()))
