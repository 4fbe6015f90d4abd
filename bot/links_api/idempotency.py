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
from bot.links_api.answer_store import Keep, answer_name
from bot.links_api.errors import IdempotencyKeyReused, NobodyMapped, StillWorking
from bot.links_api.model import ApiKey, Asked
from bot.storage.transaction import AddTo

LONGEST = 2 * CallTimings().total + timedelta(seconds=30)
"""More than Ayrshare and Slack may take for one request."""

A = TypeVar("A", bound=BaseModel)


async def answered_once(
    deps: Deps,
    key: ApiKey,
    idempotency_key: str,
    asked: Asked,
    make: Callable[[Keep], Awaitable[A]],
    kind: type[A],
) -> tuple[A, bool]:
    """Return what `make` returns, and False; or what it returned before, and True.

    It keeps its answer in the step that makes what it tells of, so that no kill comes between. What failed may be asked
    for again. Raises IdempotencyKeyReused, StillWorking, and what `make` raises.
    """
    name, question = answer_name(key, idempotency_key), f"{kind.__name__} {asked.model_dump_json()}"

    def keep(answer: BaseModel) -> AddTo:
        return lambda pipe: deps.api_answers.keep(pipe, key.team, name, question, answer.model_dump_json())

    lock = deps.locks.attempt(key.team, name)
    kept, ours = await deps.api_answers.begin(key.team, name, lock)
    if kept is None:
        if not ours:
            raise StillWorking
        async with deps.locks.hold(key.team, name, longest=LONGEST, ours=lock):
            try:
                return await make(keep), False
            except NobodyMapped:  # perhaps only after it was kept
                await deps.api_answers.forget(key.team, name)
                raise
    if not _is_same(kept[0], asked, kind):
        raise IdempotencyKeyReused
    return kind.model_validate_json(kept[1]), True


def _is_same(question: str, asked: Asked, kind: type[BaseModel]) -> bool:
    """Return whether the same was asked before, though perhaps by a version of the bot that knew fewer fields."""
    name, _, text = question.partition(" ")
    before, now = json.loads(text), asked.model_dump(mode="json")
    chosen = asked.model_dump(exclude_defaults=True)
    return name == kind.__name__ and before == {one: now.get(one) for one in before} and chosen.keys() <= before.keys()
