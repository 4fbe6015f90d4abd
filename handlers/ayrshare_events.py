"""What Ayrshare tells by its webhook."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

import structlog

from bot.ayrshare.webhook import SOCIAL, SYSTEM, USER, SocialEvent, is_signed, read_event
from bot.core.errors import ConnectbotError
from bot.core.model import RefId
from bot.deps import Deps
from bot.notifications import ayrshare_event
from bot.notifications.ayrshare_event import ChangeKind
from bot.storage.errors import StoreUnavailable

PATIENCE = timedelta(seconds=0.7)
"""The answer is given within a second; what takes longer is delivered again."""
LINK, UNLINK, REFRESH = "link", "unlink", "refresh"
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
    how = _how(event)
    if event.action != SOCIAL or how is None or not event.ref_id or not event.hook_id:
        return "ignored"
    change = ayrshare_event.AccountChange(
        id=event.hook_id,
        ref_id=RefId(event.ref_id),
        network=event.platform or ayrshare_event.SOMETHING,
        name=event.display_name,
        at=event.created,
        kind=how,
        why=event.details or "",
        by=event.refresh_by,
    )
    return await ayrshare_event.on_ayrshare_event(deps, change)


def _how(event: SocialEvent) -> ChangeKind | None:
    """Tell what happened to a network; who unlinked it may be told in words that we don't know."""
    if event.type == UNLINK:
        return {SYSTEM: ChangeKind.DROPPED, USER: ChangeKind.TAKEN_OFF}.get(event.source or "", ChangeKind.UNLINKED)
    return {LINK: ChangeKind.LINKED, REFRESH: ChangeKind.EXPIRES}.get(event.type or "")
