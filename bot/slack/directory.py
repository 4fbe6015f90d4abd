"""Everybody of a workspace, page by page: https://docs.slack.dev/reference/methods/users.list."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ConnectbotError
from bot.core.model import Membership, TeamId, UserId
from bot.slack.people import membership_of

PAGE = 800
"""Slack allows less than 1,000, and 20 pages a minute: https://docs.slack.dev/apis/web-api/pagination."""
PATIENCE_SECONDS = 30
WAITS = 10
"""How often one page is asked for again after as long a pause as Slack wants."""


class DirectoryClosed(ConnectbotError):
    """Slack did not tell who is in the workspace; `word` is Slack's own for the reason, if it gave one."""

    kind = "directory_closed"

    def __init__(self, word: str = "") -> None:
        self.word = word
        super().__init__(_sentence(word))


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as `users.list` shows them; the address is in small letters, and empty where Slack shows none."""

    id: UserId
    email: str
    membership: Membership


class Directory:
    """Reads the workspace that a bot token belongs to; all methods raise DirectoryClosed."""

    def __init__(self, token: SecretStr, *, api_url: str) -> None:
        self._team: TeamId | None = None
        self._client = AsyncWebClient(
            token=token.get_secret_value(),
            base_url=api_url,
            timeout=PATIENCE_SECONDS,
            retry_handlers=[
                AsyncConnectionErrorRetryHandler(),
                AsyncRateLimitErrorRetryHandler(max_retry_count=WAITS),
            ],
        )

    async def team(self) -> TeamId:
        """Return the workspace's ID."""
        if self._team is None:
            with _explained():
                self._team = TeamId(str((await self._client.auth_test())["team_id"]))
        return self._team

    async def members(self) -> AsyncIterator[tuple[Member, ...]]:
        """Yield everybody, also who has left, a page at a time; waits as long as Slack asks to."""
        team, cursor = await self.team(), ""
        while True:
            with _explained():
                page = await self._client.users_list(limit=PAGE, cursor=cursor)
            yield tuple(_member(told, team) for told in page.get("members") or ())
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def _member(told: dict[str, Any], team: TeamId) -> Member:
    return Member(
        id=UserId(told["id"]),
        email=str((told.get("profile") or {}).get("email") or "").casefold(),
        membership=membership_of(told, within={team}),
    )


@contextmanager
def _explained() -> Iterator[None]:
    """Raise DirectoryClosed in place of the SDK's errors, whose texts may hold the token."""
    try:
        yield
    except SlackApiError as error:
        raise DirectoryClosed(str(error.response.get("error"))[:100]) from None
    except (SlackClientError, aiohttp.ClientError, OSError, ValueError):  # a TimeoutError is an OSError
        raise DirectoryClosed from None


def _sentence(word: str) -> str:
    if word == "missing_scope":
        return "SLACK_BOT_TOKEN lacks the scope users:read. Add it to the Slack app and install the app again."
    if word in {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}:
        return f"Slack doesn't accept SLACK_BOT_TOKEN ({word}). Install the app again and copy its bot token."
    return f"Slack can't be asked just now ({word or 'no answer'}). Please try again in a minute."
