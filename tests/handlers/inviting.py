"""What the tests of `/connect send` have in common."""

from collections.abc import Callable

from bot.app import Bot
from bot.errands import Errand, InvitationId, Kind
from sandbox.server import Sandbox
from tests.behind import TEAM
from tests.eventually import eventually
from tests.office import Seen, Someone

ASKS = "asks you to sign in"
ON_ITS_WAY = "I'm sending it"
BUTTONS = ["Get my link", "Stop these"]

Dm = Callable[[str], Someone]


async def invited(sender: Someone, recipient: Someone, note: str = "") -> Seen:
    """Let somebody ask somebody, and return what the latter gets."""
    before = {message.ts for message in await recipient.messages()}
    assert (await sender.types(f"send @{recipient.name} {note}"))["ok"]
    await sender.sees(ON_ITS_WAY)
    return await recipient.sees(ASKS, where=lambda seen: seen.ts not in before)


def invitation_of(seen: Seen) -> InvitationId:
    return InvitationId(seen.element("Get my link")["value"])


def posts(sandbox: Sandbox) -> int:
    """How many messages the bot posted."""
    return sum(call["call"] == "chat.postMessage" for call in sandbox.slack.calls.since())


def links_made(sandbox: Sandbox) -> int:
    """How many links Ayrshare was asked for."""
    return sum("generateJWT" in str(call["call"]) for call in sandbox.ayrshare.calls.since())


async def nothing_is_due(bot: Bot, invitation: InvitationId) -> None:
    """Wait until what was planned for now has been done."""

    async def look() -> bool:
        kept = await bot.deps.invitations.get(TEAM, invitation)
        return kept is not None and kept.due_at > bot.deps.clock.now()

    await eventually(look, "nothing is due")


async def deliver_again(bot: Bot, invitation: InvitationId) -> None:
    """Have done once more what was due, as after a death in the middle of it."""
    await bot.deps.later.plan(TEAM, Errand(Kind.INVITE, invitation), at=bot.deps.clock.now())
