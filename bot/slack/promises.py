"""Who was promised a direct message, and where to say it if Slack takes none: `connectbot:{team}:promised:<user>`.

It holds the sealed `response_url` of the person's latest request, or nothing where the request brought none, for as
long as Slack takes answers to it.
"""

from pydantic import SecretStr

from bot.core.clock import Clock
from bot.core.model import TeamId, UserId
from bot.slack.model import RESPONSE_URL_LIFE, ResponseUrl
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.envelope import KeyRing

PURPOSE = "promised"


class PromiseStore(Store):
    """Keeps one promise for each person."""

    def __init__(self, connection: Connection, envelopes: KeyRing, clock: Clock) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._clock = clock

    @redis_errors_mapped
    async def keep(self, team: TeamId, user: UserId, response_url: ResponseUrl | None) -> None:
        """Note that a person is promised a direct message."""
        sealed = self._envelopes.seal(response_url.url, team, user, PURPOSE) if response_url else ""
        await self._redis.set(_key(team, user), sealed, px=RESPONSE_URL_LIFE)

    @redis_errors_mapped
    async def take(self, team: TeamId, user: UserId) -> tuple[bool, ResponseUrl | None]:
        """Return, once, whether a person was promised a message and where else to say it; raise UnreadableSecret."""
        sealed = await self._redis.getdel(_key(team, user))
        if not sealed:
            return sealed is not None, None
        url: SecretStr = self._envelopes.open(str(sealed), team, user, PURPOSE)
        return True, ResponseUrl(url, self._clock.now(), posts_left=1, replaces=False)


def _key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:promised:{user}"
