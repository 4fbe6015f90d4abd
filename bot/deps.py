"""The collaborators of handlers, jobs and services, and what each has to be able to do."""

from collections.abc import Coroutine, Iterable, Sequence
from collections.abc import Mapping as KeyedBy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import SecretStr

from bot.alerts import Alert, Parcel, Subject, Watched
from bot.assignments import CreationAttempt, PendingId, PendingMapping
from bot.clock import Clock
from bot.errands import Errand, InvitationId, Kind, SendingId, Taken
from bot.invitations import Invitation, Refused
from bot.metrics import Metrics
from bot.modals import Home, Modal
from bot.model import (
    Answer,
    AuditRow,
    Card,
    CardId,
    ConnectedAccounts,
    ConnectMail,
    Link,
    LinkUse,
    Mapping,
    Message,
    Minted,
    Person,
    Posted,
    Profile,
    ProfileSummary,
    RefId,
    TeamId,
    UserId,
    ViewId,
)
from bot.overview import Snapshot, Workspace
from bot.sendings import Progress, Sending, Shown
from bot.settings import Settings
from bot.sweeps import Sweep


class Revoker(Protocol):
    """Kills links early."""

    async def revoke(self, profile: Profile, link: Link) -> bool:
        """Kill a link early, and return whether that is possible; raise AyrshareError."""
        ...


class Links(Revoker, Protocol):
    """Makes linking pages."""

    async def mint(self, profile: Profile, *, mail: ConnectMail | None = None) -> Minted:
        """Make a linking page's address for a profile, and have it mailed, at most once; raise AyrshareError."""
        ...

    async def use(self, profile: Profile, link: Link) -> LinkUse | None:
        """Return what became of a link, or None where nobody can tell; raise AyrshareError."""
        ...


class Ayrshare(Protocol):
    """Tells what is linked, and makes profiles; all methods raise AyrshareError."""

    async def accounts(self, key: SecretStr) -> ConnectedAccounts:
        """Ask what is linked to a profile at this moment."""
        ...

    async def primary(self) -> RefId:
        """Return the name of the account's own profile, on which nobody else may act."""
        ...

    async def profiles(self, *, title: str | None = None) -> tuple[ProfileSummary, ...]:
        """List all profiles, or those with exactly that title; up to five minutes old."""
        ...

    async def create_profile(self, title: str, *, disable_social: Sequence[str] = ()) -> Profile:
        """Create a profile; never repeated: if the first answer was only lost, its key is lost and the title taken."""
        ...

    async def delete_profile(self, title: str) -> None:
        """Delete the profile with exactly that title, and whatever is linked to it, for good."""
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

    async def add(self, team: TeamId, user: UserId, ref_id: RefId, *, by: str, default: bool = False) -> bool:
        """Add a profile to a person's, as the audit row's `by` did, and return whether it is new to them."""
        ...

    async def remove(self, team: TeamId, user: UserId, ref_id: RefId, *, by: str) -> bool:
        """Take a profile from a person's, as the audit row's `by` did, and return whether it was one of them."""
        ...

    async def hand_over(
        self, team: TeamId, old: UserId, new: UserId, ref_ids: Sequence[RefId], *, by: str
    ) -> tuple[RefId, ...]:
        """Give those of the profiles that are one person's to another, all or none; return which they were."""
        ...

    async def holders(self, team: TeamId, ref_id: RefId) -> tuple[UserId, ...]:
        """Return who looks after a profile."""
        ...

    async def all(self, team: TeamId) -> tuple[Mapping, ...]:
        """Return every mapping of a workspace, by person."""
        ...

    async def teams(self) -> tuple[TeamId, ...]:
        """Return the workspaces that have had mappings."""
        ...


class Profiles(Protocol):
    """Keeps profiles and their keys."""

    async def get(self, team: TeamId, *ref_ids: RefId) -> tuple[Profile, ...]:
        """Return those of the profiles that are known, in the order asked for."""
        ...

    async def save(self, team: TeamId, profile: Profile) -> None:
        """Keep a profile, in place of an earlier record of the same one."""
        ...

    async def titles(self, team: TeamId) -> dict[RefId, str]:
        """Return all profiles' titles, without touching a key."""
        ...

    async def readable(self, team: TeamId) -> tuple[Profile, ...]:
        """Return all profiles but those whose keys can't be opened."""
        ...


class Pending(Protocol):
    """Keeps what an admin has yet to confirm, for ten minutes."""

    async def keep(self, team: TeamId, pending: PendingMapping) -> PendingId:
        """Keep it and return its name, which tells nothing."""
        ...

    async def look(self, team: TeamId, pending: PendingId, *, by: UserId) -> PendingMapping | None:
        """Return it and go on keeping it, if it is still kept and was entered by that admin."""
        ...

    async def take(self, team: TeamId, pending: PendingId, *, by: UserId) -> PendingMapping | None:
        """Return it likewise, once."""
        ...


class Creations(Protocol):
    """Keeps which profiles Ayrshare was asked to create, until it is known what became of them."""

    async def begin(self, team: TeamId, title: str, attempt: CreationAttempt) -> tuple[CreationAttempt, ...]:
        """Write down an attempt before it is made, and return those before it of which nothing is known."""
        ...

    async def of(self, team: TeamId, title: str) -> tuple[CreationAttempt, ...]:
        """Return the attempts of which nothing is known, the first one first."""
        ...

    async def drop(self, team: TeamId, title: str, attempt: CreationAttempt) -> None:
        """Forget an attempt that is known to have made nothing."""
        ...

    async def forget(self, team: TeamId, title: str) -> None:
        """Forget all attempts: what they made is known, or gone."""
        ...


class Overviews(Protocol):
    """Reads who looks after what in a whole workspace, without any key."""

    async def read(self, team: TeamId) -> Workspace:
        """Return who looks after what, and what it is called, as of one moment."""
        ...

    async def titles(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, str]:
        """Return the titles of those of the profiles that are known."""
        ...


class Snapshots(Protocol):
    """Keeps what was last seen of each profile."""

    async def keep(self, team: TeamId, ref_id: RefId, snapshot: Snapshot) -> None:
        """Keep what was seen, unless something newer is known."""
        ...

    async def of(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, Snapshot]:
        """Return what was last seen of those of the profiles that were ever looked at."""
        ...

    async def kinds(self, team: TeamId) -> dict[RefId, str]:
        """Tell of every profile that was ever looked at which kind it is, as a word of `Kind`."""
        ...


class Cards(Protocol):
    """Keeps cards until a while after their links are dead."""

    async def add(self, card: Card) -> CardId | None:
        """Keep a new card, and return the live one that this viewer had for the same profile."""
        ...

    async def add_mailed(self, card: Card, *, by: UserId) -> None:
        """Keep the card of a link that was mailed because `by` wanted it: nobody sees it, so it replaces none."""
        ...

    async def get(self, team: TeamId, card: CardId) -> Card | None:
        """Return a card, if it is still kept."""
        ...

    async def update(self, card: Card) -> bool:
        """Keep a card whose stored version is one less; return whether it still was."""
        ...

    async def live(self, team: TeamId, ref_id: RefId) -> tuple[Card, ...]:
        """Return the cards whose links to a profile may still be used, also such as are no longer shown."""
        ...

    async def of_invitation(self, team: TeamId, invitation: InvitationId) -> Card | None:
        """Return the newest card that came of an invitation, if it is still kept."""
        ...

    async def windows(self, card: Card) -> int:
        """Count the windows that show live cards of a workspace, this card's included."""
        ...

    async def left(self, card: Card) -> None:
        """Count a card's window no longer."""
        ...


class NewsKept(Protocol):
    """Keeps what waits to be told whom, and what was news of each profile."""

    async def note(
        self, team: TeamId, ref_id: RefId, alerts: Sequence[Alert], users: Sequence[UserId], *, due: datetime | None
    ) -> dict[UserId, datetime | None]:
        """Let what was never news of a profile wait for people; return for whom anything waits, and until when."""
        ...

    async def waiting(self, team: TeamId, user: UserId) -> tuple[Alert, ...]:
        """Return what waits for somebody, the oldest first."""
        ...

    async def parcel(self, team: TeamId, user: UserId) -> Parcel | None:
        """Return the message that is on its way to somebody."""
        ...

    async def pack(self, team: TeamId, user: UserId, seen: Iterable[Alert], parcel: Parcel | None) -> Parcel | None:
        """Let what was seen wait no longer, and put a parcel on its way; return the one that is on its way now."""
        ...

    async def arrived(self, team: TeamId, user: UserId) -> None:
        """Forget the parcel that was on its way."""
        ...

    async def watched(self, team: TeamId, ref_id: RefId) -> Watched:
        """Return what is known of a profile."""
        ...

    async def watch(
        self, team: TeamId, ref_id: RefId, linked: KeyedBy[str, str], *, gone: Iterable[str], over: Iterable[Subject]
    ) -> None:
        """Keep what is linked to a profile, what is `gone`, and which news of it are over."""
        ...


class Sweeps(Protocol):
    """Keeps how far the daily look at all profiles has come."""

    async def get(self, team: TeamId) -> Sweep | None:
        """Return where the sweep stands, if there ever was one."""
        ...

    async def keep(self, team: TeamId, sweep: Sweep) -> None:
        """Keep where the sweep stands."""
        ...

    async def begin(self, team: TeamId, sweep: Sweep) -> None:
        """Keep that the sweep has begun, with every profile there is yet to be looked at."""
        ...

    async def next(self, team: TeamId) -> RefId | None:
        """Return the next profile to be looked at."""
        ...

    async def looked(
        self, team: TeamId, ref_id: RefId, sweep: Sweep, *, people: Sequence[UserId] = (), stale: bool = False
    ) -> None:
        """Keep that a profile was looked at, for whom something was found, and whether it is stale."""
        ...

    async def give_up(self, team: TeamId, sweep: Sweep) -> None:
        """Look at no more profiles this time, and keep where that leaves the sweep."""
        ...

    async def people(self, team: TeamId, *, at_most: int) -> tuple[UserId, ...]:
        """Return some of those for whom something was found."""
        ...

    async def seen_to(self, team: TeamId, *users: UserId) -> None:
        """Forget some of those for whom something was found."""
        ...

    async def stale(self, team: TeamId, *, at_most: int) -> tuple[RefId, ...]:
        """Return some of the profiles that Ayrshare no longer lets us use."""
        ...

    async def reported(self, team: TeamId, *ref_ids: RefId) -> None:
        """Forget some of those profiles."""
        ...

    async def turn(self, *, now: datetime, pace: timedelta) -> datetime | None:
        """Take the turn to ask Ayrshare and return None, or return from when on somebody may."""
        ...

    async def hold(self, until: datetime) -> None:
        """Let nobody ask Ayrshare for a while."""
        ...

    async def reserve(self, team: TeamId, user: UserId, *, day: datetime, at_most: int) -> bool:
        """Take one of a day's places for somebody, who needs only one; return whether there was any left."""
        ...


class Once(Protocol):
    """Tells the first of several equal deliveries from the rest, across all replicas."""

    async def claim(self, team: TeamId, what: str, *, within: timedelta) -> bool:
        """Return True to the first caller within the time, False to the others."""
        ...

    async def release(self, team: TeamId, what: str) -> None:
        """Let the next caller be first again."""
        ...


class Deliveries(Protocol):
    """Tells which of Ayrshare's events have been taken, across all replicas."""

    async def taken(self, event: str) -> bool:
        """Tell whether an event has been taken."""
        ...

    async def take(self, event: str) -> bool:
        """Take an event, and return whether nobody had."""
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

    async def latest(self, team: TeamId, count: int) -> tuple[AuditRow, ...]:
        """Return the last rows, newest first."""
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

    async def post(self, user: UserId, message: Message, *, mark: str = "") -> Posted:
        """Post a message, with a mark to find it by, and return where it stands; raise SlackUnavailable."""
        ...

    async def find(self, user: UserId, mark: str) -> Posted | None:
        """Return where the message with a mark stands, if it is among the last ones; raise SlackUnavailable."""
        ...

    async def update(self, posted: Posted, message: Message) -> None:
        """Change a message that was posted; raise SlackUnavailable."""
        ...


class Modals(Protocol):
    """Draws modals and the Home tab."""

    async def open(self, trigger_id: str, modal: Modal) -> ViewId:
        """Open a modal for whoever set off the trigger, within its 3 s; raise WindowNotOpened."""
        ...

    async def push(self, trigger_id: str, modal: Modal) -> None:
        """Put a modal over the one in which somebody acted; raise WindowNotOpened."""
        ...

    async def update(self, view: ViewId, modal: Modal) -> None:
        """Redraw an open modal; raise WindowClosed if it is gone, WindowNotDrawn (a SlackUnavailable)."""
        ...

    async def publish(self, user: UserId, home: Home, *, over: str = "") -> str:
        """Draw somebody's Home tab and return a mark of this drawing; raise SlackUnavailable.

        With the mark of an earlier drawing as `over` nothing happens if that isn't the newest any more.
        """
        ...


class Agenda(Protocol):
    """Keeps what is due later, and hands it out to one process at a time."""

    async def plan(self, team: TeamId, errand: Errand, *, at: datetime, unless_planned: bool = False) -> None:
        """Put an errand on the agenda, or move it there, if it may be moved."""
        ...

    async def forget(self, team: TeamId, errand: Errand) -> None:
        """Take an errand off, wherever it stands."""
        ...

    async def take(self, team: TeamId, *, now: datetime, at_most: int) -> tuple[Taken, ...]:
        """Return what is due, for as long as the lease; what has to wait for its turn begins to."""
        ...

    async def done(self, team: TeamId, taken: Taken) -> None:
        """Take an errand off the agenda, unless it was planned anew meanwhile."""
        ...

    async def turn(self, team: TeamId, *, now: datetime) -> Errand | timedelta | None:
        """Return what has its turn at `chat.update`, or how long nothing has, or None where nothing waits."""
        ...

    async def drawn(self, team: TeamId, errand: Errand) -> None:
        """Take note that a turn was used."""
        ...

    async def hold(self, team: TeamId, *, until: datetime, span: timedelta) -> None:
        """Let nothing have its turn for a while, because Slack says so."""
        ...

    async def has_due(self, team: TeamId, *, now: datetime) -> bool:
        """Tell whether anything is due, or waits for its turn."""
        ...

    async def count(self, team: TeamId, *kinds: Kind) -> int:
        """Count what stands on the agenda of some kinds."""
        ...


class Later(Protocol):
    """Sees to it that something is done at a later moment, at least once, by whichever process is there."""

    @property
    def stopping(self) -> bool:
        """Whether this process is about to end, so that long work is left to another."""
        ...

    async def plan(self, team: TeamId, errand: Errand, *, at: datetime, unless_planned: bool = False) -> None:
        """See to it that an errand is done at a moment; a later call for the same one moves it, if it may."""
        ...

    async def forget(self, team: TeamId, errand: Errand) -> None:
        """Let an errand be."""
        ...

    async def wake(self, team: TeamId, *, at: datetime) -> None:
        """Have somebody look at what is due in a workspace at a moment."""
        ...


class Outbox(Protocol):
    """Keeps which direct messages were meant to be posted, and where they stand."""

    async def begin(self, team: TeamId, mark: str) -> Posted | bool:
        """Write down that a message is to be posted; return where it stands if known, else whether it is new."""
        ...

    async def posted(self, team: TeamId, mark: str, posted: Posted) -> None:
        """Keep where a message stands."""
        ...

    async def drop(self, team: TeamId, mark: str) -> None:
        """Forget a message that Slack surely did not take."""
        ...


class Invitations(Protocol):
    """Keeps who asked whom to link accounts, and how often that may be."""

    async def begin(self, invitation: Invitation) -> Refused | None:
        """Keep a new one, or return which limit stands against it; one of many is not counted against its sender."""
        ...

    async def get(self, team: TeamId, invitation: InvitationId) -> Invitation | None:
        """Return one, if it is still kept."""
        ...

    async def waiting(self, team: TeamId, recipient: UserId, ref_id: RefId) -> Invitation | None:
        """Return the one for a profile that somebody has yet to answer."""
        ...

    async def update(self, invitation: Invitation) -> bool:
        """Keep one whose stored version is one less; return whether it still was."""
        ...


class Sendings(Protocol):
    """Keeps how far each `send @group` is."""

    async def save(self, sending: Sending) -> None:
        """Keep one, in place of what was kept of it before."""
        ...

    async def fill(self, sending: Sending, members: Sequence[UserId]) -> None:
        """Keep who is to be asked, together with the sending that tells how many they are."""
        ...

    async def get(self, team: TeamId, sending: SendingId) -> Sending | None:
        """Return one, if it is still kept."""
        ...

    async def first(self, team: TeamId, sending: SendingId) -> UserId | None:
        """Return who is to be asked next, if anybody is left."""
        ...

    async def turn(self, team: TeamId, *, within: timedelta) -> datetime:
        """Return the next moment (UTC) at which one more may be asked; it is the caller's if it is that near."""
        ...

    async def settle(self, team: TeamId, sending: SendingId, member: UserId, became: str) -> None:
        """Keep what became of somebody, who is not to be asked any more."""
        ...

    async def settle_rest(self, team: TeamId, sending: SendingId, became: str) -> None:
        """Keep the same of everybody who is left."""
        ...

    async def show(self, team: TeamId, sending: SendingId, shown: Shown) -> None:
        """Keep where its sender is told, and what."""
        ...

    async def shown(self, team: TeamId, sending: SendingId) -> Shown | None:
        """Return where its sender is told, and what, if they are by now."""
        ...

    async def progress(self, team: TeamId, sending: SendingId) -> Progress:
        """Return how far it is."""
        ...


class Quiet(Protocol):
    """Keeps who wants to be left in peace: no invitations and no news, for good or for a while."""

    async def stop(self, team: TeamId, user: UserId) -> None:
        """Let somebody have no more messages that nobody but others want."""
        ...

    async def allow(self, team: TeamId, user: UserId) -> None:
        """Take that back, and any snooze with it."""
        ...

    async def stopped(self, team: TeamId, user: UserId) -> bool:
        """Tell whether somebody wants none."""
        ...

    async def snooze(self, team: TeamId, user: UserId, until: datetime) -> None:
        """Let somebody have none until a moment (UTC)."""
        ...

    async def until(self, team: TeamId, user: UserId) -> datetime | None:
        """Return the moment (UTC) until which somebody wants none, if that is ahead."""
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
    overviews: Overviews
    snapshots: Snapshots
    pending: Pending
    creations: Creations
    cards: Cards
    once: Once
    deliveries: Deliveries
    news: NewsKept
    sweeps: Sweeps
    limits: Limits
    audit: Audit
    asks: Asks
    people: People
    answers: Answers
    direct: Direct
    outbox: Outbox
    modals: Modals
    invitations: Invitations
    sendings: Sendings
    quiet: Quiet
    later: Later
    background: Background
    metrics: Metrics
