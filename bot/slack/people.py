"""Who somebody is, from `users.info`, remembered for a minute at most.

https://docs.slack.dev/reference/methods/users.info
"""

from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import SlackUnavailable
from bot.model import Person, UserId

REMEMBERED_FOR = timedelta(minutes=1)
REMEMBERED_AT_MOST = 10_000

log = structlog.get_logger()


class SlackPeople:
    """Asks Slack who somebody is."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[UserId, tuple[datetime, Person]] = {}

    async def get(self, user: UserId) -> Person:
        """Ask Slack, or remember for a minute at most; raise SlackUnavailable."""
        asked_at = self._clock.now()
        known = self._known.get(user)
        if known and asked_at - known[0] < REMEMBERED_FOR:
            return known[1]
        person = await self._ask(user)
        if len(self._known) >= REMEMBERED_AT_MOST:
            self._known.clear()
        self._known[user] = (asked_at, person)
        return person

    async def _ask(self, user: UserId) -> Person:
        try:
            reply = await self._client.users_info(user=user)
        except (TimeoutError, SlackClientError, aiohttp.ClientError, OSError) as error:
            log.warning("slack_call_failed", method="users.info", cause=type(error).__name__)
            raise SlackUnavailable from None
        return _person(user, reply.get("user") or {})


def _person(user: UserId, told: dict[str, Any]) -> Person:
    """Read what Slack told; a missing flag means no (https://docs.slack.dev/reference/objects/user-object)."""
    admin = any(told.get(flag) is True for flag in ("is_admin", "is_owner", "is_primary_owner"))
    return Person(id=user, is_admin=admin and told.get("deleted") is not True)
