"""Only the keys on a short list may be permanent; every other key has an expiry."""

import re
from contextlib import suppress

from redis.exceptions import ConnectionError as RedisAway

from bot.app import Bot
from tests.eventually import eventually
from tests.redis_probe import redis_of

PERMANENT = re.compile(
    r"connectbot:(teams|schema|installations"
    r"|\{[TE]\w+\}:(installation|organization|workspaces|ayrshare_key)"
    r"|\{T\w+\}:(mappings|profiles|audit|audit_everyday|snapshots|disconnected|account_ids|account_owners)"
    r"|\{T\w+\}:(api_keys|api_keys_used)"  # until they are revoked
    r"|\{T\w+\}:stopped"  # people who muted the bot
    r"|\{\w+\}:(jobs|updates|updating|jobs_set_aside)"  # hold outstanding jobs only
    r"|\{jobs\}:due)"  # workspaces that have some
)


async def check(bot: Bot) -> None:
    """Fail if a key has no expiry and isn't on the list."""
    redis = redis_of(bot)

    async def answers() -> bool:
        with suppress(TimeoutError):
            return bool(await redis.ping())
        return False

    try:
        await eventually(answers, "a Redis that a test has slowed down answers")
        keys = [str(key) async for key in redis.scan_iter(count=1000)]
    except RedisAway:  # the test stopped it
        return
    endless = [key for key in keys if not PERMANENT.fullmatch(key) and await redis.pttl(key) == -1]
    assert not endless, f"these keys have no expiry: {endless}"
