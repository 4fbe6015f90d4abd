"""Installing the app in a workspace: Bolt's OAuth flow, with our stores, our list of workspaces, and our pages.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

import aiohttp
import structlog
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.clock import Clock
from bot.core.errors import ConnectbotError
from bot.slack.client import UNREADABLE, reason_of
from bot.slack.errors import SlackError
from bot.slack.signature import INSTALL_PATH, REDIRECT_PATH
from bot.workspaces.errors import InstallCancelled, InstallRefused, InstallStopped, InstallTooLate, WorkspaceNotAllowed
from bot.workspaces.model import STATE_LIFE, is_allowed, place_of
from bot.workspaces.oauth import AppSecrets, SlackOAuth, exchange
from bot.workspaces.page_views import installed_page, stopped_page
from bot.workspaces.state_store import StateStore
from bot.workspaces.store import InstallationStore

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of each page: its address has a code in it."""
NOT_ALLOWED = "access_denied"
"""What Slack sends back where the person cancelled."""

log = structlog.get_logger()


class InstallClient(AsyncWebClient):
    """Slack's Web API without a token, whose refusal of a code is ours."""

    async def oauth_v2_access(self, **args: Any) -> AsyncSlackResponse:
        """Exchange a code for tokens; raise InstallRefused."""
        return await _or_refused(exchange(self, **args))

    async def auth_test(self, **args: Any) -> AsyncSlackResponse:
        """Ask whose the new token is; raise InstallRefused."""
        return await _or_refused(super().auth_test(**args))


async def _or_refused(answer: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    try:
        return await answer
    except SlackApiError as error:
        raise InstallRefused(reason_of(error)) from None
    except (SlackClientError, aiohttp.ClientError, OSError, *UNREADABLE):
        raise InstallRefused("no_answer") from None


class InstallFlow(AsyncOAuthFlow):
    """Bolt's flow for the places on our list."""

    def __init__(
        self,
        client: AsyncWebClient,
        settings: AsyncOAuthSettings,
        oauth: SlackOAuth,
        clock: Clock,
        *,
        allowed: frozenset[str],
    ) -> None:
        super().__init__(client=client, logger=logging.getLogger("slack_bolt"), settings=settings)
        self._oauth, self._clock, self._allowed = oauth, clock, allowed

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        """Keep the tokens, or revoke them where the place isn't on our list; raise WorkspaceNotAllowed."""
        bot = installation.to_bot()
        if not is_allowed(bot, self._allowed):
            log.warning("workspace_not_allowed", place=place_of(bot), organization=bot.enterprise_id)
            for token in (bot.bot_refresh_token, bot.bot_token):
                await self._revoke(token)
            raise WorkspaceNotAllowed(bot.team_name or bot.enterprise_name or "this workspace")
        self._take_slacks_time(installation)
        await super().store_installation(request, installation)
        log.info("workspace_installed", place=place_of(bot), by=installation.user_id)

    def _take_slacks_time(self, installation: Installation) -> None:
        """Count by our clock, which follows Slack's; slack_sdk has counted by this machine's."""
        ahead = self._clock.now().timestamp() - time.time()
        installation.installed_at += ahead
        if installation.bot_token_expires_at is not None:
            installation.bot_token_expires_at += round(ahead)

    async def begin(self, request: AsyncBoltRequest) -> BoltResponse:
        """Send the browser to Slack."""
        return await self._or_page(self.handle_installation(request))

    async def finish(self, request: AsyncBoltRequest) -> BoltResponse:
        """Answer the browser that comes back from Slack."""
        return await self._or_page(self.handle_callback(request))

    async def _or_page(self, step: Awaitable[BoltResponse]) -> BoltResponse:
        """Say in words why a step ends without an installation."""
        try:
            return await step
        except ConnectbotError as stopped:
            log.warning("install_stopped", cause=stopped.kind, reason=getattr(stopped, "reason", ""))
            status = stopped.status if isinstance(stopped, InstallStopped) else HTTPStatus.SERVICE_UNAVAILABLE
            return self._page(stopped_page(stopped.sentence, again=INSTALL_PATH), status=status)

    async def on_success(self, args: AsyncSuccessArgs) -> BoltResponse:
        """Show the page of a success."""
        installed = args.installation
        name = str(installed.team_name or installed.enterprise_name or "your workspace")
        return self._page(installed_page(name, app=installed.app_id or "", team=installed.team_id or ""), status=200)

    async def on_failure(self, args: AsyncFailureArgs) -> BoltResponse:
        """Raise what the reason stands for."""
        if args.reason == NOT_ALLOWED:
            raise InstallCancelled
        if args.reason in {"invalid_state", "invalid_browser", "missing_code"}:
            raise InstallTooLate
        raise InstallRefused(args.reason if args.reason.isidentifier() else "unknown")

    def _page(self, html: str, *, status: int) -> BoltResponse:
        cookie = self.settings.state_utils.build_set_cookie_for_deletion()
        return BoltResponse(status=status, body=html, headers={**HEADERS, "Set-Cookie": cookie})

    async def _revoke(self, token: str | None) -> None:
        if token:
            try:
                await self._oauth.revoke(token)
            except SlackError as error:
                log.error("token_not_revoked", error=error.reason)


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """What an installation asks for, and where Slack is."""

    app: AppSecrets
    scopes: tuple[str, ...]
    allowed: frozenset[str]
    api_url: str
    public_url: str | None
    clock: Clock


def install_flow(
    client: InstallClient, oauth: SlackOAuth, store: InstallationStore, states: StateStore, options: InstallOptions
) -> InstallFlow:
    """Return the flow, ready to answer at INSTALL_PATH and REDIRECT_PATH."""
    settings = AsyncOAuthSettings(
        client_id=options.app.client_id,
        client_secret=options.app.client_secret.get_secret_value(),
        scopes=options.scopes,
        user_scopes=(),
        redirect_uri=f"{options.public_url}{REDIRECT_PATH}" if options.public_url else None,
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        install_page_rendering_enabled=False,
        authorization_url=urljoin(options.api_url, "../oauth/v2/authorize"),
        installation_store=store,
        installation_store_bot_only=True,
        state_store=states,
        state_expiration_seconds=int(STATE_LIFE.total_seconds()),
        logger=logging.getLogger("slack_bolt"),
    )
    flow = InstallFlow(client, settings, oauth, options.clock, allowed=options.allowed)
    callbacks = AsyncCallbackOptions(success=flow.on_success, failure=flow.on_failure)
    flow.success_handler, flow.failure_handler = callbacks.success, callbacks.failure
    return flow
