"""Links for some networks: those that are named, and those that are broken."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import RefId, TeamId
from bot.profiles.model import Disconnected, Snapshot
from bot.slack.actions import CONNECT_OTHERS, NEW_LINK, OPEN_LINK, PICK_PROFILE
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.redis_probe import idle
from tests.users import OPENED, Seen, Someone

ACME, GLOBEX = "Acme: Team", "Globex"


def offered(sandbox: Sandbox) -> tuple[str, ...]:
    """Return the networks on the page of the newest link."""
    return sandbox.ayrshare.links.issued[-1].networks


async def broken(bot: Bot, sandbox: Sandbox, clock: ManualClock, title: str, *networks: str) -> None:
    """Let the bot have seen that these accounts of a profile dropped."""
    team = TeamId(sandbox.slack.world.team.id)
    ref_id = RefId(next(profile.ref_id for profile in sandbox.ayrshare.profiles if profile.title == title))
    await bot.deps.snapshots.save(team, ref_id, Snapshot(clock.now()))
    for network in networks:
        await bot.deps.snapshots.note_dropped(team, ref_id, Disconnected(network, "acme", clock.now()))


async def test_a_networks_name_means_that_network(ben: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", ACME)
    await ben.types("Instagram")
    card = await ben.sees("Connect Instagram.", CONNECT_OTHERS.label)
    assert card.buttons == ["Connect Instagram"]
    assert offered(sandbox) == ("instagram",)
    assert "Connect Instagram." in card.text


async def test_with_other_words_it_narrows_the_profile_that_they_name(
    ben: Someone, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", GLOBEX)
    await mapped("ben", ACME)
    await ben.types("acme tiktok")
    await ben.sees(ACME, "Connect TikTok.")
    assert offered(sandbox) == ("tiktok",)


async def test_a_profile_with_exactly_that_title_comes_first(ben: Someone, mapped: Map, sandbox: Sandbox) -> None:
    sandbox.ayrshare.add_profiles(["Instagram"])
    await mapped("ben", ACME)
    await mapped("ben", "Instagram")
    await ben.types("instagram")
    await ben.sees_a_card("Instagram")
    assert len(offered(sandbox)) > 1


async def test_where_several_profiles_fit_the_chosen_one_is_narrowed(
    ben: Someone, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    profile = await mapped("ben", ACME)
    await ben.types("acme instagram")
    question = await ben.sees("Which profile")
    option = next(one for one in question.element(PICK_PROFILE)["options"] if profile.ref_id in one["value"])
    await ben.clicks(question, PICK_PROFILE, value=option["value"])
    await ben.sees(ACME, "Connect Instagram")
    assert offered(sandbox) == ("instagram",)


async def test_the_card_of_a_profile_with_broken_accounts_is_for_just_those(
    ben: Someone, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", ACME)
    await broken(bot, sandbox, clock, ACME, "instagram", "tiktok")
    await ben.types()
    await ben.sees(
        "Instagram and TikTok are disconnected. Posts to them won't go out until you reconnect.", "Reconnect accounts"
    )
    assert offered(sandbox) == ("instagram", "tiktok")


async def test_connect_other_accounts_makes_an_unrestricted_link_in_its_place(
    ben: Someone, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", ACME)
    await broken(bot, sandbox, clock, ACME, "instagram")
    await ben.types()
    card = await ben.sees("Reconnect Instagram")
    await ben.clicks(card, CONNECT_OTHERS.label)
    unrestricted = await ben.sees(ACME, OPEN_LINK.label, "Instagram (acme) has been disconnected since")
    assert CONNECT_OTHERS.label not in unrestricted.buttons
    assert len(offered(sandbox)) > 1
    await ben.sees("has replaced this one")
    await clock.advance(timedelta(seconds=10))
    await ben.clicks(unrestricted, NEW_LINK.label)
    await ben.sees(ACME, OPEN_LINK.label)
    assert len(offered(sandbox)) > 1


async def test_a_mended_profile_gets_an_unrestricted_link_again(
    ben: Someone, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", GLOBEX)
    await broken(bot, sandbox, clock, GLOBEX, "instagram")
    await ben.types()
    card = await ben.sees("Reconnect Instagram")
    sandbox.ayrshare.connect_as_user(GLOBEX, "instagram")
    await ben.clicks(card, OPEN_LINK.action_id)
    await ben.sees(OPENED)
    await idle(bot)
    await clock.advance(timedelta(seconds=10))
    await ben.clicks(card, NEW_LINK.label)
    await ben.sees(GLOBEX, OPEN_LINK.label)
    assert len(offered(sandbox)) > 1


async def test_x_without_the_keys_of_an_own_app_gets_a_sentence_and_no_button(
    ben: Someone, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", ACME)
    await ben.types("x")
    refused: Seen = await ben.sees("X can't be connected", "Whoever runs this bot can add it")
    assert refused.buttons == []
    assert sandbox.ayrshare.links.issued == []


async def test_a_broken_x_is_explained_on_a_card_for_the_rest(
    ben: Someone, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", ACME)
    await broken(bot, sandbox, clock, ACME, "instagram", "twitter")
    await ben.types()
    await ben.sees("Reconnect Instagram", "X can't be connected")
    assert offered(sandbox) == ("instagram",)


async def test_where_only_x_is_broken_there_is_a_sentence_and_a_link_for_the_rest_on_a_click(
    ben: Someone, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", ACME)
    await broken(bot, sandbox, clock, ACME, "twitter")
    await ben.types()
    refused = await ben.sees(f"X is disconnected for {ACME}. X can't be connected", "Whoever runs this bot can add it")
    assert (refused.buttons, refused.url) == ([CONNECT_OTHERS.label], None)
    assert sandbox.ayrshare.links.issued == []
    await ben.clicks(refused, CONNECT_OTHERS.label)
    card = await ben.sees("X is disconnected. You can connect other accounts here.", "X can't be connected here")
    assert OPEN_LINK.label in card.buttons
    assert "tiktok" in offered(sandbox)
    assert "twitter" not in offered(sandbox)


@pytest.mark.parametrize("overrides", [{"AYRSHARE_X_API_KEY": "key", "AYRSHARE_X_API_SECRET": "secret"}])
async def test_x_is_connected_with_the_keys_of_an_own_app(ben: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", ACME)
    await ben.types("x")
    await ben.sees("Connect X.")
    assert offered(sandbox) == ("twitter",)


@pytest.mark.parametrize(
    "overrides",
    [{"AYRSHARE_LINK_API": "session", "AYRSHARE_MAX_PACK": "yes", "AYRSHARE_INSTAGRAM_LINK_METHOD": "instagram"}],
)
async def test_with_the_max_pack_one_network_leads_straight_to_its_sign_in(
    ben: Someone, mapped: Map, sandbox: Sandbox
) -> None:
    sandbox.ayrshare.max_pack = True
    await mapped("ben", ACME)
    await ben.types("instagram")
    card = await ben.sees_a_card("Connect Instagram")
    async with ben.session.get(str(card.url)) as page:
        assert "<h1>Sign in to Instagram</h1>" in await page.text()


@pytest.mark.parametrize("overrides", [{"AYRSHARE_LINK_API": "session", "AYRSHARE_MAX_PACK": "yes"}])
async def test_without_it_the_page_shows_the_one_network(ben: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", ACME)
    await ben.types("instagram")
    card = await ben.sees_a_card("Connect Instagram")
    async with ben.session.get(str(card.url)) as page:
        assert (await page.text()).count("<li>") == 1
