"""What people have open: Home tabs and windows, and how each was drawn last.

`connectbot:{team}:open_views`: a hash of user or view id to JSON `{"at": …, "user": …, "home_team": …, "shows": …,
"note": …, "drawn": …, "version": …}`, the moment in seconds. It expires OPEN_FOR after the last opening.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.model import TeamId, UserId, Viewer
from bot.home.model import OPEN_FOR
from bot.slack.model import ViewId
from bot.storage.connection import Connection, Store, redis_errors_mapped, span_ms
from bot.storage.damage import Shape

# Stores a record, or deletes it if it is empty, unless the stored one is no longer what was read.
REPLACE = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return end
if ARGV[3] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
"""


@dataclass(frozen=True, slots=True)
class OpenView:
    """A Home tab, or a window with its `view`, that somebody opened `at` a moment (UTC).

    `shows` is Home's query, or the owner and the profile of a status, and `note` what stands above it. `drawn` is a
    fingerprint of what was drawn, and `version` Slack's hash of it; both are empty until the first drawing has arrived.
    """

    viewer: Viewer
    at: datetime
    shows: str
    view: ViewId | None = None
    note: str = ""
    drawn: str = ""
    version: str = ""

    @property
    def team(self) -> TeamId:
        """The workspace."""
        return self.viewer.team


class OpenViewStore(Store):
    """Remembers what people have open, so that it can be drawn again when something changes."""

    shapes = (Shape("open_views", "hash", lambda field, record: _read(TeamId(""), field, json.loads(record))),)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._replace = self._redis.register_script(REPLACE)

    @redis_errors_mapped
    async def save(self, opened: OpenView) -> None:
        """Note that somebody has opened something, or how it was drawn."""
        team = opened.team
        async with self.connection.transaction() as pipe:
            pipe.hset(_key(team), _field(opened), _record(opened))
            pipe.pexpire(_key(team), span_ms(OPEN_FOR))
            await pipe.execute()

    @redis_errors_mapped
    async def replace(self, before: OpenView, after: OpenView | None) -> None:
        """Note how something was drawn again, or that it is gone, unless it was opened again meanwhile."""
        args = [_field(before), _record(before), _record(after) if after else ""]
        await self._replace(keys=[_key(before.team)], args=args)

    @redis_errors_mapped
    async def open_now(self, team: TeamId, *, now: datetime) -> tuple[OpenView, ...]:
        """Return what was opened within OPEN_FOR, and forget the rest."""
        stored = await self._redis.hgetall(_key(team))
        opened = [_read(team, str(field), json.loads(record)) for field, record in stored.items()]
        old = [_field(one) for one in opened if one.at < now - OPEN_FOR]
        if old:
            await self._redis.hdel(_key(team), *old)
        return tuple(one for one in opened if one.at >= now - OPEN_FOR)


def _field(opened: OpenView) -> str:
    return opened.view or opened.viewer.user


def _record(opened: OpenView) -> str:
    viewer = opened.viewer
    record = {"at": opened.at.timestamp(), "user": viewer.user, "home_team": viewer.home_team, "shows": opened.shows}
    return json.dumps(record | {"note": opened.note, "drawn": opened.drawn, "version": opened.version})


def _read(team: TeamId, field: str, record: dict[str, str]) -> OpenView:
    user = UserId(record["user"])
    return OpenView(
        viewer=Viewer(team, user, TeamId(record["home_team"]) if record["home_team"] else None),
        at=datetime.fromtimestamp(float(record["at"]), UTC),
        shows=record["shows"],
        view=None if field == user else ViewId(field),
        note=record["note"],
        drawn=record["drawn"],
        version=record["version"],
    )


def _key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:open_views"
