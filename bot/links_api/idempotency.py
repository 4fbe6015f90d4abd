"""The same request with the same `Idempotency-Key` is carried out once in a day, and answered the same again.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header
"""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from pydantic import BaseModel

from bot.ayrshare.transport import CallTimings
from bot.deps import Deps
from bot.links_api.answer_store import answer_name
from bot.links_api.errors import IdempotencyKeyReused, StillWorking
from bot.links_api.model import ApiKey, Asked

LONGEST = 2 * CallTimings().total + timedelta(seconds=30)
"""More than Ayrshare and Slack may take for one request."""

A = TypeVar("A", bound=BaseModel)


async def answered_once(
    deps: Deps,
    key: ApiKey,
    idempotency_key: str,
    asked: Asked,
    make: Callable[[], Awaitable[A]],
    kind: type[A],
) -> tuple[A, bool]:
    """Return what `make` returns, and False; or what it returned before, and True.

    What failed may be asked for again. Raises IdempotencyKeyReused, StillWorking, and what `make` raises.
    """
    name, question = answer_name(key, idempotency_key), f"{kind.__name__} {asked.model_dump_json()}"
    async with deps.locks.hold(key.team, name, longest=LONGEST) as ours:
        if not ours:
            raise StillWorking
        kept = await deps.api_answers.get(key.team, name)
        if kept is None:
            answer = await make()
            await deps.api_answers.save(key.team, name, question, answer.model_dump_json())
            return answer, False
    if not _is_same(kept[0], asked, kind):
        raise IdempotencyKeyReused
    return kind.model_validate_json(kept[1]), True


def _is_same(question: str, asked: Asked, kind: type[BaseModel]) -> bool:
    """Return whether the same was asked before, though perhaps by a version of the bot that knew fewer fields."""
    name, _, text = question.partition(" ")
    before, now = json.loads(text), asked.model_dump(mode="json")
    chosen = asked.model_dump(exclude_defaults=True)
    return name == kind.__name__ and before == {one: now.get(one) for one in before} and chosen.keys() <= before.keys()
