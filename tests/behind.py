"""What no one in Slack sees: the bot's own Redis and its audit trail, to look behind the scenes or to damage things."""

from typing import Any, cast

from bot.app import Bot
from bot.model import AuditRow, TeamId
from bot.stores.audit import AuditStore

TEAM = TeamId("T0CONNECT")


def redis_of(bot: Bot) -> Any:
    return cast("AuditStore", bot.deps.audit).connection.redis


async def trail(bot: Bot, *what: str) -> list[AuditRow]:
    """The rows of these kinds, or all, the oldest first."""
    page = await cast("AuditStore", bot.deps.audit).page(TEAM, after="0")
    return [row for _, row in page if not what or row.what in what]
