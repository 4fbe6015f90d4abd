"""The audit log: `connectbot:{team}:audit`, a stream of the last 100,000 rows. Permanent. Ids only, never a secret.

Fields: `what` (the action), `by`, `for` (the owner), `profile`, `detail`. The row of a change is added in the same
transaction as the change, with `audit_key` and `audit_fields`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.core.model import RefId, TeamId, UserId
from bot.storage.connection import Store, redis_errors_mapped

ROWS = 100_000
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One action, in ids. `by` is a user ID, `shell` or `bot`; `at` is set when the row is read back."""

    action: str
    by: str
    owner: UserId | None = None
    ref_id: RefId | None = None
    detail: str = ""
    at: datetime | None = None


def audit_key(team: TeamId) -> str:
    """Return the stream's key, which is in the same slot as the workspace's other keys."""
    return f"connectbot:{{{team}}}:audit"


def audit_fields(row: AuditRow) -> dict[Any, Any]:
    """Return a row's fields as stored, without the empty ones."""
    fields = {"what": row.action, "by": row.by, "for": row.owner, "profile": row.ref_id, "detail": row.detail}
    return {name: value for name, value in fields.items() if value}


class AuditStore(Store):
    """Adds rows to the audit log and reads it."""

    @redis_errors_mapped
    async def add(self, team: TeamId, row: AuditRow) -> None:
        """Add a row that goes with no change, such as a refusal."""
        await self._redis.xadd(audit_key(team), audit_fields(row), maxlen=ROWS, approximate=True)

    @redis_errors_mapped
    async def page(self, team: TeamId, *, after: str) -> tuple[tuple[str, AuditRow], ...]:
        """Return up to 1,000 rows after a stream id ("0" for the first page), oldest first, with their ids."""
        entries: Any = await self._redis.xrange(audit_key(team), min=f"({after}", count=PAGE)
        return tuple((entry_id, _row(entry_id, fields)) for entry_id, fields in entries)

    @redis_errors_mapped
    async def latest(self, team: TeamId, count: int) -> tuple[AuditRow, ...]:
        """Return the last rows, newest first."""
        entries: Any = await self._redis.xrevrange(audit_key(team), count=count)
        return tuple(_row(entry_id, fields) for entry_id, fields in entries)


def _row(entry_id: str, fields: dict[str, str]) -> AuditRow:
    at = datetime.fromtimestamp(int(entry_id.partition("-")[0]) / 1000, UTC)
    owner, ref_id = fields.get("for"), fields.get("profile")
    return AuditRow(
        action=fields["what"],
        by=fields.get("by", ""),
        owner=UserId(owner) if owner else None,
        ref_id=RefId(ref_id) if ref_id else None,
        detail=fields.get("detail", ""),
        at=at,
    )
