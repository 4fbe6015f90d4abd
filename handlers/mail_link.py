"""`/connect email`: Ayrshare mails a link to the owner of a profile."""

from bot.deps import Deps
from bot.services import mailing
from bot.services.links import Asking
from bot.services.replies import tell
from bot.views.mail import mailed_link
from handlers.mentions import split_mention
from handlers.requests import Command


async def mail_link(deps: Deps, command: Command, rest: str) -> None:
    """Have a link mailed to the caller or to somebody else, and say where it comes from."""
    mentioned, words = split_mention(rest)
    asking = Asking(command.team, command.user, command.answer)
    mailed = await mailing.mail_link(deps, asking, owner=mentioned or command.user, words=words)
    await tell(deps, command.user, command.answer, mailed_link(mailed, now=deps.clock.now()))
