"""Who somebody is, from `users.info` and `usergroups.users.list`, remembered for a minute at most.

https://docs.slack.dev/reference/methods/users.info, https://docs.slack.dev/reference/methods/usergroups.users.list
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.clock import Clock
from bot.core.errors import ConnectbotError
from bot.core.metrics import Availability
from bot.core.model import Membership, Person, TeamId, UserId
from bot.slack.client import SlackCalls, reaching_slack

DIRECTORY_PAGE = 800
"""Slack allows less than 1,000, and 20 pages a minute: https://docs.slack.dev/apis/web-api/pagination."""
DIRECTORY_TIMEOUT_SECONDS = 30
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
            timeout=DIRECTORY_TIMEOUT_SECONDS,
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
                page = await self._client.users_list(limit=DIRECTORY_PAGE, cursor=cursor)
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


REMEMBERED_FOR = timedelta(minutes=1)
REMEMBERED_AT_MOST = 10_000
SLACKBOT = "USLACKBOT"
PAGE = 200
FOR_ADDRESSES = "users:read.email"

T = TypeVar("T")


class SlackPeople(SlackCalls):
    """Asks Slack who somebody is."""

    def __init__(self, client: AsyncWebClient, clock: Clock, dependency: Availability) -> None:
        super().__init__(client, dependency)
        self._clock = clock
        self._own_team: TeamId | None = None
        self._known: dict[str, tuple[datetime, Any]] = {}

    async def get(self, team: TeamId, user: UserId) -> Person:
        """Ask Slack, or remember for a minute at most; raise SlackUnavailable."""
        return await self._remembered(f"{team} {user}", lambda: self._ask(team, user))

    async def group(self, group: str) -> frozenset[UserId]:
        """Return who is in a user group, asked or remembered likewise; raise SlackUnavailable."""
        return await self._remembered(group, lambda: self._ask_group(group))

    @reaching_slack
    async def primary_owner(self) -> UserId | None:
        """Return the workspace's primary owner; raise SlackUnavailable."""
        async for page in await self._client.users_list(limit=PAGE):
            for member in page.get("members") or ():
                if member.get("is_primary_owner") and not member.get("deleted"):
                    return UserId(member["id"])
        return None

    @reaching_slack
    async def _ask(self, team: TeamId, user: UserId) -> Person:
        own = self._own_team = self._own_team or TeamId(str((await self._client.auth_test())["team_id"]))
        reply = await self._client.users_info(user=user)
        told: dict[str, Any] = reply.get("user") or {}
        standing = membership_of(told, within={own, team})
        admin = any(told.get(flag) is True for flag in ("is_admin", "is_owner", "is_primary_owner"))
        return Person(
            user,
            standing,
            is_admin=admin and standing is Membership.MEMBER,
            zone=str(told.get("tz") or ""),
            email=_email(told, granted=str(reply.headers.get("X-OAuth-Scopes") or "")),
        )

    @reaching_slack
    async def _ask_group(self, group: str) -> frozenset[UserId]:
        reply = await self._client.usergroups_users_list(usergroup=group)
        return frozenset(map(UserId, reply.get("users") or ()))

    async def _remembered(self, what: str, ask: Callable[[], Awaitable[T]]) -> T:
        asked_at = self._clock.now()
        known = self._known.get(what)
        if known and asked_at - known[0] < REMEMBERED_FOR:
            answer: T = known[1]
            return answer
        answer = await ask()
        if len(self._known) >= REMEMBERED_AT_MOST:
            self._known.clear()
        self._known[what] = (asked_at, answer)
        return answer


def _email(told: dict[str, Any], *, granted: str) -> str | None:
    """Return somebody's address, "" where they have none, None where Slack keeps it from us.

    Slack leaves it out in both cases; each answer tells which scopes were granted:
    https://docs.slack.dev/authentication/installing-with-oauth
    """
    shown = str((told.get("profile") or {}).get("email") or "")
    return shown if shown or FOR_ADDRESSES in granted.replace(" ", "").split(",") else None


def membership_of(told: dict[str, Any], *, within: set[TeamId]) -> Membership:
    """Tell what somebody is of whom Slack told, and who has to belong to all of these workspaces.

    Read the flags, the gravest first; a missing one means no. Slackbot says of itself that it is no bot.
    """
    teams = {told.get("team_id"), *((told.get("enterprise_user") or {}).get("teams") or ())}
    found = {
        Membership.BOT: told.get("is_bot") or told.get("id") == SLACKBOT,
        Membership.DEACTIVATED: told.get("deleted"),
        Membership.STRANGER: told.get("is_stranger"),
        Membership.OTHER_ORGANIZATION: not within <= teams,
        Membership.INVITED: told.get("is_invited_user"),
        Membership.GUEST: told.get("is_restricted") or told.get("is_ultra_restricted"),
    }
    return next((standing for standing, holds in found.items() if holds), Membership.MEMBER)
