"""What follows when somebody leaves: their links end, nobody can hand profiles to them, and admins are asked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.mappings.handover import hand_over
from bot.mappings.model import DONE_WITHIN
from bot.mappings.removal_views import HANDOVER_TITLE
from bot.slack.actions import OPEN_LINK
from sandbox.server import Sandbox
from sandbox.slack.events import change_user
from tests.clock import ManualClock
from tests.commands import command
from tests.conftest import Map
from tests.invitations.invitation_helpers import runs_until
from tests.mappings.mapping_helpers import ANA, BEN
from tests.mappings.removal_helpers import BY_BOTH, SESSION, card_of, page_of
from tests.modals import sees_modal
from tests.redis_probe import TEAM, idle, trail
from tests.users import OPENED, Someone

CARA = UserId("U0CARA001")
Leaves = Callable[[str], Awaitable[None]]


@pytest.fixture
def leaves(sandbox: Sandbox, bot: Bot) -> Leaves:
    """Deactivate somebody's account, of which Slack tells the bot."""

    async def leaves(name: str) -> None:
        slack = sandbox.slack
        await change_user(slack, slack.events, user=slack.world.user(name), flags={"deleted": True})
        await idle(bot)

    return leaves


@BY_BOTH
async def test_the_links_of_a_person_who_leaves_end_when_slack_tells_it(
    ben: Someone, mapped: Map, bot: Bot, leaves: Leaves, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    card = await card_of(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)
    await leaves("ben")
    assert (await ben.sees("Acme: Jane", where=lambda seen: seen.url is None)).url is None
    assert (await page_of(ben, card.url) == 200) == (overrides != SESSION)  # only a session can be revoked
    assert [(row.by, row.owner) for row in await trail(bot, "link_taken_back")] == [("bot", BEN)]


@pytest.mark.parametrize("overrides", [SESSION])
async def test_the_link_that_an_admin_was_shown_ends_when_either_leaves(
    ana: Someone, mapped: Map, leaves: Leaves, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    urls = []
    for owner in ("ben", "cara"):
        await ana.types(f"@{owner}")
        urls.append((await ana.sees_a_card("Acme: Jane" if owner == "ben" else "Globex")).url)
    await leaves("ben")
    assert [await page_of(ana, url) == 200 for url in urls] == [False, True]
    await leaves("ana")
    assert [await page_of(ana, url) == 200 for url in urls] == [False, False]


async def handing_over(ana: Someone) -> Any:
    assert (await ana.types("handover @ben @cara"))["ok"]
    return await sees_modal(ana, f"<@{BEN}> has", title=HANDOVER_TITLE)


async def test_nothing_is_handed_over_to_somebody_who_has_just_left_though_no_event_told_it(
    ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    modal = await handing_over(ana)
    sandbox.slack.world.user("cara").deleted = True
    answer = await modal.submits()
    assert "has left" in str(answer)
    assert len(await bot.deps.mappings.of(TEAM, BEN)) == 1


async def test_whoever_takes_over_and_leaves_at_once_is_offered_for_handover(
    ana: Someone, dm: Callable[[str], Someone], mapped: Map, leaves: Leaves
) -> None:
    await mapped("ben", "Acme: Jane")
    await (await handing_over(ana)).submits()
    await sees_modal(ana, f"<@{CARA}> has *Acme: Jane* now")
    await leaves("cara")
    await dm("ana").sees(f"<@{CARA}> has left", "*Acme: Jane*")


async def test_so_is_whoever_had_left_when_a_command_on_the_bots_machine_gave_them_a_profile(
    dm: Callable[[str], Someone],
    bot: Bot,
    sandbox: Sandbox,
    leaves: Leaves,
    environment: dict[str, str],
    clock: ManualClock,
) -> None:
    await leaves("cara")
    key = sandbox.ayrshare.profiles[0].key
    ended = await command("mappings", "set", TEAM, CARA, environment=environment, typed=key)
    assert ended.code == 0, ended.err
    await clock.advance(timedelta(minutes=1))  # the command has the real time, which is later than the bot's
    await dm("ana").sees(f"<@{CARA}> has left", "*Acme: Jane*")


async def test_the_admins_are_asked_although_slack_had_no_room_for_the_message_at_first(
    dm: Callable[[str], Someone], mapped: Map, bot: Bot, sandbox: Sandbox, leaves: Leaves, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("ratelimited", method="chat.postMessage", ms=2000)
    sandbox.slack.faults.add("ratelimited", method="chat.postMessage", ms=2000)
    await leaves("ben")
    await runs_until(clock, dm("ana"), f"<@{BEN}> has left", "*Acme: Jane*", step=5)
    await idle(bot)
    await leaves("ben")  # Slack tells it again
    assert len(await dm("ana").messages()) == 1


async def test_so_is_whoever_left_while_it_was_handed_over(
    dm: Callable[[str], Someone], mapped: Map, bot: Bot, leaves: Leaves, clock: ManualClock
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await leaves("cara")
    await hand_over(bot.deps, TEAM, old=BEN, new=CARA, ref_ids=[profile.ref_id], by=ANA)
    await clock.advance(DONE_WITHIN)
    await dm("ana").sees(f"<@{CARA}> has left", "*Acme: Jane*")
