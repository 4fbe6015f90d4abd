"""`/connect email`: Ayrshare mails a link to the owner of a profile."""

from bot.cards import mail
from bot.cards.links import Asking
from bot.cards.mail_views import mailed_link
from bot.deps import Deps
from bot.slack.reply import tell
from handlers.mentions import split_mention
from handlers.requests import Command


async def mail_link(deps: Deps, command: Command, rest: str) -> None:
    """Have a link mailed to the caller or to somebody else, and say where it comes from."""
    mentioned, words = split_mention(rest)
    asking = Asking(command.team, command.user, command.answer)
    mailed = await mail.mail_link(deps, asking, owner=mentioned or command.user, words=words)
    await tell(deps, command.user, command.answer, mailed_link(mailed, now=deps.clock.now()))
