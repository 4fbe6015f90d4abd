"""A choice in a modal redraws it, but never over the answer to its submit, nor over what a later choice drew."""

from bot.app import Bot
from bot.slack.actions import SEND_ANYWHERE
from sandbox.server import Sandbox
from tests.conftest import Map
from tests.mappings.mapping_helpers import form
from tests.modals import modal_of, sees_modal
from tests.redis_probe import idle
from tests.users import Someone


def slow_redraw(sandbox: Sandbox) -> None:
    sandbox.slack.faults.add("latency", times=1, ms=700, method="views.update")


async def test_a_late_redraw_leaves_the_answer_to_a_submit(ana: Someone, bot: Bot, sandbox: Sandbox) -> None:
    modal = await form(ana, "create")
    await idle(bot)
    slow_redraw(sandbox)
    await modal.chooses("person", "cara")
    assert (await modal.submits(title="Acme: Cara"))["ok"]
    await sees_modal(ana, "has *Acme: Cara*")
    await idle(bot)
    await sees_modal(ana, "has *Acme: Cara*")


async def test_so_it_does_where_colleagues_are_asked(ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    assert (await ana.post("shortcut", callback_id=SEND_ANYWHERE))["ok"]
    modal = await sees_modal(ana, "Who should connect their accounts?")
    await idle(bot)
    slow_redraw(sandbox)
    await modal.chooses("person", ["ben"])
    assert (await modal.submits())["ok"]
    await idle(bot)
    shown = await modal_of(ana)
    assert shown is not None
    assert shown.fields == []


async def test_two_choices_at_once_are_both_drawn(ana: Someone, mapped: Map, bot: Bot, sandbox: Sandbox) -> None:
    await mapped("ben", "Globex")
    modal = await form(ana, "create", "map")
    await idle(bot)
    slow_redraw(sandbox)
    await modal.chooses("person", "ben")
    await modal.chooses("how", "key")
    await idle(bot)
    shown = await modal_of(ana)
    assert shown is not None
    assert shown.fields == ["person", "how", "key", "default"]
