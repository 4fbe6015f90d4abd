"""Slack, Ayrshare or Redis is away while a window is open: it says so, keeps what was entered, and can go on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import Button
from bot.slack.actions import (
    ASK_COLLEAGUE,
    ASK_DISCONNECTED,
    ASK_TO_CONNECT,
    HAND_OVER,
    MAKE_CLIENT_LINK,
    NEW_LINK,
    SEND_ANYWHERE,
    STATUS_OF,
    TRY_AGAIN,
    UNMAP,
)
from bot.storage.errors import StoreUnavailable
from sandbox.server import Sandbox
from tests.client_links.browser import PUBLIC_URL
from tests.clock import ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.home.home_helpers import has_at_home
from tests.invitations.invitation_helpers import runs_until
from tests.mappings.mapping_helpers import DAN, form, key_of
from tests.modals import SeenModal, modal_of, sees_at_home, sees_modal
from tests.redis_probe import TEAM, idle, redis_of
from tests.users import Seen, Someone

SLACK_AWAY, REDIS_AWAY = "Slack isn't responding. Try again in a minute.", "I can't reach my database."
Opens = Callable[[Someone, Sandbox], Awaitable[SeenModal]]


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"PUBLIC_URL": PUBLIC_URL}


@asynccontextmanager
async def slack_away(sandbox: Sandbox, clock: ManualClock) -> AsyncIterator[None]:
    """Let Slack not tell who anybody is, which the bot has forgotten."""
    await clock.advance_seconds(61)
    sandbox.slack.faults.add("error_500", times=None, method="users.info")
    yield
    sandbox.slack.faults.clear()


@asynccontextmanager
async def redis_away(bot: Bot) -> AsyncIterator[None]:
    await idle(bot)
    redis = redis_of(bot)
    await redis.acl_setuser("default", enabled=True, commands=["-@all", "+acl"])
    try:
        yield
    finally:
        await redis.acl_setuser("default", enabled=True, commands=["+@all"])
    await eventually(lambda: _works(bot), "the bot tries Redis again")


async def _works(bot: Bot) -> bool:
    try:
        return not await bot.deps.preferences.is_muted(TEAM, DAN)
    except StoreUnavailable:
        return False


async def asking(ana: Someone, _: Sandbox) -> SeenModal:
    await ana.post("shortcut", callback_id=SEND_ANYWHERE)
    return await sees_modal(ana, "Who should connect their accounts?")


async def with_key(ana: Someone, _: Sandbox) -> SeenModal:
    return await form(ana, "key")


async def known(ana: Someone, _: Sandbox) -> SeenModal:
    return await form(ana, "known")


async def creating(ana: Someone, _: Sandbox) -> SeenModal:
    return await form(ana)


async def previewed(ana: Someone, sandbox: Sandbox) -> SeenModal:
    await (await known(ana, sandbox)).submits(profile="Globex")
    return await sees_modal(ana, "gets it")


async def choosing(ana: Someone, _: Sandbox) -> SeenModal:
    await ana.types("unmap @ben")
    return await sees_modal(ana, "Which one do you want to unmap?")


async def unmapping(ana: Someone, sandbox: Sandbox) -> SeenModal:
    await (await choosing(ana, sandbox)).submits(profile="Globex")
    return await sees_modal(ana, "Unmap *Globex*")


async def handing_over(ana: Someone, _: Sandbox) -> SeenModal:
    await ana.types("handover @ben @cara")
    return await sees_modal(ana, "Who takes over?")


async def inviting(ana: Someone, _: Sandbox) -> SeenModal:
    await ana.types("invite globex")
    return await sees_modal(ana, "Days it works")


FORMS: dict[str, tuple[Opens, dict[str, Any], str]] = {
    "ask": (asking, {"person": "ben", "note": "Please"}, "Sent to"),
    "create": (creating, {"title": "Pied Piper"}, "has *Pied Piper* now"),
    "key": (with_key, {}, "gets it"),
    "known": (known, {"profile": "Globex"}, "gets it"),
    "confirm": (previewed, {}, "has *Globex* now"),
    "choose": (choosing, {"profile": "Globex"}, "Unmap *Globex*"),
    "unmap": (unmapping, {}, "no longer has *Globex*"),
    "hand over": (handing_over, {}, "in place of"),
    "invite": (inviting, {"days": "7", "uses": "3", "client": "Jane"}, "Copy it now"),
}


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_that_fails_keeps_its_input_and_is_submitted_again(
    name: str, ana: Someone, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    opens, values, done = FORMS[name]
    await mapped("ben", "Acme: Jane")
    await mapped("ben", "Globex")
    modal = await opens(ana, sandbox)
    values = values | ({"key": key_of(sandbox, "Acme: Team")} if name == "key" else {})
    for away, said in ((redis_away(bot), REDIS_AWAY), (slack_away(sandbox, clock), SLACK_AWAY)):
        async with away:
            answer = await modal.submits(**values)
            modal = await _after(ana, answer, said)
        shown, filled = "".join((answer["errors"] or {}).values()) or modal.words, bool(modal.fields)
        assert f"{'press' if filled else 'Press'} {modal.submit} {'again' if filled else 'to try again'}." in shown
        assert modal.words.count("isn't responding") + modal.words.count("my database") <= 1
    await modal.submits()
    await sees_modal(ana, done)


async def _after(who: Someone, answer: dict[str, Any], said: str) -> SeenModal:
    """Return the modal in front after a submit that failed, with what was said under an input or above all."""
    if answer["errors"]:
        assert said in "".join(answer["errors"].values())
        modal = await modal_of(who)
        assert modal
        return modal
    return await sees_modal(who, said)


TYPED = {
    "map @dan": "Who gets the profile?",
    "unmap @ben globex": "Unmap *Globex*",
    "handover @ben @cara": "Who takes over?",
}


@pytest.mark.parametrize("text", TYPED)
async def test_a_typed_window_that_could_not_be_filled_has_a_button_that_fills_it(
    text: str, ana: Someone, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    async with slack_away(sandbox, clock):
        await ana.types(text)
        refused = await sees_modal(ana, SLACK_AWAY)
        await refused.clicks(TRY_AGAIN.label)
        refused = await sees_modal(ana, SLACK_AWAY)
    await refused.clicks(TRY_AGAIN.label)
    filled = await sees_modal(ana, TYPED[text])
    assert filled.raw["id"] == refused.raw["id"]


PRESSED = {
    MAKE_CLIENT_LINK: "Days it works",
    STATUS_OF: "Mapped to",
    HAND_OVER: "Who takes over?",
    UNMAP: "Unmap *Globex*",
}


@pytest.mark.parametrize("button", PRESSED, ids=lambda one: str(one.label))
async def test_a_window_of_homes_that_could_not_be_filled_has_a_button_that_fills_it(
    button: Button, ana: Someone, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    home = await sees_at_home(ana, "*Globex*")
    async with slack_away(sandbox, clock):
        await home.clicks(button.label)
        refused = await sees_modal(ana, SLACK_AWAY)
    await refused.clicks(TRY_AGAIN.label)
    assert (await sees_modal(ana, PRESSED[button])).raw["id"] == refused.raw["id"]


async def test_what_fails_in_a_window_says_so_on_top_and_goes_on_there(
    ana: Someone, dm: Callable[[str], Someone], mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("cara", "Acme: Team")
    await (await sees_at_home(ana, "*Acme: Team*")).clicks(STATUS_OF.label)
    status = await sees_modal(ana, "Mapped to")
    async with slack_away(sandbox, clock):
        await status.clicks(ASK_TO_CONNECT.label)
        for _ in range(3):  # more often than windows can be stacked
            refused = await sees_modal(ana, SLACK_AWAY)
            await refused.clicks(TRY_AGAIN.label)
    await (await sees_modal(ana, SLACK_AWAY)).clicks(TRY_AGAIN.label)
    await sees_modal(ana, "I'll DM you when it's done.", "*Acme: Team*")
    await dm("cara").sees("asks you to reconnect TikTok")


async def test_a_choice_that_fails_in_a_form_says_how_to_go_on(ana: Someone, mapped: Map, sandbox: Sandbox) -> None:
    modal = await form(ana)
    sandbox.slack.faults.add("internal_error")
    await modal.chooses("how", "key")
    said = await sees_modal(ana, SLACK_AWAY, "Your input is still here: close this and choose again.")
    await said.closes()
    await (await sees_modal(ana, "Who gets the profile?")).chooses("how", "key")
    await sees_modal(ana, "Profile key")


async def test_a_shortcut_that_failed_has_a_button_that_opens_the_form(
    ana: Someone, dm: Callable[[str], Someone], bot: Bot
) -> None:
    async with redis_away(bot):
        await ana.post("shortcut", callback_id=SEND_ANYWHERE)
        refused = await dm("ana").sees(REDIS_AWAY)
    await dm("ana").clicks(refused, ASK_COLLEAGUE.label)
    await sees_modal(ana, "Who should connect their accounts?")


async def test_under_a_message_its_own_button_is_pressed_again(ben: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Globex")
    await ben.types()
    card = await ben.sees_a_card()
    sandbox.ayrshare.faults.add("error_503", times=None)
    await ben.clicks(card, NEW_LINK.label)
    assert (await ben.sees("Ayrshare isn't responding.")).buttons == []
    sandbox.ayrshare.faults.clear()
    await ben.clicks(await ben.sees_a_card(), NEW_LINK.label)
    await eventually(lambda: another_card(ben, card), "there is another link")


async def another_card(who: Someone, before: Seen) -> bool:
    return any(one.url not in {None, before.url} for one in await who.messages())


async def test_what_fails_at_home_goes_on_there(
    ana: Someone, mapped: Map, sandbox: Sandbox, clock: ManualClock, dm: Callable[[str], Someone]
) -> None:
    await mapped("cara", "Acme: Team")
    home = await sees_at_home(ana, "Remind everyone (1)")
    async with slack_away(sandbox, clock):
        await home.clicks(ASK_DISCONNECTED.action_id)
        refused = await has_at_home(sandbox, ana, SLACK_AWAY)
    await refused.clicks(TRY_AGAIN.label)
    await has_at_home(sandbox, ana, "I'm asking 1 person")
    await runs_until(clock, dm("cara"), "asks you to reconnect", step=1)
