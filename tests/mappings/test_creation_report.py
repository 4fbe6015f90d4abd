"""A process dies while it creates a profile: whoever wanted it reads that Ayrshare may have it, and bills it."""

import asyncio
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId
from bot.mappings.model import CREATION_SETTLED, REPORT_CREATION
from bot.slack.actions import ADD_FOR
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.mappings.mapping_helpers import ANA, DAN, asked, form
from tests.modals import sees_modal
from tests.redis_probe import TEAM, idle, jobs, trail
from tests.users import Someone

CREATE = "POST /profiles"
NEW = "Acme: Dan"


@pytest.mark.parametrize("died_at", ["the answer", "the mapping"])
async def test_a_creation_that_left_no_record_is_reported_to_who_wanted_it(
    ana: Someone, dm: Callable[[str], Someone], bot: Bot, sandbox: Sandbox, clock: ManualClock, died_at: str
) -> None:
    saved, modal = died_at == "the mapping", await form(ana)
    sandbox.ayrshare.faults.add("latency", ms=4_000)  # as if the process died before it has the answer
    submitting = asyncio.create_task(modal.submits(title=NEW))

    async def is_asked() -> bool:
        return asked(sandbox, CREATE) == 1

    await eventually(is_asked, "Ayrshare is asked")
    assert len(await jobs(bot, REPORT_CREATION)) == 1
    if saved:  # or before it has given the profile to anybody
        await bot.deps.profiles.save(TEAM, Profile(RefId("b" * 40), NEW, SecretStr("KEY")))
    clock.jump(CREATION_SETTLED)
    said = "before I could give it to" if saved else "Look in Ayrshare's dashboard"
    told = await dm("ana").sees(NEW, said, ADD_FOR.label)
    rows = [(row.by, row.owner, row.detail) for row in await trail(bot, "profile_maybe_created")]
    assert rows == ([] if saved else [(ANA, DAN, NEW)])
    await submitting
    await dm("ana").clicks(told, ADD_FOR.label)
    assert (await sees_modal(ana, "Who gets the profile?")).entered["person"]["selected_user"] == DAN


@pytest.mark.parametrize("fault", ["", "bad_api_key", "plan"])
async def test_what_became_of_a_creation_is_said_once(ana: Someone, bot: Bot, sandbox: Sandbox, fault: str) -> None:
    modal = await form(ana)
    if fault:
        sandbox.ayrshare.faults.add(fault)
    await modal.submits(title=NEW)
    await idle(bot)
    assert await jobs(bot, REPORT_CREATION) == []
