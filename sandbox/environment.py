"""The environment variables of the demo's bot."""

import os
from pathlib import Path

from sandbox.ayrshare import LocalAyrshare
from sandbox.server import Sandbox
from sandbox.slack import LocalSlack

LINK_APIS = ("session", "jwt")
EMAIL_SETTINGS = {
    "AYRSHARE_EMAIL_COMPANY": "Connect Example",
    "AYRSHARE_EMAIL_CONTACT": "help@connect.example",
    "AYRSHARE_EMAIL_TERMS_URL": "https://connect.example/terms",
    "AYRSHARE_EMAIL_PRIVACY_URL": "https://connect.example/privacy",
}
X_APP = {"AYRSHARE_X_API_KEY": "a-key-of-an-own-x-app", "AYRSHARE_X_API_SECRET": "its-secret"}
ALLOWED = "T0CONNECT,E0CONNECT"
"""Who may install the bot of a demo with many workspaces: all but T0SECOND, which is refused."""
BOT_PREFIXES = ("SLACK_", "AYRSHARE_", "CONNECT_", "REDIS_", "ENCRYPTION_", "METRICS_")


def bot_environment(sandbox: Sandbox, data_dir: Path, *, port: int, link_api: str) -> dict[str, str]:
    """Return the bot's environment; the settings of a real bot in the shell are left out."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(BOT_PREFIXES)}
    local = {
        "SLACK_API_URL": f"{sandbox.url}/slack/api/",
        "AYRSHARE_API_URL": f"{sandbox.url}/ayrshare/api",
        "PUBLIC_URL": sandbox.bot_url,
        "DATA_DIR": str(data_dir),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SANDBOX_CLOCK": f"{sandbox.url}/control/clock",
    }
    return inherited | local | _slack_settings(sandbox.slack) | _ayrshare_settings(sandbox.ayrshare, link_api)


def _slack_settings(slack: LocalSlack) -> dict[str, str]:
    if os.environ.get("WORKSPACES"):
        return {
            "SLACK_CLIENT_ID": slack.oauth.client_id,
            "SLACK_CLIENT_SECRET": slack.oauth.client_secret,
            "SLACK_ALLOWED_WORKSPACES": ALLOWED,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
        }
    if slack.socket_mode:
        return {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
    return {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": slack.signing_secret}


def _ayrshare_settings(ayrshare: LocalAyrshare, link_api: str) -> dict[str, str]:
    jwt = {"AYRSHARE_DOMAIN": ayrshare.domain, "AYRSHARE_PRIVATE_KEY": ayrshare.private_key_pem}
    links = jwt if link_api == "jwt" else {}
    webhook = {"AYRSHARE_WEBHOOK_SECRET": ayrshare.primary.webhooks.secret or ""}
    extras = {"AYRSHARE_MAX_PACK": "yes"} if ayrshare.max_pack else {}
    extras |= X_APP if os.environ.get("X_APP") else {}
    return {"AYRSHARE_API_KEY": ayrshare.api_key, **webhook, **links, **extras, **EMAIL_SETTINGS}
