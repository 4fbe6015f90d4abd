"""Posting through a `response_url`: 5 posts within 30 minutes, no token, at most once.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import json
import re
from collections.abc import Callable

import aiohttp
import stamina
import structlog
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.core.metrics import Availability, external_wait
from bot.core.model import Message
from bot.slack.errors import ResponseUrlRefused
from bot.slack.model import ResponseUrl

TIMEOUT_SECONDS = 10
SLACKS_HOSTS = re.compile(r"https://hooks\.slack(-gov)?\.com/")
ATTEMPTS = 3
PAUSE_SECONDS = 0.2
TOO_MANY = 429
TRANSIENT_STATUSES = frozenset({408, 425, TOO_MANY, 500, 502, 503, 504})
"""Statuses after which a later post to the same URL may succeed."""

log = structlog.get_logger()


class ResponseUrlClient:
    """Posts messages to `response_url`s over one shared session; `any_host` admits a stand-in for Slack."""

    def __init__(self, session: aiohttp.ClientSession, dependency: Availability, *, any_host: bool) -> None:
        self._session = session
        self._any_host = any_host
        self._dependency = dependency

    async def post(self, response_url: ResponseUrl, message: Message, *, replace: bool = False) -> None:
        """Show a message to the URL's person, or replace the message it came from; raise ResponseUrlRefused."""
        if not (self._any_host or SLACKS_HOSTS.match(response_url.url.get_secret_value())):
            log.warning("foreign_response_url")
            raise ResponseUrlRefused
        tries = stamina.retry_context(
            on=_retryable(replace=replace),
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=PAUSE_SECONDS,
            wait_jitter=PAUSE_SECONDS,
        )
        async for attempt in tries:
            with attempt:
                await self._once(response_url, message, replace=replace)

    async def _once(self, response_url: ResponseUrl, message: Message, *, replace: bool) -> None:
        client = AsyncWebhookClient(
            response_url.url.get_secret_value(), session=self._session, timeout=TIMEOUT_SECONDS, retry_handlers=[]
        )
        try:
            with external_wait():
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
        if reply.status_code != 200 or _says_not_ok(reply.body):  # noqa: PLR2004 - HTTP's own number
            log.warning("response_url_refused", status=reply.status_code)
            raise ResponseUrlRefused(
                for_good=reply.status_code not in TRANSIENT_STATUSES, too_many=reply.status_code == TOO_MANY
            )


def _retryable(*, replace: bool) -> Callable[[Exception], bool]:
    """Return the test for another attempt: a replacement may be repeated, a new message only after a 429."""

    def retryable(error: Exception) -> bool:
        return isinstance(error, ResponseUrlRefused) and not error.for_good and (replace or error.too_many)

    return retryable


def _says_not_ok(body: str) -> bool:
    """Return whether a 200 carries `ok: false`; Slack doesn't document its refusals past 5 posts or 30 minutes."""
    try:
        reply = json.loads(body)
    except ValueError:
        return False
    return isinstance(reply, dict) and reply.get("ok") is False
