"""A window opened at once, because Slack's trigger is good for three seconds, and filled when that is possible."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.core.errors import ConnectbotError
from bot.deps import Deps
from bot.slack.errors import ModalClosed, SlackError
from bot.slack.listener import words_for
from bot.slack.modals import loading, notice, showing
from bot.slack.model import ViewId
from bot.slack.requests import Click, Command

UNFINISHED = "I couldn't finish this. I've sent you a direct message about it."


@asynccontextmanager
async def modal_session(deps: Deps, request: Command | Click, *, title: str) -> AsyncIterator[ViewId]:
    """Open a window that says to wait, for what goes on inside to fill; a failure is said in it."""
    view = await deps.views.open(request.trigger_id, loading(title=title))
    try:
        yield view
    except ConnectbotError as error:
        await deps.views.update(view, showing(words_for(error, request.user), title=title))
        error.told = True
        raise
    except BaseException:
        with suppress(ModalClosed, SlackError):
            await deps.views.update(view, notice(UNFINISHED, title=title))
        raise
