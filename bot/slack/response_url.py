"""Posting through a `response_url`: 5 posts within 30 minutes, no token, at most once.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import asyncio
import json
import random
import re
from http import HTTPStatus

import aiohttp
import structlog

from bot.core.metrics import Availability, external_wait
from bot.core.model import Message
from bot.core.proxy import cause_of, cause_of_status
from bot.slack.errors import ResponseUrlRefused
from bot.slack.model import ResponseUrl

TIMEOUT_SECONDS = 10
SLACKS_HOSTS = re.compile(r"https://hooks\.slack(-gov)?\.com/")
ATTEMPTS = 3
PAUSE_SECONDS = 0.2
TOO_MANY = 429
FOR_GOOD = range(400, 500)
"""Statuses after which no later post to the same URL succeeds, but for those of TRANSIENT."""
TRANSIENT = frozenset({408, 425, TOO_MANY})

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
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._once(response_url, message, replace=replace)
            except ResponseUrlRefused as refusal:
                if attempt == ATTEMPTS or refusal.for_good or not (replace or refusal.too_many):
                    raise  # a new message is posted again only after a 429
                await asyncio.sleep(PAUSE_SECONDS * 2 ** (attempt - 1) + random.uniform(0, PAUSE_SECONDS))  # noqa: S311 - jitter
            else:
                return

    async def _once(self, response_url: ResponseUrl, message: Message, *, replace: bool) -> None:
        body = {
            "text": message.text,
            "blocks": list(message.blocks),
            "response_type": "ephemeral",
            "replace_original": replace,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            with external_wait():
                async with self._session.post(
                    response_url.url.get_secret_value(),
                    json=body,
                    timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                    allow_redirects=False,
                ) as reply:
                    status, text = reply.status, (await reply.read()).decode(errors="replace")
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._dependency.failed(cause_of(error))
            raise ResponseUrlRefused(for_good=False) from None  # aiohttp's errors quote the URL
        except ValueError:  # of aiohttp and the resolver, for what is no address
            raise ResponseUrlRefused(for_good=True) from None
        if text.lstrip().startswith("<") or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._dependency.failed(cause_of_status(status))  # a gateway's page, even where it says 200 or 403
            raise ResponseUrlRefused(for_good=False)
        self._dependency.worked()
        if status != HTTPStatus.OK or _says_not_ok(text):
            log.warning("response_url_refused", status=status)
            for_good = status == HTTPStatus.OK or (status in FOR_GOOD and status not in TRANSIENT)
            raise ResponseUrlRefused(for_good=for_good, too_many=status == TOO_MANY)


def _says_not_ok(body: str) -> bool:
    """Return whether a 200 carries `ok: false`; Slack doesn't document its refusals past 5 posts or 30 minutes."""
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(reply, dict) and reply.get("ok") is False
