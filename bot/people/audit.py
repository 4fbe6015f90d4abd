"""The audit log: ids only, never a secret.

`connectbot:{team}:audit` is a stream of the last 100,000 rows of what changed and of what admins did,
`connectbot:{team}:audit_everyday` of the last 100,000 rows of what every member may do again and again, so that those
push none of the others out. Both are permanent, and read as one.

Fields: `what` (the action), `by`, `for` (the owner), `profile`, `detail`. The row of a change is added in the same
transaction as the change, with `add_row`, or by a script with `audit_key` and `audit_parts`.

Of what anybody can do again and again, each person gets ROWS_AN_HOUR rows for each action; one row more says how many
times they did it after that. They are counted in `connectbot:{team}:audit_rows:<by>:<action>`, for an hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio.client import Pipeline

from bot.core.model import RefId, TeamId, UserId
from bot.storage.connection import Connection, Store, moment_of, redis_errors_mapped, span_ms
from bot.storage.damage import Shape

ROWS = 100_000
PAGE = 1_000
REPEATABLE = frozenset({"refused", "invitation_stopped", "invitation_allowed", "group_asked"})
ROWS_AN_HOUR = 20
HOUR = timedelta(hours=1)
MORE = "more"
"""The action of the row that stands for those left out; its detail is theirs and how many there are."""
EVERYDAY = REPEATABLE | {"link_made", "link_issued", "link_cancelled", MORE}

# Adds a row, or counts it in the one row that stands for those beyond the limit.
ADD = """
local rows = redis.call('HINCRBY', KEYS[2], 'rows', 1)
if rows == 1 then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
local more = rows - ARGV[1]
if more <= 0 then return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', unpack(ARGV, 7)) end
local last = redis.call('HGET', KEYS[2], 'last')
if last then redis.call('XDEL', KEYS[1], last) end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*',
  'what', ARGV[4], 'by', ARGV[5], 'detail', string.format('%s:%d', ARGV[6], more))
redis.call('HSET', KEYS[2], 'last', id)
return id
"""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One action, in ids. `by` is a user ID, `shell` or `bot`; `at` is set when the row is read back."""

    action: str
    by: str
    owner: UserId | None = None
    ref_id: RefId | None = None
    detail: str = ""
    at: datetime | None = None


def audit_key(team: TeamId, action: str = "") -> str:
    """Return the key of the stream for an action, which is in the same slot as the workspace's other keys."""
    return f"connectbot:{{{team}}}:audit{'_everyday' if action in EVERYDAY else ''}"


def audit_fields(row: AuditRow) -> dict[Any, Any]:
    """Return a row's fields as stored, without the empty ones."""
    fields = {"what": row.action, "by": row.by, "for": row.owner, "profile": row.ref_id, "detail": row.detail}
    return {name: value for name, value in fields.items() if value}


def audit_parts(row: AuditRow) -> list[str]:
    """Return a row's fields and their values one after another, as scripts take them."""
    return [part for field in audit_fields(row).items() for part in field]


def add_row(pipe: Pipeline, team: TeamId, row: AuditRow) -> None:
    """Have a row added in the transaction of the change that it tells of."""
    pipe.xadd(audit_key(team, row.action), audit_fields(row), maxlen=ROWS, approximate=True)


class AuditStore(Store):
    """Adds rows to the audit log and reads it."""

    shapes = (
        Shape("audit", "stream"),
        Shape("audit_everyday", "stream"),
    )

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._add = self._redis.register_script(ADD)

    @redis_errors_mapped
    async def add(self, team: TeamId, row: AuditRow) -> None:
        """Add a row that goes with no change of mappings or cards, such as a refusal."""
        if row.action in REPEATABLE:
            keys = [audit_key(team, row.action), f"connectbot:{{{team}}}:audit_rows:{row.by}:{row.action}"]
            limits = [ROWS_AN_HOUR, span_ms(HOUR), ROWS]
            await self._add(keys=keys, args=[*limits, MORE, row.by, row.action, *audit_parts(row)])
            return
        await self._redis.xadd(audit_key(team, row.action), audit_fields(row), maxlen=ROWS, approximate=True)

    @redis_errors_mapped
    async def page(self, team: TeamId, *, after: str) -> tuple[tuple[str, AuditRow], ...]:
        """Return the next rows after an id ("0" for the first page), oldest first, with their ids; none at the end."""
        found = [await self._after(key, after) for key in (audit_key(team, MORE), audit_key(team))]
        ends = [_order(entries[-1]) for entries in found if len(entries) == PAGE]  # what follows them isn't read yet
        entries = sorted((entry for some in found for entry in some), key=_order)
        return tuple((entry[0], _row(*entry)) for entry in entries if not ends or _order(entry) <= min(ends))

    async def _after(self, key: str, after: str) -> list[Any]:
        return list(await self._redis.xrange(key, min=f"({after}", count=PAGE) or ())

    @redis_errors_mapped
    async def latest(self, team: TeamId, count: int) -> tuple[AuditRow, ...]:
        """Return the last rows, newest first."""
        found: list[Any] = []
        for key in (audit_key(team), audit_key(team, MORE)):
            found += await self._redis.xrevrange(key, count=count) or ()
        return tuple(_row(*entry) for entry in sorted(found, key=_order, reverse=True)[:count])


def _order(entry: tuple[str, dict[str, str]]) -> tuple[int, int]:
    moment, _, number = entry[0].partition("-")
    return int(moment), int(number)


def _row(entry_id: str, fields: dict[str, str]) -> AuditRow:
    at = moment_of(entry_id.partition("-")[0])
    owner, ref_id = fields.get("for"), fields.get("profile")
    return AuditRow(
        action=fields.get("what", "?"),
        by=fields.get("by", ""),
        owner=UserId(owner) if owner else None,
        ref_id=RefId(ref_id) if ref_id else None,
        detail=fields.get("detail", ""),
        at=at,
    )
