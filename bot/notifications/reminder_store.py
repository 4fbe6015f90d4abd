"""How often people were reminded of a disconnected account, in Redis.

In the hash of the profile's accounts (`store.py`) are `reminders:<network>`, how many were sent, `told:<network>`, when
(ms) people last heard, and `people:<network>`, JSON of who had the profile then.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import TypeAdapter

from bot.core.model import RefId, TeamId, UserId
from bot.notifications.model import ALERTS_KEPT, Alert, AlertKind, AlertRecord
from bot.notifications.store import DROP, PEOPLE, REMINDERS, TOLD, accounts_key, news_key, record_field, suffix
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped, span_ms

# Makes an alert news again, counts the reminder, and takes the admins to be told again where the count is 0.
REMIND = f"""{DROP}
drop(KEYS[2], ARGV[2])
redis.call('HSET', KEYS[2], 'alert' .. ARGV[2], ARGV[3])
redis.call('HSET', KEYS[1], 'alert' .. ARGV[2], unpack(ARGV, 5))
if ARGV[4] ~= '' then redis.call('HDEL', KEYS[1], ARGV[4]) end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1]) end
"""

_ALERT = TypeAdapter(Alert)
_RECORD = TypeAdapter(AlertRecord)


class ReminderStore(Store):
    """Counts reminders."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._remind = self._redis.register_script(REMIND)

    @redis_errors_mapped
    async def note_told(
        self, team: TeamId, ref_id: RefId, networks: Iterable[str], *, holders: Sequence[UserId], at: datetime
    ) -> None:
        """Note that somebody was told that these networks are disconnected, when `holders` had the profile."""
        for network in networks:
            await self._redis.hsetnx(accounts_key(team, ref_id), f"{REMINDERS}{network}", "0")
            heard = [f"{TOLD}{network}", str(moment_ms(at)), f"{PEOPLE}{network}", json.dumps([*holders])]
            await self._redis.hset(accounts_key(team, ref_id), items=heard)

    @redis_errors_mapped
    async def remind(self, team: TeamId, alert: Alert, *, holders: Sequence[UserId], reminders: int) -> None:
        """Make an alert pending again for everyone who has the profile, as this many reminders.

        With none, the reminders begin again, and with them what the admins are told at their end.
        """
        record = _RECORD.dump_json(AlertRecord(alert.at, alert.refresh_by)).decode()
        over = "" if reminders else record_field((AlertKind.UNMENDED, alert.network))
        args: list[str | int] = [span_ms(ALERTS_KEPT), suffix(alert), _ALERT.dump_json(alert).decode(), over, record]
        args += [f"{REMINDERS}{alert.network}", reminders, f"{TOLD}{alert.network}", moment_ms(alert.at)]
        args += [f"{PEOPLE}{alert.network}", json.dumps([*holders])]
        await self._remind(keys=[accounts_key(team, alert.ref_id), news_key(team, alert.ref_id)], args=args)

    @redis_errors_mapped
    async def count(self, team: TeamId, ref_id: RefId, network: str, *, reminders: int) -> None:
        """Store how often people were reminded."""
        await self._redis.hset(accounts_key(team, ref_id), f"{REMINDERS}{network}", str(reminders))
