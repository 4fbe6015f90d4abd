"""Tells CONNECT_EVENTS_URL of one event: at least once, in no certain order, without any link, key or secret."""

import json
from http import HTTPStatus
from typing import Any

import structlog

from bot.core.model import TeamId
from bot.deps import Deps
from bot.events.model import AGAIN, CLIENT_LINK, Event, EventNotTaken, EventType, read_event

LINK_EVENTS = {EventType.LINK_MADE, EventType.LINK_OPENED}

log = structlog.get_logger()


async def send_event(deps: Deps, team: TeamId, job_id: str) -> None:
    """Send an event; raise EventNotTaken, after which it is tried again. 410 says that nobody wants it."""
    event = read_event(job_id)
    if deps.events is None:
        return  # switched off since
    if deps.events.full:
        await deps.scheduler.plan(team, event.job, at=deps.clock.now() + AGAIN)
        return
    try:
        status = await deps.events.send(event.id, await _body(deps, team, event))
    except EventNotTaken as error:
        deps.metrics.events_sent.labels("unreachable").inc()
        log.warning("event_not_sent", team=team, type=event.type, id=event.id, why=error.sentence)
        raise
    taken = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    outcome = "ok" if taken else "unwanted" if status == HTTPStatus.GONE else "refused"
    deps.metrics.events_sent.labels(outcome).inc()
    log.info("event_sent", team=team, type=event.type, id=event.id, status=status)
    if outcome == "refused":
        raise EventNotTaken(f"The receiver of events answered with HTTP {status}.")


async def _body(deps: Deps, team: TeamId, event: Event) -> bytes:
    title = (await deps.profiles.titles(team, event.ref_id)).get(event.ref_id, "")
    about = _link(event) if event.type in LINK_EVENTS else await _account(deps, team, event)
    data = {"workspace": team, "profile": {"ref_id": event.ref_id, "title": title}, **about}
    moment = event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": event.type, "timestamp": moment, "data": data}).encode()


def _link(event: Event) -> dict[str, Any]:
    """Name the link as the links API does, and the client link that made it, if one did."""
    link_id, _, issued_by = event.about.partition(" ")
    if issued_by.startswith(CLIENT_LINK):
        return {"link": {"id": link_id, "client_link": issued_by.removeprefix(CLIENT_LINK)}}
    return {"link": {"id": link_id}}


async def _account(deps: Deps, team: TeamId, event: Event) -> dict[str, Any]:
    """Name the account as far as it was seen: its network, and what it is called there."""
    seen = (await deps.snapshots.of(team, event.ref_id)).get(event.ref_id)
    names = {one.network: one.name for one in seen.disconnected} if seen else {}
    names |= {one.network: one.name or "" for one in seen.accounts} if seen else {}
    return {"account": {"network": event.about, "name": names.get(event.about, "")}}
