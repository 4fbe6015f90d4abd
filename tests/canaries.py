"""No secret and no e-mail address may stand in the log, the metrics, the store or a message's `text`."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from prometheus_client import generate_latest

from bot.app import Bot
from bot.core.logs import configure_logs
from sandbox.server import Sandbox

LINK_PARTS = ("jwt=", "session=ayr_ls_", "ticket=", "/slack/commands/T0", "/slack/actions/T0", "connectbot_T0")
"""Parts of every link, response URL, WebSocket address and API key."""


class Lines(logging.Handler):
    """Keeps every line of the log, at DEBUG, as it is written."""

    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def listening() -> Iterator[Lines]:
    """Write the log as in production, but at DEBUG, and keep a copy."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    configure_logs("DEBUG", "json")
    lines = Lines()
    lines.setFormatter(root.handlers[0].formatter)
    root.addHandler(lines)
    try:
        yield lines
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.reset_defaults()


def secrets_of(sandbox: Sandbox, bot: Bot) -> list[str]:
    """Return every secret of this test in the form in which it would leak."""
    settings = bot.deps.settings
    optional = (
        *(settings.metrics_token, settings.encryption_keys),
        *(settings.ayrshare_webhook_secret, settings.connect_events_secret),
    )
    key_lines = sandbox.ayrshare.private_key_pem.splitlines()
    return [
        sandbox.slack.bot_token,
        sandbox.slack.signing_secret,
        sandbox.slack.app_token,
        *sandbox.slack.oauth.secrets,
        sandbox.ayrshare.api_key,
        *(profile.key for profile in sandbox.ayrshare.profiles),
        key_lines[len(key_lines) // 2],
        *(str(value.get_secret_value()) for value in optional if value),
        *(user.email for user in sandbox.slack.world.users.values() if user.email),
        *LINK_PARTS,
    ]


def check(sandbox: Sandbox, bot: Bot, lines: Lines) -> None:
    """Fail if a secret is found. Only the key file may hold the encryption key."""
    data_dir = Path(bot.deps.settings.data_dir)
    ring = data_dir / "encryption.keys"
    secrets = [*secrets_of(sandbox, bot), *(key.strip() for key in _read(ring).split(",") if key.strip())]
    stored = "".join(_read(path) for path in data_dir.rglob("*") if path.is_file() and path != ring)
    texts = [str(m.text) for channel in sandbox.slack.world.channels.values() for m in channel.messages]
    haystacks = {
        "the log": "\n".join(lines.lines),
        "the metrics": generate_latest(bot.deps.metrics.registry).decode(),
        "the store": stored,
        "a message's text": "\n".join(texts),
    }
    for secret in secrets:
        for place, haystack in haystacks.items():
            assert secret not in haystack, f"a secret ({secret[:6]}…) stands in {place}"


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace") if path.exists() else ""
