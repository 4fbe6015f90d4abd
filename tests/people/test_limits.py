"""Limits slide with the server's clock, and nobody waits longer because that was set back."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.invitations.views import FORM_TITLE
from bot.people.errors import AskedTooOften
from bot.people.limits import LIMITS
from bot.slack.actions import CONNECT, SEND_ANYWHERE
from sandbox.server import Sandbox
from tests.conftest import Map, Person
from tests.home.home_helpers import opens
from tests.modals import sees_modal
from tests.redis_probe import TEAM, redis_of

BEN = UserId("U0BEN0001")
AN_HOUR = timedelta(hours=1)


async def test_a_limit_that_is_used_up_is_free_again_when_the_servers_clock_is_set_back(bot: Bot) -> None:
    for _ in range(LIMITS["status"].per_person):
        await bot.deps.limits.count(TEAM, BEN, "status")
    with pytest.raises(AskedTooOften):
        await bot.deps.limits.count(TEAM, BEN, "status")
    for key in (f"connectbot:{{{TEAM}}}:status:by:{BEN}", f"connectbot:{{{TEAM}}}:status:by"):
        for use in await redis_of(bot).zrange(key, 0, -1):
            await redis_of(bot).zincrby(key, AN_HOUR / timedelta(milliseconds=1), use)
    await bot.deps.limits.count(TEAM, BEN, "status")


async def test_who_presses_again_and_again_uses_up_no_more_of_slacks_quota_than_their_share(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    ben, share = person("ben"), LIMITS["views"].per_person

    async def presses(press: Callable[[int], Awaitable[object]]) -> Counter[str]:
        before = Counter(call["call"] for call in sandbox.received())
        for number in range(3 * share):
            await press(number)
            if not number % 10:
                await bot.deps.background.idle()
        await bot.deps.background.idle()
        calls = Counter(call["call"] for call in sandbox.received()) - before
        return Counter({call: times for call, times in calls.items() if call.startswith(("views.", "chat."))})

    await ben.post("shortcut", callback_id=SEND_ANYWHERE)
    form = await sees_modal(ben, title=FORM_TITLE)
    used = await presses(lambda number: form.chooses("person", ["cara" if number % 2 else "dan"]))
    assert used.total() <= 2 * share, used  # some are drawn over an earlier choice
    cara = person("cara")
    home = await opens(sandbox, cara, "Globex")
    used = await presses(lambda _: home.clicks(CONNECT.label))
    assert used.total() <= 2 * share, used  # a modal is opened, then filled
    await person("ana").types("map @dan")
    await sees_modal(person("ana"), title="Map a profile")
