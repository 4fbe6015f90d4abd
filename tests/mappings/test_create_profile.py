"""`/connect map`, a new profile: made once, and where its key was lost, deleted and made anew, never anybody else's."""

import asyncio
import json
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId
from bot.mappings.model import CreationAttempt
from bot.slack.actions import START_OVER
from sandbox.ayrshare.account import Profile as AyrshareProfile
from sandbox.ayrshare.account import new_profile
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.mapping_helpers import ANA, BEN, DAN, asked, form, held_by, key_of, no_longer_admin
from tests.modals import Window, sees_a_window, sees_at_home, sees_no_window
from tests.redis_probe import TEAM, redis_of, trail
from tests.signed_requests import Signer
from tests.users import Someone

NEW = "Acme: Dan"
CREATE, DELETE = "POST /profiles", "DELETE /profiles"
LIST_CACHED = timedelta(minutes=5)
NOBODYS = "AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA"


@pytest.fixture
def ana(person: Person) -> Someone:
    """The workspace's owner."""
    return person("ana")


def made(sandbox: Sandbox, title: str = NEW) -> list[AyrshareProfile]:
    return [profile for profile in sandbox.ayrshare.profiles if profile.title == title]


async def deletes(offer: Window, clock: ManualClock) -> None:
    """Press the button once the list of profiles is renewed."""
    clock.advance(LIST_CACHED)
    await offer.clicks(START_OVER.label)


def press(user: str, offer: Window) -> dict[str, str]:
    """A press on the button as somebody else would forge it."""
    view = {"id": "V0FORGED", "type": "modal", "private_metadata": offer.metadata, "state": {"values": {}}}
    who = {"id": user, "team_id": "T0CONNECT"}
    action = {"type": "button", "action_id": "start_over", "block_id": "start_over"}
    payload = {"type": "block_actions", "team": {"id": TEAM}, "user": who, "view": view, "actions": [action]}
    return {"payload": json.dumps(payload | {"trigger_id": "1.2.forged"})}


async def unfinished(bot: Bot) -> list[str]:
    """What is kept of attempts of which nothing is known."""
    return list(await redis_of(bot).keys("connectbot:{T0CONNECT}:creation:*"))


async def works(bot: Bot) -> bool:
    return not bot.deps.mappings.connection.dependency.just_failed


async def created(sandbox: Sandbox, times: int) -> bool:
    return asked(sandbox, CREATE) == times


async def deleting(sandbox: Sandbox) -> bool:
    return asked(sandbox, DELETE) == 1


async def lost(ana: Someone, sandbox: Sandbox, title: str = NEW) -> Window:
    """Have a profile made whose key is lost on the way."""
    window = await form(ana)
    sandbox.ayrshare.faults.add("truncated")
    assert (await window.submits(title=title))["ok"]
    return await sees_a_window(ana, f"Ayrshare made *{title}*", START_OVER.label)


async def test_a_profile_is_made_kept_mapped_and_its_person_told(
    ana: Someone, person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    assert (await (await form(ana)).submits(title="  Acme:   Dan "))["ok"]
    await sees_a_window(ana, f"<@{DAN}> looks after *Acme: Dan*, as their default. I told them.")
    (profile,) = made(sandbox)
    assert await held_by(bot, DAN) == [NEW]
    assert [(row.action, row.by, row.owner, row.ref_id) for row in await trail(bot)] == [
        ("profile_created", ANA, DAN, profile.ref_id),
        ("mapping_added", ANA, DAN, profile.ref_id),
    ]
    assert await unfinished(bot) == []
    await person("dan", channel=sandbox.slack.world.dm_of("dan")).sees("mapped you to *Acme: Dan*")
    await person("dan").types()
    await person("dan").sees_a_card(NEW)


async def test_only_the_networks_chosen_are_shown_and_all_where_none_is(ana: Someone, sandbox: Sandbox) -> None:
    await (await form(ana)).submits(title=NEW, networks=["Instagram", "X"])
    await sees_a_window(ana, "looks after *Acme: Dan*")
    hidden = set(made(sandbox)[0].settings["disableSocial"])
    assert not {"instagram", "twitter"} & hidden
    assert {"tiktok", "gmb", "linkedin"} <= hidden
    await (await form(ana)).submits(title="Acme: All")
    await sees_a_window(ana, "looks after *Acme: All*")
    assert "disableSocial" not in made(sandbox, "Acme: All")[0].settings


@pytest.mark.parametrize("overrides", [{"AYRSHARE_ALLOWED_SOCIAL": "instagram,linkedin"}])
async def test_networks_that_the_settings_hide_are_not_offered(ana: Someone, overrides: dict[str, str]) -> None:
    assert (await form(ana)).options("networks") == ["Instagram", "LinkedIn"]


async def test_a_blank_title_is_refused(ana: Someone, sandbox: Sandbox) -> None:
    assert "type a title" in (await (await form(ana)).submits(title="   "))["errors"]["title"]
    assert sandbox.ayrshare.calls.since() == []


async def test_a_profile_key_typed_as_the_title_is_refused_and_goes_nowhere(
    ana: Someone, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Initech", key="a-key-in-another-shape")
    for key in (NOBODYS, key_of(sandbox, "Globex"), sandbox.ayrshare.api_key, "a-key-in-another-shape"):
        for title in (key, f"Key: {key}"):
            refused = await (await form(ana)).submits(title=title)
            assert "That looks like a profile key" in refused["errors"]["title"]
    assert sandbox.ayrshare.calls.since() == []
    assert await unfinished(bot) == []


@pytest.mark.parametrize(
    "title", ["Spring-Summer-Autumn-Winter", "Team01-Team02-Team03-Team04", "SPRING-SUMMER-AUTUMN-WINTER", "2026-2027"]
)
async def test_words_with_dashes_are_a_title(ana: Someone, sandbox: Sandbox, title: str) -> None:
    await (await form(ana)).submits(title=title)
    await sees_a_window(ana, f"looks after *{title}*")


async def test_a_title_that_is_taken_is_said_under_it_and_nothing_stays_behind(
    ana: Someone, sandbox: Sandbox, bot: Bot
) -> None:
    refused = await (await form(ana)).submits(title="Globex")
    assert "already has a profile with that title" in refused["errors"]["title"]
    assert await unfinished(bot) == []
    assert await held_by(bot, DAN) == []


async def test_a_title_that_is_known_here_is_said_to_be(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Globex")
    refused = await (await form(ana)).submits(title="Globex")
    assert "I know a profile with that title already" in refused["errors"]["title"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [("plan", "plan of this account"), ("rate_limited", "asked too often"), ("bad_api_key", "API key")],
)
async def test_a_refusal_is_said_under_the_title_and_nothing_stays_behind(
    ana: Someone, sandbox: Sandbox, bot: Bot, fault: str, words: str
) -> None:
    window = await form(ana)
    sandbox.ayrshare.faults.add(fault)
    assert words in (await window.submits(title=NEW))["errors"]["title"]
    assert await unfinished(bot) == []
    assert asked(sandbox, CREATE) == 1


async def test_a_redis_in_trouble_keeps_the_profile_from_being_made(ana: Someone, sandbox: Sandbox, bot: Bot) -> None:
    window = await form(ana)
    await redis_of(bot).config_set("min-replicas-to-write", 1)
    refused = await window.submits(title=NEW)
    await redis_of(bot).config_set("min-replicas-to-write", 0)
    assert "memory (Redis) can't be used" in refused["errors"]["title"]
    assert asked(sandbox, CREATE) == 0


async def test_the_attempt_is_written_down_before_it_is_made_and_kept_for_a_week(
    ana: Someone, sandbox: Sandbox, bot: Bot
) -> None:
    window = await form(ana)
    sandbox.ayrshare.faults.add("latency", ms=600)
    submitting = asyncio.create_task(window.submits(title=NEW))
    (name,) = await eventually(lambda: unfinished(bot), "the attempt is written down")
    assert made(sandbox) == []
    assert 604_000_000 < await redis_of(bot).pttl(name) <= 604_800_000
    (attempt,) = await redis_of(bot).lrange(name, 0, -1)
    assert json.loads(attempt)["by"] == ANA
    await submitting
    assert await unfinished(bot) == []


async def test_what_takes_long_goes_on_and_is_shown_when_it_is_done(
    ana: Someone, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    window = await form(ana)
    sandbox.ayrshare.faults.add("latency", ms=2_000)
    assert (await window.submits(title=NEW))["ack_ms"] < 2_000
    await sees_a_window(ana, "waiting for Ayrshare to make *Acme: Dan*", "direct message if you close")
    await clock.sleeper()
    clock.advance_seconds(1)
    await sees_a_window(ana, "looks after *Acme: Dan*", "I told them")
    assert await held_by(bot, DAN) == [NEW]
    assert asked(sandbox, CREATE) == 1


async def test_what_takes_long_is_told_by_message_where_the_window_was_closed(
    ana: Someone, person: Person, sandbox: Sandbox, clock: ManualClock
) -> None:
    window = await form(ana)
    sandbox.ayrshare.faults.add("latency", ms=2_000)
    await window.submits(title=NEW)
    await (await sees_a_window(ana, "waiting for Ayrshare")).closes()
    await clock.sleeper()
    clock.advance_seconds(1)
    await person("ana", channel=sandbox.slack.world.dm_of("ana")).sees("looks after *Acme: Dan*")
    await sees_no_window(ana)


async def test_a_title_found_taken_late_brings_the_form_back_as_it_was_filled_in(
    ana: Someone, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("dan", "Initech")
    window = await form(ana)
    sandbox.ayrshare.faults.add("latency", ms=2_000)
    await window.submits(title="Globex", networks=["TikTok"], default=["yes"])
    await sees_a_window(ana, "waiting for Ayrshare")
    await clock.sleeper()
    clock.advance_seconds(1)
    again = await sees_a_window(ana, "already has a profile with that title", "Who looks after the profile?")
    assert again.entered["title"]["value"] == "Globex"
    assert [option["value"] for option in again.entered["networks"]["selected_options"]] == ["tiktok"]
    assert again.entered["person"]["selected_user"] == DAN
    assert again.entered["default"]["selected_options"]
    await again.submits(title=NEW)
    await sees_a_window(ana, "looks after *Acme: Dan*")


async def test_a_profile_whose_key_was_lost_is_deleted_and_made_anew(
    ana: Someone, person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    offer = await lost(ana, sandbox)
    (useless,) = made(sandbox)
    assert await held_by(bot, DAN) == []
    assert offer.element("start_over")["style"] == "danger"
    assert "gone for good" in offer.element("start_over")["confirm"]["text"]["text"]
    await deletes(offer, clock)
    await sees_a_window(ana, "looks after *Acme: Dan*", "I told them")
    (good,) = made(sandbox)
    assert good.ref_id != useless.ref_id
    assert [(row.action, row.ref_id) for row in await trail(bot)] == [
        ("profile_deletion_asked", useless.ref_id),
        ("profile_deleted", useless.ref_id),
        ("profile_created", good.ref_id),
        ("mapping_added", good.ref_id),
    ]
    assert (asked(sandbox, CREATE), asked(sandbox, DELETE)) == (2, 1)
    assert await unfinished(bot) == []
    await person("dan").types()
    await person("dan").sees_a_card(NEW)


async def test_the_offer_comes_again_where_the_second_answer_is_lost_too(
    ana: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    offer = await lost(ana, sandbox)
    sandbox.ayrshare.faults.add("latency", times=3, ms=300)  # of looking, deleting, creating
    await deletes(offer, clock)
    await eventually(lambda: created(sandbox, 2), "it is being made anew")
    sandbox.ayrshare.faults.add("empty")
    again = await sees_a_window(ana, "Ayrshare made *Acme: Dan*")
    assert again.metadata != offer.metadata
    await deletes(again, clock)
    await sees_a_window(ana, "looks after *Acme: Dan*")
    assert (asked(sandbox, CREATE), asked(sandbox, DELETE), len(made(sandbox))) == (3, 2, 1)


async def test_a_double_press_deletes_once(ana: Someone, sandbox: Sandbox, clock: ManualClock) -> None:
    offer = await lost(ana, sandbox)
    clock.advance(LIST_CACHED)
    await asyncio.gather(*(offer.clicks("start_over") for _ in range(2)))
    await sees_a_window(ana, "looks after *Acme: Dan*")
    assert (asked(sandbox, CREATE), asked(sandbox, DELETE)) == (2, 1)


async def test_an_offer_is_good_for_ten_minutes(ana: Someone, sandbox: Sandbox, bot: Bot) -> None:
    offer = await lost(ana, sandbox)
    for name in await redis_of(bot).keys("*:pending:*"):
        await redis_of(bot).delete(name)
    await offer.clicks("start_over")
    await sees_a_window(ana, "waited for more than ten minutes")
    assert asked(sandbox, DELETE) == 0


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": BEN}])
async def test_a_press_by_another_admin_leaves_the_offer_to_whom_it_was_made(
    ana: Someone, person: Person, sandbox: Sandbox, signer: Signer, clock: ManualClock, overrides: dict[str, str]
) -> None:
    offer = await lost(ana, sandbox)
    await signer.form(press(BEN, offer))
    await person("ben", channel=sandbox.slack.world.dm_of("ben")).sees("confirmed already")
    await deletes(offer, clock)
    await sees_a_window(ana, "looks after *Acme: Dan*")


async def test_whoever_lost_their_rights_deletes_nothing(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    offer = await lost(ana, sandbox)
    no_longer_admin(sandbox, "ana")
    clock.advance_seconds(61)
    await offer.clicks("start_over")
    await sees_a_window(ana, "Only admins can do that")
    assert asked(sandbox, DELETE) == 0


async def test_what_has_been_linked_meanwhile_is_not_deleted(
    ana: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    offer = await lost(ana, sandbox)
    made(sandbox)[0].connect("tiktok", at=clock.now())
    await deletes(offer, clock)
    await sees_a_window(ana, "already has a profile with that title", "Who looks after the profile?")
    assert asked(sandbox, DELETE) == 0


@pytest.mark.parametrize("linked", ["tiktok", ""])
async def test_nothing_is_deleted_by_a_list_that_is_older_than_the_press(
    ana: Someone, sandbox: Sandbox, clock: ManualClock, linked: str
) -> None:
    offer = await lost(ana, sandbox)
    assert "renews its list of profiles" in offer.words
    if linked:
        made(sandbox)[0].connect(linked, at=clock.now())
    clock.advance_seconds(90)
    await offer.clicks("start_over")
    again = await sees_a_window(ana, "That was too early, so nothing has been deleted")
    assert asked(sandbox, DELETE) == 0
    await deletes(again, clock)
    await sees_a_window(ana, "already has a profile with that title" if linked else "looks after *Acme: Dan*")
    assert asked(sandbox, DELETE) == (0 if linked else 1)


async def test_a_list_that_tells_no_age_lets_nothing_be_deleted(
    ana: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    window = await form(ana)
    sandbox.ayrshare.list_has_timestamps = False
    sandbox.ayrshare.faults.add("truncated")
    refused = await window.submits(title=NEW)
    assert "doesn't tell how old its list" in refused["errors"]["title"]


async def test_a_deletion_whose_answer_is_lost_stands_in_the_trail(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    offer = await lost(ana, sandbox)
    (useless,) = made(sandbox)
    sandbox.ayrshare.faults.add("latency", ms=300, times=2)  # of looking, deleting
    await deletes(offer, clock)
    await eventually(lambda: deleting(sandbox), "it is being deleted")
    sandbox.ayrshare.faults.add("truncated")
    await sees_a_window(ana, "Ayrshare doesn't answer properly")
    assert made(sandbox) == []
    assert [(row.action, row.by, row.ref_id) for row in await trail(bot)] == [
        ("profile_deletion_asked", ANA, useless.ref_id)
    ]
    await sees_at_home(ana, f"<@{ANA}> asked Ayrshare to delete *profile {useless.ref_id[:8]}*")


async def test_what_somebody_else_has_deleted_is_made_anew(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    offer = await lost(ana, sandbox)
    clock.advance(LIST_CACHED)
    await bot.deps.ayrshare.profiles()
    sandbox.ayrshare.profiles.clear()
    await offer.clicks("start_over")  # still in the list, which is cached
    await sees_a_window(ana, "looks after *Acme: Dan*")
    assert len(made(sandbox)) == 1


async def test_an_ayrshare_that_fails_to_delete_is_said_and_the_form_comes_back(
    ana: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    offer = await lost(ana, sandbox)
    sandbox.ayrshare.faults.add("error_503", times=None)
    await deletes(offer, clock)
    again = await sees_a_window(ana, "Ayrshare doesn't answer properly")
    assert again.entered["title"]["value"] == NEW
    sandbox.ayrshare.faults.clear()
    clock.advance(timedelta(minutes=2))
    await again.submits()
    await deletes(await sees_a_window(ana, "Ayrshare made *Acme: Dan*"), clock)
    await sees_a_window(ana, "looks after *Acme: Dan*")


async def test_after_a_restart_in_the_middle_the_same_title_brings_the_offer(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await bot.deps.creation_attempts.begin(TEAM, NEW, CreationAttempt(BEN, clock.now()))
    sandbox.ayrshare.profiles.append(new_profile(NEW, at=clock.now()))
    clock.advance(timedelta(hours=3))
    await (await form(ana)).submits(title=NEW)
    await deletes(await sees_a_window(ana, "Ayrshare made *Acme: Dan*"), clock)
    await sees_a_window(ana, "looks after *Acme: Dan*")
    assert len(made(sandbox)) == 1


async def test_after_a_restart_before_anything_was_made_it_is_made(
    ana: Someone, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await bot.deps.creation_attempts.begin(TEAM, NEW, CreationAttempt(BEN, clock.now()))
    await (await form(ana)).submits(title=NEW)
    await sees_a_window(ana, "looks after *Acme: Dan*")
    assert await unfinished(bot) == []


async def test_an_answer_lost_before_anything_was_made_is_looked_for_and_said_with_the_title_kept(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    window = await form(ana)
    sandbox.ayrshare.faults.add("drop_connection")
    await window.submits(title=NEW, networks=["X"])
    await sees_a_window(ana, "waiting for Ayrshare")
    for pause in (3, 10, 20, 1):
        await clock.sleeper()
        clock.advance_seconds(pause)
    again = await sees_a_window(ana, "I can't tell whether the profile was made", "in five minutes")
    assert again.entered["title"]["value"] == NEW
    assert (asked(sandbox, CREATE), asked(sandbox, "GET /profiles")) == (1, 4)
    clock.advance(timedelta(minutes=5))
    await again.submits()
    await sees_a_window(ana, "looks after *Acme: Dan*")
    assert "tiktok" in made(sandbox)[0].settings["disableSocial"]


async def test_a_lost_profile_that_shows_up_late_is_found(ana: Someone, sandbox: Sandbox, clock: ManualClock) -> None:
    window = await form(ana)
    sandbox.ayrshare.faults.add("drop_connection")
    await window.submits(title=NEW)
    await sees_a_window(ana, "waiting for Ayrshare")
    sandbox.ayrshare.profiles.append(new_profile(NEW, at=clock.now()))
    await clock.sleeper()
    clock.advance(timedelta(minutes=5))  # the list is drawn up anew
    await clock.sleeper()
    clock.advance_seconds(1)
    await sees_a_window(ana, "Ayrshare made *Acme: Dan*")


async def test_an_ayrshare_that_is_down_is_said_under_the_title(ana: Someone, sandbox: Sandbox, bot: Bot) -> None:
    window = await form(ana)
    sandbox.ayrshare.faults.add("error_500", times=None)
    refused = await window.submits(title=NEW)
    if refused["errors"]:  # within the time that a submit has, which leaves no room on a busy machine
        assert "can't tell whether the profile was made" in refused["errors"]["title"]
    assert len(await unfinished(bot)) == 1
    assert asked(sandbox, CREATE) == 1


@pytest.mark.parametrize("seconds_earlier", [3, 40, 60 * 60 * 24])
async def test_a_profile_that_was_there_before_the_attempt_is_never_offered(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock, seconds_earlier: int
) -> None:
    sandbox.ayrshare.profiles.append(new_profile(NEW, at=clock.now() - timedelta(seconds=seconds_earlier)))
    await bot.deps.creation_attempts.begin(TEAM, NEW, CreationAttempt(ANA, clock.now()))
    clock.advance(timedelta(minutes=10))
    refused = await (await form(ana)).submits(title=NEW)
    assert "already has a profile with that title" in refused["errors"]["title"]


@pytest.mark.parametrize("fault", ["error_503", "drop_connection"])
async def test_a_profile_made_by_hand_just_before_a_call_that_came_to_nothing_is_never_offered(
    ana: Someone, sandbox: Sandbox, clock: ManualClock, fault: str
) -> None:
    window = await form(ana)
    sandbox.ayrshare.profiles.append(new_profile(NEW, at=clock.now() - timedelta(seconds=40)))
    sandbox.ayrshare.faults.add(fault)
    refused = await window.submits(title=NEW)
    assert "already has a profile with that title" in refused["errors"]["title"]


async def test_the_offer_tells_when_the_attempt_was_so_that_one_made_by_hand_can_be_kept(
    ana: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    window = await form(ana)
    by_hand = new_profile(NEW, at=clock.now() - timedelta(seconds=1))
    sandbox.ayrshare.profiles.append(by_hand)
    sandbox.ayrshare.faults.add("error_503")
    await window.submits(title=NEW)
    offer = await sees_a_window(ana, "may have been made by my attempt at", "If somebody made it by hand, keep it")
    for moment in (by_hand.created, clock.now()):
        assert f"<!date^{int(moment.timestamp())}^" in offer.words


@pytest.mark.parametrize("seconds_later", [18, 180])
async def test_a_profile_made_long_after_the_attempt_is_never_offered(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock, seconds_later: int
) -> None:
    await bot.deps.creation_attempts.begin(TEAM, NEW, CreationAttempt(ANA, clock.now()))
    clock.advance_seconds(seconds_later)
    sandbox.ayrshare.profiles.append(new_profile(NEW, at=clock.now()))
    clock.advance(timedelta(minutes=1))
    refused = await (await form(ana)).submits(title=NEW)
    assert "already has a profile with that title" in refused["errors"]["title"]


async def test_a_profile_whose_key_somebody_has_is_never_offered(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    profile = new_profile(NEW, at=clock.now())
    sandbox.ayrshare.profiles.append(profile)
    await bot.deps.creation_attempts.begin(TEAM, NEW, CreationAttempt(ANA, clock.now()))
    elsewhere = TeamId("T0ELSEWHERE")
    kept = Profile(RefId(profile.ref_id), NEW, SecretStr(profile.key))
    await bot.deps.profiles.save(elsewhere, kept)
    await bot.deps.mappings.add(elsewhere, BEN, kept.ref_id, by="test")
    clock.advance(timedelta(minutes=10))
    refused = await (await form(ana)).submits(title=NEW)
    assert "already has a profile with that title" in refused["errors"]["title"]


async def test_a_title_that_another_admin_is_just_creating_is_said_to_be_busy(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.ayrshare.profiles.append(new_profile(NEW, at=clock.now()))
    await bot.deps.creation_attempts.begin(TEAM, NEW, CreationAttempt(BEN, clock.now() - timedelta(seconds=20)))
    refused = await (await form(ana)).submits(title=NEW)
    assert "is just being created" in refused["errors"]["title"]
    assert len(await unfinished(bot)) == 1


async def test_what_another_admin_is_just_creating_is_not_offered_where_the_own_call_was_lost(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    window = await form(ana)
    await bot.deps.creation_attempts.begin(TEAM, NEW, CreationAttempt(BEN, clock.now() - timedelta(seconds=1)))
    sandbox.ayrshare.profiles.append(new_profile(NEW, at=clock.now()))
    sandbox.ayrshare.faults.add("error_503")
    assert "is just being created" in (await window.submits(title=NEW))["errors"]["title"]


async def test_what_another_admin_is_just_creating_is_not_deleted_by_an_older_offer(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    offer = await lost(ana, sandbox)
    clock.advance(LIST_CACHED)
    await bot.deps.creation_attempts.begin(TEAM, NEW, CreationAttempt(BEN, clock.now() - timedelta(seconds=1)))
    sandbox.ayrshare.profiles[:] = [new_profile(NEW, at=clock.now())]
    await offer.clicks("start_over")
    await sees_a_window(ana, "is just being created")
    assert asked(sandbox, DELETE) == 0


async def test_a_profile_whose_key_redis_could_not_keep_is_offered_later(
    ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    window = await form(ana)
    sandbox.ayrshare.faults.add("latency", ms=600)
    submitting = asyncio.create_task(window.submits(title=NEW))
    await eventually(lambda: unfinished(bot), "the attempt is written down")
    await redis_of(bot).config_set("min-replicas-to-write", 1)
    assert "couldn't keep its key" in (await submitting)["errors"]["title"]
    await redis_of(bot).config_set("min-replicas-to-write", 0)
    clock.advance(timedelta(minutes=2))
    await eventually(lambda: works(bot), "Redis is used again")
    await (await form(ana)).submits(title=NEW)
    await deletes(await sees_a_window(ana, "Ayrshare made *Acme: Dan*"), clock)
    await sees_a_window(ana, "looks after *Acme: Dan*")


async def test_two_submits_of_one_title_make_one_profile(ana: Someone, sandbox: Sandbox, bot: Bot) -> None:
    window = await form(ana)
    sandbox.slack.faults.add("replay")
    await window.submits(title=NEW)
    await sees_a_window(ana, "looks after *Acme: Dan*")
    assert (asked(sandbox, CREATE), len(made(sandbox))) == (1, 1)
