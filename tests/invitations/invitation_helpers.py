"""What the tests of `/connect send` have in common."""

from collections.abc import Callable

from bot.app import Bot
from bot.core.model import InvitationId
from bot.invitations.model import DELIVER_INVITATION, InvitationState
from bot.scheduling.job import Job
from bot.slack.actions import GET_LINK, STOP_THESE
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.redis_probe import TEAM
from tests.users import Seen, Someone

ASKS = "asks you to sign in"
ON_ITS_WAY = "I'm sending it"
BUTTONS = [GET_LINK.label, STOP_THESE.label]

SECONDS = 60
LOOK = 0.15
"""In seconds of real time: what comes due in one of the clock's has to be done in it, or time runs ahead."""

Dm = Callable[[str], Someone]


async def invited(sender: Someone, recipient: Someone, note: str = "") -> Seen:
    """Let somebody ask somebody, and return what the latter gets."""
    before = {message.ts for message in await recipient.messages()}
    assert (await sender.types(f"send @{recipient.name} {note}"))["ok"]
    await sender.sees(ON_ITS_WAY)
    return await recipient.sees(ASKS, where=lambda seen: seen.ts not in before)


def invitation_of(seen: Seen) -> InvitationId:
    return InvitationId(seen.element(GET_LINK.label)["value"])


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


async def becomes(bot: Bot, invitation: InvitationId, state: InvitationState) -> None:
    """Wait until an invitation is in a state."""

    async def look() -> bool:
        kept = await bot.deps.invitations.get(TEAM, invitation)
        return kept is not None and kept.state is state

    await eventually(look, f"the invitation is {state}")


async def deliver_again(bot: Bot, invitation: InvitationId) -> None:
    """Have done once more what was due, as after a death in the middle of it."""
    await bot.deps.scheduler.plan(TEAM, Job(DELIVER_INVITATION, invitation), at=bot.deps.clock.now())


async def crowd(admin: Someone, count: int, *, group: str = "staff") -> list[str]:
    """Add members, each with a profile at Ayrshare, and a user group of them; return their names."""
    assert (await admin.post("people", count=count, group=group, profiles=True))["ok"]
    return [f"m{number}" for number in range(1, count + 1)]


def invitations_posted(sandbox: Sandbox) -> int:
    """How many invitations stand in direct messages."""
    messages = (one for channel in sandbox.slack.world.channels.values() for one in channel.messages)
    return sum(ASKS in str(one.blocks) for one in messages)


async def runs_until(clock: ManualClock, who: Someone, *words: str) -> Seen:
    """Let time pass, second by second, until somebody sees all the words."""
    for _ in range(SECONDS):
        try:
            return await who.sees(*words, within=LOOK)
        except AssertionError:
            clock.advance_seconds(1)
    return await who.sees(*words)
