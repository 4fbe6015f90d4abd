"""Speaking through a `response_url`: 5 posts within 30 minutes, no token, at most once.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import json
import re
from collections.abc import Callable

import aiohttp
import stamina
import structlog
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.core.metrics import Availability, elsewhere
from bot.core.model import Message
from bot.slack.errors import ResponseUrlRefused
from bot.slack.model import ResponseUrl

PATIENCE_SECONDS = 10
SLACKS_OWN = re.compile(r"https://hooks\.slack(-gov)?\.com/")
TRIES = 3
PAUSE_SECONDS = 0.2
TOO_MANY = 429
PASSING = frozenset({408, 425, TOO_MANY, 500, 502, 503, 504})
"""What a later post to the same URL may get past."""

log = structlog.get_logger()


class ResponseUrlClient:
    """Posts messages to `response_url`s over one shared session; `any_host` is for a stand-in of Slack."""

    def __init__(self, session: aiohttp.ClientSession, dependency: Availability, *, any_host: bool) -> None:
        self._session = session
        self._any_host = any_host
        self._dependency = dependency

    async def post(self, answer: ResponseUrl, message: Message, *, replace: bool = False) -> None:
        """Show a message to whom the URL belongs, or replace the message it came from; raise AnswerRefused."""
        if not (self._any_host or SLACKS_OWN.match(answer.url.get_secret_value())):
            log.warning("foreign_response_url")
            raise ResponseUrlRefused
        tries = stamina.retry_context(
            on=_may_pass(in_place=replace),
            attempts=TRIES,
            timeout=None,
            wait_initial=PAUSE_SECONDS,
            wait_jitter=PAUSE_SECONDS,
        )
        async for attempt in tries:
            with attempt:
                await self._once(answer, message, replace=replace)

    async def _once(self, answer: ResponseUrl, message: Message, *, replace: bool) -> None:
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
            raise ResponseUrlRefused(for_good=False) from None  # aiohttp's errors quote the URL
        self._dependency.worked()
        if reply.status_code != 200 or _says_no(reply.body):  # noqa: PLR2004 - HTTP's own number
            log.warning("answer_refused", status=reply.status_code)
            raise ResponseUrlRefused(for_good=reply.status_code not in PASSING, too_many=reply.status_code == TOO_MANY)


def _may_pass(*, in_place: bool) -> Callable[[Exception], bool]:
    """Tell whether to try again: a replacement always may, a new message only where it surely wasn't shown (429)."""

    def may_pass(error: Exception) -> bool:
        return isinstance(error, ResponseUrlRefused) and not error.for_good and (in_place or error.too_many)

    return may_pass


def _says_no(body: str) -> bool:
    """Slack's failures past 5 posts or 30 minutes are undocumented; a 200 may carry `ok: false`."""
    try:
        reply = json.loads(body)
    except ValueError:
        return False
    return isinstance(reply, dict) and reply.get("ok") is False
