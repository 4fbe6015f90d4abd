"""What the demo's bot finds in its environment."""

import os
from pathlib import Path

from sandbox.ayrshare import LocalAyrshare
from sandbox.server import Sandbox
from sandbox.slack import LocalSlack

LINK_APIS = ("jwt", "session")
MAILS = {
    "AYRSHARE_EMAIL_COMPANY": "Connect Example",
    "AYRSHARE_EMAIL_CONTACT": "help@connect.example",
    "AYRSHARE_EMAIL_TERMS_URL": "https://connect.example/terms",
    "AYRSHARE_EMAIL_PRIVACY_URL": "https://connect.example/privacy",
}
FOREIGN = ("SLACK_", "AYRSHARE_", "CONNECT_", "REDIS_", "ENCRYPTION_", "METRICS_")


def bot_environment(sandbox: Sandbox, data_dir: Path, *, port: int, link_api: str) -> dict[str, str]:
    """Return the bot's environment: a real bot's settings, in the shell or in .env, do not count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    ours = {
        "SLACK_API_URL": f"{sandbox.url}/slack/api/",
        "AYRSHARE_API_URL": f"{sandbox.url}/ayrshare/api",
        "PUBLIC_URL": sandbox.bot_url,
        "DATA_DIR": str(data_dir),
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    return kept | ours | _of_slack(sandbox.slack) | _of_ayrshare(sandbox.ayrshare, link_api)


def _of_slack(slack: LocalSlack) -> dict[str, str]:
    way = {"SLACK_APP_TOKEN": slack.app_token} if slack.socket_mode else {"SLACK_SIGNING_SECRET": slack.signing_secret}
    return {"SLACK_BOT_TOKEN": slack.bot_token, **way}


def _of_ayrshare(ayrshare: LocalAyrshare, link_api: str) -> dict[str, str]:
    jwt = {"AYRSHARE_DOMAIN": ayrshare.domain, "AYRSHARE_PRIVATE_KEY": ayrshare.private_key_pem}
    way = {"AYRSHARE_LINK_API": link_api} if link_api == "session" else jwt
    webhook = {"AYRSHARE_WEBHOOK_SECRET": ayrshare.primary.hooks.secret or ""}
    return {"AYRSHARE_API_KEY": ayrshare.api_key, **webhook, **way, **MAILS}
