"""`POST /ayrshare/webhook`: an event about an account is processed, or answered so that Ayrshare delivers it again."""

from http import HTTPStatus

import structlog

from bot.ayrshare.webhook import DELIVERY_LIFE, SOCIAL, SYSTEM, USER, WebhookEvent, read_event
from bot.core.errors import ConnectbotError
from bot.core.model import RefId
from bot.core.time_limit import limited_to
from bot.deps import Deps
from bot.notifications import ayrshare_event, suspension
from bot.notifications.ayrshare_event import ChangeKind
from bot.notifications.model import WEBHOOK_TIMEOUT
from bot.storage.errors import StoreUnavailable

LINK, UNLINK, REFRESH = "link", "unlink", "refresh"
STATUSES = {"unreadable": HTTPStatus.BAD_REQUEST}
STATUSES |= dict.fromkeys(("busy", StoreUnavailable.kind), HTTPStatus.SERVICE_UNAVAILABLE)
"""Everything else was processed or is ignored, and must not be delivered again: 200."""

log = structlog.get_logger()


async def receive(deps: Deps, raw: bytes) -> HTTPStatus:
    """Process a signed delivery, and return the response's status."""
    try:
        async with limited_to(WEBHOOK_TIMEOUT):
            outcome = await _outcome(deps, raw)
    except (ConnectbotError, TimeoutError) as error:
        log.warning("ayrshare_event_failed", cause=type(error).__name__)
        outcome = StoreUnavailable.kind
    deps.metrics.ayrshare_events.labels(outcome).inc()
    return STATUSES.get(outcome, HTTPStatus.OK)


async def _outcome(deps: Deps, raw: bytes) -> str:
    event = read_event(raw)
    if event is None:
        return "unreadable"
    if event.suspends and event.ref_id and event.hook_id:
        return await suspension.on_suspended(deps, event.hook_id, RefId(event.ref_id))
    kind = _kind(event)
    if event.action != SOCIAL or kind is None or not event.ref_id or not event.hook_id:
        log.info("ayrshare_event_ignored", action=event.action, type=event.type)
        return "ignored"
    if event.created and deps.clock.now() - event.created > DELIVERY_LIFE:
        return "stale"  # sent again by whoever kept it: the time in the header is not signed, this one is
    change = ayrshare_event.AccountEvent(
        id=event.hook_id,
        ref_id=RefId(event.ref_id),
        network=event.platform or ayrshare_event.UNKNOWN_NETWORK,
        name=event.display_name,
        at=event.created,
        kind=kind,
        reason=event.details or "",
        refresh_by=event.refresh_by,
    )
    return await ayrshare_event.on_ayrshare_event(deps, change)


def _kind(event: WebhookEvent) -> ChangeKind | None:
    """Return what happened to an account, None for an unknown type; an unlink's source may be unknown."""
    if event.type == UNLINK:
        return {SYSTEM: ChangeKind.DROPPED, USER: ChangeKind.REMOVED}.get(event.source or "", ChangeKind.DISCONNECTED)
    return {LINK: ChangeKind.CONNECTED, REFRESH: ChangeKind.EXPIRING}.get(event.type or "")
