"""Speaking through a `response_url`: 5 posts within 30 minutes, no token, at most once.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import json

import aiohttp
import structlog
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.dependency import Dependency
from bot.errors import AnswerRefused
from bot.metrics import elsewhere
from bot.model import Answer, Message

PATIENCE_SECONDS = 10

log = structlog.get_logger()


class ResponseUrls:
    """Posts messages to `response_url`s over one shared session."""

    def __init__(self, session: aiohttp.ClientSession, dependency: Dependency) -> None:
        self._session = session
        self._dependency = dependency

    async def post(self, answer: Answer, message: Message, *, replace: bool = False) -> None:
        """Show a message to whom the URL belongs, or replace the message it came from; raise AnswerRefused."""
        client = AsyncWebhookClient(
            answer.url.get_secret_value(), session=self._session, timeout=PATIENCE_SECONDS, retry_handlers=[]
        )
        try:
            with elsewhere():
                reply = await client.send(
                    text=message.text,
                    blocks=list(message.blocks),
                    response_type="ephemeral",
                    replace_original=replace,
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._dependency.failed(type(error).__name__)
            raise AnswerRefused from None  # aiohttp's errors quote the URL
        self._dependency.worked()
        if reply.status_code != 200 or _says_no(reply.body):  # noqa: PLR2004 - HTTP's own number
            log.warning("answer_refused", status=reply.status_code)
            raise AnswerRefused


def _says_no(body: str) -> bool:
    """Slack's failures past 5 posts or 30 minutes are undocumented; a 200 may carry `ok: false`."""
    try:
        reply = json.loads(body)
    except ValueError:
        return False
    return isinstance(reply, dict) and reply.get("ok") is False
