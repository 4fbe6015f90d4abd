"""Whoever unmutes the bot hears what dropped meanwhile and isn't back."""

import pytest

from bot.app import Bot
from bot.slack.actions import MUTE, UNMUTE, UNMUTE_AT_HOME
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.home.home_helpers import opens
from tests.invitations.invitation_helpers import Dm, invited
from tests.notifications.digest_helpers import BEN, LOST, digests, gathered, happens
from tests.redis_probe import idle
from tests.users import Seen, Someone
from tests.webhooks import SECRET


@pytest.fixture
async def ben(dm: Dm, mapped: Map, sandbox: Sandbox) -> Someone:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", "Acme: Jane")
    return dm("ben")


@pytest.fixture
async def muted(ben: Someone, person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock) -> Seen:
    """Ben has muted the bot and lost two accounts, and heard of neither."""
    await ben.clicks(await invited(person("ana"), ben), MUTE.label)
    message = await ben.sees("won't hear from me")
    for network in ("instagram", "linkedin"):
        await happens(sandbox, "unlink", network)
    await idle(bot)
    await gathered(bot, clock, BEN)
    await idle(bot)
    assert await digests(ben) == []
    return message


async def test_on_the_message_where_it_was_muted(
    muted: Seen, ben: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await happens(sandbox, "link", "linkedin")
    await idle(bot)
    await ben.clicks(muted, UNMUTE.label)
    await idle(bot)
    await gathered(bot, clock, BEN)
    assert "LinkedIn" not in (await ben.sees("Instagram", LOST)).text


async def test_at_home(
    muted: Seen, ben: Someone, person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    home = await opens(sandbox, person("ben"), "You've muted me")
    await home.clicks(UNMUTE_AT_HOME.action_id)
    await idle(bot)
    await gathered(bot, clock, BEN)
    await ben.sees("2 accounts")
