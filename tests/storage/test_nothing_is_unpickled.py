"""Whoever can write to Redis can't run code in the bot: nothing that is read from there is unpickled."""

import pickle
import sys
from datetime import timedelta

from bot.app import Bot
from bot.slack.actions import CANCEL_LINK, OPEN_LINK
from tests.clock import ManualClock
from tests.conftest import Map
from tests.redis_probe import idle, redis_of
from tests.users import OPENED, Someone

_unpickled: list[str] = []


def _note(event: str, args: tuple[object, ...]) -> None:
    if event == "pickle.find_class":
        _unpickled.append(str(args))


sys.addaudithook(_note)  # it can't be removed, so it is added once


async def test_no_conversation_and_no_job_unpickles_anything(
    bot: Bot, ben: Someone, ana: Someone, mapped: Map, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    del _unpickled[:]
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    await ben.sees(OPENED)
    await ana.types("send @ben please")
    await idle(bot)
    await clock.advance(timedelta(minutes=3))
    await ben.sees("2 min left")
    await ben.clicks(await ben.sees_a_card(), CANCEL_LINK.label)
    await ben.sees("cancelled")
    await idle(bot)
    assert _unpickled == []


async def test_a_pickle_in_place_of_any_record_is_not_loaded(
    bot: Bot, ben: Someone, mapped: Map, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types()
    card = await ben.sees_a_card()
    redis, bomb = redis_of(bot), pickle.dumps(timedelta, protocol=0).decode()
    del _unpickled[:]
    for key in [key async for key in redis.scan_iter(match="connectbot:*", count=1000)]:
        match await redis.type(key):
            case "string":
                await redis.set(key, bomb, keepttl=True)
            case "hash":
                await redis.hset(key, mapping=dict.fromkeys(await redis.hkeys(key), bomb))
            case "zset":
                await redis.zadd(key, {bomb: 0})
    await ben.clicks(card, OPEN_LINK.label)
    clock.jump(timedelta(minutes=6))
    await ben.types()
    await ben.sees("What I have stored for this can't be read")
    assert _unpickled == []
    await redis.flushall()
