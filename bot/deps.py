"""The collaborators of handlers, jobs and services, and what each has to be able to do."""

from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import SecretStr

from bot.clock import Clock
from bot.metrics import Metrics
from bot.model import (
    Answer,
    AuditRow,
    Card,
    CardId,
    ConnectedAccounts,
    Mapping,
    Message,
    Minted,
    Person,
    Posted,
    Profile,
    RefId,
    TeamId,
    UserId,
)
from bot.settings import Settings


class Links(Protocol):
    """Makes linking pages."""

    async def mint(self, profile: Profile) -> Minted:
        """Make a linking page's address for a profile; raise AyrshareError."""
        ...


class Ayrshare(Protocol):
    """Tells what is linked."""

    async def accounts(self, key: SecretStr) -> ConnectedAccounts:
        """Ask what is linked to a profile at this moment; raise AyrshareError."""
        ...


class Envelopes(Protocol):
    """Seals secrets at rest, bound to where they belong."""

    def seal(self, secret: SecretStr, *context: str) -> str:
        """Put a secret into an envelope that opens only in the same context."""
        ...

    def open(self, envelope: str, *context: str) -> SecretStr:
        """Take a secret out of its envelope; raise UnreadableSecret."""
        ...


class Mappings(Protocol):
    """Keeps who looks after which profile."""

    async def of(self, team: TeamId, user: UserId) -> tuple[Mapping, ...]:
        """Return a person's mappings, the default first."""
        ...


class Profiles(Protocol):
    """Keeps profiles and their keys."""

    async def get(self, team: TeamId, *ref_ids: RefId) -> tuple[Profile, ...]:
        """Return those of the profiles that are known, in the order asked for."""
        ...


class Cards(Protocol):
    """Keeps cards until a while after their links are dead."""

    async def add(self, card: Card) -> CardId | None:
        """Keep a new card, and return the live one that this viewer had for the same profile."""
        ...

    async def get(self, team: TeamId, card: CardId) -> Card | None:
        """Return a card, if it is still kept."""
        ...

    async def update(self, card: Card) -> bool:
        """Keep a card whose stored version is one less; return whether it still was."""
        ...


class Once(Protocol):
    """Tells the first of several equal deliveries from the rest, across all replicas."""

    async def claim(self, team: TeamId, what: str, *, within: timedelta) -> bool:
        """Return True to the first caller within the time, False to the others."""
        ...

    async def release(self, team: TeamId, what: str) -> None:
        """Let the next caller be first again."""
        ...


class Limits(Protocol):
    """Counts what may happen only so often."""

    async def take(self, team: TeamId, user: UserId, what: str, *, per_person: int, per_team: int) -> timedelta:
        """Count a use and return zero, or return how long to wait where a minute's share is used up."""
        ...


class Asks(Protocol):
    """Keeps who asked which admin for a profile."""

    async def add(
        self, team: TeamId, admin: UserId, asker: UserId, *, within: timedelta
    ) -> tuple[tuple[UserId, ...], Posted | None]:
        """Add an asker; return everybody who asked within the time, and the message that tells of them."""
        ...

    async def posted(self, team: TeamId, admin: UserId, posted: Posted) -> tuple[UserId, ...]:
        """Remember where the message stands, and return who has asked by now."""
        ...


class Audit(Protocol):
    """Keeps what somebody may want to know later; changes write their own rows."""

    async def add(self, team: TeamId, row: AuditRow) -> None:
        """Add a row that tells of no change, such as a refusal."""
        ...


class People(Protocol):
    """Tells who somebody is."""

    async def get(self, team: TeamId, user: UserId) -> Person:
        """Ask Slack, or remember for a minute at most; raise SlackUnavailable."""
        ...

    async def group(self, group: str) -> frozenset[UserId]:
        """Return who is in a user group, asked or remembered likewise; raise SlackUnavailable."""
        ...

    async def primary_owner(self) -> UserId | None:
        """Return the workspace's primary owner; raise SlackUnavailable."""
        ...


class Answers(Protocol):
    """Speaks through a `response_url`."""

    async def post(self, answer: Answer, message: Message, *, replace: bool = False) -> None:
        """Show a message to whom the URL belongs, or replace the message it came from; raise AnswerRefused."""
        ...


class Direct(Protocol):
    """Speaks to somebody in the bot's direct message with them."""

    async def post(self, user: UserId, message: Message) -> Posted:
        """Post a message and return where it stands; raise SlackUnavailable."""
        ...

    async def update(self, posted: Posted, message: Message) -> None:
        """Change a message that was posted; raise SlackUnavailable."""
        ...


class Later(Protocol):
    """Sees to it that something happens at a later moment, once to the eye."""

    async def redraw_card(self, team: TeamId, card: CardId, *, at: datetime) -> None:
        """Redraw a card at a moment; a later call for the same card takes the place of an earlier one."""
        ...


class Background(Protocol):
    """Runs what goes on after an acknowledgement."""

    def full(self, whose: str) -> bool:
        """Whether as much is in progress as may be, altogether or for one person."""
        ...

    def start(self, work: Coroutine[Any, Any, None], *, whose: str = "") -> None:
        """Run it to its end, also through a shutdown."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """What handlers, jobs and services are given; made once, in `bot/app.py`."""

    settings: Settings
    clock: Clock
    links: Links
    ayrshare: Ayrshare
    mappings: Mappings
    profiles: Profiles
    cards: Cards
    once: Once
    limits: Limits
    audit: Audit
    asks: Asks
    people: People
    answers: Answers
    direct: Direct
    later: Later
    background: Background
    metrics: Metrics
