"""The states of installations that are under way, as slack_sdk's OAuth flow wants them kept, in Redis.

`connectbot:oauth_state:<digest>`: a state that was issued, for STATE_LIFE. `connectbot:oauth_states` counts them.
"""

import logging
import secrets
from hashlib import sha256
from typing import Any

from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.storage.connection import Store, redis_errors_mapped
from bot.workspaces.errors import TooManyInstalls
from bot.workspaces.model import STATE_LIFE

STATES = "connectbot:oauth_states"
MOST_STATES = 1_000
"""Within STATE_LIFE."""


class StateStore(Store, AsyncOAuthStateStore):
    """slack_sdk's state store: a state is good once, for STATE_LIFE. Only a digest of it is stored."""

    @property
    def logger(self) -> logging.Logger:
        """The interface's own."""
        return logging.getLogger("slack_sdk")

    @redis_errors_mapped
    async def async_issue(self, *_args: Any, **_more: Any) -> str:
        """Return a new state; raise TooManyInstalls, so that strangers can't fill Redis."""
        async with self.connection.transaction() as pipe:
            pipe.incr(STATES)
            pipe.pexpire(STATES, STATE_LIFE, nx=True)
            issued, _ = await pipe.execute()
        if issued > MOST_STATES:
            raise TooManyInstalls
        state = secrets.token_urlsafe(32)
        await self._redis.set(_state_key(state), "", px=STATE_LIFE)
        return state

    @redis_errors_mapped
    async def async_consume(self, state: str) -> bool:
        """Return whether a state is good, to the first who asks."""
        return await self._redis.getdel(_state_key(state)) is not None


def _state_key(state: str) -> str:
    return f"connectbot:oauth_state:{sha256(state.encode()).hexdigest()}"
