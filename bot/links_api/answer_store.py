"""Answers that are given again to who asks the same with the same `Idempotency-Key`, for a day.

`connectbot:{team}:api_answer:<key id>:<digest of the Idempotency-Key>`: what was asked, and the answer, in an envelope.
"""

import json
from datetime import timedelta
from hashlib import sha256
from typing import NewType

from pydantic import SecretStr

from bot.core.model import TeamId
from bot.links_api.model import ApiKey
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.envelope import KeyRing

AnswerName = NewType("AnswerName", str)

KEPT = timedelta(days=1)
PURPOSE = "api answer"


class AnswerStore(Store):
    """Keeps answers, which hold links, with what was asked, which may hold an address."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes

    @redis_errors_mapped
    async def get(self, team: TeamId, name: AnswerName) -> tuple[str, str] | None:
        """Return what was asked and the answer, if there is one; raise UnreadableSecret."""
        envelope = await self._redis.get(_key(team, name))
        if envelope is None:
            return None
        asked, answer = json.loads(self._envelopes.open(str(envelope), team, name, PURPOSE).get_secret_value())
        return asked, answer

    @redis_errors_mapped
    async def save(self, team: TeamId, name: AnswerName, asked: str, answer: str) -> None:
        """Keep the answer to what was asked."""
        envelope = self._envelopes.seal(SecretStr(json.dumps([asked, answer])), team, name, PURPOSE)
        await self._redis.set(_key(team, name), envelope, px=KEPT)


def answer_name(key: ApiKey, idempotency_key: str) -> AnswerName:
    """Return the name under which an answer is kept, and its lock."""
    return AnswerName(f"api_answer:{key.id}:{sha256(idempotency_key.encode()).hexdigest()[:32]}")


def _key(team: TeamId, name: AnswerName) -> str:
    return f"connectbot:{{{team}}}:{name}"
