"""The local Slack: the workspaces with their HTTP and WebSocket endpoints."""

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.slack.api_types import ActionUnavailable, Json
from sandbox.slack.delivery import DeliveryKind
from sandbox.slack.events import EventDelivery
from sandbox.slack.oauth import OAuth
from sandbox.slack.oauth.authorize import AuthorizePage
from sandbox.slack.oauth.grants import Grant
from sandbox.slack.rate_limiter import MethodRateLimiter
from sandbox.slack.response_url_endpoint import ResponseUrlEndpoint
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.seed import OTHER_TEAMS, seeded_world
from sandbox.slack.socket_endpoint import SocketEndpoint
from sandbox.slack.teams import Organization, Team
from sandbox.slack.triggers import TriggerIds
from sandbox.slack.views import Views
from sandbox.slack.web_api import WebApi
from sandbox.slack.workspace import Workspace


class LocalSlack(Workspace):
    """A workspace that is served; `base_url()` is the public address where `app()` is mounted.

    `workspaces` are this one and the others that exist so far; `teams` are the names of all that there may be.
    """

    def __init__(self, *, now: Callable[[], datetime], base_url: Callable[[], str]) -> None:
        super().__init__(now=now, base_url=base_url)
        self.oauth = OAuth(now)
        self.events = EventDelivery(self)
        self.workspaces: dict[str, LocalSlack] = {self.world.team.id: self}
        self.teams = {team.id: team for team in (self.world.team, *OTHER_TEAMS)}

    @property
    def organizations(self) -> dict[str, Organization]:
        """The organizations of all workspaces, by ID."""
        return {team.organization.id: team.organization for team in self.teams.values() if team.organization}

    def workspace(self, team_id: str) -> "LocalSlack":
        """Return a workspace by ID; raises ActionUnavailable."""
        if team_id not in self.workspaces:
            if team_id not in self.teams:
                raise ActionUnavailable(f"there is no workspace {team_id!r}")
            self.workspaces[team_id] = OtherWorkspace(self, self.teams[team_id])
        return self.workspaces[team_id]

    def add_team(self, team: Team) -> None:
        """Add a workspace that may install the app."""
        self.teams[team.id] = team

    @property
    def grant(self) -> Grant | None:
        """What the app was granted here by OAuth: for the whole organization, or for this workspace."""
        organization = self.world.team.organization
        everywhere = self.oauth.grant_in(organization.id) if organization else None
        if everywhere and self.world.team.id in everywhere.closed:
            everywhere = None
        return everywhere or self.oauth.grant_in(self.world.team.id)

    @property
    def org_wide(self) -> bool:
        """Whether the app is installed in the whole organization of the workspace."""
        return self.grant is not None and self.grant.team is None

    def teams_of(self, grant: Grant) -> list[Team]:
        """Return the workspaces that an installation's tokens can access."""
        if grant.team is not None:
            return [grant.team]
        within = (team for team in self.teams.values() if team.organization == grant.organization)
        return [team for team in within if team.id not in grant.closed]

    def uninstall(self, grant: Grant) -> None:
        """End an installation; `announce_uninstall` tells the app."""
        self.oauth.uninstall(grant)

    def app(self) -> web.Application:
        """Return the application to mount at `base_url`."""
        app = web.Application()
        authorize = AuthorizePage(self)
        app.add_routes(
            [
                web.route("*", "/api/{method}", WebApi(self).handle),
                web.get("/oauth/v2/authorize", authorize.show),
                web.post("/oauth/v2/authorize", authorize.answer),
                web.get("/link/", SocketEndpoint(self).handle),
                web.post("/{kind:commands|actions}/{team}/{rest:.+}", self._response_url),
            ]
        )
        app.on_shutdown.append(self._close_sockets)
        app.cleanup_ctx.append(self._open_session)
        return app

    async def verify_url(self) -> bool:
        """Send `url_verification`, as when a URL is entered in the app's settings; return whether the app passed.

        In Socket Mode there is no URL.

        https://docs.slack.dev/reference/events/url_verification
        """
        if self.socket_mode:
            return False
        challenge = self.verification_token[::-1]
        payload = {"token": self.verification_token, "challenge": challenge, "type": "url_verification"}
        acknowledgement = await self.http.deliver(DeliveryKind.EVENT, payload)
        return not acknowledgement.failure and challenge in acknowledgement.body

    async def _response_url(self, request: web.Request) -> web.StreamResponse:
        workspace = self.workspaces.get(request.match_info["team"], self)
        return await ResponseUrlEndpoint(workspace).handle(request)

    async def _close_sockets(self, app: web.Application) -> None:  # noqa: ARG002  # aiohttp's shape
        await self.sockets.close()

    async def _open_session(self, app: web.Application) -> AsyncIterator[None]:  # noqa: ARG002  # aiohttp's shape
        await self.http.open()
        yield
        await self.crawler.close()
        await self.http.close()


class OtherWorkspace(LocalSlack):
    """Another workspace with people of its own; what belongs to the app is the first one's."""

    def __init__(self, first: LocalSlack, team: Team) -> None:
        self._first = first
        self.world = seeded_world(team)
        self.bot_token = f"xoxb-{secrets.token_hex(24)}"
        self.rate_limiter = MethodRateLimiter(first.now)
        self.rate_limiter.enabled = first.rate_limiter.enabled
        self.triggers = TriggerIds(first.now)
        self.response_urls = ResponseUrls(first.now, team_id=team.id)
        self.views = Views(first.now)
        self.events = EventDelivery(self)
        self._last_ts = 0

    def __getattr__(self, name: str) -> Any:
        """Return what is the app's own, such as its secrets, its transport and the log of its calls."""
        return getattr(self._first, name)


async def uninstall(slack: LocalSlack, grant: Grant) -> Json:
    """Uninstall the app as an admin does, which sends `app_uninstalled` and `tokens_revoked`.

    https://docs.slack.dev/reference/events/app_uninstalled, https://docs.slack.dev/reference/events/tokens_revoked
    """
    slack.uninstall(grant)
    revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [slack.world.app.bot_user_id]}}
    acknowledged = [
        await slack.events.send(event, org_wide=grant.team is None) for event in (revoked, {"type": "app_uninstalled"})
    ]
    return {"ok": not any(one.failure for one in acknowledged)}


async def change_access(slack: LocalSlack, grant: Grant, *, opened: bool) -> Json:
    """Open a workspace of an organization to its app, or close it, which sends an event that names no workspace.

    https://docs.slack.dev/reference/events/team_access_granted,
    https://docs.slack.dev/reference/events/team_access_revoked
    """
    team = slack.world.team.id
    grant.closed = grant.closed - {team} if opened else grant.closed | {team}
    event = {"type": "team_access_granted" if opened else "team_access_revoked", "team_ids": [team]}
    return {"ok": not (await slack.events.send(event, org_wide=True, team_id=None)).failure}
