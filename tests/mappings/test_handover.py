"""`/connect handover`: somebody else takes over what somebody looked after; admins are asked when a person has left."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import AuditRow
from bot.slack.actions import HAND_OVER, OPEN_LINK
from sandbox.server import Sandbox
from sandbox.slack.payloads import interaction, shown_view
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.removal_helpers import BY_BOTH, COPY_WORKS, card_of, page_of
from tests.modals import Window, sees_a_window, sees_no_window
from tests.redis_probe import asked_of_redis
from tests.signed_requests import Signer
from tests.users import Someone

TEAM, ANA, BEN, CARA, DAN, LEO = map(
    UserId, ("T0CONNECT", "U0ANA0001", "U0BEN0001", "U0CARA001", "U0DAN0001", "U0LEO0001")
)
MINUTE, DAY = 60, 24 * 60 * 60
Change = Callable[..., Awaitable[None]]


@pytest.fixture
def change(sandbox: Sandbox, bot: Bot) -> Change:
    """Change something about somebody, of which Slack tells the bot."""

    async def change(name: str, **fields: Any) -> None:
        user = sandbox.slack.world.user(name)
        for field, value in fields.items():
            setattr(user, field, value)
        told = user.as_json(home_team=sandbox.slack.world.team.id, with_email=False)
        answer = await sandbox.slack.events.send({"type": "user_change", "user": told, "cache_ts": 1})
        assert not answer.failure

    return change


async def asked(who: Someone, text: str, *words: str) -> Window:
    assert (await who.types(f"handover {text}"))["ok"]
    return await sees_a_window(who, *words, title="Hand over profiles")


async def held(bot: Bot, user: UserId) -> list[tuple[RefId, bool]]:
    return [(mapping.ref_id, mapping.default) for mapping in await bot.deps.mappings.of(TeamId(TEAM), user)]


async def rows(bot: Bot, *what: str) -> list[AuditRow]:
    page = await bot.deps.audit.page(TeamId(TEAM), after="0")
    return [row for _, row in page if row.action in what and row.by != "test"]


@BY_BOTH
async def test_all_is_handed_over_links_end_and_both_are_told(
    ana: Someone,
    ben: Someone,
    dm: Callable[[str], Someone],
    mapped: Map,
    bot: Bot,
    overrides: dict[str, str],
) -> None:
    first, second = await mapped("ben", "Acme: Jane"), await mapped("ben", "Globex")
    card = await card_of(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees("Opened at")
    window = await asked(ana, "@ben @cara", f"<@{BEN}> looks after 2 profiles.")
    assert window.options("profiles") == ["Acme: Jane", "Globex"]
    assert [option["text"]["text"] for option in window.entered["profiles"]["selected_options"]] == [
        "Acme: Jane",
        "Globex",
    ]
    assert window.entered["to"]["selected_user"] == CARA
    assert "One of their links works now and ends with what is handed over." in window.words
    assert (COPY_WORKS in window.words) == (not overrides)
    assert (await window.submits())["ok"]
    done = await sees_a_window(ana, f"<@{CARA}> looks after *Acme: Jane*, *Globex* now, in place of <@{BEN}>.")
    assert f"I've told <@{CARA}> and <@{BEN}>." in done.words
    assert (COPY_WORKS in done.words) == (not overrides)
    assert await held(bot, BEN) == []
    assert await held(bot, CARA) == [(first.ref_id, True), (second.ref_id, False)]
    assert (await ben.sees("This link was cancelled.")).url is None
    assert await page_of(ben, card.url) == (401 if overrides else 200)
    new = await dm("cara").sees(f"<@{ANA}> handed *Acme: Jane*, *Globex* over to you; so far <@{BEN}>")
    assert "makes links for *Acme: Jane*" in new.words
    await dm("ben").sees(f"<@{ANA}> handed *Acme: Jane*, *Globex* over from you to <@{CARA}>.")
    trail = [(row.action, row.by, row.owner, row.ref_id) for row in await rows(bot, "mapping_removed", "mapping_added")]
    assert trail == [
        (what, ANA, user, profile.ref_id)
        for profile in (first, second)
        for what, user in (("mapping_removed", BEN), ("mapping_added", CARA))
    ]


async def test_only_what_was_chosen_is_handed_over_and_the_new_persons_default_stays(
    ana: Someone, ben: Someone, dm: Callable[[str], Someone], mapped: Map, bot: Bot
) -> None:
    first, second = await mapped("ben", "Acme: Jane"), await mapped("ben", "Globex")
    own = await mapped("cara", "Initech")
    card = await card_of(ben)
    window = await asked(ana, "@ben @cara", "keeps their own default")
    await window.submits(profiles=["Globex"])
    await sees_a_window(ana, f"<@{CARA}> looks after *Globex* now")
    assert await held(bot, BEN) == [(first.ref_id, True)]
    assert await held(bot, CARA) == [(own.ref_id, True), (second.ref_id, False)]
    assert len(await bot.deps.cards.live(TeamId(TEAM), first.ref_id)) == 1
    assert await page_of(ben, card.url) == 200
    await dm("cara").sees("makes links for *Initech*")


async def test_who_takes_over_can_be_chosen_in_the_window(ana: Someone, mapped: Map, bot: Bot) -> None:
    profile = await mapped("ben", "Acme: Jane")
    window = await asked(ana, "@ben", "<@U0BEN0001> looks after one profile.")
    assert window.entered["to"]["selected_user"] is None
    assert (await window.submits())["errors"] == {"to": "Please complete this required field."}
    await window.submits(to="dan")
    await sees_a_window(ana, f"<@{DAN}> looks after *Acme: Jane* now")
    assert await held(bot, DAN) == [(profile.ref_id, True)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gus", "This person is a guest"),
        ("ida", "This person was invited but has never joined"),
        ("leo", "This person's account is deactivated"),
        ("robo", "This person is a bot"),
        ("zoe", "This person is a stranger"),
        ("ben", "This person looks after these profiles already"),
    ],
)
async def test_who_cannot_take_over_is_said_under_the_field(
    ana: Someone, mapped: Map, bot: Bot, name: str, words: str
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    window = await asked(ana, "@ben", "looks after one profile")
    errors = (await window.submits(to=name))["errors"]
    assert words in errors["to"]
    assert "<@" not in errors["to"]
    assert await held(bot, BEN) == [(profile.ref_id, True)]


async def test_who_cannot_take_over_is_said_at_once_where_they_were_typed(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    assert (await asked(ana, "@ben @leo", "account is deactivated")).submit == ""


@pytest.mark.parametrize("overrides", [{"CONNECT_GUESTS": "allow"}])
async def test_a_guest_can_take_over_where_guests_are_served(
    ana: Someone, mapped: Map, bot: Bot, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await (await asked(ana, "@ben @gus", "looks after one profile")).submits()
    await sees_a_window(ana, "<@U0GUS0001> looks after *Acme: Jane* now")


async def test_from_somebody_who_left_it_is_handed_over_and_only_the_new_person_is_told(
    ana: Someone, mapped: Map, bot: Bot
) -> None:
    profile = await mapped("leo", "Acme: Jane")
    await (await asked(ana, "@leo @cara", "looks after one profile")).submits()
    done = await sees_a_window(ana, f"I've told <@{CARA}>.")
    assert "tell them yourself" not in done.words
    assert await held(bot, CARA) == [(profile.ref_id, True)]


async def test_who_left_a_moment_ago_is_not_missed_among_those_who_were_told(
    ana: Someone, ben: Someone, dm: Callable[[str], Someone], mapped: Map, change: Change
) -> None:
    await mapped("ben", "Acme: Jane")
    await card_of(ben)  # so that the bot remembers who they were
    await change("ben", deleted=True)
    await dm("ana").clicks(await dm("ana").sees("account was deactivated"), HAND_OVER.label)
    await (await sees_a_window(ana, "looks after one profile")).submits(to="cara")
    assert "tell them yourself" not in (await sees_a_window(ana, f"I've told <@{CARA}>.")).words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Mention who had the profiles"),
        ("@ben @cara @dan", "Mention who had the profiles"),
        ("@ben to @cara", "Mention who had the profiles"),
        ("@ben @nobody", "Mention who had the profiles"),
        ("@ben @ben", "That is the same person twice"),
    ],
)
async def test_what_was_typed_wrong_is_said_with_the_usage(ana: Someone, mapped: Map, text: str, said: str) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types(f"handover {text}")
    await ana.sees(said, "/connect handover @old @new")
    await sees_no_window(ana)


async def test_there_is_nothing_to_hand_over_from_who_looks_after_nothing(ana: Someone) -> None:
    await asked(ana, "@ben @cara", f"<@{BEN}> looks after no profile")
    assert await ana.messages() == []


@pytest.mark.parametrize(("name", "said"), [("dan", "Only admins can do that"), ("gus", "Guests can't use this bot")])
async def test_who_is_no_admin_is_refused(person: Person, mapped: Map, bot: Bot, name: str, said: str) -> None:
    profile = await mapped("ben", "Acme: Jane")
    assert (await asked(person(name), "@ben @cara", said)).submit == ""
    assert await held(bot, BEN) == [(profile.ref_id, True)]


async def test_an_admin_who_lost_their_rights_is_refused_at_the_submit_within_a_minute(
    ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    window = await asked(ana, "@ben @cara", "looks after one profile")
    user = sandbox.slack.world.user("ana")
    user.is_admin = user.is_owner = user.is_primary_owner = False
    clock.advance_seconds(MINUTE)
    await window.submits()
    await sees_a_window(ana, "Only admins can do that")
    assert await held(bot, BEN) == [(profile.ref_id, True)]


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": CARA}])
async def test_two_admins_at_once_hand_everything_over_to_one_person_only(
    ana: Someone, person: Person, mapped: Map, bot: Bot, overrides: dict[str, str]
) -> None:
    refs = [(await mapped("ben", title)).ref_id for title in ("Acme: Jane", "Globex", "Initech")]
    windows = [
        await asked(ana, "@ben @dan", "looks after 3 profiles"),
        await asked(person("cara"), "@ben @eve", "looks after 3 profiles"),
    ]
    await asyncio.gather(*(window.submits() for window in windows))
    ends = [(await sees_a_window(admin, "look")).words for admin in (ana, person("cara"))]
    assert sum("now, in place of" in words for words in ends) == 1
    assert sum("somebody was faster" in words for words in ends) == 1
    heirs = [await held(bot, DAN), await held(bot, UserId("U0EVE0001"))]
    assert sorted(map(len, heirs)) == [0, 3]
    assert {ref for one in heirs for ref, _ in one} == set(refs)


async def test_a_submit_that_is_replayed_does_nothing_more(
    ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, signer: Signer
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await asked(ana, "@ben @cara", "looks after one profile")
    view = sandbox.slack.views.top(ANA)
    assert view is not None
    payload = interaction(sandbox.slack, sandbox.slack.world.user("ana"), "view_submission")
    payload |= {"trigger_id": "1.2.replayed", "view": shown_view(sandbox.slack, view)}
    for said in ("in place of", ""):
        await signer.form({"payload": json.dumps(payload)})
        assert said in signer.acknowledgement
        await bot.deps.mappings.add(TeamId(TEAM), BEN, profile.ref_id, by="test")
    assert await held(bot, BEN) == [(profile.ref_id, True)]


@pytest.mark.parametrize("profiles", [{"profiles": {"type": "multi_static_select", "selected_options": []}}, None])
async def test_a_submit_without_a_choice_hands_over_nothing(
    ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, signer: Signer, profiles: dict[str, Any] | None
) -> None:
    for title in ("Acme: Jane", "Globex"):
        await mapped("ben", title)
    to = {"to": {"type": "users_select", "selected_user": DAN}}
    payload = interaction(sandbox.slack, sandbox.slack.world.user("ana"), "view_submission")
    payload |= {
        "trigger_id": "1.2.forged",
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": "confirm_handover",
            "private_metadata": BEN,
            "state": {"values": {"to": to} | ({"profiles": profiles} if profiles else {})},
        },
    }
    await signer.form({"payload": json.dumps(payload)})
    assert ("Choose at least one profile." if profiles else "has changed meanwhile") in signer.acknowledgement
    assert await held(bot, DAN) == []


async def hundred(bot: Bot) -> None:
    store = bot.deps.mappings
    for number in range(100):
        await store.add(TeamId(TEAM), BEN, RefId(f"{number:040x}"), by="test")


async def test_all_means_what_was_shown_and_is_shown_again_if_it_has_changed(
    ana: Someone, mapped: Map, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await hundred(bot)
    window = await asked(ana, "@ben @cara", "All 101 are handed over together.")
    await mapped("ben", "Globex")
    await window.submits()
    again = await sees_a_window(ana, "has changed meanwhile", "All 102 are handed over together.")
    assert await held(bot, CARA) == []
    assert again.entered["to"]["selected_user"] == CARA
    await again.submits()
    await sees_a_window(ana, "now, in place of")
    assert len(await held(bot, CARA)) == 102


async def test_more_profiles_than_a_window_can_list_are_handed_over_together(
    ana: Someone, mapped: Map, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await hundred(bot)
    window = await asked(ana, "@ben @cara", "All 101 are handed over together.")
    assert window.fields == ["to"]
    await window.submits()
    await sees_a_window(ana, "and 81 more now, in place of")
    assert len(await held(bot, CARA)) == 101


async def test_admins_are_asked_once_when_a_mapped_person_is_deactivated_and_can_hand_over_from_there(
    dm: Callable[[str], Someone], mapped: Map, bot: Bot, change: Change
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await mapped("ben", "Globex")
    for _ in range(3):
        await change("ben", deleted=True)
    asking = await dm("ana").sees(f"<@{BEN}>'s account was deactivated", "*Acme: Jane*, *Globex*")
    assert asking.buttons == [HAND_OVER.label]
    assert not asking.ephemeral
    await dm("ana").clicks(asking, HAND_OVER.label)
    window = await sees_a_window(dm("ana"), f"<@{BEN}> looks after 2 profiles.")
    await window.submits(to="cara")
    await sees_a_window(dm("ana"), f"<@{CARA}> looks after *Acme: Jane*, *Globex* now")
    assert (await held(bot, CARA))[0] == (profile.ref_id, True)
    await dm("ana").clicks(asking, HAND_OVER.label)
    await sees_a_window(dm("ana"), f"<@{BEN}> looks after no profile")
    assert len(await dm("ana").messages()) == 1


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": f"{ANA},{CARA},{BEN}"}])
async def test_each_admin_is_asked_but_the_one_who_left_even_if_slack_was_just_asked_about_them(
    dm: Callable[[str], Someone],
    person: Person,
    mapped: Map,
    change: Change,
    sandbox: Sandbox,
    overrides: dict[str, str],
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees_a_card()
    await change("ben", deleted=True)
    for admin in ("ana", "cara"):
        await dm(admin).sees("account was deactivated")
    assert not sandbox.slack.world.channel(sandbox.slack.world.dm_of("ben")).messages


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": BEN}])
async def test_when_the_only_named_admin_left_the_primary_owner_is_asked(
    dm: Callable[[str], Someone], person: Person, mapped: Map, change: Change, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees_a_card()
    await change("ben", deleted=True)
    await dm("ana").sees("account was deactivated")


@pytest.mark.parametrize(
    ("overrides", "asked"),
    [
        ({"CONNECT_ADMINS": "U0GUS0001"}, {"ana"}),
        ({"CONNECT_ADMINS": "U0GUS0001,U0CARA001"}, {"cara"}),
        ({"CONNECT_ADMINS": "U0GUS0001", "CONNECT_GUESTS": "allow"}, {"gus"}),
    ],
)
async def test_a_guest_among_the_named_admins_is_asked_only_where_guests_are_served(
    dm: Callable[[str], Someone], mapped: Map, change: Change, overrides: dict[str, str], asked: set[str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await change("ben", deleted=True)
    for name in asked:
        await dm(name).sees("account was deactivated", "*Acme: Jane*")
    told = {name for name in ("ana", "cara", "gus") if await dm(name).messages()}
    assert told == asked


async def test_the_same_leaving_is_remembered_for_a_day(
    dm: Callable[[str], Someone], mapped: Map, change: Change, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await change("ben", deleted=True)
    await dm("ana").sees("account was deactivated")
    left = await bot.deps.idempotency._redis.pttl(
        f"connectbot:{{{TEAM}}}:once:left:{BEN}"
    )  # to see when it is forgotten
    assert (DAY - MINUTE) * 1000 < left <= DAY * 1000


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("ben", {"deleted": False}),
        ("ben", {"real_name": "Benjamin"}),
        ("ben", {"is_restricted": True}),
        ("dan", {"deleted": True}),
    ],
)
async def test_other_changes_and_people_without_profiles_cost_next_to_nothing(
    mapped: Map, change: Change, bot: Bot, sandbox: Sandbox, name: str, fields: dict[str, Any]
) -> None:
    await mapped("ben", "Acme: Jane")
    user = sandbox.slack.world.user(name).id

    async def quiet() -> bool:
        return not bot.deps.background._running  # to see that nothing goes on

    async with asked_of_redis(bot) as asked:
        await change(name, **fields)
        await change(name, **fields)
        await eventually(quiet, "the bot has done what it does")
    counts = Counter(command.split()[0].upper() for command in asked if user in command or ":once:" in command)
    left = fields == {"deleted": True}
    assert counts == ({"HGET": 2, "SET": 2} if left else {})
    assert sandbox.slack.calls.since() == []


async def test_when_no_admin_could_be_asked_the_next_event_asks_again(
    dm: Callable[[str], Someone], mapped: Map, change: Change, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("internal_error", times=None)
    await change("ben", deleted=True)

    async def quiet() -> bool:
        return not bot.deps.background._running  # to see that nothing goes on

    await eventually(quiet, "the bot has given up")
    sandbox.slack.faults.clear()
    await change("ben", deleted=True)
    await dm("ana").sees("account was deactivated")


async def test_the_button_works_for_admins_only(
    ana: Someone, dm: Callable[[str], Someone], mapped: Map, change: Change, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await change("ben", deleted=True)
    asking = await dm("ana").sees("account was deactivated")
    user = sandbox.slack.world.user("ana")
    user.is_admin = user.is_owner = user.is_primary_owner = False
    clock.advance_seconds(MINUTE)
    await dm("ana").clicks(asking, HAND_OVER.label)
    assert (await sees_a_window(ana, "Only admins can do that")).submit == ""
