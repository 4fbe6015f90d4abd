"""`status`: what is due and how late, who works, and what is down."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bot.cli.boundary import console, finish, settings_of, show_table
from bot.cli.jobs import outstanding_of
from bot.cli.records import records_of
from bot.cli.status.report import Report, WorkspaceState, span
from bot.connections import redis_of
from bot.core.metrics import Metrics
from bot.notifications.model import Sweep
from bot.notifications.sweep.store import SweepStore
from bot.scheduling.processes import Process, ProcessStore, time_of
from bot.settings import StoreSettings
from bot.storage.errors import StoreUnavailable

PROCESS_COLUMNS = ("process", "on", "version", "for", "last heard", "Slack", "down")
WORKSPACE_COLUMNS = ("workspace", "planned", "first due", "waiting", "set aside", "daily check")


def status(*, as_json: Annotated[bool, typer.Option("--json", help="One JSON object")] = False) -> None:
    """Show what is due and how late, who works, and what is down; exit 1 if anything is wrong."""
    report = finish(_look(settings_of(StoreSettings)))
    wrong = list(report.wrong())
    if as_json:
        console.out(json.dumps(_as_json(report, wrong), indent=2), highlight=False)
    else:
        _show(report, wrong)
    if wrong:
        raise typer.Exit(1)


async def _look(settings: StoreSettings) -> Report:
    async with redis_of(settings, metrics=Metrics()) as redis:
        if trouble := await redis.trouble():
            return Report(datetime.now(UTC), trouble)
        try:
            outstanding, sweeps = await outstanding_of(redis), SweepStore(redis)
            workspaces = [WorkspaceState(team, jobs, await sweeps.get(team)) for team, jobs in outstanding.items()]
            processes = await ProcessStore(redis).all()
            return Report(time_of(processes), "", processes, workspaces, await records_of(redis))
        except StoreUnavailable as error:
            return Report(datetime.now(UTC), error.sentence)


def _show(report: Report, wrong: Sequence[str]) -> None:
    if not report.redis:
        show_table(PROCESS_COLUMNS, [_process_row(process, report.now) for process in report.processes])
        console.print()
        show_table(WORKSPACE_COLUMNS, [_workspace_row(one, report.now) for one in report.workspaces])
        console.print()
    if report.records.set_aside:
        console.print(f"Set aside, because it couldn't be read: {', '.join(report.records.set_aside)}.")
    for sentence in wrong:
        console.print(sentence)
    if not wrong:
        console.print("Nothing is wrong.")


def _process_row(process: Process, now: datetime) -> tuple[str, ...]:
    heard = f"{span(process.silent)} ago" if process.lives else f"silent for {span(process.silent)}"
    sockets = "" if process.sockets is None else f"{process.sockets} sockets"
    up_for = span(now - process.since)
    return (
        process.role,
        f"{process.host}, {process.pid}",
        process.version,
        up_for,
        heard,
        sockets,
        ", ".join(process.down),
    )


def _workspace_row(one: WorkspaceState, now: datetime) -> tuple[str, ...]:
    jobs = one.jobs
    due = _moment(jobs.next_due, now) if jobs.next_due else ""
    return one.name, str(jobs.planned), due, str(jobs.waiting), str(len(jobs.set_aside)), _check(one.sweep, now)


def _check(sweep: Sweep | None, now: datetime) -> str:
    if sweep is None:
        return ""
    if sweep.began:
        return f"runs for {span(now - sweep.began)}"
    return f"{span(now - sweep.ended)} ago" if sweep.ended else _moment(sweep.next_at, now)


def _moment(moment: datetime, now: datetime) -> str:
    return f"in {span(moment - now)}" if moment >= now else f"{span(now - moment)} late"


def _as_json(report: Report, wrong: Sequence[str]) -> dict[str, Any]:
    return {
        "ok": not wrong,
        "wrong": list(wrong),
        "redis": report.redis or "ok",
        "processes": [
            {
                "role": process.role,
                "host": process.host,
                "pid": process.pid,
                "version": process.version,
                "since": process.since.isoformat(),
                "lives": process.lives,
                "silent_seconds": round(process.silent.total_seconds()),
                "sockets": process.sockets,
                "down": list(process.down),
            }
            for process in report.processes
        ],
        "records_set_aside": list(report.records.set_aside),
        "workspaces": [_workspace_json(one, report.now) for one in report.workspaces],
    }


def _workspace_json(one: WorkspaceState, now: datetime) -> dict[str, Any]:
    jobs, sweep = one.jobs, one.sweep
    return {
        "workspace": one.team,
        "planned": jobs.planned,
        "next_due": jobs.next_due.isoformat() if jobs.next_due else None,
        "late_seconds": round(one.late(now).total_seconds()),
        "waiting": jobs.waiting,
        "set_aside": len(jobs.set_aside),
        "last_check": sweep.ended.isoformat() if sweep and sweep.ended else None,
        "next_check": sweep.next_at.isoformat() if sweep else None,
    }
