"""`/connect unmap`: an admin takes profiles from a person, whose links end with it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import RefId, TeamId, UserId
from bot.mappings.model import DONE_WITHIN
from bot.people.audit import AuditRow
from bot.slack.actions import NEW_LINK, OPEN_LINK, UNMAP
from bot.slack.blocks import section
from bot.slack.delivery import LATE_POST
from bot.slack.model import Home
from sandbox.server import Sandbox
from sandbox.slack.payloads import interaction, shown_view
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.removal_helpers import BY_BOTH, COPIES_WORK, NOT_YET_REVOKED, SESSION, card_of, page_of
from tests.modals import SeenModal, sees_modal, sees_no_modal
from tests.redis_probe import idle, redis_of, trail
from tests.signed_requests import Signer
from tests.users import OPENED, Someone

TEAM, ANA, BEN, CARA = TeamId("T0CONNECT"), UserId("U0ANA0001"), UserId("U0BEN0001"), UserId("U0CARA001")
BY_SESSION = pytest.mark.parametrize("overrides", [SESSION], ids=["session"])
TWO_ADMINS = {"CONNECT_ADMINS": CARA}
MINUTE = timedelta(minutes=1)
Press = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def press(bot: Bot, sandbox: Sandbox) -> Press:
    """Put *Unmap* on a person's Home tab and press it."""

    async def press(person: Someone, value: str) -> dict[str, Any]:
        user = UserId(sandbox.slack.world.user(person.name).id)
        button = {
            "type": "button",
            "action_id": UNMAP.action_id,
            "value": value,
            "text": {"type": "plain_text", "text": "Unmap"},
        }
        home = Home((section("Home"), {"type": "actions", "elements": [button]}))
        await bot.deps.views.publish(TeamId(sandbox.slack.world.team.id), user, home)
        return await person.post("click", view_id=sandbox.slack.views.homes[user].id, action_id=UNMAP.action_id)

    return press


async def asked(who: Someone, text: str, *words: str) -> SeenModal:
    assert (await who.types(f"unmap {text}"))["ok"]
    return await sees_modal(who, *words, title="Unmap a profile")


async def held(bot: Bot, user: UserId) -> list[RefId]:
    return [mapping.ref_id for mapping in await bot.deps.mappings.of(TEAM, user)]


async def spoil_key(bot: Bot, ref_id: RefId) -> None:
    record = json.dumps({"title": "Acme: Jane", "key": "v1.gone.AAAA"})
    await redis_of(bot).hset(f"connectbot:{{{TEAM}}}:profiles", ref_id, record)


@BY_BOTH
async def test_a_profile_is_taken_with_its_links_and_its_person_is_told(
    ana: Someone,
    ben: Someone,
    dm: Callable[[str], Someone],
    mapped: Map,
    bot: Bot,
    overrides: dict[str, str],
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    card = await card_of(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)
    modal = await asked(ana, "@ben", f"Unmap *Acme: Jane* from <@{BEN}>?", "They have no other profile")
    assert "This also cancels the link they have now, for good." in modal.words
    assert (COPIES_WORK in modal.words) == (not overrides)
    assert "The accounts stay connected, and posts go on." in modal.words
    assert modal.submit == "Unmap"
    assert (await modal.submits())["ok"]
    done = await sees_modal(ana, f"<@{BEN}> no longer has *Acme: Jane*.", "I told")
    assert "One of their links ended." in done.words
    assert (COPIES_WORK in done.words) == (not overrides)
    assert done.submit == ""
    dead = await ben.sees("This link is cancelled.")
    assert (dead.ts, dead.url) == (card.ts, None)
    assert (COPIES_WORK in dead.words) == (not overrides)
    assert await page_of(ben, card.url) == (401 if overrides else 200)
    told = await dm("ben").sees(f"<@{ANA}> took back *Acme: Jane*", "You have no profile now")
    assert told.url is None
    assert await held(bot, BEN) == []
    assert [(row.by, row.owner, row.ref_id) for row in await trail(bot, "mapping_removed")] == [
        (ANA, BEN, profile.ref_id)
    ]
    assert [row.by for row in await trail(bot, "link_taken_back")] == [ANA]
    await ana.types("@ben")
    await ana.sees("have a profile yet")


async def test_the_profile_and_its_key_stay_known(ana: Someone, mapped: Map, bot: Bot) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await (await asked(ana, "@ben", "Unmap *Acme: Jane*")).submits()
    await sees_modal(ana, "no longer has")
    assert await bot.deps.profiles.get(TEAM, profile.ref_id) == (profile,)


async def test_the_next_default_is_named_beforehand_and_told_afterwards(
    ana: Someone, dm: Callable[[str], Someone], mapped: Map, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    rest = [(await mapped("ben", title)).ref_id for title in ("Globex", "Initech")]
    modal = await asked(ana, "@ben jane", "Unmap *Acme: Jane*", "Their default becomes *Globex*.")
    await modal.submits()
    await sees_modal(ana, "no longer has")
    assert await held(bot, BEN) == rest
    await dm("ben").sees("took back *Acme: Jane*", "`/connect` is for *Globex* now.")


async def test_what_is_not_the_default_is_taken_without_a_word_on_the_default(
    ana: Someone, dm: Callable[[str], Someone], mapped: Map, bot: Bot
) -> None:
    first = await mapped("ben", "Acme: Jane")
    await mapped("ben", "Globex")
    modal = await asked(ana, "@ben GLOBEX", "Unmap *Globex*", "None of their links works")
    assert "default" not in modal.words
    await modal.submits()
    await sees_modal(ana, "no longer has *Globex*")
    assert "default" not in (await dm("ben").sees("took back *Globex*")).words
    assert await held(bot, BEN) == [first.ref_id]


async def test_of_several_one_has_to_be_chosen(ana: Someone, mapped: Map, bot: Bot) -> None:
    first = await mapped("ben", "Acme: Jane")
    second = await mapped("ben", "Globex")
    modal = await asked(ana, "@ben", "has several profiles")
    assert modal.submit == "Next"
    assert modal.options("profile") == ["Acme: Jane", "Globex", "All of them (2)"]
    assert await held(bot, BEN) == [first.ref_id, second.ref_id]
    await modal.submits(profile="Globex")
    await (await sees_modal(ana, "Unmap *Globex*")).submits()
    await sees_modal(ana, "no longer has *Globex*")
    assert await held(bot, BEN) == [first.ref_id]


async def test_a_part_of_the_title_narrows_the_choice_and_all_means_those(
    ana: Someone, dm: Callable[[str], Someone], mapped: Map, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("ben", "Acme: Team")
    kept = await mapped("ben", "Globex")
    modal = await asked(ana, "@ben acme", "has several profiles")
    assert modal.options("profile") == ["Acme: Jane", "Acme: Team", "All of them (2)"]
    await modal.submits(profile="All of them (2)")
    sure = await sees_modal(ana, "Unmap *Acme: Jane* and *Acme: Team* from", "Their default becomes *Globex*")
    await sure.submits()
    await sees_modal(ana, "no longer has *Acme: Jane* and *Acme: Team*.")
    await dm("ben").sees("took back *Acme: Jane* and *Acme: Team*", "`/connect` is for *Globex* now.")
    assert await held(bot, BEN) == [kept.ref_id]


async def test_the_button_beside_a_mapping_asks_the_same(ana: Someone, mapped: Map, press: Press, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    profile = await mapped("ben", "Globex")
    await press(ana, f"{BEN}:{profile.ref_id}")
    await (await sees_modal(ana, f"Unmap *Globex* from <@{BEN}>?")).submits()
    await sees_modal(ana, "no longer has *Globex*")
    assert profile.ref_id not in await held(bot, BEN)


async def test_the_button_beside_a_mapping_that_is_gone_says_so(ana: Someone, mapped: Map, press: Press) -> None:
    await mapped("ben", "Acme: Jane")
    await press(ana, f"{BEN}:{'0' * 40}")
    await sees_modal(ana, "no longer has that profile")


async def test_who_has_nothing_is_said_in_the_modal_only(ana: Someone) -> None:
    assert (await asked(ana, "@dan", "<@U0DAN0001> has no profile")).submit == ""
    assert await ana.messages() == []


async def test_where_no_title_fits_what_there_is_can_be_chosen(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    modal = await asked(ana, "@ben nonsense", 'No profile matches "nonsense"', "has one profile")
    assert modal.options("profile") == ["Acme: Jane"]
    await modal.submits(profile="Acme: Jane")
    await sees_modal(ana, "Unmap *Acme: Jane*")


@pytest.mark.parametrize("text", ["", "Acme: Jane", "@ben @cara", "@nobody"])
async def test_without_one_mention_no_modal_opens(ana: Someone, mapped: Map, text: str) -> None:
    await mapped("ana", "Acme: Jane")
    await ana.types(f"unmap {text}")
    await ana.sees(where=lambda seen: "ention" in seen.words or "I don't know who that is" in seen.words)
    await sees_no_modal(ana)


@pytest.mark.parametrize(("name", "said"), [("dan", "Only admins can do that"), ("gus", "Guests can't use this bot")])
async def test_who_is_no_admin_is_refused(
    person: Person, mapped: Map, press: Press, bot: Bot, name: str, said: str
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    assert (await asked(person(name), "@ben", said)).submit == ""
    await press(person(name), f"{BEN}:{profile.ref_id}")
    assert (await sees_modal(person(name), said)).submit == ""
    assert await held(bot, BEN) == [profile.ref_id]


async def test_who_is_no_admin_may_not_even_take_their_own(person: Person, mapped: Map) -> None:
    await mapped("dan", "Acme: Jane")
    await asked(person("dan"), "@dan", "Only admins can do that")


@pytest.mark.parametrize("step", ["button", "choice", "confirmation"])
async def test_an_admin_who_lost_their_rights_is_refused_at_the_next_click_within_a_minute(
    ana: Someone, mapped: Map, press: Press, bot: Bot, sandbox: Sandbox, clock: ManualClock, step: str
) -> None:
    profiles = [await mapped("ben", "Acme: Jane"), await mapped("ben", "Globex")]
    modal = await asked(ana, "@ben" if step == "choice" else "@ben jane", "rofile")
    user = sandbox.slack.world.user("ana")
    user.is_admin = user.is_owner = user.is_primary_owner = False
    await clock.advance(MINUTE)
    if step == "choice":
        assert "Only admins can do that" in (await modal.submits(profile="Globex"))["errors"]["profile"]
    else:
        await (press(ana, f"{BEN}:{profiles[0].ref_id}") if step == "button" else modal.submits())
        assert (await sees_modal(ana, "Only admins can do that")).submit == ""
    assert await held(bot, BEN) == [profile.ref_id for profile in profiles]


@BY_BOTH
async def test_an_admins_own_view_of_the_link_ends_too_and_links_of_others_do_not(
    ana: Someone, ben: Someone, person: Person, mapped: Map, overrides: dict[str, str]
) -> None:
    for name in ("ben", "cara"):
        await mapped(name, "Acme: Jane")
    await ana.types("@ben")
    shown = await ana.sees_a_card()
    own = await card_of(ben)
    others = await card_of(person("cara", channel="random"))
    modal = await asked(ana, "@ben", "This also cancels the 2 links they have now")
    assert (COPIES_WORK in modal.words) == (not overrides)
    await modal.submits()
    await sees_modal(ana, "2 of their links ended.")
    for card in (shown, own):
        assert await page_of(ben, card.url) == (401 if overrides else 200)
    assert await page_of(ben, others.url) == 200
    await ben.clicks(own, NEW_LINK.label)
    await ben.sees("have a profile yet")


@BY_SESSION
async def test_a_link_that_ayrshare_did_not_revoke_is_named_with_its_end(
    ana: Someone, ben: Someone, mapped: Map, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    card = await card_of(ben)
    modal = await asked(ana, "@ben", "Unmap *Acme: Jane*")
    sandbox.ayrshare.faults.add("plan", times=None)
    await modal.submits()
    done = await sees_modal(ana, "no longer has", "hasn't revoked it yet")
    assert COPIES_WORK not in done.words
    assert f"<!date^{card.moments[-1]}^" in done.words
    assert await page_of(ben, card.url) == 200


@BY_SESSION
async def test_a_slow_ayrshare_keeps_nobody_waiting_and_the_outcome_is_shown_when_it_is_there(
    ana: Someone, ben: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await card_of(ben)
    modal = await asked(ana, "@ben", "Unmap *Acme: Jane*")
    sandbox.ayrshare.faults.add("latency", ms=2500)
    submitted = await modal.submits()
    assert submitted["ok"]
    assert submitted["ack_ms"] < 2000
    await sees_modal(ana, "One moment")
    assert await held(bot, BEN) == []
    await clock.sleeper()

    async def done() -> bool:
        clock.jump_seconds(1)
        view = sandbox.slack.views.top(ANA)
        return "no longer has" in str(view and view.content)

    await eventually(done, "the window says what came of it")


@BY_SESSION
async def test_who_closed_the_modal_meanwhile_is_sent_the_outcome(
    ana: Someone,
    ben: Someone,
    dm: Callable[[str], Someone],
    mapped: Map,
    sandbox: Sandbox,
    clock: ManualClock,
    overrides: dict[str, str],
) -> None:
    await mapped("ben", "Acme: Jane")
    await card_of(ben)
    modal = await asked(ana, "@ben", "Unmap *Acme: Jane*")
    sandbox.ayrshare.faults.add("latency", ms=2000)
    await modal.submits()
    await (await sees_modal(ana, "One moment")).closes()

    async def heard() -> bool:
        clock.jump_seconds(1)
        return any("no longer has *Acme: Jane*" in message.words for message in await dm("ana").messages())

    await eventually(heard, "the admin is sent the outcome")


async def test_who_takes_a_profile_from_themselves_is_sent_no_message(
    ana: Someone, dm: Callable[[str], Someone], mapped: Map
) -> None:
    await mapped("ana", "Acme: Jane")
    await (await asked(ana, "@ana", "Unmap *Acme: Jane*")).submits()
    done = await sees_modal(ana, "no longer has")
    assert "told" not in done.words
    assert await dm("ana").messages() == []


async def test_a_person_who_left_is_not_written_to(
    ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, dm: Callable[[str], Someone]
) -> None:
    await mapped("leo", "Acme: Jane")
    await (await asked(ana, "@leo", "Unmap *Acme: Jane*")).submits()
    done = await sees_modal(ana, "<@U0LEO0001> no longer has")
    assert "told" not in done.words
    assert "tell them" not in done.words
    assert await held(bot, UserId("U0LEO0001")) == []


async def test_a_person_who_could_not_be_told_is_named_and_told_later(
    ana: Someone, dm: Callable[[str], Someone], mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    modal = await asked(ana, "@ben", "Unmap *Acme: Jane*")
    sandbox.slack.faults.add("internal_error", times=None)
    await modal.submits()
    sandbox.slack.faults.clear()
    await sees_modal(ana, "no longer has", f"I couldn't message <@{BEN}> yet. I keep trying")
    assert await held(bot, BEN) == []
    for pause in (DONE_WITHIN, LATE_POST):
        await idle(bot)
        await clock.advance(pause)
    await dm("ben").sees(f"<@{ANA}> took back *Acme: Jane*")
    assert len(await dm("ben").messages()) == 1


async def test_a_profile_whose_key_cannot_be_read_can_be_taken_too(ana: Someone, mapped: Map, bot: Bot) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await spoil_key(bot, profile.ref_id)
    await (await asked(ana, "@ben", "Unmap *Acme: Jane*")).submits()
    await sees_modal(ana, "no longer has")
    assert await held(bot, BEN) == []


@BY_SESSION
async def test_a_link_whose_profile_cannot_be_read_ends_here_and_is_said_to_work_on(
    ana: Someone, ben: Someone, mapped: Map, bot: Bot, overrides: dict[str, str]
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    card = await card_of(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)
    await spoil_key(bot, profile.ref_id)
    await (await asked(ana, "@ben", "Unmap *Acme: Jane*")).submits()
    await sees_modal(ana, "no longer has", "hasn't revoked it yet")
    await ben.sees("This link is cancelled.", NOT_YET_REVOKED)


@pytest.mark.parametrize("overrides", [SESSION | TWO_ADMINS, TWO_ADMINS], ids=["session", "jwt"])
async def test_of_two_admins_at_once_one_is_told_that_the_other_was_faster(
    ana: Someone,
    ben: Someone,
    person: Person,
    dm: Callable[[str], Someone],
    mapped: Map,
    bot: Bot,
    overrides: dict[str, str],
) -> None:
    await mapped("ben", "Acme: Jane")
    card = await card_of(ben)
    cara = person("cara")
    modals = [await asked(admin, "@ben", "Unmap *Acme: Jane*") for admin in (ana, cara)]
    await asyncio.gather(*(modal.submits() for modal in modals))
    ends = [(await sees_modal(admin, "*\n")).words for admin in (ana, cara)]
    assert sum("no longer has *Acme: Jane*" in words for words in ends) == 1
    assert sum("another admin was faster" in words for words in ends) == 1
    assert len(await trail(bot, "mapping_removed")) == 1
    await dm("ben").sees_times(1)
    assert await page_of(ben, card.url) == (401 if "AYRSHARE_LINK_API" in overrides else 200)


@BY_BOTH
async def test_opening_the_page_while_the_profile_is_taken_leaves_no_card_with_a_link(
    ana: Someone, ben: Someone, mapped: Map, bot: Bot, overrides: dict[str, str]
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    card = await card_of(ben)
    modal = await asked(ana, "@ben", "Unmap *Acme: Jane*")
    await asyncio.gather(modal.submits(), ben.clicks(card, OPEN_LINK.label))
    await sees_modal(ana, "no longer has")

    async def dead() -> bool:
        return (await ben.messages())[0].url is None

    await eventually(dead, "the card has lost its link")
    assert not any(one.state.live for one in await bot.deps.cards.live(TEAM, profile.ref_id))
    assert await page_of(ben, card.url) == (401 if overrides else 200)


@BY_BOTH
async def test_links_that_a_crash_left_alive_behind_a_removed_mapping_can_still_be_ended(
    ana: Someone, ben: Someone, mapped: Map, press: Press, bot: Bot, overrides: dict[str, str]
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    card = await card_of(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)
    await bot.deps.mappings.remove(TEAM, BEN, profile.ref_id, by=ANA)  # and there it was killed
    await mapped("ben", "Globex")
    for _ in range(250):  # whatever else was done since then
        await bot.deps.audit.add(TEAM, AuditRow("mapping_removed", by=ANA, owner=CARA, ref_id=profile.ref_id))
    modal = await asked(ana, "@ben Jane", f"<@{BEN}> no longer has *Acme: Jane*, but some links")
    assert "This also cancels the link they have now, for good." in modal.words
    await modal.closes()
    await press(ana, f"{BEN}:{profile.ref_id}")
    modal = await sees_modal(ana, "some links to it still work")
    assert modal.submit == "End links"
    await modal.submits()
    await sees_modal(ana, "One of their links ended.")
    assert (await ben.sees("This link is cancelled.")).url is None
    assert await page_of(ben, card.url) == (401 if overrides else 200)
    await press(ana, f"{BEN}:{profile.ref_id}")
    await sees_modal(ana, "no longer has that profile")


async def test_a_submit_that_is_replayed_does_nothing_more(
    ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, signer: Signer
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    modal = await asked(ana, "@ben", "Unmap *Acme: Jane*")
    view = sandbox.slack.views.top(ANA)
    assert view is not None
    payload = interaction(sandbox.slack, sandbox.slack.world.user("ana"), "view_submission")
    payload |= {"trigger_id": "1.2.replayed", "view": shown_view(sandbox.slack, view)}
    body = {"payload": json.dumps(payload)}
    assert await signer.form(body) == 200
    assert "no longer has" in signer.acknowledgement
    await mapped("ben", "Acme: Jane")
    assert await signer.form(body) == 200
    assert signer.acknowledgement == ""
    assert await held(bot, BEN) == [profile.ref_id]
    assert modal.submit == "Unmap"


async def test_a_second_submit_of_what_is_mapped_again_meanwhile_is_a_new_decision(
    ana: Someone, mapped: Map, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await (await asked(ana, "@ben", "Unmap *Acme: Jane*")).submits()
    await sees_modal(ana, "no longer has")
    await asked(ana, "@ben", "has no profile")
    await mapped("ben", "Acme: Jane")
    await (await asked(ana, "@ben", "Unmap *Acme: Jane*")).submits()
    await sees_modal(ana, "no longer has")
    assert await held(bot, BEN) == []
