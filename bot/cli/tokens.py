"""Whose Slack token a command uses: SLACK_BOT_TOKEN, or with many workspaces that of the workspace that is meant."""

from contextlib import suppress

from aiohttp import ClientSession
from pydantic import SecretStr

from bot.connections import redis_of
from bot.core.errors import ConnectbotError
from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.settings import WorkspaceSettings
from bot.slack.people import Directory
from bot.storage.envelope import key_ring


async def open_directory(session: ClientSession, settings: WorkspaceSettings, team: TeamId | None) -> Directory | None:
    """Return the member list of a workspace, or of the token's if none is named; None without a token."""
    if settings.slack_bot_token is not None:
        return Directory(session, settings.slack_bot_token, api_url=settings.slack_api_url)
    token = await _token_of(settings, team) if team else None
    return Directory(session, token, api_url=settings.slack_api_url, team=team) if token else None


async def _token_of(settings: WorkspaceSettings, team: TeamId) -> SecretStr | None:
    from bot.workspaces.store import InstallationStore  # noqa: PLC0415 - slack_sdk's part for OAuth, seldom needed

    with suppress(ConnectbotError):
        async with redis_of(settings, metrics=Metrics()) as redis:
            keys = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
            found = await InstallationStore(redis, keys).installed_for(team)
            return SecretStr(found.bot.bot_token) if found else None
    return None
