"""A refusal that asks for something has the button that does it."""

from collections.abc import Callable

import pytest

from bot.app import Bot
from bot.slack.actions import (
    ASK_ADMIN,
    ASK_COLLEAGUE,
    CANCEL_AGAIN,
    CANCEL_LINK,
    CONNECT,
    HAND_OVER,
    MAIL_ONE,
    MAP_A_PROFILE,
    NEW_KEY,
    NEW_LINK,
    SEE_ALL,
    TRY_AGAIN,
    UNMAP,
)
from sandbox.server import Sandbox
from tests.cards.mail_helpers import MAILS
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.mapping_helpers import ANA, BEN, CARA, DAN, form
from tests.modals import sees_modal
from tests.redis_probe import redis_of
from tests.users import Seen, Someone

Dm = Callable[[str], Someone]


async def test_what_only_admins_can_do_names_one_and_asks_them(ben: Someone, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types("list")
    refused = await ben.sees(f"Only admins can do that. Ask <@{ANA}>.")
    await ben.clicks(refused, ASK_ADMIN.label)
    asked = await dm("ana").sees(f"<@{BEN}> needs an admin", f"<@{BEN}> has *Acme: Jane*")
    assert asked.buttons == [MAP_A_PROFILE.label]
    await ben.sees(f"I asked <@{ANA}>. They can message you here in Slack.")


async def test_who_asks_for_a_profile_and_who_asks_for_help_share_a_message(
    person: Person, dm: Dm, mapped: Map
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees(ASK_ADMIN.label), ASK_ADMIN.label)
    await dm("ana").sees("would like a profile")
    await person("ben").types("list")
    await person("ben").clicks(await person("ben").sees(ASK_ADMIN.label), ASK_ADMIN.label)
    both = await dm("ana").sees("2 people need an admin")
    assert both.buttons == [MAP_A_PROFILE.label] * 2


async def test_a_card_that_is_gone_opens_a_new_one(ben: Someone, mapped: Map, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types()
    card = await ben.sees_a_card()
    await redis_of(bot).delete(*await redis_of(bot).keys("connectbot:{T0CONNECT}:link_card:*"))
    await ben.clicks(card, NEW_LINK.label)
    await ben.clicks(await ben.sees("That card is too old for its buttons."), CONNECT.label)
    await sees_modal(ben, "*Acme: Jane*", "Connect the accounts")


async def test_a_mail_that_cannot_be_sent_is_replaced_by_a_request_or_a_link(ana: Someone, dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("ana", "Globex")
    await ana.types("email @ben")
    await ana.clicks(await ana.sees("aren't set up", f"Ask <@{BEN}> here instead."), "Ask Ben")
    await dm("ben").sees(f"<@{ANA}> asks you to")
    await ana.types("email")
    await ana.clicks(await ana.sees("aren't set up", "Get a link here instead."), CONNECT.label)
    await sees_modal(ana, "*Globex*", "Connect the accounts")


@pytest.mark.parametrize("overrides", [MAILS])
async def test_who_may_not_have_a_link_mailed_can_ask(
    person: Person, dm: Dm, mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("cara").types("email @ben")
    await person("cara").clicks(await person("cara").sees("Only admins can have a link mailed"), "Ask Ben")
    await dm("ben").sees("asks you to")


async def test_a_profile_that_ayrshare_refuses_leads_to_an_admin_and_an_admin_to_its_key(
    ana: Someone, ben: Someone, dm: Dm, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.suspend("Acme: Jane")
    await ben.types()
    await ben.clicks(await ben.sees("deleted or suspended, or has a new key"), ASK_ADMIN.label)
    await dm("ana").sees(f"<@{BEN}> needs an admin")
    await ana.types("@ben")
    await ana.clicks(await ana.sees("deleted or suspended, or has a new key"), NEW_KEY.label)
    modal = await sees_modal(ana, "Who gets the profile?")
    assert (modal.entered["person"]["selected_user"], "key" in modal.fields) == (BEN, True)


async def test_a_mapping_that_waited_too_long_can_be_started_again(ana: Someone, mapped: Map, bot: Bot) -> None:
    await mapped("cara", "Globex")
    modal = await form(ana, "known")
    await modal.submits(profile="Globex")
    preview = await sees_modal(ana, "gets it")
    await redis_of(bot).delete(*await redis_of(bot).keys("connectbot:{T0CONNECT}:pending:*"))  # ten minutes later
    await preview.submits()
    late = await sees_modal(ana, "You can start again.")
    await late.clicks(MAP_A_PROFILE.label)
    await sees_modal(ana, "Who gets the profile?")


@pytest.mark.parametrize("typed", ["unmap", "handover", "handover @ben @ben", "unmap @nobody"])
async def test_an_admin_who_named_nobody_chooses_in_the_list(ana: Someone, mapped: Map, typed: str) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types(typed)
    await ana.clicks(await ana.sees(SEE_ALL.label), SEE_ALL.label)
    assert {UNMAP.label, HAND_OVER.label} <= set((await ana.sees("*Acme: Jane*", "Profiles")).choices)


async def test_a_member_who_types_what_only_admins_can_do_is_told_so_at_once(ben: Someone) -> None:
    await ben.types("unmap")
    assert (await ben.sees("Only admins can do that.")).buttons == [ASK_ADMIN.label]


async def test_whom_slack_does_not_know_can_be_chosen_in_the_form(ben: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types("@nobody acme")
    await ben.clicks(await ben.sees("I don't know who that is."), ASK_COLLEAGUE.label)
    await sees_modal(ben, "Who should connect their accounts?")


@pytest.mark.parametrize("overrides", [{"AYRSHARE_LINK_API": "session"}])
async def test_a_link_that_was_not_cancelled_is_cancelled_by_the_button_below(
    ben: Someone, mapped: Map, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), CANCEL_LINK.label)
    await ben.sees("New link", where=lambda seen: seen.url is None)
    await ben.types()
    card = await ben.sees_a_card()
    sandbox.ayrshare.faults.add("plan", times=None)
    await ben.clicks(card, CANCEL_LINK.label)
    refused = await ben.sees("it still works")
    await ben.clicks(refused, CANCEL_AGAIN.action_id)
    await eventually(lambda: said_again(ben, refused), "it says so again")
    sandbox.ayrshare.faults.clear()
    await ben.clicks(await ben.sees("it still works"), CANCEL_AGAIN.action_id)
    await ben.sees("*Acme: Jane*: This link is cancelled.")
    await eventually(lambda: has_no_link(ben, card), "the card has no link")


async def said_again(who: Someone, refused: Seen) -> bool:
    return any(one.raw != refused.raw and "it still works" in one.words for one in await who.messages())


async def has_no_link(who: Someone, card: Seen) -> bool:
    return all(one.url is None for one in await who.messages() if one.ts == card.ts)


async def test_who_asks_someone_without_a_profile_asks_an_admin_for_them(
    person: Person, ana: Someone, dm: Dm, mapped: Map
) -> None:
    await person("cara").types("send @dan please")
    await person("cara").clicks(await person("cara").sees("An admin can give them one."), ASK_ADMIN.label)
    await person("cara").sees(f"I asked <@{ANA}>.", "again when they have a profile.")
    asked = await dm("ana").sees("needs a profile", f"(<@{CARA}> asked)")
    await dm("ana").clicks(asked, MAP_A_PROFILE.label)
    assert (await sees_modal(ana, "Who gets the profile?")).entered["person"]["selected_user"] == DAN
    await person("dan").types()
    await person("dan").clicks(await person("dan").sees("You don't have a profile yet."), ASK_ADMIN.label)
    await person("dan").sees("Your admins know already.")


async def test_who_has_a_profile_by_now_can_be_asked(person: Person, dm: Dm, mapped: Map) -> None:
    await person("cara").types("send @dan please")
    refused = await person("cara").sees("An admin can give them one.")
    await mapped("dan", "Acme: Jane")
    await person("cara").clicks(refused, ASK_ADMIN.label)
    await person("cara").clicks(await person("cara").sees("has a profile now."), "Ask them")
    await dm("dan").sees("asks you to")


async def test_what_may_succeed_soon_is_typed_again_by_a_button(ben: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add("error_503", times=None)
    await ben.types("acme")
    refused = await ben.sees("Ayrshare isn't responding.")
    sandbox.ayrshare.faults.clear()
    await ben.clicks(refused, TRY_AGAIN.label)
    await ben.sees_a_card("*Acme: Jane*")


async def test_which_profile_a_mail_is_for_is_chosen_by_a_button(ana: Someone, mapped: Map) -> None:
    await mapped("ana", "Acme: Jane")
    await mapped("ana", "Acme: Team")
    await ana.types("email acme")
    which = await ana.sees("Several profiles fit. Which one?")
    assert ("*Acme: Jane*" in which.words, which.buttons) == (True, [MAIL_ONE.label] * 2)
    await ana.clicks(which, MAIL_ONE.label, value=str(which.elements[1]["value"]))
    await ana.sees("aren't set up")


async def test_an_admin_maps_a_profile_to_whom_they_wanted_a_link_for(ana: Someone) -> None:
    await ana.types("@dan")
    await ana.clicks(await ana.sees(f"<@{DAN}> doesn't have a profile yet."), MAP_A_PROFILE.label)
    assert (await sees_modal(ana, "Who gets the profile?")).entered["person"]["selected_user"] == DAN
