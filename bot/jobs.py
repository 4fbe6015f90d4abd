"""What happens later: an errand in, one service call. Whatever goes wrong is decided here, once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog

from bot.deps import Agenda, Deps
from bot.errands import PACED, Errand, InvitationId, Kind, SendingId, Taken
from bot.errors import ConnectbotError, SlackUnavailable, StoreUnavailable
from bot.model import CardId, TeamId, UserId
from bot.services import cards, invitation_delivery, receipts, sending, sending_progress, sweep, telling

AT_ONCE = 20
"""Errands that one wake-up has in hand; Redis has connections for 50."""
LANES = 3
"""Turns at `chat.update` that one wake-up uses side by side: looking what got linked may take two seconds."""
TAKEN_AT_ONCE = 1000
SLACK_AGAIN = timedelta(seconds=5)
RATE_LIMITED = "ratelimited"

log = structlog.get_logger()

Do = Callable[[Deps, TeamId, str], Awaitable[None]]


async def _come_due(deps: Deps, team: TeamId, card: str) -> None:
    await cards.come_due(deps, team, CardId(card))


async def _come_to_end(deps: Deps, team: TeamId, card: str) -> None:
    await cards.come_to_end(deps, team, CardId(card))


async def _draw_card(deps: Deps, team: TeamId, card: str) -> None:
    await cards.take_turn(deps, team, CardId(card))


async def _invite(deps: Deps, team: TeamId, invitation: str) -> None:
    await invitation_delivery.come_due(deps, team, InvitationId(invitation))


async def _send(deps: Deps, team: TeamId, sent: str) -> None:
    await sending.go_on(deps, team, SendingId(sent))


async def _tell(deps: Deps, team: TeamId, user: str) -> None:
    await telling.tell(deps, team, UserId(user))


async def _sweep(deps: Deps, team: TeamId, _: str) -> None:
    await sweep.go_on(deps, team)


async def _draw_receipt(deps: Deps, team: TeamId, invitation: str) -> None:
    await receipts.draw(deps, team, InvitationId(invitation))


async def _draw_progress(deps: Deps, team: TeamId, sent: str) -> None:
    await sending_progress.draw(deps, team, SendingId(sent))


JOBS: dict[Kind, Do] = {
    Kind.TICK: _come_due,
    Kind.END: _come_to_end,
    Kind.CARD_TICK: _draw_card,
    Kind.CARD_END: _draw_card,
    Kind.INVITE: _invite,
    Kind.SEND: _send,
    Kind.NEWS: _tell,
    Kind.SWEEP: _sweep,
    Kind.RECEIPT: _draw_receipt,
    Kind.PROGRESS: _draw_progress,
}


async def wake(deps: Deps, agenda: Agenda, team: TeamId) -> None:
    """Do what is due in a workspace, and draw what has its turn at `chat.update`."""
    with suppress(StoreUnavailable):  # what is due stays so, and somebody looks round again
        taken = await agenda.take(team, now=deps.clock.now(), at_most=TAKEN_AT_ONCE)
        for one in taken:
            deps.metrics.lateness.observe(max(0.0, (deps.clock.now() - one.due).total_seconds()))
        at_once = asyncio.Semaphore(AT_ONCE)
        errands = [_done(deps, agenda, team, one, at_once) for one in taken if one.errand.kind not in PACED]
        await asyncio.gather(*errands, *(_draw(deps, agenda, team) for _ in range(LANES)))


async def look_round(deps: Deps, agenda: Agenda) -> None:
    """Wake somebody for what is due and was left by a process that has died."""
    with suppress(StoreUnavailable):
        for team in await deps.mappings.teams():
            if await agenda.has_due(team, now=deps.clock.now()):
                await deps.later.wake(team, at=deps.clock.now())


async def plan_sweeps(deps: Deps) -> None:
    """See to it that all profiles of each workspace are looked at daily, also of those that are new."""
    with suppress(StoreUnavailable):  # the next hour comes
        await sweep.plan_first(deps)


async def count_live_cards(deps: Deps, agenda: Agenda) -> None:
    """Bring the figure of cards that are counted down up to date, if Redis can be asked."""
    with suppress(StoreUnavailable):
        teams = await deps.mappings.teams()
        deps.metrics.live_cards.set(sum([await agenda.count(team, Kind.END, Kind.CARD_END) for team in teams]))


async def _done(deps: Deps, agenda: Agenda, team: TeamId, taken: Taken, at_once: asyncio.Semaphore) -> None:
    async with at_once:
        with suppress(StoreUnavailable):  # its lease ends, and it is done again
            if await _run(deps, team, taken.errand):
                await agenda.done(team, taken)


async def _draw(deps: Deps, agenda: Agenda, team: TeamId) -> None:
    """Use turns until there is none, and come back when there is."""
    while not deps.later.stopping:
        turn = await agenda.turn(team, now=deps.clock.now())
        if isinstance(turn, timedelta):
            await deps.later.wake(team, at=deps.clock.now() + turn)
            return
        if turn is None:
            return
        if await _run(deps, team, turn, refused=partial(_hold, deps, agenda, team)):
            await agenda.drawn(team, turn)


async def _hold(deps: Deps, agenda: Agenda, team: TeamId, wait: timedelta) -> None:
    await agenda.hold(team, until=deps.clock.now() + wait, span=wait)


async def _run(
    deps: Deps, team: TeamId, errand: Errand, *, refused: Callable[[timedelta], Awaitable[None]] | None = None
) -> bool:
    """Do an errand, and return whether it is over; one that failed for now is planned anew."""
    try:
        await JOBS[errand.kind](deps, team, errand.id)
    except SlackUnavailable as error:
        if error.passes:
            wait = error.retry_after or SLACK_AGAIN
            if refused and error.word == RATE_LIMITED:
                await refused(wait)
            await deps.later.plan(team, errand, at=deps.clock.now() + wait)
        log.warning("errand_refused", errand=errand.kind, error=error.word)
    except StoreUnavailable:
        raise
    except ConnectbotError as error:
        log.info("errand_dropped", errand=errand.kind, cause=error.kind)
    except Exception:
        log.exception("errand_failed", errand=errand.kind)
    deps.metrics.errands.labels(errand.kind).inc()
    return True
