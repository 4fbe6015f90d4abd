"""What the tests of `/connect send` share: an invitation as a value, one in Slack, and waiting for what is due."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.app import Bot
from bot.core.model import RefId, TeamId, UserId
from bot.invitations.model import Invitation, InvitationId, InvitationState
from bot.scheduling.queue import job_entry, queue_key
from bot.slack.actions import GET_LINK, MUTE, RECONNECT_ASKED
from bot.storage.connection import moment_ms
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.redis_probe import TEAM, redis_of
from tests.users import Seen, Someone

ASKS = "asks you to"
ON_ITS_WAY = "I'll DM you when it's done"
BUTTONS = [RECONNECT_ASKED.label, MUTE.label]
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

STEPS = 60
LOOK = 0.15
"""Real seconds: a job that is due has to be done before the clock moves on, or time runs ahead of the bot."""

Dm = Callable[[str], Someone]


def an_invitation(**fields: Any) -> Invitation:
    """Return Ana's invitation to Ben, not delivered yet."""
    given: dict[str, Any] = {
        "id": InvitationId("one"),
        "team": TeamId("T0"),
        "sender": UserId("U0ANA0001"),
        "recipient": UserId("U0BEN0001"),
        "ref_id": RefId("a" * 40),
        "title": "Acme: Jane",
        "note": "",
        "asked_at": NOW,
        "due_at": NOW,
    }
    return Invitation(**(given | fields))


async def answer_to(who: Someone, text: str, *words: str) -> Seen:
    """Return the new message with these words that a person sees after typing a command."""
    before = {message.ts for message in await who.messages()}
    assert (await who.types(text))["ok"]
    return await who.sees(*words, where=lambda seen: seen.ts not in before)


async def invited(sender: Someone, recipient: Someone, note: str = "") -> Seen:
    """Let one person ask another, and return the invitation that the recipient sees."""
    before = {message.ts for message in await recipient.messages()}
    assert (await sender.types(f"send @{recipient.name} {note}"))["ok"]
    await sender.sees(ON_ITS_WAY)
    return await recipient.sees(ASKS, where=lambda seen: seen.ts not in before)


def invitation_of(seen: Seen) -> InvitationId:
    return InvitationId(seen.element(GET_LINK.action_id)["value"])


def posts(sandbox: Sandbox) -> int:
    """Count the messages that the bot posted."""
    return sum(call["call"] == "chat.postMessage" for call in sandbox.slack.calls.since())


def links_made(sandbox: Sandbox) -> int:
    """Count the links that Ayrshare was asked for."""
    return sum("generateJWT" in str(call["call"]) for call in sandbox.ayrshare.calls.since())


async def has_settled(bot: Bot, invitation: InvitationId) -> None:
    """Wait until everything due for an invitation is done: the queue has its next moment, or nothing once it ended."""

    async def look() -> bool:
        stored = await bot.deps.invitations.get(TEAM, invitation)
        if stored is None:
            return False
        planned = await redis_of(bot).zscore(queue_key(TEAM), job_entry(stored.delivery_job))
        if not stored.state.live:
            return planned is None
        return stored.due_at > bot.deps.clock.now() and planned == moment_ms(stored.due_at)

    await eventually(look, "the invitation waits for its next moment, or for nothing")


async def becomes(bot: Bot, invitation: InvitationId, state: InvitationState) -> None:
    """Wait until an invitation is in a state."""

    async def look() -> bool:
        stored = await bot.deps.invitations.get(TEAM, invitation)
        return stored is not None and stored.state is state

    await eventually(look, f"the invitation is {state}")


async def crowd(admin: Someone, count: int, *, group: str = "staff") -> list[str]:
    """Add members, each with a profile at Ayrshare, and a user group of them; return their names."""
    assert (await admin.post("people", count=count, group=group, profiles=True))["ok"]
    return [f"m{number}" for number in range(1, count + 1)]


def invitations_posted(sandbox: Sandbox) -> int:
    """Count the invitations in direct messages."""
    messages = (one for channel in sandbox.slack.world.channels.values() for one in channel.messages)
    return sum(ASKS in str(one.blocks) for one in messages)


async def runs_until(clock: ManualClock, who: Someone, *words: str, step: float = 1) -> Seen:
    """Move the clock on, `step` seconds at a time, until a person sees all the words."""
    for _ in range(STEPS):
        try:
            return await who.sees(*words, within=LOOK)
        except AssertionError:
            clock.jump_seconds(step)
    return await who.sees(*words)
