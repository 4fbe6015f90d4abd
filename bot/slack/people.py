"""Who somebody is, from `users.info` and `usergroups.users.list`, remembered for a minute at most.

https://docs.slack.dev/reference/methods/users.info, https://docs.slack.dev/reference/methods/usergroups.users.list
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.availability import Availability
from bot.core.clock import Clock
from bot.core.model import Membership, Person, TeamId, UserId
from bot.slack.web_api import SlackCalls, reaching_slack

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
