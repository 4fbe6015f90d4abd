"""Counts the modals that show live cards: the more are open in a workspace, the less often each is redrawn.

`connectbot:{team}:modals` is a sorted set of their cards by deadline in milliseconds.
"""

from datetime import datetime

from redis.asyncio.client import Pipeline

from bot.cards.model import KEPT_AFTER_EXPIRY, Card
from bot.core.model import TeamId
from bot.slack.model import ModalRef
from bot.storage.connection import moment_ms


def add_count(pipe: Pipeline, card: Card, before: Card | None, *, now: datetime) -> None:
    """Count a card in a transaction that keeps it if a modal shows it live, and no longer if one did before."""
    key = modals_key(card.team)
    if _in_modal(card):
        pipe.zremrangebyscore(key, "-inf", moment_ms(now))
        pipe.zadd(key, {card.id: moment_ms(card.link.expires_at)})
        pipe.pexpire(key, KEPT_AFTER_EXPIRY)
    elif before and _in_modal(before):
        pipe.zrem(key, card.id)


def modals_key(team: TeamId) -> str:
    """Return the key of a workspace's sorted set."""
    return f"connectbot:{{{team}}}:modals"


def _in_modal(card: Card) -> bool:
    return card.state.live and isinstance(card.surface, ModalRef)
