"""An account that Ayrshare lists and says to need a new sign-in now, without a day: it counts as disconnected."""

from pathlib import Path

import pytest

from bot.app import Bot
from bot.slack.actions import DIGEST_LINK, HOME_FILTER, SNOOZE
from sandbox.ayrshare import Profile
from sandbox.ayrshare.social_accounts import SocialAccount
from sandbox.server import Sandbox
from tests.clock import NOON, ManualClock
from tests.commands import command
from tests.conftest import Map, Person
from tests.home.home_helpers import has_at_home, opens
from tests.invitations.invitation_helpers import ASKS, ON_ITS_WAY, Dm
from tests.notifications.digest_helpers import BEN, DAY, JANE, gathered
from tests.notifications.sweep.sweep_helpers import sweep
from tests.notifications.test_reminders import passes
from tests.users import Someone

LISTED = "🔴 LinkedIn (Jane Doe) has been disconnected since"
WHY = "The network requires a new sign-in. Posts to LinkedIn won't go out."


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"CONNECT_DIGEST": "off"}


@pytest.fixture
async def jane(mapped: Map, sandbox: Sandbox) -> Profile:
    profile = next(one for one in sandbox.ayrshare.profiles if one.title == JANE)
    profile.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON - DAY)
    await mapped("ben", JANE)
    return profile


@pytest.fixture
async def ben(jane: Profile, dm: Dm, clock: ManualClock) -> Someone:
    """Ben, whose LinkedIn worked when it was looked at, and then needs a new sign-in."""
    await dm("ben").types("status")
    await dm("ben").sees("Connected: Instagram (Jane of Acme), LinkedIn (Jane Doe)")
    clock.jump(DAY / 24)
    jane.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON - DAY, refresh_required=True)
    return dm("ben")


def allowed(sandbox: Sandbox) -> list[str]:
    """The networks that the one link was made for."""
    (made,) = [one["body"] for one in sandbox.ayrshare.calls.since() if "allowedSocial" in (one["body"] or {})]
    return list(made["allowedSocial"])


async def test_status_home_the_list_and_its_filters_have_it_since_when_and_why(
    ben: Someone, person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("cara", "Globex")
    noticed = clock.now()
    await ben.types("status")
    await ben.sees_times(2)
    said = await ben.sees(LISTED, WHY)
    assert int(noticed.timestamp()) in said.moments
    home = await opens(sandbox, person("ana"), "Disconnected: LinkedIn since")
    await home.clicks(HOME_FILTER, value="disconnected")
    await has_at_home(sandbox, person("ana"), "Disconnected: LinkedIn since", but="Globex")
    await person("ana").types("list disconnected")
    await person("ana").sees("Disconnected: LinkedIn since")


async def test_its_people_are_told_and_reminded_and_hear_when_it_is_back(
    ben: Someone, jane: Profile, bot: Bot, clock: ManualClock
) -> None:
    await sweep(bot, clock)
    told = await ben.sees(f"🔴 *LinkedIn is disconnected for {JANE}*", "The network requires a new sign-in.")
    assert told.buttons == [DIGEST_LINK.label, SNOOZE.label]
    await passes(bot, clock, 2 * DAY)
    await ben.sees(f"LinkedIn is still disconnected for {JANE}")
    jane.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", clock.now(), clock.now() + 9 * DAY)
    await sweep(bot, clock)
    await gathered(bot, clock, BEN)
    await ben.sees(f"LinkedIn is back for {JANE}")
    await passes(bot, clock, 5 * DAY)
    assert len([seen for seen in await ben.messages() if "is still disconnected" in seen.words]) == 1


async def test_the_command_line_lists_it(ben: Someone, bot: Bot, environment: dict[str, str], tmp_path: Path) -> None:
    await ben.types("status")
    await ben.sees(LISTED)
    listed = await command("mappings", "list", environment=environment)
    assert f"linkedin since {NOON:%Y-%m-%d}" in listed.out
    exported = await command("mappings", "export", environment=environment)
    assert f"linkedin since {NOON:%Y-%m-%d}" in exported.out


@pytest.mark.parametrize("gone", [False, True], ids=["listed still", "gone"])
async def test_a_request_names_what_is_disconnected_and_its_link_is_for_that(
    ben: Someone, jane: Profile, person: Person, sandbox: Sandbox, *, gone: bool
) -> None:
    if gone:
        del jane.accounts["linkedin"]
    await person("ana").types("send @ben")
    await person("ana").sees(ON_ITS_WAY)
    asked = await ben.sees(ASKS, "asks you to reconnect LinkedIn.", LISTED)
    await ben.clicks(asked, "Reconnect")
    await ben.sees("Reconnect LinkedIn")
    assert allowed(sandbox) == ["linkedin"]


async def test_a_request_about_what_expires_brings_a_link_for_that(
    ben: Someone, jane: Profile, person: Person, sandbox: Sandbox
) -> None:
    jane.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON - DAY, NOON + 9 * DAY)
    await person("ana").types("send @ben")
    await person("ana").sees(ON_ITS_WAY)
    await ben.clicks(await ben.sees("asks you to reconnect LinkedIn."), "Reconnect")
    await ben.sees("Reconnect LinkedIn")
    assert allowed(sandbox) == ["linkedin"]
