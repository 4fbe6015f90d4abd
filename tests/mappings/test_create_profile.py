"""`/connect map`, a new profile: it is created once, and where its key can't be had, another title is offered."""

import asyncio

import pytest

from bot.app import Bot
from bot.mappings.create_profile import free_title
from bot.mappings.model import MAX_TITLE_LENGTH
from bot.slack.actions import MAP_A_PROFILE
from sandbox.ayrshare.account import Profile, new_profile
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.mapping_helpers import ANA, BEN, DAN, asked, asked_for_nothing, form, held_by, key_of
from tests.modals import SeenModal, sees_modal, sees_no_modal
from tests.redis_probe import redis_of, trail
from tests.users import Someone

NEW = "Acme: Dan"
CREATE, LIST, DELETE = "POST /profiles", "GET /profiles", "DELETE /profiles"
UNKNOWN_KEY = "AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA"
NO_KEY = "sends a key only once"


def created(sandbox: Sandbox, title: str = NEW) -> list[Profile]:
    return [profile for profile in sandbox.ayrshare.profiles if profile.title == title]


async def submits(ana: Someone, title: str = NEW) -> None:
    await (await form(ana)).submits(title=title)


async def is_asked(sandbox: Sandbox, call: str, times: int = 1) -> None:
    async def look() -> bool:
        return asked(sandbox, call) >= times

    await eventually(look, f"the bot asks {call}")


async def waits(ana: Someone, clock: ManualClock) -> None:
    """Wait as long as a slow submit takes to draw its result."""
    await sees_modal(ana, "Ayrshare is creating")
    await clock.sleeper()
    clock.jump_seconds(1)


async def redrawn_form(ana: Someone) -> SeenModal | None:
    modal = await sees_modal(ana, "Who gets the profile?")
    return None if "sends a key only once" in modal.words else modal


async def works(bot: Bot) -> bool:
    return not bot.deps.mappings.connection.dependency.just_failed


async def test_a_profile_is_created_mapped_and_its_person_told(
    ana: Someone, person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await submits(ana, "  Acme:   Dan ")
    await sees_modal(ana, f"<@{DAN}> has *Acme: Dan* now, as their default. I told them.")
    (profile,) = created(sandbox)
    assert await held_by(bot, DAN) == [NEW]
    assert [(row.action, row.by, row.owner, row.ref_id) for row in await trail(bot)] == [
        ("profile_created", ANA, DAN, profile.ref_id),
        ("mapping_added", ANA, DAN, profile.ref_id),
    ]
    await person("dan", channel=sandbox.slack.world.dm_of("dan")).sees("gave you *Acme: Dan*")
    await person("dan").types()
    await person("dan").sees_a_card(NEW)


async def test_the_linking_page_shows_the_chosen_networks_or_all(ana: Someone, sandbox: Sandbox) -> None:
    await (await form(ana)).submits(title=NEW, networks=["Instagram", "Threads"])
    await sees_modal(ana, "has *Acme: Dan*")
    hidden = set(created(sandbox)[0].settings["disableSocial"])
    assert not {"instagram", "threads"} & hidden
    assert {"tiktok", "gmb", "linkedin"} <= hidden
    await submits(ana, "Acme: All")
    await sees_modal(ana, "has *Acme: All*")
    assert "disableSocial" not in created(sandbox, "Acme: All")[0].settings


@pytest.mark.parametrize("overrides", [{"AYRSHARE_ALLOWED_SOCIAL": "instagram,linkedin"}])
async def test_networks_that_the_settings_hide_are_not_offered(ana: Someone, overrides: dict[str, str]) -> None:
    assert (await form(ana)).options("networks") == ["Instagram", "LinkedIn"]


async def test_x_is_not_offered_without_the_keys_of_an_own_app(ana: Someone) -> None:
    assert "X" not in (await form(ana)).options("networks")


@pytest.mark.parametrize("overrides", [{"AYRSHARE_X_API_KEY": "key", "AYRSHARE_X_API_SECRET": "secret"}])
async def test_x_is_offered_with_the_keys_of_an_own_app(ana: Someone, overrides: dict[str, str]) -> None:
    assert "X" in (await form(ana)).options("networks")


@pytest.mark.parametrize("blank", ["   ", "\u200b\u200d", "\u2800", "\u3164"])
async def test_a_title_of_nothing_visible_is_refused(ana: Someone, sandbox: Sandbox, blank: str) -> None:
    assert "Enter a title" in (await (await form(ana)).submits(title=blank))["errors"]["title"]
    assert asked_for_nothing(sandbox)


async def test_a_profile_key_as_the_title_is_refused_and_sent_nowhere(
    ana: Someone, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Initech", key="a-key-in-another-shape")
    modal = await form(ana)
    for key in (UNKNOWN_KEY, key_of(sandbox, "Globex"), sandbox.ayrshare.api_key, "a-key-in-another-shape"):
        for title in (key, f"Key: {key}"):
            refused = await modal.submits(title=title)
            assert "That looks like a profile key" in refused["errors"]["title"]
    assert asked_for_nothing(sandbox)


async def test_words_with_dashes_are_a_title(ana: Someone) -> None:
    dashed = ("Spring-Summer-Autumn-Winter", "Team01-Team02-Team03-Team04", "NORTH-SOUTH-EAST-WEST", "2026-2027")
    for title in dashed:
        await submits(ana, title)
        await sees_modal(ana, f"has *{title}*")


async def test_a_refusal_is_said_under_the_title(ana: Someone, sandbox: Sandbox) -> None:
    modal = await form(ana)
    refusals = {
        "plan": "Our Ayrshare plan allows no more profiles",
        "rate_limited": "asking us to slow down",
        "bad_api_key": "API key",
    }
    for fault, words in refusals.items():
        sandbox.ayrshare.faults.add(fault)
        assert words in (await modal.submits(title=NEW))["errors"]["title"]
    assert asked(sandbox, CREATE) == len(refusals)


async def test_a_title_that_is_known_here_is_said_to_be(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Globex")
    refused = await (await form(ana)).submits(title="Globex")
    assert "has a profile with that title already" in refused["errors"]["title"]


async def test_two_submits_of_one_title_create_one_profile(ana: Someone, sandbox: Sandbox) -> None:
    modal = await form(ana)
    sandbox.slack.faults.add("replay")
    await modal.submits(title=NEW)
    await sees_modal(ana, "has *Acme: Dan*")
    assert (asked(sandbox, CREATE), len(created(sandbox))) == (1, 1)


class TestATitleThatIsTaken:
    async def test_brings_the_form_back_with_the_first_free_title(
        self, ana: Someone, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
    ) -> None:
        await mapped("dan", "Initech")
        sandbox.ayrshare.profiles.append(new_profile("Globex 2", at=clock.now()))
        await (await form(ana)).submits(title="Globex", networks=["TikTok"], default=["yes"])
        again = await sees_modal(ana, "Ayrshare has *Globex*", NO_KEY)
        assert again.entered["title"]["value"] == "Globex 3"
        assert again.entered["person"]["selected_user"] == DAN
        assert [option["value"] for option in again.entered["networks"]["selected_options"]] == ["tiktok"]
        assert again.entered["default"]["selected_options"]
        assert await held_by(bot, DAN) == ["Initech"]
        await again.submits()
        await sees_modal(ana, "has *Globex 3* now, as their default")
        assert "instagram" in created(sandbox, "Globex 3")[0].settings["disableSocial"]

    async def test_lets_the_admin_type_another_one_or_use_its_key(
        self, ana: Someone, sandbox: Sandbox, bot: Bot
    ) -> None:
        await submits(ana, "Globex")
        again = await sees_modal(ana, "from Ayrshare's dashboard")
        await again.chooses("title", "Globex: Ben")
        await again.chooses("person", "ben")
        redrawn = await eventually(lambda: redrawn_form(ana), "the form is drawn for another person")
        assert redrawn.entered["title"]["value"] == "Globex: Ben"
        await redrawn.chooses("how", "key")
        await (await sees_modal(ana, "Profile key")).submits(key=key_of(sandbox, "Globex"))
        await (await sees_modal(ana, "gets it")).submits()
        await sees_modal(ana, "has *Globex*")
        assert await held_by(bot, BEN) == ["Globex"]

    async def test_is_said_without_ayrshares_list(self, ana: Someone, sandbox: Sandbox) -> None:
        modal = await form(ana)
        sandbox.ayrshare.faults.add("latency", ms=200, times=2)  # of creating and of listing
        submitting = asyncio.create_task(modal.submits(title="Globex"))
        await is_asked(sandbox, LIST, times=2)
        sandbox.ayrshare.faults.add("rate_limited")
        await submitting
        assert (await sees_modal(ana, "sends a key only once")).entered["title"]["value"] == "Globex 2"


class TestALostAnswer:
    """The profile may have been created, but its key was in the answer."""

    async def test_of_a_profile_that_was_created_says_so_and_offers_another_title(
        self, ana: Someone, sandbox: Sandbox, bot: Bot
    ) -> None:
        modal = await form(ana)
        sandbox.ayrshare.faults.add("truncated")
        await modal.submits(title=NEW)
        again = await sees_modal(ana, "Its answer got lost, but Ayrshare has *Acme: Dan*", NO_KEY)
        assert again.entered["title"]["value"] == "Acme: Dan 2"
        assert await held_by(bot, DAN) == []
        assert await trail(bot) == []
        await again.submits()
        await sees_modal(ana, "has *Acme: Dan 2*", "I told them")
        assert await held_by(bot, DAN) == ["Acme: Dan 2"]
        assert (asked(sandbox, CREATE), asked(sandbox, DELETE), len(created(sandbox))) == (2, 0, 1)

    async def test_of_a_profile_that_shows_up_late_is_found_in_the_list(
        self, ana: Someone, sandbox: Sandbox, clock: ManualClock
    ) -> None:
        modal = await form(ana)
        sandbox.ayrshare.faults.add("drop_connection")
        await modal.submits(title=NEW)
        await sees_modal(ana, "Ayrshare is creating")
        sandbox.ayrshare.profiles.append(new_profile(NEW, at=clock.now()))
        for seconds in (5 * 60, 1):  # until Ayrshare renews its list, and until the result is drawn
            await clock.sleeper()
            clock.jump_seconds(seconds)
        await sees_modal(ana, "Its answer got lost, but Ayrshare has *Acme: Dan*")

    async def test_of_nothing_created_is_unclear_after_half_a_minute_and_the_form_is_kept(
        self, ana: Someone, sandbox: Sandbox, clock: ManualClock
    ) -> None:
        modal = await form(ana)
        sandbox.ayrshare.faults.add("drop_connection")
        await modal.submits(title=NEW, networks=["Threads"])
        await sees_modal(ana, "Ayrshare is creating")
        for seconds in (3, 10, 20, 1):
            await clock.sleeper()
            clock.jump_seconds(seconds)
        again = await sees_modal(ana, "I don't know if it created the profile", "in five minutes")
        assert again.entered["title"]["value"] == NEW
        assert (asked(sandbox, CREATE), asked(sandbox, LIST)) == (1, 5)
        await again.submits()
        await sees_modal(ana, "has *Acme: Dan*")
        assert "tiktok" in created(sandbox)[0].settings["disableSocial"]

    async def test_of_an_ayrshare_that_is_down_is_unclear(self, ana: Someone, sandbox: Sandbox) -> None:
        modal = await form(ana)
        sandbox.ayrshare.faults.add("error_500", times=None)
        refused = await modal.submits(title=NEW)
        if refused["errors"]:  # within the time that a submit has, which leaves no room on a busy machine
            assert "I don't know if it created the profile" in refused["errors"]["title"]
        assert asked(sandbox, CREATE) == 1

    async def test_to_a_modal_that_was_closed_is_told_by_message(
        self, ana: Someone, person: Person, sandbox: Sandbox, clock: ManualClock
    ) -> None:
        modal = await form(ana)
        sandbox.ayrshare.faults.add("latency", ms=2_000)
        sandbox.ayrshare.faults.add("truncated")
        await modal.submits(title=NEW)
        await (await sees_modal(ana, "Ayrshare is creating")).closes()
        await clock.sleeper()
        clock.jump_seconds(1)
        dm = person("ana", channel=sandbox.slack.world.dm_of("ana"))
        await dm.sees("Its answer got lost", "or create *Acme: Dan 2*.", MAP_A_PROFILE.label)
        await sees_no_modal(ana)


async def test_a_slow_creation_goes_on_and_its_result_is_shown(
    ana: Someone, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    modal = await form(ana)
    sandbox.ayrshare.faults.add("latency", ms=2_000)
    assert (await modal.submits(title="Globex", networks=["TikTok"]))["ack_ms"] < 2_000
    await waits(ana, clock)
    again = await sees_modal(ana, "Ayrshare has *Globex*")
    assert again.entered["title"]["value"] == "Globex 2"
    assert [option["value"] for option in again.entered["networks"]["selected_options"]] == ["tiktok"]
    sandbox.ayrshare.faults.add("latency", ms=2_000)
    assert (await again.submits(title=NEW))["ack_ms"] < 2_000
    await sees_modal(ana, "Ayrshare is creating *Acme: Dan*", "in a DM if you close")
    await waits(ana, clock)
    await sees_modal(ana, "has *Acme: Dan*", "I told them")
    assert await held_by(bot, DAN) == [NEW]
    assert (asked(sandbox, CREATE), len(created(sandbox))) == (2, 1)


class TestARedisInTrouble:
    async def test_keeps_the_profile_from_being_created(self, ana: Someone, sandbox: Sandbox, bot: Bot) -> None:
        modal = await form(ana)
        await redis_of(bot).config_set("min-replicas-to-write", 1)
        refused = await modal.submits(title=NEW)
        await redis_of(bot).config_set("min-replicas-to-write", 0)
        assert "can't reach my database" in refused["errors"]["title"]
        assert asked(sandbox, CREATE) == 0

    async def test_after_the_creation_loses_the_key_and_another_title_is_suggested_later(
        self, ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
    ) -> None:
        modal = await form(ana)
        sandbox.ayrshare.faults.add("latency", ms=600)
        submitting = asyncio.create_task(modal.submits(title=NEW))
        await is_asked(sandbox, CREATE)
        await redis_of(bot).config_set("min-replicas-to-write", 1)
        assert "I couldn't save its key" in (await submitting)["errors"]["title"]
        await redis_of(bot).config_set("min-replicas-to-write", 0)
        clock.jump_seconds(120)
        await eventually(lambda: works(bot), "Redis is used again")
        await submits(ana)
        again = await sees_modal(ana, "Ayrshare has *Acme: Dan*")
        await again.submits()
        await sees_modal(ana, "has *Acme: Dan 2*")


def test_a_free_title_has_the_first_free_number_and_stays_within_the_limit() -> None:
    assert free_title("Acme: Jane", taken={"Acme: Jane"}) == "Acme: Jane 2"
    assert free_title("Acme: Jane", taken={"ACME: JANE 2", "Acme: Jane 3", "Acme: Jane 5"}) == "Acme: Jane 4"
    longest = "x" * MAX_TITLE_LENGTH
    assert free_title(longest, taken={longest}) == f"{'x' * (MAX_TITLE_LENGTH - 2)} 2"


async def test_the_form_says_that_profiles_cost_money_and_how_many_there_are(ana: Someone, sandbox: Sandbox) -> None:
    modal = await form(ana)
    assert "Ayrshare bills by their number. I can't delete one. You have 4 now." in modal.words
    await modal.chooses("how", "key")
    assert "bills by" not in (await sees_modal(ana, "Profile key")).words
    await modal.chooses("how", "create")
    await sees_modal(ana, "You have 4 now.")
    assert asked(sandbox, LIST) == 1


async def test_the_form_comes_without_the_number_where_ayrshare_does_not_tell_it(
    ana: Someone, sandbox: Sandbox
) -> None:
    sandbox.ayrshare.faults.add("web_page", times=None)
    modal = await form(ana)
    assert "Ayrshare bills by their number. I can't delete one." in modal.words


async def test_a_plan_without_room_is_said_and_what_to_do_then(ana: Someone, sandbox: Sandbox) -> None:
    sandbox.ayrshare.plan = "launch"
    sandbox.ayrshare.add_profiles(f"Client {number}" for number in range(6))
    refused = (await (await form(ana)).submits(title=NEW))["errors"]["title"]
    assert "allows no more profiles. Use an existing one" in refused
    assert created(sandbox) == []


async def test_what_has_to_be_paid_for_has_its_own_sentence(ana: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ana", "Globex")
    sandbox.ayrshare.plan = "premium"
    await ana.types()
    await ana.sees("Ayrshare wants a bigger plan, or a bill paid")
