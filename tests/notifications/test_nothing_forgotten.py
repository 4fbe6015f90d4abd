"""An account that dropped stays listed as disconnected until it is back or an admin dismisses it."""

import json
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.slack.actions import DISMISS, HOME_FILTER, RECONNECT_FOR, STATUS_OF
from sandbox.ayrshare import Profile
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.commands import command
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.home.home_helpers import has_at_home, opens
from tests.modals import sees_modal
from tests.notifications.digest_helpers import happens
from tests.redis_probe import TEAM, idle, trail
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.users import Someone
from tests.webhooks import SECRET, WebhookSender

TITLE = "Acme: Jane"
ROW = "Disconnected: Instagram since"
WHY = "(The password was changed)"
DROPPED = "🔴 Instagram (Jane of Acme) has been disconnected since"


@pytest.fixture
async def ben(person: Person, mapped: Map, sandbox: Sandbox) -> Someone:
    """Ben, whose accounts have been looked at; Ayrshare tells the bot what happens to them."""
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", TITLE)
    await person("ben").types("status")
    await person("ben").sees("Connected: Instagram (Jane of Acme)")
    return person("ben")


@pytest.fixture
def jane(sandbox: Sandbox) -> Profile:
    return next(profile for profile in sandbox.ayrshare.profiles if profile.title == TITLE)


async def drops(sandbox: Sandbox, bot: Bot, reason: str = "The password was changed.") -> None:
    await happens(sandbox, "unlink", "instagram", details=reason)
    await idle(bot)


async def test_status_says_since_when_why_and_what_follows_until_it_is_back(
    ben: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await drops(sandbox, bot)
    await clock.advance(timedelta(days=3))
    await ben.types("status")
    said = await ben.sees(DROPPED, "The password was changed. Posts to Instagram won't go out")
    assert int((clock.now() - timedelta(days=3)).timestamp()) in said.moments
    assert "Instagram (Jane of Acme) has been disconnected since" in said.text
    await happens(sandbox, "link", "instagram")
    await ben.types("status")
    await ben.sees_times(3)
    assert DROPPED not in (await ben.messages())[-1].words


async def test_an_account_that_is_gone_without_a_word_is_listed_too(ben: Someone, jane: Profile) -> None:
    jane.accounts.pop("instagram")
    await ben.types("status")
    await ben.sees(DROPPED)


async def test_what_its_own_people_took_off_is_not_listed(
    ben: Someone, jane: Profile, sandbox: Sandbox, clock: ManualClock
) -> None:
    jane.accounts.pop("instagram")
    sender = WebhookSender(ben.session, sandbox, clock)
    assert await sender.sends_event(type="unlink", source="user", platform="instagram") == 200
    await ben.types("status")
    await ben.sees_times(2)
    assert DROPPED not in (await ben.messages())[-1].words


async def test_home_and_the_list_have_it_and_an_admin_dismisses_it(
    ben: Someone, person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("cara", "Globex")
    await drops(sandbox, bot)
    home = await opens(sandbox, person("ana"), ROW, WHY)
    await home.clicks(HOME_FILTER, value="disconnected")
    await has_at_home(sandbox, person("ana"), ROW, but="Globex")
    await person("ana").types("list needs attention")
    await person("ana").sees(ROW)
    await person("ana").types("list disconnected")
    await person("ana").sees_times(2)
    listed = await person("ana").sees(ROW, WHY)
    await person("ana").clicks(listed, STATUS_OF.label)
    modal = await sees_modal(person("ana"), DROPPED)
    await modal.clicks(DISMISS.label)

    async def is_gone() -> bool:
        return DROPPED not in (await sees_modal(person("ana"), f"*{TITLE}*")).words

    await eventually(is_gone, "the modal no longer has it")
    (row,) = await trail(bot, "account_dismissed")
    assert (row.by, row.detail) == ("U0ANA0001", "instagram")
    await ben.types("status")
    await ben.sees_times(2)
    assert DROPPED not in (await ben.messages())[-1].words


@pytest.mark.parametrize("subcommand", ["list", "export"])
async def test_the_shell_has_it_too(
    ben: Someone, sandbox: Sandbox, bot: Bot, environment: dict[str, str], subcommand: str
) -> None:
    await drops(sandbox, bot, reason="The password\nwas changed.")
    ended = await command("mappings", subcommand, environment=environment)
    assert f"instagram since {bot.deps.clock.now():%Y-%m-%d} {WHY}" in ended.out


async def test_what_is_left_after_a_dismissal_can_be_reconnected(
    ben: Someone, person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await drops(sandbox, bot)
    await happens(sandbox, "unlink", "linkedin")
    await idle(bot)
    await person("ana").types("list disconnected")
    await person("ana").clicks(await person("ana").sees(ROW), STATUS_OF.label)
    modal = await sees_modal(person("ana"), DROPPED)
    await modal.clicks(DISMISS.label)

    async def is_gone() -> bool:
        return DROPPED not in (await sees_modal(person("ana"), "LinkedIn")).words

    await eventually(is_gone, "the modal no longer has it")
    await (await sees_modal(person("ana"), "LinkedIn")).clicks(RECONNECT_FOR.label)
    card = await sees_modal(person("ana"), "Reconnect LinkedIn")
    assert "Reconnect Instagram" not in card.words


async def test_a_member_dismisses_nothing(
    ben: Someone, jane: Profile, sandbox: Sandbox, bot: Bot, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    await drops(sandbox, bot)
    action = {"type": "button", "action_id": DISMISS.action_id, "value": f"{jane.ref_id}:instagram"}
    await signer.click(response_url.url, user={"id": "U0BEN0001", "team_id": TEAM}, action=action)
    await response_url.receives("Only admins can do that")
    await ben.types("status")
    await ben.sees(DROPPED)


async def test_an_event_that_comes_hours_later_changes_nothing_that_was_seen_since(
    ben: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sender = WebhookSender(ben.session, sandbox, clock)
    happened = clock.now()
    await clock.advance(timedelta(hours=3))
    await ben.types("status")
    await ben.sees_times(2)
    late = {"type": "unlink", "source": "system", "platform": "instagram", "created": happened.isoformat()}
    assert await sender.sends(json.dumps(sender.event(**late)).encode(), late=timedelta(hours=3)) == 200
    (seen,) = (await bot.deps.snapshots.of(TEAM, *(await bot.deps.profiles.ref_ids(TEAM)))).values()
    assert not seen.disconnected
    await drops(sandbox, bot)
    await sender.sends_event(type="link", platform="instagram", created=happened.isoformat())
    (seen,) = (await bot.deps.snapshots.of(TEAM, *(await bot.deps.profiles.ref_ids(TEAM)))).values()
    assert [one.network for one in seen.disconnected] == ["instagram"]
    (ref_id,) = await bot.deps.profiles.ref_ids(TEAM)
    assert (await bot.deps.notifications.known_accounts(TEAM, ref_id)).alerts
