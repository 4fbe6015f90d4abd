"""A refusal that asks for something has the button that does it."""

from collections.abc import Callable

import pytest

from bot.app import Bot
from bot.slack.actions import ASK_ADMIN, CONNECT, MAP_A_PROFILE, NEW_KEY, NEW_LINK
from sandbox.server import Sandbox
from tests.cards.mail_helpers import MAILS
from tests.conftest import Map, Person
from tests.mappings.mapping_helpers import ANA, BEN, form
from tests.modals import sees_modal
from tests.redis_probe import redis_of
from tests.users import Someone

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
    await ben.clicks(await ben.sees("deleted or suspended this profile"), ASK_ADMIN.label)
    await dm("ana").sees(f"<@{BEN}> needs an admin")
    await ana.types("@ben")
    await ana.clicks(await ana.sees("deleted or suspended this profile"), NEW_KEY.label)
    modal = await sees_modal(ana, "Who gets the profile?")
    assert modal.entered["person"]["selected_user"] == BEN


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
