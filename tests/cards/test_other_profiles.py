"""*Other profiles: choose one* in a card's menu: how the others are, and a picker beside or on top of the card."""

import pytest

from bot.app import Bot
from bot.slack.actions import OPEN_LINK, OTHER_PROFILES, PICK_PROFILE, RECONNECT
from sandbox.server import Sandbox
from tests.cards.test_scope import ACME, GLOBEX, broken
from tests.clock import ManualClock
from tests.conftest import Map
from tests.modals import sees_at_home, sees_modal
from tests.users import Someone

JANE = "Acme: Jane"


@pytest.fixture(autouse=True)
async def _profiles(mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock) -> None:
    for title in (JANE, ACME, GLOBEX):
        await mapped("ben", title)
    await broken(bot, sandbox, clock, GLOBEX, "youtube")


async def test_a_card_lists_the_others_with_their_signs(ben: Someone) -> None:
    await ben.types()
    await ben.sees(JANE, "Your other profiles: 🔴 Globex (disconnected) · ⚪ Acme: Team (not checked yet)")


async def test_one_of_the_others_is_picked_beside_the_card(ben: Someone) -> None:
    await ben.types()
    card = await ben.sees(JANE, OPEN_LINK.label)
    await ben.clicks(card, OTHER_PROFILES.label)
    question = await ben.sees("Which profile?")
    picks = question.element(PICK_PROFILE)["options"]
    assert [one["text"]["text"] for one in picks] == [ACME, GLOBEX]
    await ben.clicks(question, PICK_PROFILE, value=picks[1]["value"])
    chosen = await ben.sees(
        "YouTube is disconnected. Posts to it won't go out until you reconnect.", "Reconnect YouTube"
    )
    assert chosen.ts == question.ts
    assert (await ben.sees(JANE, OPEN_LINK.label)).ts == card.ts


async def test_in_a_modal_they_are_picked_on_top_of_it(ben: Someone) -> None:
    await (await sees_at_home(ben, "TikTok (Acme) has been disconnected")).clicks(RECONNECT.label)
    modal = await sees_modal(ben, "Reconnect TikTok")
    await modal.clicks(OTHER_PROFILES.label)
    question = await sees_modal(ben, "Which profile?")
    picks = question.element(PICK_PROFILE)["options"]
    assert [one["text"]["text"] for one in picks] == [JANE, GLOBEX]
    await question.clicks(PICK_PROFILE, value=picks[1]["value"])
    await sees_modal(ben, "Reconnect YouTube")


async def test_somebody_elses_others_are_theirs(ana: Someone) -> None:
    await ana.types("@ben jane")
    card = await ana.sees(JANE, "Their other profiles:")
    await ana.clicks(card, OTHER_PROFILES.label)
    assert (await ana.sees("Which profile?")).element(PICK_PROFILE)["options"]
