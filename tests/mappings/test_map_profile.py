"""`/connect map`: an admin maps a profile whose key they type, or one that is known, to a person."""

import json
import time
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId
from bot.mappings.model import DONE_WITHIN, unchecked_profile
from bot.slack.actions import CONNECT_GIVEN, MAP_A_PROFILE
from bot.slack.delivery import LATE_POST
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.mapping_helpers import (
    ANA,
    BEN,
    DAN,
    asked,
    asked_for_nothing,
    form,
    held_by,
    key_of,
    no_longer_admin,
)
from tests.modals import SeenModal, modal_of, sees_at_home, sees_modal
from tests.redis_probe import TEAM, idle, redis_of, trail
from tests.refreshes import connected, over_sockets
from tests.signed_requests import Signer
from tests.users import Someone

NOBODYS = "AAAAAA-BBBBBBBB-CCCCCCC-DDDDDDD"


@pytest.fixture
def ana(person: Person) -> Someone:
    """The workspace's owner."""
    return person("ana")


async def confirming(ana: Someone, sandbox: Sandbox, title: str = "Acme: Jane", **more: Any) -> SeenModal:
    """Come as far as the confirmation, by a key."""
    modal = await form(ana, "key")
    assert (await modal.submits(key=key_of(sandbox, title), **more))["ok"]
    return await sees_modal(ana, title, "gets it")


async def test_a_typed_key_is_checked_shown_confirmed_and_mapped(ana: Someone, bot: Bot, sandbox: Sandbox) -> None:
    modal = await form(ana, "key")
    assert (await modal.submits(key=f" {key_of(sandbox, 'Acme: Jane')} "))["ok"]
    asks = await sees_modal(ana, "Acme: Jane", "Instagram (Jane of Acme)", f"<@{DAN}> gets it")
    assert "🟡 expires soon: LinkedIn (Jane Doe)" in asks.words
    assert asks.submit == "Map"
    assert await held_by(bot, DAN) == []
    assert await bot.deps.profiles.all_titles(TEAM) == {}
    await asks.submits()
    await sees_modal(ana, f"<@{DAN}> has *Acme: Jane* now, as their default. I told them.")
    assert await held_by(bot, DAN) == ["Acme: Jane"]
    assert [(row.action, row.by, row.owner) for row in await trail(bot)] == [("mapping_added", ANA, DAN)]


async def test_whom_it_was_mapped_to_is_told_without_a_link_and_can_use_it(
    ana: Someone, person: Person, sandbox: Sandbox
) -> None:
    await (await confirming(ana, sandbox)).submits()
    dan = person("dan", channel=sandbox.slack.world.dm_of("dan"))
    told = await dan.sees(f"<@{ANA}> gave you *Acme: Jane*", CONNECT_GIVEN.label)
    assert told.url is None
    await person("dan").types()
    await person("dan").sees_a_card("Acme: Jane")


async def test_only_admins_get_the_form(person: Person) -> None:
    for text in ("map", "map @ben", "map @dan"):
        await person("dan").types(text)
        refused = await sees_modal(person("dan"), "Only admins can do that", title=MAP_A_PROFILE.label)
        assert (refused.fields, refused.submit) == ([], "")
        await refused.closes()


async def test_map_alone_opens_an_empty_form_and_a_mention_fills_in_the_person(ana: Someone) -> None:
    assert (await form(ana, text="map")).entered["person"]["selected_user"] is None
    assert (await form(ana, text="MAP @dan")).entered["person"]["selected_user"] == DAN


async def test_a_choice_whose_form_is_closed_meanwhile_opens_nothing(ana: Someone, sandbox: Sandbox, bot: Bot) -> None:
    modal = await form(ana, "key")
    sandbox.slack.faults.add("latency", ms=200, method="views.update")
    await modal.chooses("how", "create")
    await modal.closes()
    await idle(bot)
    assert sandbox.received("views.update")[-1]["ok"] is False
    assert await modal_of(ana) is None


@pytest.mark.parametrize("text", ["map dan", "map @dan Globex", "map @dan @ben", "map @nobody"])
async def test_anything_but_a_person_behind_map_is_answered_in_one_line(ana: Someone, text: str) -> None:
    await ana.types(text)
    assert "\n" not in (await ana.sees("")).words
    assert await modal_of(ana) is None


async def test_each_way_to_a_profile_shows_its_own_inputs_and_keeps_what_the_others_share(
    ana: Someone, mapped: Map
) -> None:
    await mapped("ben", "Globex")
    modal = await form(ana, "create", "map")
    assert (modal.fields, modal.submit) == (["person", "how", "title", "networks"], "Create")
    await modal.chooses("title", "Acme: Dan")
    await modal.chooses("person", "ben")
    modal = await sees_modal(ana, "They have other profiles already")
    assert modal.entered["title"]["value"] == "Acme: Dan"
    await modal.chooses("how", "key")
    modal = await sees_modal(ana, "Profile key")
    assert (modal.fields, modal.submit) == (["person", "how", "key", "default"], "Next")
    await modal.chooses("how", "known")
    modal = await sees_modal(ana, "Choose a profile")
    assert modal.fields == ["person", "how", "profile", "default"]
    assert modal.options("profile") == ["Globex"]
    assert modal.entered["person"]["selected_user"] == BEN


async def test_a_submit_that_overtakes_the_redrawing_brings_the_inputs_that_fit(ana: Someone, sandbox: Sandbox) -> None:
    await (await form(ana)).submits(title="x", how="key")
    await sees_modal(ana, "Profile key")
    assert asked_for_nothing(sandbox)


async def test_without_any_known_profile_none_is_offered(ana: Someone) -> None:
    assert len((await form(ana)).options("how")) == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gus", "This person is a guest"),
        ("ida", "This person hasn't joined this workspace yet"),
        ("leo", "This person has left"),
        ("zoe", "This person isn't in this workspace"),
        ("robo", "This person is a bot"),
    ],
)
async def test_a_person_who_cannot_have_links_is_refused_under_their_name(
    ana: Someone, sandbox: Sandbox, name: str, words: str
) -> None:
    refused = await (await form(ana, "key")).submits(person=name, key=key_of(sandbox, "Globex"))
    assert words in refused["errors"]["person"]
    assert list(refused["errors"]) == ["person"]
    assert asked_for_nothing(sandbox)


async def test_a_key_that_ayrshare_does_not_know_is_refused_and_stays_in_its_field(ana: Someone, bot: Bot) -> None:
    refused = await (await form(ana, "key")).submits(key=NOBODYS)
    assert "Ayrshare doesn't know this key" in refused["errors"]["key"]
    modal = await modal_of(ana)
    assert modal is not None
    assert modal.entered["key"]["value"] == NOBODYS
    labels = {"interaction": "submit_map", "outcome": "key_refused"}
    assert bot.deps.metrics.registry.get_sample_value("connectbot_interactions_total", labels) == 1


async def test_the_accounts_own_api_key_is_refused_without_asking(ana: Someone, sandbox: Sandbox) -> None:
    refused = await (await form(ana, "key")).submits(key=sandbox.ayrshare.api_key)
    assert "account's API key" in refused["errors"]["key"]
    assert asked_for_nothing(sandbox)


async def test_the_key_of_the_primary_profile_is_refused(ana: Someone, sandbox: Sandbox, bot: Bot) -> None:
    sandbox.ayrshare.profiles[0].ref_id = sandbox.ayrshare.primary.ref_id
    refused = await (await form(ana, "key")).submits(key=key_of(sandbox, "Acme: Jane"))
    assert "key of your Primary Profile" in refused["errors"]["key"]
    assert await redis_of(bot).keys("*:pending:*") == []


@pytest.mark.parametrize("typed", ["two words", "short", "ünïcödé-kéy-123", "x" * 510 + " y"])
async def test_what_is_no_key_at_all_is_refused_without_asking(ana: Someone, sandbox: Sandbox, typed: str) -> None:
    refused = await (await form(ana, "key")).submits(key=typed)
    assert "That's not a profile key" in refused["errors"]["key"]
    assert asked_for_nothing(sandbox)


async def test_a_slow_ayrshare_is_said_in_time_and_the_key_can_be_submitted_again(
    ana: Someone, sandbox: Sandbox
) -> None:
    modal, key = await form(ana, "key"), key_of(sandbox, "Globex")
    sandbox.ayrshare.faults.add("latency", ms=2_500)
    refused = await modal.submits(key=key)
    assert "Ayrshare is slow" in refused["errors"]["key"]
    assert refused["ack_ms"] < 2_500
    assert (await modal.submits(key=key))["ok"]
    await sees_modal(ana, "Globex", "gets it")


async def test_an_ayrshare_that_is_down_is_said_under_the_key(ana: Someone, sandbox: Sandbox) -> None:
    sandbox.ayrshare.faults.add("error_503", times=None)
    refused = await (await form(ana, "key")).submits(key=key_of(sandbox, "Globex"))
    assert "Ayrshare isn't responding" in refused["errors"]["key"]


async def test_a_slack_that_is_slow_is_said_in_time(ana: Someone, sandbox: Sandbox, clock: ManualClock) -> None:
    modal = await form(ana, "key")
    clock.jump_seconds(61)  # who ana is has been forgotten
    sandbox.slack.faults.add("latency", ms=2_300)
    refused = await modal.submits(key=key_of(sandbox, "Globex"))
    assert "took too long" in refused["errors"]["key"]
    assert refused["ack_ms"] < 2_500


async def test_a_redis_in_trouble_is_said_under_the_key(ana: Someone, sandbox: Sandbox, bot: Bot) -> None:
    modal = await form(ana, "key")
    await redis_of(bot).config_set("min-replicas-to-write", 1)
    refused = await modal.submits(key=key_of(sandbox, "Globex"))
    assert "can't reach my database" in refused["errors"]["key"]
    await redis_of(bot).config_set("min-replicas-to-write", 0)


@pytest.mark.parametrize("title", ["Globex", None])
async def test_a_typed_key_stands_in_no_view_of_ours_no_log_and_no_clear_text(
    ana: Someone, sandbox: Sandbox, bot: Bot, log_lines: Lines, title: str | None
) -> None:
    key = key_of(sandbox, title) if title else NOBODYS
    await (await form(ana, "key")).submits(key=key)
    for _ in range(2):
        modal = await modal_of(ana)
        assert modal is not None
        if title:
            assert key not in json.dumps(modal.raw)
            await modal.submits()
    stored = [await redis_of(bot).dump(name) for name in await redis_of(bot).keys("*")]
    assert key not in str(stored)
    assert key not in str(sandbox.slack.calls.since())
    assert key not in "".join(log_lines.lines)


async def test_what_waits_for_a_confirmation_is_sealed_and_waits_ten_minutes(
    ana: Someone, sandbox: Sandbox, bot: Bot
) -> None:
    modal = await confirming(ana, sandbox)
    (name,) = await redis_of(bot).keys("connectbot:{T0CONNECT}:pending:*")
    assert name.endswith(modal.metadata)
    assert 590_000 < await redis_of(bot).pttl(name) <= 600_000
    assert json.loads(await redis_of(bot).get(name))["key"].startswith("v1:")
    await redis_of(bot).delete(name)
    await modal.submits()
    await sees_modal(ana, "older than ten minutes", MAP_A_PROFILE.label)
    assert await held_by(bot, DAN) == []


async def test_a_confirmation_delivered_twice_maps_once(
    ana: Someone, person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    modal = await confirming(ana, sandbox)
    sandbox.slack.faults.add("replay")
    await modal.submits()
    await sees_modal(ana, "has *Acme: Jane*")
    assert len(await trail(bot)) == 1
    assert len(await person("dan", channel=sandbox.slack.world.dm_of("dan")).messages()) == 1


def confirmation(user: str, pending: str) -> dict[str, str]:
    """A confirmation as it would be forged or sent a second time."""
    view = {"id": "V0FORGED", "type": "modal", "callback_id": "confirm_map", "private_metadata": pending}
    who = {"id": user, "team_id": "T0CONNECT"}
    payload = {"type": "view_submission", "team": {"id": TEAM}, "user": who, "view": view}
    return {"payload": json.dumps(payload | {"trigger_id": str(time.monotonic_ns())})}


async def test_a_second_confirmation_changes_nothing(ana: Someone, sandbox: Sandbox, bot: Bot, signer: Signer) -> None:
    modal = await confirming(ana, sandbox)
    await modal.submits()
    await sees_modal(ana, "has *Acme: Jane*")
    await signer.form(confirmation(ANA, modal.metadata))
    assert "confirmed this already" in signer.acknowledgement
    assert len(await trail(bot)) == 1


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": BEN}])
async def test_nobody_confirms_what_another_admin_has_entered(
    ana: Someone, sandbox: Sandbox, bot: Bot, signer: Signer, overrides: dict[str, str]
) -> None:
    modal = await confirming(ana, sandbox)
    await signer.form(confirmation(BEN, modal.metadata))
    assert "confirmed this already" in signer.acknowledgement
    assert await held_by(bot, DAN) == []


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": BEN}])
async def test_a_confirmation_by_another_admin_leaves_it_to_whom_it_belongs(
    ana: Someone, sandbox: Sandbox, bot: Bot, signer: Signer, overrides: dict[str, str]
) -> None:
    modal = await confirming(ana, sandbox)
    await signer.form(confirmation(BEN, modal.metadata))
    await modal.submits()
    await sees_modal(ana, "has *Acme: Jane*")


@pytest.mark.parametrize("unknown", ["caller", "owner"])
async def test_a_slack_that_fails_at_the_confirmation_loses_no_key(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock, unknown: str
) -> None:
    asks = await confirming(ana, sandbox)
    await clock.advance_seconds(61)  # who ana and dan are has been forgotten
    if unknown == "owner":
        await bot.deps.people.get(TEAM, ANA)
    sandbox.slack.faults.add("error_500")
    await asks.submits()
    again = await sees_modal(ana, "Slack isn't responding", "Press Map to try again.", "gets it")
    assert again.submit == "Map"
    assert await held_by(bot, DAN) == []
    await again.submits()
    await sees_modal(ana, "has *Acme: Jane*")


async def test_profiles_without_a_title_are_offered_and_shown_by_name(ana: Someone, sandbox: Sandbox, bot: Bot) -> None:
    profile = sandbox.ayrshare.profiles[0]
    profile.title = ""
    kept = Profile(RefId(profile.ref_id), " ", SecretStr(profile.key))
    await bot.deps.profiles.save(TEAM, kept)
    modal = await form(ana, "known")
    assert modal.options("profile") == [f"Profile {profile.ref_id[:8]}"]
    await modal.submits(profile=f"Profile {profile.ref_id[:8]}")
    await sees_modal(ana, "A profile without a title", "gets it")


async def test_a_form_that_slack_does_not_show_is_said_to_be(ana: Someone, sandbox: Sandbox) -> None:
    modal = await form(ana)
    sandbox.slack.faults.add("internal_error")
    await modal.chooses("how", "key")
    await sees_modal(ana, "Slack isn't responding")


async def test_the_modal_opens_before_slack_is_asked_who_types(ana: Someone, sandbox: Sandbox) -> None:
    await ana.types("map @dan")
    await sees_modal(ana, "Who gets the profile?")
    calls = [str(one["call"]) for one in sandbox.slack.calls.since()]
    assert calls.index("views.open") < calls.index("users.info")


async def test_an_admin_who_lost_their_rights_is_refused_at_the_next_choice_submit_and_confirmation(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    asks = await confirming(ana, sandbox)
    no_longer_admin(sandbox, "ana")
    await clock.advance_seconds(61)
    await asks.submits()
    await sees_modal(ana, "Only admins can do that")
    assert await held_by(bot, DAN) == []
    sandbox.slack.world.user("ana").is_admin = True
    await clock.advance_seconds(61)
    modal = await form(ana, "key")
    no_longer_admin(sandbox, "ana")
    await clock.advance_seconds(61)
    refused = await modal.submits(key=key_of(sandbox, "Globex"))
    assert "Only admins can do that" in refused["errors"]["key"]
    await modal.chooses("how", "create")
    await sees_modal(ana, "Only admins can do that")
    assert asked(sandbox, "GET /user") == 2  # at the first submit, for the key and for whose it must not be


async def test_a_person_who_was_deactivated_a_moment_ago_gets_no_profile(
    ana: Someone, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    """Slack is asked: no event told it, and what is remembered is younger than a minute."""
    await mapped("ben", "Globex")
    asks = await confirming(ana, sandbox)
    sandbox.slack.world.user("dan").deleted = True
    await asks.submits()
    await sees_modal(ana, "This person has left")
    creating = await form(ana, "create")
    assert "has left" in (await creating.submits(title="Acme: Dan"))["errors"]["person"]
    assert await held_by(bot, DAN) == []
    assert asked(sandbox, "POST /profiles") == 0


async def test_a_key_that_is_known_already_is_used_under_its_profile_with_the_title_of_today(
    ana: Someone, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    known = await mapped("ben", "Acme: Jane")
    next(p for p in sandbox.ayrshare.profiles if p.title == "Acme: Jane").title = "Acme: Jane D."
    modal = await form(ana, "key")
    await modal.submits(key=known.key.get_secret_value())
    asks = await sees_modal(ana, "Acme: Jane D.", f"<@{BEN}> has it, too")
    await asks.submits()
    await sees_modal(ana, "*Acme: Jane D.*")
    assert await bot.deps.profiles.all_titles(TEAM) == {known.ref_id: "Acme: Jane D."}
    assert await held_by(bot, DAN) == await held_by(bot, BEN) == ["Acme: Jane D."]


async def test_a_key_that_was_stored_without_asking_is_used_under_the_name_it_has(
    ana: Someone, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    unasked = unchecked_profile(SecretStr(key_of(sandbox, "Globex"))).ref_id
    await mapped("ben", "Globex", ref_id=unasked)
    await (await confirming(ana, sandbox, "Globex")).submits()
    await sees_modal(ana, "has *Globex*")
    assert await bot.deps.profiles.all_titles(TEAM) == {unasked: "Globex"}
    assert await held_by(bot, DAN) == await held_by(bot, BEN)


async def test_a_known_profile_is_shown_with_its_networks_and_mapped(
    ana: Someone, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    profile = await mapped("ben", "Globex")
    await (await form(ana, "known")).submits(profile="Globex")
    asks = await sees_modal(ana, "connected: YouTube (Globex)", f"<@{BEN}> has it, too.")
    await asks.submits()
    await sees_modal(ana, "has *Globex*")
    assert [mapping.ref_id for mapping in await bot.deps.mappings.of(TEAM, DAN)] == [profile.ref_id]


async def test_a_known_profile_is_mapped_without_a_word_of_ayrshare_where_that_is_slow_or_down(
    ana: Someone, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Globex")
    modal = await form(ana, "known")
    sandbox.ayrshare.faults.add("rate_limited")
    await modal.submits(profile="Globex")
    await sees_modal(ana, "can't show its accounts")
    modal = await form(ana, "known")
    sandbox.ayrshare.faults.add("latency", ms=2_500)
    await modal.submits(profile="Globex")
    await (await sees_modal(ana, "can't show its accounts")).submits()
    await sees_modal(ana, "has *Globex*")


async def test_a_known_profile_whose_key_is_dead_is_refused(ana: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Globex", key=NOBODYS)
    refused = await (await form(ana, "known")).submits(profile="Globex")
    assert "no longer accepts my key" in refused["errors"]["profile"]


async def keep_profiles(bot: Bot, count: int) -> None:
    store = bot.deps.profiles
    for number in range(count):
        title = f"Client {number:03}"
        await store.save(TEAM, Profile(RefId(f"{number:040x}"), title, SecretStr(f"{NOBODYS}{number}")))


async def test_a_hundred_known_profiles_are_a_list_and_more_are_searched(ana: Someone, bot: Bot) -> None:
    await keep_profiles(bot, 100)
    assert len((await form(ana, "known")).options("profile")) == 100
    await keep_profiles(bot, 130)
    modal = await form(ana, "known")
    assert modal.options("profile") == []
    refused = await modal.submits(profile="Client 128")
    assert "no longer accepts my key" in refused["errors"]["profile"]  # so that one it is


def suggestion(user: str, typed: str) -> dict[str, str]:
    who = {"id": user, "team_id": "T0CONNECT"}
    payload = {"type": "block_suggestion", "team": {"id": TEAM}, "user": who, "value": typed, "action_id": "map_known"}
    return {"payload": json.dumps(payload | {"block_id": "profile"})}


async def test_profiles_are_suggested_to_admins_only_by_title_and_a_hundred_at_most(signer: Signer, bot: Bot) -> None:
    await keep_profiles(bot, 130)

    async def offered(user: str, typed: str) -> list[str]:
        await signer.form(suggestion(user, typed))
        return [option["text"]["text"] for option in json.loads(signer.acknowledgement)["options"]]

    assert await offered(ANA, "cLIENT 12") == [f"Client 12{number}" for number in range(10)]
    assert len(await offered(ANA, "")) == 100
    assert await offered(ANA, "nothing of the kind") == []
    assert await offered(DAN, "") == []


async def test_a_profile_that_is_not_known_here_cannot_be_smuggled_in(
    ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox
) -> None:
    await mapped("ben", "Globex")
    modal = await form(ana, "known")
    view = sandbox.slack.views.find(modal.raw["id"])
    option = next(block for block in view.content["blocks"] if block["block_id"] == "profile")["element"]["options"][0]
    option["value"] = "f" * 40
    refused = await modal.submits(profile="Globex")
    assert "no longer know that profile" in refused["errors"]["profile"]


async def test_the_default_is_asked_for_only_where_there_are_other_profiles(
    ana: Someone, person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    assert "default" not in (await form(ana, "key")).fields
    await mapped("dan", "Globex")
    assert "default" in (await form(ana, "key")).fields
    await (await confirming(ana, sandbox, "Acme: Jane")).submits()
    dan = person("dan", channel=sandbox.slack.world.dm_of("dan"))
    await dan.sees("*Acme: Jane*", CONNECT_GIVEN.label)
    assert await held_by(bot, DAN) == ["Globex", "Acme: Jane"]
    asks = await confirming(ana, sandbox, "Initech", default=["yes"])
    assert "as their default" in asks.words
    await asks.submits()
    await sees_modal(ana, "has *Initech* now, as their default")
    assert (await held_by(bot, DAN))[0] == "Initech"


async def test_a_profile_that_a_person_has_already_can_only_become_their_default(
    ana: Someone, person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("dan", "Globex")
    await mapped("dan", "Acme: Jane")
    await (await form(ana, "known")).submits(profile="Acme: Jane")
    await (await sees_modal(ana, "has it already")).submits()
    await sees_modal(ana, "already had *Acme: Jane*.")
    assert await held_by(bot, DAN) == ["Globex", "Acme: Jane"]
    await (await form(ana, "known")).submits(profile="Acme: Jane", default=["yes"])
    await (await sees_modal(ana, "It becomes their default")).submits()
    await sees_modal(ana, "already had", "as their default")
    assert await held_by(bot, DAN) == ["Acme: Jane", "Globex"]
    assert await person("dan", channel=sandbox.slack.world.dm_of("dan")).messages() == []


async def test_a_new_key_takes_the_place_of_the_old_one(ana: Someone, mapped: Map, sandbox: Sandbox, bot: Bot) -> None:
    profile = await mapped("dan", "Globex", key=NOBODYS)
    await (await form(ana, "key")).submits(key=key_of(sandbox, "Globex"))
    await (await sees_modal(ana, "has it already")).submits()
    await sees_modal(ana, "already had")
    (kept,) = await bot.deps.profiles.get(TEAM, profile.ref_id)
    assert kept.key.get_secret_value() == key_of(sandbox, "Globex")


async def test_who_maps_a_profile_to_themselves_gets_no_message(ana: Someone, person: Person, sandbox: Sandbox) -> None:
    modal = await form(ana, "key", "map @ana")
    await modal.submits(key=key_of(sandbox, "Globex"))
    await (await sees_modal(ana, "gets it")).submits()
    done = await sees_modal(ana, "has *Globex*")
    assert "told" not in done.words
    assert await person("ana", channel=sandbox.slack.world.dm_of("ana")).messages() == []


async def test_when_the_message_fails_it_is_sent_later(
    ana: Someone, person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    asks = await confirming(ana, sandbox)
    sandbox.slack.faults.add("internal_error", method="chat.postMessage")
    await asks.submits()
    await sees_modal(ana, "has *Acme: Jane*", "I couldn't message them yet. I keep trying.")
    assert await held_by(bot, DAN) == ["Acme: Jane"]
    for pause in (DONE_WITHIN, LATE_POST):
        await idle(bot)
        clock.jump(pause)
    await person("dan", channel=sandbox.slack.world.dm_of("dan")).sees("gave you *Acme: Jane*")


async def test_a_slow_message_is_waited_for_in_the_modal(ana: Someone, sandbox: Sandbox, clock: ManualClock) -> None:
    asks = await confirming(ana, sandbox)
    sandbox.slack.faults.add("latency", ms=2_100)
    assert (await asks.submits())["ack_ms"] < 2_000
    await sees_modal(ana, "One moment")
    await clock.sleeper()
    clock.jump_seconds(1)
    await sees_modal(ana, "I told them")


async def test_titles_are_shown_as_they_are_and_never_as_markup(ana: Someone, sandbox: Sandbox) -> None:
    profile = next(p for p in sandbox.ayrshare.profiles if p.title == "Globex")
    profile.title = "<!channel> & <https://evil.example|Globex>"
    await (await form(ana, "key")).submits(key=profile.key)
    await (await sees_modal(ana, "gets it")).submits()
    await sees_modal(ana, "&lt;!channel&gt; &amp; &lt;https://evil.example|Globex&gt;")


async def test_add_a_profile_on_the_home_tab_opens_the_same_form(ana: Someone) -> None:
    await (await sees_at_home(ana, MAP_A_PROFILE.label)).clicks(MAP_A_PROFILE.label)
    await sees_modal(ana, "Who gets the profile?", "A new one")


class TestOverSocketMode:
    @pytest.fixture
    def environment(self, environment: dict[str, str], sandbox: Sandbox) -> dict[str, str]:
        return over_sockets(sandbox, environment)

    async def test_it_is_the_same(self, ana: Someone, bot: Bot, sandbox: Sandbox) -> None:
        await connected(sandbox)
        refused = await (await form(ana, "key")).submits(key=NOBODYS)
        assert "Ayrshare doesn't know this key" in refused["errors"]["key"]
        await (await confirming(ana, sandbox)).submits()
        await sees_modal(ana, "I told them")
        await keep_profiles(bot, 101)
        await (await form(ana, "known")).submits(profile="Client 100")


@pytest.mark.parametrize("overrides", [{"AYRSHARE_LINK_API": "session"}])
async def test_mapping_a_profile_again_revokes_the_links_made_before(
    ana: Someone, person: Person, sandbox: Sandbox, mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("dan", "Acme: Jane")
    await person("dan").types()
    card = await person("dan").sees_a_card("Acme: Jane")
    modal = await form(ana, "key")
    await modal.submits(key=key_of(sandbox, "Acme: Jane"))
    await (await sees_modal(ana, "has it already")).submits()

    async def revoked() -> bool:
        async with ana.session.get(str(card.url)) as page:
            return page.status == 401

    await eventually(revoked, "the link made before is dead")
