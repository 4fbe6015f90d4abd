"""Receipts of several invitations go to one direct message, where Slack takes one post a second."""

from bot.slack.delivery import SPACING
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.invitations.invitation_helpers import ON_ITS_WAY, Dm
from tests.users import Someone

ASKED = ("ben", "cara", "dan", "eve")


async def test_receipts_of_one_sender_are_spaced_not_tried(
    ana: Someone, dm: Dm, mapped: Map, clock: ManualClock, sandbox: Sandbox
) -> None:
    for name in ASKED:
        await mapped(name, "Acme: Jane")
        await ana.types(f"send @{name}")
        await ana.sees(ON_ITS_WAY, sandbox.slack.world.user(name).id)

    async def all_told() -> bool:
        clock.advance(SPACING)
        return len(await dm("ana").messages()) == len(ASKED)

    await eventually(all_told, "each invitation has its receipt", within=30)
    assert [call["call"] for call in sandbox.slack.calls.since() if call.get("status") == 429] == []
