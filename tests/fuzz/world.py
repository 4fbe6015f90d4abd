"""A bot's settings in a sandbox."""

from pathlib import Path

from sandbox.server import Sandbox


def environment(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    """Return what a bot needs to live in the sandbox, as environment variables."""
    return {
        "SLACK_BOT_TOKEN": sandbox.slack.bot_token,
        "SLACK_SIGNING_SECRET": sandbox.slack.signing_secret,
        "SLACK_API_URL": f"{sandbox.url}/slack/api/",
        "AYRSHARE_API_KEY": sandbox.ayrshare.api_key,
        "AYRSHARE_DOMAIN": sandbox.ayrshare.domain,
        "AYRSHARE_PRIVATE_KEY": sandbox.ayrshare.private_key_pem,
        "AYRSHARE_API_URL": f"{sandbox.url}/ayrshare/api",
        "DATA_DIR": str(folder / "data"),
        "HOST": "127.0.0.1",
        "PORT": "0",
    }
