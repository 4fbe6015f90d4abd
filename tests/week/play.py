"""The clock moves from one job of the bot to the next; each direct message that it posts is noted with its moment."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.core.model import UserId
from bot.scheduling.job import ALL_WORKSPACES
from bot.scheduling.queue import queue_key
from bot.storage.connection import moment_ms
from tests.eventually import eventually
from tests.redis_probe import TEAM, idle, redis_of
from tests.week.workspace import Workspace

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Post:
    """A direct message as it was when it was posted; `lines` are what its paragraphs say."""

    at: datetime
    user: UserId
    text: str
    lines: tuple[str, ...]

    def tells_of(self, title: str, network: str) -> bool:
        """Return whether a paragraph is about an account of a profile."""
        return any(title in line and network in line for line in self.lines)

    def blames(self, title: str, network: str) -> bool:
        """Return whether an account of a profile is said to be disconnected."""
        of_profile = (line.split("\n") for line in self.lines if title in line)
        return any("🔴" in row and network in row for rows in of_profile for row in rows)

    def is_about(self, title: str) -> bool:
        """Return whether a paragraph is about a profile, rather than an account that has its name."""
        return any(f"for {title}" in line or f"*{title}*" in line for line in self.lines)


@dataclass(frozen=True)
class Happening:
    """What happens at a moment, in words; `about` is the profile and the network, by their names."""

    at: datetime
    words: str
    do: Callable[[], Awaitable[None]]
    about: tuple[str, str] = ("", "")


@dataclass
class Play:
    """What was posted so far."""

    place: Workspace
    posts: list[Post] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)

    async def run(self, story: Sequence[Happening], *, until: datetime) -> None:
        """Let the story happen, and time pass to the end."""
        for one in sorted(story, key=lambda one: one.at):
            await self._pass(one.at)
            await one.do()
            await self._settled()
        await self._pass(until)

    async def _pass(self, until: datetime) -> None:
        clock = self.place.clock
        while (due := await self._next_job()) and due <= until:
            await clock.advance(max(due - clock.now(), timedelta(0)))
            await self._settled()
        await clock.advance(until - clock.now())
        await self._settled()

    async def _next_job(self) -> datetime | None:
        redis = redis_of(self.place.bot)
        first = [await redis.zrange(queue_key(team), 0, 0, withscores=True) for team in (TEAM, ALL_WORKSPACES)]
        scores = [float(score) for found in first for _, score in found]
        return datetime.fromtimestamp(min(scores) / 1000, UTC) + MILLISECOND if scores else None

    async def _settled(self) -> None:
        """Wait until all is done that is due, and note what was posted."""

        async def look() -> bool:
            hourly = await redis_of(self.place.bot).zrange(queue_key(ALL_WORKSPACES), 0, 0, withscores=True)
            told = not self.place.sandbox.ayrshare.pending_webhooks
            return told and all(score > moment_ms(self.place.clock.now()) for _, score in hourly)

        await eventually(look, "the hourly work is done")
        await idle(self.place.bot)
        self._note_posts()

    def _note_posts(self) -> None:
        world = self.place.sandbox.slack.world
        for channel in world.channels.values():
            before, now = self._seen.get(channel.id, 0), len(channel.messages)
            for message in channel.messages[before:] if channel.kind == "im" else ():
                if not message.is_ephemeral:
                    paragraphs = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
                    at, user = self.place.clock.now(), UserId(channel.members[0])
                    self.posts.append(Post(at, user, message.text, tuple(paragraphs)))
            self._seen[channel.id] = now
