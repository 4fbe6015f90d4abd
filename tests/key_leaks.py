"""What stays in Redis for good is a short list; everything else has an end."""

import re

from redis.exceptions import ConnectionError as RedisAway

from bot.app import Bot
from tests.redis_probe import redis_of

PERMANENT = re.compile(
    r"connectbot:(teams"
    r"|\{T\w+\}:(mappings|profiles|audit|snapshots)"
    r"|\{T\w+\}:stopped"  # who wants no messages: until they say otherwise
    r"|\{T\w+\}:(jobs|updates|updating)"  # hold outstanding jobs only
    r"|docket:.*)"  # docket's queue and workers
)


async def check(bot: Bot) -> None:
    """Fail where a key has no end and isn't on the list."""
    redis = redis_of(bot)
    try:
        keys = [str(key) async for key in redis.scan_iter(count=1000)]
    except RedisAway:  # the test took it away
        return
    endless = [key for key in keys if not PERMANENT.fullmatch(key) and await redis.pttl(key) == -1]
    assert not endless, f"these keys stay for ever: {endless}"
