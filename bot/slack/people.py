"""Who is in the workspace: one person or group, remembered for a minute at most, or everybody, page by page.

https://docs.slack.dev/reference/methods/users.info, https://docs.slack.dev/reference/methods/usergroups.users.list,
https://docs.slack.dev/reference/methods/users.list
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.clock import Clock
from bot.core.metrics import Availability
from bot.core.model import Membership, Person, TeamId, UserId
from bot.slack.client import UNREADABLE, BoundedRateLimitRetryHandler, SlackCalls, reaching_slack, refusal_of, required
from bot.slack.errors import DirectoryClosed, PersonNotVisible, SlackAway

CACHED_FOR = timedelta(minutes=1)
CACHED_AT_MOST = 10_000
PAGE = 200
SLACKBOT = "USLACKBOT"
EMAIL_SCOPE = "users:read.email"
DIRECTORY_PAGE = 500
"""About 1 MB. Slack allows less than 1,000, and 20 pages a minute: https://docs.slack.dev/apis/web-api/pagination."""
DIRECTORY_TIMEOUT_SECONDS = 30
DIRECTORY_RETRIES = 10
"""How often one page is asked for again, after the pause that Slack asks for."""

T = TypeVar("T")


class SlackPeople(SlackCalls):
    """Asks Slack who a person is."""

    def __init__(self, client: AsyncWebClient, clock: Clock, dependency: Availability) -> None:
        super().__init__(client, dependency)
        self._clock = clock
        self._own_team: TeamId | None = None
        self._cache: dict[str, tuple[datetime, Any]] = {}

    async def get(self, team: TeamId, user: UserId) -> Person:
        """Return who a person is, cached for a minute; raise SlackError."""
        try:
            return await self._cached(f"{team} {user}", lambda: self._ask(team, user))
        except PersonNotVisible as error:
            raise PersonNotVisible(error.reason, user=user) from None

    async def group(self, group: str) -> frozenset[UserId]:
        """Return the members of a user group, cached for a minute; raise SlackError."""
        return await self._cached(group, lambda: self._ask_group(group))

    @reaching_slack
    async def primary_owner(self) -> UserId | None:
        """Return the workspace's primary owner; raise SlackError."""
        async for page in await self._client.users_list(limit=PAGE):
            for member in page["members"]:
                if member.get("is_primary_owner") and not member.get("deleted"):
                    return UserId(member["id"])
        return None

    @reaching_slack
    async def _ask(self, team: TeamId, user: UserId) -> Person:
        own = self._own_team = self._own_team or TeamId(required(await self._client.auth_test(), "team_id"))
        reply = await self._client.users_info(user=user)
        shown: dict[str, Any] = reply["user"]
        if shown["id"] != user:
            raise ValueError("an answer about another person")
        membership = membership_of(shown, within={own, team})
        admin = any(shown.get(flag) is True for flag in ("is_admin", "is_owner", "is_primary_owner"))
        return Person(
            user,
            membership,
            is_admin=admin and membership is Membership.MEMBER,
            zone=str(shown.get("tz") or ""),
            email=_email(shown, granted=str(reply.headers.get("X-OAuth-Scopes") or "")),
        )

    @reaching_slack
    async def _ask_group(self, group: str) -> frozenset[UserId]:
        reply = await self._client.usergroups_users_list(usergroup=group)
        return frozenset(map(UserId, reply["users"]))

    async def _cached(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        asked_at = self._clock.now()
        cached = self._cache.get(key)
        if cached and asked_at - cached[0] < CACHED_FOR:
            answer: T = cached[1]
            return answer
        answer = await ask()
        if len(self._cache) >= CACHED_AT_MOST:
            self._cache.clear()
        self._cache[key] = (asked_at, answer)
        return answer


@dataclass(frozen=True, slots=True)
class Member:
    """A person as `users.list` shows them; the address is in small letters, and empty if Slack shows none."""

    id: UserId
    email: str
    membership: Membership


class Directory:
    """Reads the workspace that a bot token belongs to; all methods raise DirectoryClosed."""

    def __init__(self, session: aiohttp.ClientSession, token: SecretStr, *, api_url: str) -> None:
        self._team: TeamId | None = None
        self._client = AsyncWebClient(
            token=token.get_secret_value(),
            base_url=api_url,
            session=session,
            timeout=DIRECTORY_TIMEOUT_SECONDS,
            retry_handlers=[
                AsyncConnectionErrorRetryHandler(),
                BoundedRateLimitRetryHandler(max_retry_count=DIRECTORY_RETRIES),
            ],
        )

    async def team(self) -> TeamId:
        """Return the workspace's ID."""
        if self._team is None:
            with _directory_errors():
                self._team = TeamId(required(await self._client.auth_test(), "team_id"))
        return self._team

    async def members(self) -> AsyncIterator[tuple[Member, ...]]:
        """Yield everybody, those who left included, a page at a time; wait as long as Slack asks to."""
        team, cursor = await self.team(), ""
        while True:
            with _directory_errors():
                page = await self._client.users_list(limit=DIRECTORY_PAGE, cursor=cursor)
                members = tuple(_member(user, team) for user in page["members"])
            yield members
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def membership_of(user: dict[str, Any], *, within: set[TeamId]) -> Membership:
    """Return what a user object of Slack's is to the workspace; they have to belong to all of `within`.

    The gravest flag counts; a missing one means no. Slackbot's own flags say that it is no bot.
    """
    teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    found = {
        Membership.BOT: user.get("is_bot") or user.get("id") == SLACKBOT,
        Membership.DEACTIVATED: user.get("deleted"),
        Membership.STRANGER: user.get("is_stranger"),
        Membership.OTHER_ORGANIZATION: not within <= teams,
        Membership.INVITED: user.get("is_invited_user"),
        Membership.GUEST: user.get("is_restricted") or user.get("is_ultra_restricted"),
    }
    return next((membership for membership, holds in found.items() if holds), Membership.MEMBER)


def _email(user: dict[str, Any], *, granted: str) -> str | None:
    """Return the person's address, "" if they have none, None if we lack the scope to see it.

    Slack leaves it out in both cases; each answer tells which scopes were granted:
    https://docs.slack.dev/authentication/installing-with-oauth
    """
    shown = str((user.get("profile") or {}).get("email") or "")
    return shown if shown or EMAIL_SCOPE in granted.replace(" ", "").split(",") else None


def _member(user: dict[str, Any], team: TeamId) -> Member:
    return Member(
        id=UserId(user["id"]),
        email=str((user.get("profile") or {}).get("email") or "").casefold(),
        membership=membership_of(user, within={team}),
    )


@contextmanager
def _directory_errors() -> Iterator[None]:
    """Raise DirectoryClosed in place of the SDK's errors, whose texts may hold the token."""
    try:
        yield
    except SlackApiError as error:
        raise DirectoryClosed(refusal_of(error)) from None
    except (SlackClientError, aiohttp.ClientError, OSError, *UNREADABLE):  # a TimeoutError is an OSError
        raise DirectoryClosed(SlackAway()) from None
