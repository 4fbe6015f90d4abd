"""Who is in the workspace, as Slack says now: one person or group, or everybody, page by page.

What is remembered of it is in `people/directory.py`.

https://docs.slack.dev/reference/methods/users.info, https://docs.slack.dev/reference/methods/usergroups.users.list,
https://docs.slack.dev/reference/methods/users.list
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.matching import AROUND, folded
from bot.core.metrics import Availability
from bot.core.model import Membership, Person, TeamId, UserId
from bot.slack.client import (
    UNREADABLE,
    BoundedRateLimitRetryHandler,
    SlackCalls,
    SlackClients,
    reaching_slack,
    refusal_of,
    required,
)
from bot.slack.errors import DirectoryClosed, ScopeMissing, SlackAway
from bot.slack.mentions import as_seen

SLACKBOT = "USLACKBOT"
EMAIL_SCOPE = "users:read.email"
PAGE = 500
"""About 1 MB. Slack allows less than 1,000, and 20 pages a minute: https://docs.slack.dev/apis/web-api/pagination."""
PAGE_TIMEOUT = timedelta(seconds=10)
DIRECTORY_TIMEOUT_SECONDS = 30
DIRECTORY_RETRIES = 10
"""How often one page is asked for again, after the pause that Slack asks for."""


class SlackPeople(SlackCalls):
    """Asks Slack about one person or one group; nothing is remembered here. All methods raise SlackError."""

    def __init__(self, clients: SlackClients, dependency: Availability) -> None:
        super().__init__(clients, dependency)
        self._own_team: TeamId | None = None

    async def own_team(self, team: TeamId) -> TeamId:
        """Return the workspace that the token used for `team` belongs to, for which Slack is asked once."""
        if self.clients.by_team:
            return team
        if self._own_team is None:
            self._own_team = await self._team_of_token(team)
        return self._own_team

    @reaching_slack
    async def _team_of_token(self, team: TeamId) -> TeamId:
        client = await self.clients.of(team)
        return TeamId(required(await client.auth_test(), "team_id"))

    @reaching_slack
    async def workspace_name(self, team: TeamId) -> str:
        """Return what the workspace is called."""
        client = await self.clients.of(team)
        return str(required(await client.auth_test(), "team"))

    @reaching_slack
    async def person(self, team: TeamId, user: UserId) -> Person:
        """Return who a person is, with their address."""
        client = await self.clients.of(team)
        reply = await client.users_info(user=user)
        shown: dict[str, Any] = reply["user"]
        if shown["id"] != user:
            raise ValueError("an answer about another person")
        person = person_of(shown, within={await self.own_team(team), team})
        email = _email(shown, granted=str(reply.headers.get("X-OAuth-Scopes") or ""))
        return replace(person, email=email, name=_name(shown))

    @reaching_slack
    async def with_address(self, team: TeamId, address: str) -> UserId:
        """Return the person with this e-mail address; raise PersonNotVisible if there is none, ScopeMissing."""
        client = await self.clients.of(team)
        with _optional_scope():
            reply = await client.users_lookupByEmail(email=address)
        return UserId(required(reply["user"], "id"))

    @reaching_slack
    async def group(self, team: TeamId, group: str) -> frozenset[UserId]:
        """Return the members of a user group."""
        client = await self.clients.of(team)
        with _optional_scope():
            reply = await client.usergroups_users_list(usergroup=group)
        return frozenset(map(UserId, reply["users"]))


@contextmanager
def _optional_scope() -> Iterator[None]:
    """Raise a missing scope as a refusal: the app may be without it, so Slack isn't down."""
    try:
        yield
    except SlackApiError as error:
        if isinstance(refusal := refusal_of(error), ScopeMissing):
            raise refusal from None
        raise


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some of a workspace's people, and the cursor of those after them; empty on the last page."""

    people: tuple[Person, ...]
    next_cursor: str


class SlackPages(SlackCalls):
    """Reads everybody in a workspace, a page at a time."""

    timeout = PAGE_TIMEOUT

    @reaching_slack
    async def page(self, team: TeamId, within: set[TeamId], cursor: str) -> PeoplePage:
        """Return a page, those who left included; raise SlackError."""
        client = await self.clients.of(team)
        reply = await client.users_list(limit=PAGE, cursor=cursor)
        people = tuple(person_of(user, within=within) for user in reply["members"])
        return PeoplePage(people, str((reply.get("response_metadata") or {}).get("next_cursor") or ""))


@dataclass(frozen=True, slots=True)
class Member:
    """A person as `users.list` shows them; the address is in small letters, and empty if Slack shows none.

    `name` is what people read, `handle` what they type behind @.
    """

    id: UserId
    email: str
    membership: Membership
    name: str = ""
    handle: str = ""

    @property
    def names(self) -> frozenset[str]:
        """What they are called, in the form that `as_name` returns."""
        return frozenset(map(folded, (self.name, self.handle, self.email))) - {""}


def as_name(typed: str) -> str:
    """Return a name, a handle or an address as it is compared: without case, @ and quotes around it."""
    return folded(as_seen(typed)).strip(AROUND).removeprefix("@")


class Directory:
    """Reads a workspace, by default the one that a bot token belongs to; all methods raise DirectoryClosed."""

    def __init__(
        self, session: aiohttp.ClientSession, token: SecretStr, *, api_url: str, team: TeamId | None = None
    ) -> None:
        self._team = team
        self._client = AsyncWebClient(
            token=token.get_secret_value(),
            base_url=api_url,
            session=session,
            team_id=team,
            timeout=DIRECTORY_TIMEOUT_SECONDS,
            retry_handlers=[
                AsyncConnectionErrorRetryHandler(),
                BoundedRateLimitRetryHandler(max_retry_count=DIRECTORY_RETRIES),
            ],
        )
        self._client.proxy = None  # the session knows which calls go through a proxy

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
                page = await self._client.users_list(limit=PAGE, cursor=cursor)
                members = tuple(_member(user, team) for user in page["members"])
            yield members
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def person_of(user: dict[str, Any], *, within: set[TeamId]) -> Person:
    """Return who a user object of Slack's is, without their address; they have to belong to all of `within`."""
    membership = membership_of(user, within=within)
    admin = any(user.get(flag) is True for flag in ("is_admin", "is_owner", "is_primary_owner"))
    return Person(
        UserId(str(user["id"])),
        membership,
        is_admin=admin and membership is Membership.MEMBER,
        is_primary_owner=user.get("is_primary_owner") is True and membership is Membership.MEMBER,
        zone=str(user.get("tz") or ""),
    )


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


def _name(user: dict[str, Any]) -> str:
    shown = user.get("profile") or {}
    return str(shown.get("real_name") or shown.get("display_name") or user.get("name") or "")


def _email(user: dict[str, Any], *, granted: str) -> str | None:
    """Return the person's address, "" if they have none, None if we lack the scope to see it.

    Slack leaves it out in both cases; each answer tells which scopes were granted:
    https://docs.slack.dev/authentication/installing-with-oauth
    """
    shown = str((user.get("profile") or {}).get("email") or "")
    return shown if shown or EMAIL_SCOPE in granted.replace(" ", "").split(",") else None


def _member(user: dict[str, Any], team: TeamId) -> Member:
    shown = user.get("profile") or {}
    return Member(
        id=UserId(user["id"]),
        email=str(shown.get("email") or "").casefold(),
        membership=membership_of(user, within={team}),
        name=_name(user),
        handle=str(shown.get("display_name") or user.get("name") or ""),
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
