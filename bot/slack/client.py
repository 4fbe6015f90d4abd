"""Slack's Web API over one shared session, and the Bolt app in front of it."""

import logging
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.web.async_client import AsyncWebClient

PATIENCE_SECONDS = 10
CONNECTIONS = 100
POSTS = "chat.postMessage"
"""The method that does it twice when it is called twice."""


class RetryAllButPosts(AsyncConnectionErrorRetryHandler):
    """Calls once more when the connection broke, as the SDK does by default, but never so that a message is doubled."""

    async def _can_retry_async(self, *, request: HttpRequest, **about: Any) -> bool:
        return not request.url.endswith(POSTS) and await super()._can_retry_async(request=request, **about)


def open_session() -> aiohttp.ClientSession:
    """Open the session for everything we say to Slack."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS, connect=PATIENCE_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def web_client(session: aiohttp.ClientSession, *, token: SecretStr, api_url: str) -> AsyncWebClient:
    """Make the Web API client; without a session of ours it would open one for every call."""
    return AsyncWebClient(
        token=token.get_secret_value(),
        base_url=api_url,
        session=session,
        timeout=PATIENCE_SECONDS,
        retry_handlers=[RetryAllButPosts()],
    )


def bolt_app(client: AsyncWebClient) -> AsyncApp:
    """Make a Bolt app that decides nothing by itself and calls nobody before a listener has acknowledged.

    Signatures are checked in front of it. `process_before_response` spares the 10 ms that Bolt's default runner lets
    pass before it looks for an acknowledgement.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=client.token)

    return AsyncApp(
        logger=logging.getLogger("slack_bolt"),  # without one Bolt takes the root's level, and logs bodies at DEBUG
        client=client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
