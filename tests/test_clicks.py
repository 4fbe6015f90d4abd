"""How many clicks it takes: two from whatever tells of a broken account to the sign-in, three from a profile's lack."""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import Bot
from bot.cli.texts import Text, all_texts
from bot.cli.texts.render import rendered
from bot.cli.texts.samples import NAMES
from bot.core.model import Message
from bot.slack.actions import (
    ASK_ADMIN,
    ASK_AGAIN,
    ASK_EVERYBODY,
    CONNECT,
    CONNECT_GIVEN,
    CONNECT_HERE,
    DIGEST_LINK,
    GET_LINK,
    MAP_A_PROFILE,
    NEW_KEY,
    NEW_LINK,
    OPEN_LINK,
    RECONNECT,
    RECONNECT_ASKED,
    RECONNECT_FOR,
    SEE_ALL,
    STATUS_OF,
)
from bot.slack.model import Home, Modal
from sandbox.server import Sandbox
from tests.clock import NOON, ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.mapping_helpers import BEN
from tests.modals import SeenModal, modal_of, sees_at_home, sees_modal
from tests.notifications.digest_helpers import ACME, gathered, happens, pending
from tests.redis_probe import idle
from tests.users import Seen, Someone
from tests.webhooks import SECRET

LABELS = re.compile(r"\[[^\]]*\]|\{[^}]*\}|<[^>]*>|💤.*")
BROKEN = re.compile(r"🔴|🟡|\bdisconnected\b|\bexpire[sd] soon\b|[Rr]econnect .*to keep posting")
SHOWS_A_CARD = {one.action_id for one in (RECONNECT, DIGEST_LINK, GET_LINK, CONNECT, CONNECT_HERE, NEW_LINK)}
"""Buttons after which the next is the one with the address."""
OTHERWISE = {
    "no link can mend it: a key is refused": {NEW_KEY.action_id, ASK_ADMIN.action_id},
    "it is for admins, whose part is to ask": {ASK_AGAIN.action_id, ASK_EVERYBODY.action_id},
    "it is a list for admins, and each row's menu leads there": {"menu"},
    "it is for admins, of what can wait": {SEE_ALL.action_id},
    "it is a form or a question, which leads to what it is about": {"submit"},
}
"""What has another button, and why."""
OF_NO_ACCOUNT = (
    *("home.views.muted_home", "invitations.views.muted_message", "notifications.views.snoozed_message"),
    *("invitations.sender_views.confirmation", "invitations.sender_views.progress_message"),
    *("invitations.errors.NothingBroken", "invitations.errors.NothingReconnectable", "people.errors"),
)
"""What only speaks of such accounts: what one won't hear of, whom one has asked."""
OF_NO_ACCOUNT_IN_DIGESTS = re.compile(r"API key|Trouble at")


def elements(blocks: Any) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield from block.get("elements", ()) if block["type"] == "actions" else ()
        yield from (block["accessory"],) if "accessory" in block else ()


def way_on(text: Text) -> set[str]:
    """Return what can be pressed, by `action_id`; and what the window itself is for, if it asks something."""
    blocks = getattr(text.shown, "blocks", ())
    asks = {"submit"} if isinstance(text.shown, Modal) and text.shown.submit else set()
    return {one["action_id"] for one in elements(blocks)} | asks


def tells(text: Text) -> bool:
    """Return whether it tells of an account that has dropped, or soon will; labels of buttons and menus don't."""
    if text.made_by.startswith(OF_NO_ACCOUNT) or OF_NO_ACCOUNT_IN_DIGESTS.search(str(text.shown)):
        return False
    return any(BROKEN.search(LABELS.sub("", line)) for line in rendered(text.shown, NAMES))


def test_whatever_tells_of_a_broken_account_has_the_button_to_its_link() -> None:
    """All that people are shown, in each of its variants."""
    telling = [text for text in all_texts() if isinstance(text.shown, Message | Modal | Home) and tells(text)]
    enough = SHOWS_A_CARD | {OPEN_LINK.action_id}.union(*OTHERWISE.values())
    assert len(telling) > 50
    assert [f"{text.made_by} {text.unusual}" for text in telling if not way_on(text) & enough] == []


@dataclass(frozen=True)
class Stage:
    """Ben's TikTok is disconnected, and everybody who may tell him of it is there."""

    person: Person
    dm: Callable[[str], Someone]
    sandbox: Sandbox
    bot: Bot
    clock: ManualClock


@dataclass(frozen=True)
class InMessage:
    """A message in front of somebody, used like a modal."""

    who: Someone
    message: Seen

    async def clicks(self, label: str) -> dict[str, Any]:
        return await self.who.clicks(self.message, label)


Shown = InMessage | SeenModal


async def a_card(stage: Stage) -> Shown:
    ben = stage.person("ben")
    await ben.types()
    return InMessage(ben, await ben.sees_a_card())


async def his_status(stage: Stage) -> Shown:
    ben = stage.person("ben")
    await ben.types("status")
    return InMessage(ben, await ben.sees(RECONNECT.label))


async def his_home(stage: Stage) -> Shown:
    return await sees_at_home(stage.person("ben"), RECONNECT.label)


async def a_request(stage: Stage) -> Shown:
    await stage.person("ana").types("send @ben")
    return InMessage(stage.dm("ben"), await stage.dm("ben").sees("asks you to reconnect TikTok"))


async def the_news(stage: Stage) -> Shown:
    stage.sandbox.ayrshare.register_webhook(f"{stage.sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await happens(stage.sandbox, "unlink", "facebook", ACME)
    await pending(stage.bot, BEN, "facebook")
    await gathered(stage.bot, stage.clock, BEN)
    return InMessage(stage.dm("ben"), await stage.dm("ben").sees("is disconnected"))


async def a_hand_over(stage: Stage) -> Shown:
    await stage.person("ana").types("handover @ben @dan")
    await (await sees_modal(stage.person("ana"), "Who takes over?")).submits()
    return InMessage(stage.dm("dan"), await stage.dm("dan").sees("You take over"))


async def an_admins_window(stage: Stage) -> Shown:
    ana = stage.person("ana")
    await (await sees_at_home(ana, "*Acme: Team*")).clicks(STATUS_OF.label)
    return await sees_modal(ana, "TikTok", RECONNECT_FOR.label)


# What tells of it, and its button; the button on the card that comes is the second click, or the first.
TELLS: dict[str, tuple[Callable[[Stage], Awaitable[Shown]], str]] = {
    "card": (a_card, ""),
    "status": (his_status, RECONNECT.label),
    "home": (his_home, RECONNECT.label),
    "request": (a_request, RECONNECT_ASKED.label),
    "news": (the_news, DIGEST_LINK.label),
    "hand over": (a_hand_over, CONNECT_GIVEN.label),
    "window": (an_admins_window, RECONNECT_FOR.label),
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}


@pytest.mark.parametrize("name", TELLS)
async def test_from_there_to_the_sign_in_are_two_clicks_at_most(
    name: str,
    person: Person,
    dm: Callable[[str], Someone],
    mapped: Map,
    sandbox: Sandbox,
    bot: Bot,
    clock: ManualClock,
) -> None:
    await mapped("ben", ACME)
    shows, label = TELLS[name]
    shown = await shows(Stage(person, dm, sandbox, bot, clock))
    if label:
        await shown.clicks(label)
    card: Shown = await eventually(lambda: card_of(shown.who), "there is a card")
    assert str((await card.clicks(OPEN_LINK.action_id))["opens"]).startswith(sandbox.url)


async def card_of(who: Someone) -> Shown | None:
    """Return the card in front of somebody, in a modal or as a message."""
    modal = await modal_of(who)
    if modal and OPEN_LINK.action_id in {one["action_id"] for one in elements(modal.raw["blocks"])}:
        return modal
    return next((InMessage(who, one) for one in reversed(await who.messages()) if one.url), None)


async def test_from_the_lack_of_a_profile_to_an_account_are_three_clicks(
    person: Person, ana: Someone, dm: Callable[[str], Someone], bot: Bot, clock: ManualClock
) -> None:
    dan = person("dan")
    await dan.types()
    clicks = [await dan.clicks(await dan.sees("You don't have a profile yet."), ASK_ADMIN.label)]
    await dm("ana").clicks(await dm("ana").sees("would like a profile"), MAP_A_PROFILE.label)
    await (await sees_modal(ana, "Who gets the profile?")).submits(title="Pied Piper")
    clicks.append(await dm("dan").clicks(await dm("dan").sees("You have a new profile"), CONNECT_GIVEN.label))
    card = await dm("dan").sees_a_card("*Pied Piper*")
    clicks.append(await dm("dan").clicks(card, OPEN_LINK.label))
    async with dan.session.post(clicks[-1]["opens"], data={"link": "linkedin"}) as page:
        page.raise_for_status()
    await idle(bot)
    await clock.advance_seconds(45)
    await dm("dan").sees("LinkedIn", "(Pied Piper)")
    await dm("ana").sees("has *Pied Piper*", "(done by")
    assert len(clicks) == 3
