"""What Ayrshare tells by its webhook."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

import structlog

from bot.ayrshare.webhook import SOCIAL, is_signed, read_event
from bot.deps import Deps
from bot.errors import ConnectbotError, StoreUnavailable
from bot.model import RefId
from bot.services import news

PATIENCE = timedelta(seconds=0.7)
"""The answer is given within a second; what takes longer is delivered again."""
TYPES = frozenset({"link", "unlink"})
STATUSES = {"unsigned": HTTPStatus.UNAUTHORIZED, "unreadable": HTTPStatus.BAD_REQUEST}
STATUSES |= dict.fromkeys(("busy", StoreUnavailable.kind), HTTPStatus.SERVICE_UNAVAILABLE)
"""Everything else is understood, or left out on purpose, and must not be delivered again: 200."""

log = structlog.get_logger()


async def receive(deps: Deps, raw: bytes, headers: Mapping[str, str]) -> HTTPStatus:
    """Take a delivery, and return the status that Ayrshare is answered with."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            outcome = await _outcome(deps, raw, headers)
    except (ConnectbotError, TimeoutError) as error:
        log.warning("ayrshare_event_not_taken", cause=type(error).__name__)
        outcome = StoreUnavailable.kind
    deps.metrics.ayrshare_events.labels(outcome).inc()
    return STATUSES.get(outcome, HTTPStatus.OK)


async def _outcome(deps: Deps, raw: bytes, headers: Mapping[str, str]) -> str:
    secret = deps.settings.ayrshare_webhook_secret
    if secret is None or not is_signed(raw, headers, secret, now=deps.clock.now()):
        return "unsigned"
    event = read_event(raw)
    if event is None:
        return "unreadable"
    if event.action != SOCIAL or event.type not in TYPES or not event.ref_id or not event.hook_id:
        return "ignored"
    change = news.Change(event.hook_id, RefId(event.ref_id), event.platform or news.SOMETHING, event.created)
    return await news.take(deps, change)
