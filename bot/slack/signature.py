"""How Slack signs its requests: https://docs.slack.dev/authentication/verifying-requests-from-slack."""

import hmac
import re
from collections.abc import Mapping
from datetime import timedelta

from pydantic import SecretStr

from bot.core.clock import read_seconds

REQUEST_PATH = "/slack/events"
INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"
"""Where an installation begins, and where Slack sends the browser back to."""
"""The route for everything that Slack sends over HTTP, after PUBLIC_URL."""
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


class SlackSignature:
    """Checks requests with the app's signing secret."""

    sender = "Slack"
    max_age = timedelta(minutes=5)

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret.get_secret_value().encode()

    def sent_at(self, headers: Mapping[str, str]) -> int | None:
        """Return the time in the headers, in seconds since 1970; None if they can't be a signed request's."""
        plausible = SIGNATURE.fullmatch(headers.get("X-Slack-Signature", ""))
        return read_seconds(headers.get("X-Slack-Request-Timestamp", "")) if plausible else None

    def fits(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether the body was signed with the secret, at the time in the headers."""
        signed = f"v0:{headers['X-Slack-Request-Timestamp']}:".encode() + raw
        expected = "v0=" + hmac.digest(self._secret, signed, "sha256").hex()
        return hmac.compare_digest(expected, headers["X-Slack-Signature"])
