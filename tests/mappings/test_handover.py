"""`/connect handover`: another person takes over profiles; admins are asked to when an account was deactivated."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import RefId, UserId
from bot.mappings.removal_views import HANDOVER_TITLE
from bot.slack.actions import CONNECT_GIVEN, OPEN_LINK, WHO_TAKES_OVER
from sandbox.server import Sandbox
from sandbox.slack.payloads import interaction, shown_view
from tests.clock import ManualClock
from tests.commands import command
from tests.conftest import Map, Person
from tests.mappings.mapping_helpers import ANA, BEN, DAN, no_longer_admin
from tests.mappings.removal_helpers import BY_BOTH, COPIES_WORK, card_of, page_of
from tests.modals import SeenModal, sees_modal, sees_no_modal
from tests.redis_probe import TEAM, idle, redis_of, trail
from tests.signed_requests import Signer
from tests.users import OPENED, Someone

CARA, EVE, GUS = "U0CARA001", "U0EVE0001", "U0GUS0001"
MINUTE, DAY = 60, 24 * 60 * 60
DEACTIVATED = "has left"
Change = Callable[..., Awaitable[None]]


@pytest.fixture
def change(sandbox: Sandbox, bot: Bot) -> Change:
    """Change something about a person and send the bot Slack's event."""

    async def change(name: str, **fields: Any) -> None:
        user = sandbox.slack.world.user(name)
        for field, value in fields.items():
            setattr(user, field, value)
        profile = user.as_json(home_team=sandbox.slack.world.team.id, with_email=False)
        answer = await sandbox.slack.events.send({"type": "user_change", "user": profile, "cache_ts": 1})
        assert not answer.failure

    return change


async def asked(who: Someone, text: str, *words: str) -> SeenModal:
    assert (await who.types(f"handover {text}"))["ok"]
    return await sees_modal(who, *words, title=HANDOVER_TITLE)


async def held(bot: Bot, user: str) -> list[tuple[str, bool]]:
    """The titles that are mapped to a person, and which is the default."""
    titles = await bot.deps.profiles.all_titles(TEAM)
    return [(titles[one.ref_id], one.default) for one in await bot.deps.mappings.of(TEAM, UserId(user))]


def submission(sandbox: Sandbox, view: dict[str, Any]) -> dict[str, str]:
    """A submit by Ana as it would be forged or sent a second time."""
    payload = interaction(sandbox.slack, sandbox.slack.world.user("ana"), "view_submission")
    return {"payload": json.dumps(payload | {"trigger_id": "1.2.forged", "view": view})}


@BY_BOTH
async def test_all_is_handed_over_links_end_and_both_are_told(
    ana: Someone, ben: Someone, dm: Callable[[str], Someone], mapped: Map, bot: Bot, overrides: dict[str, str]
) -> None:
    first, second = await mapped("ben", "Acme: Jane"), await mapped("ben", "Globex")
    card = await card_of(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)

    modal = await asked(ana, "@ben @cara", f"<@{BEN}> has 2 profiles.")
    chosen = [option["text"]["text"] for option in modal.entered["profiles"]["selected_options"]]
    assert modal.options("profiles") == chosen == ["Acme: Jane", "Globex"]
    assert modal.entered["to"]["selected_user"] == CARA
    assert "This also cancels the link they have now, for good." in modal.words
    assert (COPIES_WORK in modal.words) == (not overrides)
    assert (await modal.submits())["ok"]

    done = await sees_modal(ana, f"<@{CARA}> has *Acme: Jane* and *Globex* now, in place of <@{BEN}>.")
    assert f"I told <@{CARA}> and <@{BEN}>." in done.words
    assert (COPIES_WORK in done.words) == (not overrides)
    assert await held(bot, BEN) == []
    assert await held(bot, CARA) == [("Acme: Jane", True), ("Globex", False)]
    assert (await ben.sees("This link is cancelled.")).url is None
    assert await page_of(ben, card.url) == (401 if overrides else 200)
    received = await dm("cara").sees(f"<@{ANA}> gave you *Acme: Jane* and *Globex*. Until now <@{BEN}>")
    assert CONNECT_GIVEN.label in received.buttons
    await dm("ben").sees(f"<@{ANA}> gave *Acme: Jane* and *Globex* to <@{CARA}>.")
    rows = [row for row in await trail(bot, "mapping_removed", "mapping_added") if row.by != "test"]
    assert [(row.action, row.by, row.owner, row.ref_id) for row in rows] == [
        (what, ANA, user, profile.ref_id)
        for profile in (first, second)
        for what, user in (("mapping_removed", BEN), ("mapping_added", CARA))
    ]


async def test_only_what_was_chosen_is_handed_over_and_the_new_persons_default_stays(
    ana: Someone, ben: Someone, dm: Callable[[str], Someone], mapped: Map, bot: Bot
) -> None:
    first = await mapped("ben", "Acme: Jane")
    await mapped("ben", "Globex")
    await mapped("cara", "Initech")
    card = await card_of(ben)
    modal = await asked(ana, "@ben @cara", "If whoever takes over has no profile yet")
    await modal.submits(profiles=["Globex"])
    await sees_modal(ana, f"<@{CARA}> has *Globex* now")
    assert await held(bot, BEN) == [("Acme: Jane", True)]
    assert await held(bot, CARA) == [("Initech", True), ("Globex", False)]
    assert len(await bot.deps.cards.live(TEAM, first.ref_id)) == 1
    assert await page_of(ben, card.url) == 200
    await dm("cara").sees("You take over", "*Globex*")


async def test_who_takes_over_is_chosen_in_the_modal_which_says_who_cannot(ana: Someone, mapped: Map, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    modal = await asked(ana, "@ben", f"<@{BEN}> has one profile.")
    assert modal.entered["to"]["selected_user"] is None
    assert (await modal.submits())["errors"] == {"to": "Please complete this required field."}
    for name, words in {
        "gus": "This person is a guest",
        "ida": "This person hasn't joined this workspace yet",
        "leo": "This person has left",
        "robo": "This person is a bot",
        "zoe": "This person isn't in this workspace",
        "ben": "They have these profiles already",
    }.items():
        errors = (await modal.submits(to=name))["errors"]
        assert words in errors["to"]
        assert "<@" not in errors["to"]
    assert await held(bot, BEN) == [("Acme: Jane", True)]
    await modal.submits(to="dan")
    await sees_modal(ana, f"<@{DAN}> has *Acme: Jane* now")
    assert await held(bot, DAN) == [("Acme: Jane", True)]


async def test_what_was_typed_wrong_is_said_at_once(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    usage = "Mention who had the profiles"
    wrong = {"": usage, "@ben @cara @dan": usage, "@ben to @cara": usage, "@ben @nobody": usage, "@ben @ben": "twice"}
    for number, (text, said) in enumerate(wrong.items(), start=1):
        await ana.types(f"handover {text}")
        answer = (await ana.sees_times(number))[-1]
        assert said in answer.words
        await sees_no_modal(ana)
    assert (await asked(ana, "@ben @leo", "has left")).submit == ""
    await asked(ana, "@dan @cara", f"<@{DAN}> has no profile")
    assert len(await ana.messages()) == len(wrong)


@pytest.mark.parametrize("overrides", [{"CONNECT_GUESTS": "allow"}])
async def test_a_guest_can_take_over_where_guests_are_served(
    ana: Someone, mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await (await asked(ana, "@ben @gus", "has one profile")).submits()
    await sees_modal(ana, f"<@{GUS}> has *Acme: Jane* now")


class TestAPersonWhoLeft:
    async def test_is_not_told(self, ana: Someone, mapped: Map, bot: Bot) -> None:
        await mapped("leo", "Acme: Jane")
        await (await asked(ana, "@leo @cara", "has one profile")).submits()
        done = await sees_modal(ana, f"I told <@{CARA}>.")
        assert "Tell them yourself" not in done.words
        assert await held(bot, CARA) == [("Acme: Jane", True)]

    async def test_is_not_told_a_moment_later_either(
        self, ana: Someone, ben: Someone, dm: Callable[[str], Someone], mapped: Map, change: Change
    ) -> None:
        await mapped("ben", "Acme: Jane")
        await card_of(ben)  # so that the bot has cached who they are
        await change("ben", deleted=True)
        await dm("ana").clicks(await dm("ana").sees(DEACTIVATED), WHO_TAKES_OVER.label)
        await (await sees_modal(ana, "has one profile")).submits(to="cara")
        assert "Tell them yourself" not in (await sees_modal(ana, f"I told <@{CARA}>.")).words


class TestWhoIsNoAdmin:
    async def test_is_refused(self, person: Person, mapped: Map, bot: Bot) -> None:
        await mapped("ben", "Acme: Jane")
        for name, said in {"dan": "Only admins can do that", "gus": "Guests can't use this bot"}.items():
            assert (await asked(person(name), "@ben @cara", said)).submit == ""
        assert await held(bot, BEN) == [("Acme: Jane", True)]

    async def test_any_more_is_refused_at_the_submit_and_at_the_button_within_a_minute(
        self,
        ana: Someone,
        dm: Callable[[str], Someone],
        mapped: Map,
        bot: Bot,
        change: Change,
        sandbox: Sandbox,
        clock: ManualClock,
    ) -> None:
        await mapped("ben", "Acme: Jane")
        modal = await asked(ana, "@ben @cara", "has one profile")
        await change("ben", deleted=True)
        question = await dm("ana").sees(DEACTIVATED)
        no_longer_admin(sandbox, "ana")
        await clock.advance_seconds(MINUTE)
        assert "Only admins can do that" in (await modal.submits())["errors"]["to"]  # what was chosen stays there
        await modal.closes()
        await dm("ana").clicks(question, WHO_TAKES_OVER.label)
        assert (await sees_modal(ana, "Only admins can do that")).submit == ""
        assert await held(bot, BEN) == [("Acme: Jane", True)]


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": CARA}])
async def test_two_admins_at_once_hand_everything_over_to_one_person_only(
    ana: Someone, person: Person, mapped: Map, bot: Bot, overrides: dict[str, str]
) -> None:
    titles = ["Acme: Jane", "Globex", "Initech"]
    for title in titles:
        await mapped("ben", title)
    admins = {ana: "@ben @dan", person("cara"): "@ben @eve"}
    modals = [await asked(admin, text, "has 3 profiles") for admin, text in admins.items()]
    await asyncio.gather(*(modal.submits() for modal in modals))
    ends = [(await sees_modal(admin, "*\n")).words for admin in admins]
    assert sum("now, in place of" in words for words in ends) == 1
    assert sum("another admin was faster" in words for words in ends) == 1
    successors = [await held(bot, DAN), await held(bot, EVE)]
    assert sorted(map(len, successors)) == [0, 3]
    assert {title for one in successors for title, _ in one} == set(titles)


async def test_a_submit_that_is_replayed_does_nothing_more(
    ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, signer: Signer
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await asked(ana, "@ben @cara", "has one profile")
    view = sandbox.slack.views.top(ANA)
    assert view is not None
    body = submission(sandbox, shown_view(sandbox.slack, view))
    for said in ("in place of", ""):
        await signer.form(body)
        assert said in signer.acknowledgement
        await bot.deps.mappings.add(TEAM, BEN, profile.ref_id, by="test")
    assert await held(bot, BEN) == [("Acme: Jane", True)]


@pytest.mark.parametrize(
    ("profiles", "said"),
    [
        ({"profiles": {"profiles": {"type": "multi_static_select", "selected_options": []}}}, "Choose at least one"),
        ({}, "have changed meanwhile"),
    ],
)
async def test_a_submit_without_a_choice_hands_over_nothing(
    mapped: Map, bot: Bot, sandbox: Sandbox, signer: Signer, profiles: dict[str, Any], said: str
) -> None:
    for title in ("Acme: Jane", "Globex"):
        await mapped("ben", title)
    values = {"to": {"to": {"type": "users_select", "selected_user": DAN}}} | profiles
    view = {"id": "V1", "type": "modal", "callback_id": "confirm_handover", "private_metadata": BEN}
    await signer.form(submission(sandbox, view | {"state": {"values": values}}))
    assert said in signer.acknowledgement
    assert await held(bot, DAN) == []


async def test_more_profiles_than_a_modal_lists_are_handed_over_together_but_only_those_that_were_counted(
    ana: Someone, mapped: Map, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    for number in range(100):
        await bot.deps.mappings.add(TEAM, BEN, RefId(f"{number:040x}"), by="test")
    modal = await asked(ana, "@ben @cara", "I hand all 101 over together.")
    assert modal.fields == ["to"]
    await mapped("ben", "Globex")
    await modal.submits()
    again = await sees_modal(ana, "have changed meanwhile", "I hand all 102 over together.")
    assert await bot.deps.mappings.of(TEAM, UserId(CARA)) == ()
    assert again.entered["to"]["selected_user"] == CARA
    await again.submits()
    await sees_modal(ana, "and 97 more now, in place of")
    assert len(await bot.deps.mappings.of(TEAM, UserId(CARA))) == 102


class TestADeactivatedAccount:
    async def test_makes_the_bot_ask_the_admins_once_who_can_hand_over_from_there(
        self, dm: Callable[[str], Someone], mapped: Map, bot: Bot, change: Change
    ) -> None:
        await mapped("ben", "Acme: Jane")
        await mapped("ben", "Globex")
        for _ in range(3):
            await change("ben", deleted=True)
        question = await dm("ana").sees(f"<@{BEN}> {DEACTIVATED}", "*Acme: Jane* and *Globex*")
        assert question.buttons == [WHO_TAKES_OVER.label]
        assert not question.ephemeral
        await dm("ana").clicks(question, WHO_TAKES_OVER.label)
        await (await sees_modal(dm("ana"), f"<@{BEN}> has 2 profiles.")).submits(to="cara")
        await sees_modal(dm("ana"), f"<@{CARA}> has *Acme: Jane* and *Globex* now")
        assert await held(bot, CARA) == [("Acme: Jane", True), ("Globex", False)]
        done = await dm("ana").sees(f"✅ <@{CARA}> takes over *Acme: Jane* and *Globex* from <@{BEN}>")
        assert done.buttons == []
        assert len(await dm("ana").messages()) == 1

    @pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": f"{ANA},{CARA}"}])
    async def test_each_admin_reads_where_it_was_asked_who_took_over_and_by_whom(
        self,
        dm: Callable[[str], Someone],
        mapped: Map,
        bot: Bot,
        change: Change,
    ) -> None:
        await mapped("ben", "Acme: Jane")
        await mapped("ben", "Globex")
        await change("ben", deleted=True)
        question = await dm("ana").sees(DEACTIVATED)
        await idle(bot)
        await dm("ana").clicks(question, WHO_TAKES_OVER.label)
        await (await sees_modal(dm("ana"), "has 2 profiles.")).submits(to="dan", profiles=["Globex"])
        first = f"✅ <@{DAN}> takes over *Globex* from <@{BEN}> (done by <@{ANA}>)"
        for admin in ("ana", "cara"):
            partly = await dm(admin).sees(f"<@{BEN}> {DEACTIVATED}", "They had *Acme: Jane*.", first)
            assert partly.buttons == [WHO_TAKES_OVER.label]
        await asked(dm("cara"), "@ben @eve", "has one profile")
        await (await sees_modal(dm("cara"), "has one profile")).submits()
        for admin in ("ana", "cara"):
            done = await dm(admin).sees(first, f"✅ <@{EVE}> takes over *Acme: Jane* from <@{BEN}> (done by <@{CARA}>)")
            assert done.buttons == []
            assert DEACTIVATED not in done.all_words
            assert len([one for one in await dm(admin).messages() if f"<@{BEN}>" in one.text]) == 1

    async def test_is_shown_as_settled_when_the_profile_was_unmapped_at_the_shell(
        self,
        dm: Callable[[str], Someone],
        mapped: Map,
        bot: Bot,
        change: Change,
        environment: dict[str, str],
        clock: ManualClock,
    ) -> None:
        profile = await mapped("ben", "Acme: Jane")
        await change("ben", deleted=True)
        await dm("ana").sees(DEACTIVATED)
        await idle(bot)
        ended = await command("mappings", "remove", TEAM, BEN, profile.ref_id, environment=environment)
        assert ended.code == 0, ended.err
        await clock.advance_seconds(MINUTE)  # the shell's clock goes on meanwhile, the bot's stands still
        await dm("ana").sees(f"✅ *Acme: Jane* is no longer <@{BEN}>'s (done by an admin)")

    @pytest.mark.parametrize(
        ("overrides", "admins"),
        [
            ({"CONNECT_ADMINS": f"{ANA},{CARA},{BEN}"}, {"ana", "cara"}),
            ({"CONNECT_ADMINS": BEN}, {"ana"}),
            ({"CONNECT_ADMINS": GUS}, {"ana"}),
            ({"CONNECT_ADMINS": f"{GUS},{CARA}"}, {"cara"}),
            ({"CONNECT_ADMINS": GUS, "CONNECT_GUESTS": "allow"}, {"gus"}),
        ],
    )
    async def test_is_told_to_the_named_admins_who_are_served_and_still_here_else_to_the_primary_owner(
        self,
        ben: Someone,
        dm: Callable[[str], Someone],
        mapped: Map,
        change: Change,
        admins: set[str],
    ) -> None:
        await mapped("ben", "Acme: Jane")
        await card_of(ben)  # so that the bot has cached who they are
        await change("ben", deleted=True)
        for name in admins:
            await dm(name).sees(DEACTIVATED, "*Acme: Jane*")
        assert {name for name in ("ana", "ben", "cara", "gus") if await dm(name).messages()} == admins

    async def test_is_remembered_for_a_day(
        self, dm: Callable[[str], Someone], mapped: Map, change: Change, bot: Bot
    ) -> None:
        await mapped("ben", "Acme: Jane")
        await change("ben", deleted=True)
        await dm("ana").sees(DEACTIVATED)
        await idle(bot)
        (key,) = await redis_of(bot).keys(f"*:deactivated:{BEN}")
        assert (DAY - MINUTE) * 1000 < await redis_of(bot).pttl(key) <= DAY * 1000

    async def test_is_asked_about_at_the_next_event_if_no_admin_could_be_asked(
        self, dm: Callable[[str], Someone], mapped: Map, change: Change, sandbox: Sandbox, bot: Bot
    ) -> None:
        await mapped("ben", "Acme: Jane")
        sandbox.slack.faults.add("internal_error", times=None)
        await change("ben", deleted=True)
        await idle(bot)
        sandbox.slack.faults.clear()
        await change("ben", deleted=True)
        await dm("ana").sees(DEACTIVATED)

    async def test_of_a_person_without_profiles_and_other_changes_ask_slack_nothing(
        self, mapped: Map, change: Change, bot: Bot, sandbox: Sandbox
    ) -> None:
        await mapped("ben", "Acme: Jane")
        for fields in ({"deleted": False}, {"real_name": "Benjamin"}, {"is_restricted": True}):
            await change("ben", **fields)
        await change("dan", deleted=True)
        await change("dan", deleted=True)
        await idle(bot)
        assert sandbox.slack.calls.since() == []
