"""What is built of the settings where workspaces install the app by OAuth, and what stands in its place for one."""

from aiohttp import ClientSession
from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.clock import Clock
from bot.core.model import TeamId
from bot.deps import Deps
from bot.manifest import BOT_SCOPES
from bot.settings import Settings
from bot.slack.client import OneClient, SlackClients, client_options, web_client
from bot.storage.connection import Connection
from bot.workspaces.clients import InstalledClients
from bot.workspaces.install import InstallClient, InstallFlow, InstallOptions, install_flow
from bot.workspaces.oauth import AppSecrets
from bot.workspaces.state_store import StateStore
from bot.workspaces.store import InstallationStore


def clients_by_team(
    settings: Settings, client: AsyncWebClient, session: ClientSession, installations: InstallationStore, clock: Clock
) -> SlackClients:
    """Return the one workspace's client, or each workspace's own."""
    if not settings.many_workspaces:
        return OneClient(client)

    def make_client(bot: Bot, team: TeamId) -> AsyncWebClient:
        token, everywhere = SecretStr(bot.bot_token), bot.is_enterprise_install
        return web_client(session, token=token, api_url=settings.slack_api_url, team=team if everywhere else None)

    return InstalledClients(installations, make_client, clock, allowed=frozenset(settings.slack_allowed_workspaces))


def app_secrets(settings: Settings) -> AppSecrets:
    """Return the app's ID and secret; without many workspaces nothing is asked for with them."""
    return AppSecrets(settings.slack_client_id or "", settings.slack_client_secret or SecretStr(""))


def flow_of(deps: Deps, redis: Connection, session: ClientSession) -> InstallFlow:
    """Return the flow behind the two routes of an installation."""
    settings = deps.settings
    options = InstallOptions(
        app_secrets(settings),
        scopes=BOT_SCOPES,
        allowed=frozenset(settings.slack_allowed_workspaces),
        api_url=settings.slack_api_url,
        public_url=settings.public_url,
        clock=deps.clock,
    )
    client = InstallClient(**client_options(session, settings.slack_api_url))
    client.proxy = None  # the session knows which calls go through a proxy
    return install_flow(client, deps.oauth, deps.installations, StateStore(redis), options)
