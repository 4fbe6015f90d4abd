"""A profile that Ayrshare suspends: it is stale at once, and the admins hear of it."""

from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.core.model import TeamId
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.invitations.invitation_helpers import Dm, posts, runs_until
from tests.notifications.digest_helpers import ANA, GLOBEX, JANE, MINUTE, gathered, happens
from tests.notifications.sweep.sweep_helpers import nothing_is_due
from tests.redis_probe import TEAM, idle
from tests.webhooks import SECRET, WebhookSender

SUSPENDED = "deleted or suspended, or ha"


EVENTS = [{"action": "suspended"}, {"action": "accountActivity", "type": "suspended"}]


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: one["action"])
async def test_admins_hear_of_it_once_and_its_people_do_not(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox, event: dict[str, Any]
) -> None:
    globex = await mapped("ben", GLOBEX)
    await mapped("ben", JANE)
    sender = WebhookSender(dm("ana").session, sandbox, clock)
    for _ in range(2):  # delivered again
        fields = {"type": None, "platform": None, "profile": GLOBEX, "hookId": "h", "created": clock.now().isoformat()}
        assert await sender.sends_event(**fields | event) == 200
    assert (await bot.deps.snapshots.of(TEAM, globex.ref_id))[globex.ref_id].stale
    await idle(bot)
    await gathered(bot, clock, ANA)
    told = await dm("ana").sees(SUSPENDED, GLOBEX)
    assert JANE not in told.words
    await clock.advance(5 * MINUTE)
    await nothing_is_due(bot, clock)
    assert posts(sandbox) == 1


@pytest.mark.parametrize("became", [{}, {"deleted": True}], ids=["a member", "gone"])
async def test_whoever_is_the_admin_when_it_is_told_hears_of_it(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox, became: dict[str, bool]
) -> None:
    sandbox.slack.world.user("cara").tz = "Europe/Berlin"  # where it is day
    await mapped("ben", GLOBEX)
    fields = {"type": None, "platform": None, "profile": GLOBEX, "hookId": "h", "created": clock.now().isoformat()}
    assert await WebhookSender(dm("ana").session, sandbox, clock).sends_event(**fields | EVENTS[0]) == 200
    await idle(bot)
    for name, owns in (("cara", True), ("ana", False)):
        flags = dict.fromkeys(("is_admin", "is_owner", "is_primary_owner"), owns)
        await dm(name).post("person", flags=flags | ({} if owns else became))
    await idle(bot)
    await runs_until(clock, dm("cara"), SUSPENDED, GLOBEX, step=30)
    assert not [one for one in await dm("ana").messages() if SUSPENDED in one.words]


async def test_the_local_ayrshare_announces_it(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await mapped("ben", GLOBEX)
    account = await bot.deps.ayrshare.of(TeamId(sandbox.slack.world.team.id))
    await account.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", SecretStr(SECRET))
    await happens(sandbox, "suspend", "", GLOBEX)
    await idle(bot)
    await gathered(bot, clock, ANA)
    await dm("ana").sees(SUSPENDED, GLOBEX)


async def test_a_profile_that_nobody_knows_is_nobodys_business(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await mapped("ben", JANE)
    sender = WebhookSender(dm("ana").session, sandbox, clock)
    assert await sender.sends_event(action="suspended", profile="nobody's") == 200
    await idle(bot)
    await clock.advance(2 * MINUTE)
    await nothing_is_due(bot, clock)
    assert posts(sandbox) == 0
