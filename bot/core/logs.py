"""Structured logs: for people on a terminal, as JSON elsewhere."""

import logging
import re
import sys
from typing import Literal

import structlog

from bot.core.text import printable

QUIET_LOGGERS = {"slack_bolt": logging.CRITICAL, "slack_sdk": logging.ERROR}
"""Below these levels the first two log bodies, tokens and `response_url`s, the third a trace a second without Redis."""


SECRETS = re.compile(
    r"xox[a-z](?:-[\w-]+)+|xapp-[\w-]+"  # Slack's tokens
    r"|https?://hooks\.slack\.com/\S+|/slack/(?:commands|actions)/\S+"  # response URLs, the local Slack's too
    r"|[?&](?:jwt|session|ticket)=[^\s&\"']+|eyJ[\w-]+\.[\w-]+\.[\w-]+|ayr_ls_[\w-]+"  # links, addresses of sockets
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|(?<=Bearer )\S+",
    re.DOTALL,
)
HIDDEN = "[hidden]"


class Redacted:
    """The last step before output: it hides what looks like a secret, from any library."""

    def __init__(self, renderer: structlog.typing.Processor) -> None:
        self._renderer = renderer

    def __call__(self, logger: object, name: str, event: structlog.typing.EventDict) -> str:
        """Render an event and hide its secrets."""
        return SECRETS.sub(HIDDEN, str(self._renderer(logger, name, event)))


def _for_a_terminal(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {name: printable(value) if isinstance(value, str) else value for name, value in event.items()}


def configure_logs(level: str, style: Literal["console", "json"] | None) -> None:
    """Write our events and the libraries' records to standard error in one format."""
    console = style == "console" or (style is None and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _for_a_terminal,
    ]
    renderer = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, Redacted(renderer)],
        )
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, least in QUIET_LOGGERS.items():
        logging.getLogger(name).setLevel(least)
