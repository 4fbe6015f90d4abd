"""Answers that are given again to who asks the same with the same `Idempotency-Key`, for a day.

`connectbot:{team}:api_answer:<key id>:<digest of the Idempotency-Key>`: what was asked, and the answer, in an envelope.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import NewType

from pydantic import BaseModel, SecretStr
from redis.asyncio.client import Pipeline

from bot.core.model import TeamId
from bot.links_api.model import ApiKey
from bot.storage.connection import Connection, Store, redis_errors_mapped, span_ms
from bot.storage.envelope import KeyRing
from bot.storage.lock import Attempt
from bot.storage.transaction import AddTo

AnswerName = NewType("AnswerName", str)

KEPT = timedelta(days=1)
PURPOSE = "api answer"
Keep = Callable[[BaseModel], AddTo]
"""Returns what keeps an answer in the transaction that makes what it tells of."""

# Returns the kept answer, if there is one, else whether the lock is ours now. Another's lease lasts no longer than any
# may: it does after Redis' clock was set back.
BEGIN = """
local kept = redis.call('GET', KEYS[1])
if kept then return {kept, 0} end
local owner = redis.call('GET', KEYS[2])
if owner and owner ~= ARGV[1] then
  redis.call('PEXPIRE', KEYS[2], ARGV[2], 'LT')
  return {false, 0}
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {false, 1}
"""


class AnswerStore(Store):
    """Keeps answers, which hold links, with what was asked, which may hold an address."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._begin = self._redis.register_script(BEGIN)

    @redis_errors_mapped
    async def begin(self, team: TeamId, name: AnswerName, lock: Attempt) -> tuple[tuple[str, str] | None, bool]:
        """Return what was asked and the answer, if there is one, and else whether the lock is ours now.

        Raises UnreadableSecret.
        """
        kept, ours = await self._begin(keys=[_key(team, name), lock.key], args=[lock.owner, span_ms(lock.lease)])
        if kept is None:
            return None, bool(ours)
        asked, answer = json.loads(self._envelopes.open(str(kept), team, name, PURPOSE).get_secret_value())
        return (asked, answer), False

    def keep(self, pipe: Pipeline, team: TeamId, name: AnswerName, asked: str, answer: str) -> None:
        """Keep the answer to what was asked, in the transaction that makes what it tells of."""
        envelope = self._envelopes.seal(SecretStr(json.dumps([asked, answer])), team, name, PURPOSE)
        pipe.set(_key(team, name), envelope, px=KEPT)

    @redis_errors_mapped
    async def forget(self, team: TeamId, name: AnswerName) -> None:
        """Forget the answer to what has failed after all."""
        await self._redis.delete(_key(team, name))


def answer_name(key: ApiKey, idempotency_key: str) -> AnswerName:
    """Return the name under which an answer is kept, and its lock."""
    return AnswerName(f"api_answer:{key.id}:{sha256(idempotency_key.encode()).hexdigest()[:32]}")


def _key(team: TeamId, name: AnswerName) -> str:
    return f"connectbot:{{{team}}}:{name}"
