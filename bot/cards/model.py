"""A card: its limits, its states, and the card that follows from each event. Values only."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from bot.ayrshare.model import Account, Link, LinkUse
from bot.cards.scope import EVERYTHING, Scope
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.model import ProfileState, Snapshot
from bot.scheduling.job import Job, JobName
from bot.slack.model import RESPONSE_URL_LIFE, DirectMessage, ResponseUrl, Surface, same_surface

CardId = NewType("CardId", str)

REFRESH_CARD = JobName("refresh_card")
"""Redraw the time left on a card in a modal or behind a response URL, or look up what was connected."""
END_CARD = JobName("end_card")
"""Draw the final state of the same card: its link has expired."""
REFRESH_DM_CARD = JobName("refresh_dm_card")
"""Redraw a card in a direct message by `chat.update`, with what was connected."""
END_DM_CARD = JobName("end_dm_card")
"""Draw the final state of the same card: its link has expired."""
END_LINKS = JobName("end_links")
"""End links to a profile: of a person who no longer has it (`end_links_job`), or made with an old key."""
REVOKE_LINK = JobName("revoke_link")
"""Revoke the link of a card that has ended, which Ayrshare refused or couldn't be asked before."""

REPLACE_CARD = JobName("replace_card")
"""End a card whose viewer was shown a newer one for the same profile."""

LONGEST_COUNTDOWN = RESPONSE_URL_LIFE
"""A link that lives longer shows date and time and no countdown: its message can't be changed for that long."""
KEPT_AFTER_EXPIRY = timedelta(hours=24)
"""How long the buttons of an expired card work."""
LOOKUP_TIMEOUT = timedelta(seconds=2)
"""For asking Ayrshare about accounts or a link: the final state is drawn within 3 s of the deadline."""
DRAWN_WITHIN = timedelta(seconds=5)
"""Where whoever ended a card hasn't drawn the end by then, because their process died, a job does."""
REVOKED_WITHIN = timedelta(seconds=30)
"""Where whoever ended a card hasn't revoked its link by then, a job does."""
DRAW_RETRY, DRAW_GIVE_UP = timedelta(seconds=1), timedelta(minutes=10)
"""The first pause before a final state that Slack refused is drawn again, and when that ends after the deadline."""

POSTS_FOR_FRESH_CARD, POSTS_FOR_NOTICE = 2, 1
"""Of the five posts of a `response_url`: a fresh card takes its own and its end; Ayrshare may be slow, or fail."""
TICKS_BEFORE_DEADLINE = (timedelta(minutes=2), timedelta(minutes=1))
"""When a card behind a `response_url` is redrawn."""
DM_TICK, LAST_DM_TICK = timedelta(minutes=1), timedelta(seconds=30)
"""Between two redraws of a card in a direct message, and before its deadline."""
MODAL_TICK = timedelta(seconds=10)
"""Between two redraws of a card in a modal."""
MODALS_AT_FULL_PACE = 10
"""So that ticks take at most 60 of the 100 `views.update` a minute that a workspace has (tier 4)."""
FIRST_REFRESH, NEXT_REFRESH, REFRESHES = timedelta(seconds=45), timedelta(minutes=1), 6
"""After the link was opened: when its accounts are looked up first, the pause after that, and how often in all."""
LAST_REFRESH = timedelta(seconds=3)
"""Before the deadline: the final state looks for itself, and must not wait for another call."""


class CardState(StrEnum):
    """`ready → opened → expired`; `replaced` and `cancelled` end either of the first two."""

    READY = "ready"
    OPENED = "opened"
    EXPIRED = "expired"
    REPLACED = "replaced"
    CANCELLED = "cancelled"

    @property
    def live(self) -> bool:
        """Whether the card's link may still be used."""
        return self in {CardState.READY, CardState.OPENED}


@dataclass(frozen=True, slots=True)
class Card:
    """A message that offers one link to one person, and everything needed to draw it again.

    `viewer` sees it, `owner` is whose profile it is. `seen` is what was last seen of that, `others` are the owner's
    other profiles. `surface` is None once its modal was closed. `notify` is due whenever the state or the connected
    accounts change. `issued_by` is the API key or the client link by which people outside Slack got the link; nobody
    sees such a card. `shared`: it is in the right of all who have the profile, of whom `owner` is one.
    `changed_networks` were changed by webhook since the last refresh (`checked_at`). `revoked`: Ayrshare revoked the
    link. `needs_redraw`: it has ended, and what is shown doesn't say so yet. `version` grows with each change.
    Moments are aware, in UTC.
    """

    id: CardId
    team: TeamId
    viewer: UserId
    owner: UserId
    ref_id: RefId
    title: str
    link: Link
    made_at: datetime
    surface: Surface | None
    scope: Scope = EVERYTHING
    seen: Snapshot | None = None
    others: tuple[ProfileState, ...] = ()
    asked_by: UserId | None = None
    note: str = ""
    notify: Job | None = None
    issued_by: str = ""
    shared: bool = False
    state: CardState = CardState.READY
    opened_at: datetime | None = None
    connected_before: tuple[Account, ...] | None = None
    connected: tuple[Account, ...] = field(default=())
    checked_at: datetime | None = None
    changed_networks: tuple[str, ...] = ()
    revoked: bool = False
    needs_redraw: bool = False
    version: int = 0

    @property
    def usable(self) -> bool:
        """Whether a copy of its link works until the deadline."""
        return self.state.live or (self.state is not CardState.EXPIRED and not self.revoked)

    @property
    def to_mend(self) -> tuple[str, ...]:
        """The networks that it is for, or that were broken, and that aren't connected by it yet."""
        meant = self.scope.networks or self.broken
        connected = {account.network for account in self.connected}
        return tuple(network for network in meant if network not in connected)

    @property
    def broken(self) -> tuple[str, ...]:
        """The networks that don't work until someone signs in again."""
        return self.seen.broken if self.seen else ()

    @property
    def done(self) -> bool:
        """Whether accounts were connected by it, and nothing is left to mend."""
        return bool(self.connected) and not self.to_mend

    @property
    def life(self) -> timedelta:
        """How long its link works."""
        return self.link.expires_at - self.made_at

    @property
    def counts_down(self) -> bool:
        """Whether it says how much time is left: what is shown can be redrawn, and something is left to connect."""
        redrawn = self.surface.replaces if isinstance(self.surface, ResponseUrl) else self.surface is not None
        return redrawn and not self.done and self.life <= LONGEST_COUNTDOWN

    @property
    def can_be_revoked(self) -> bool:
        """Whether Ayrshare has still to revoke its link, which has ended here before its deadline."""
        return self.usable and not self.state.live and self.link.session_id is not None

    @property
    def named_owner(self) -> UserId | None:
        """Whose link it is in the audit log: nobody's where it is in the right of all who have the profile."""
        return None if self.shared else self.owner

    @property
    def seen_at(self) -> datetime:
        """When it was last checked what is due on it."""
        return self.checked_at or self.made_at

    @property
    def tick_job(self) -> Job:
        """The job planned for the next moment at which the card changes."""
        return Job(REFRESH_DM_CARD if isinstance(self.surface, DirectMessage) else REFRESH_CARD, self.id)

    @property
    def end_job(self) -> Job:
        """The job planned for its deadline."""
        return Job(END_DM_CARD if isinstance(self.surface, DirectMessage) else END_CARD, self.id)

    @property
    def replace_job(self) -> Job:
        """The job planned when its viewer is shown a newer card for the profile."""
        return Job(REPLACE_CARD, f"{self.viewer}:{self.ref_id}:{self.id}")

    @property
    def is_new(self) -> bool:
        """Whether it has never been changed: no one else draws it before it is posted."""
        return self.version == 0

    @property
    def outcome(self) -> object:
        """What its `notify` is due for: the state, what was connected, and which of that may be wrong."""
        return self.state, self.connected, [account.questionable for account in self.connected]

    def ends_without(self, owner: UserId, *, held: bool) -> bool:
        """Return whether it ends with a person's right to the profile; `held`: somebody else has that."""
        return not held if self.shared else self.owner == owner

    def jobs_since(self, before: "Card", *, now: datetime) -> dict[Job, datetime]:
        """Return what follows from the change since an earlier version: telling of it, drawing an end, revoking."""
        jobs: dict[Job, datetime] = {}
        if self.notify and self.outcome != before.outcome:
            jobs[self.notify] = now
        if before.state.live and self.state in {CardState.REPLACED, CardState.CANCELLED} and self.surface:
            jobs[self.end_job] = now + DRAWN_WITHIN
        if self.can_be_revoked and not before.can_be_revoked:
            jobs[Job(REVOKE_LINK, self.id)] = now + REVOKED_WITHIN
        return jobs

    def opened(self, *, at: datetime, surface: Surface) -> "Card":
        """Note the first click on the link; a later one only brings another `response_url`."""
        if self.state is not CardState.READY:
            return self.moved_to(surface)
        return replace(self, state=CardState.OPENED, opened_at=at, checked_at=at, surface=surface)

    def with_baseline(self, accounts: tuple[Account, ...] | None) -> "Card":
        """Keep what was connected when the link was opened, unless a refresh was faster."""
        return self if self.connected_before is not None else replace(self, connected_before=accounts)

    def with_changed_network(self, network: str) -> "Card":
        """Note for the next refresh that a network changed; a card that has ended stays as it is."""
        if not self.state.live or network in self.changed_networks:
            return self
        return replace(self, changed_networks=(*self.changed_networks, network))

    def refreshed(
        self, accounts: tuple[Account, ...] | None, snapshot: Snapshot | None, *, seen: tuple[str, ...], at: datetime
    ) -> "Card":
        """Keep what is connected and how the profile is, if that is known.

        The look-up began when the networks `seen` had changed. A network that changed while the link was open was not
        connected before, even where it looks the same.
        """
        if accounts is None:
            return replace(self, checked_at=at)
        known = accounts if self.connected_before is None else self.connected_before
        before = tuple(account for account in known if account.network not in seen)
        connected = tuple(account for account in accounts if account not in before)
        rest = tuple(network for network in self.changed_networks if network not in seen)
        card = replace(self, connected_before=before, connected=connected, changed_networks=rest, checked_at=at)
        return replace(card, seen=snapshot or self.seen)

    def synced(self, use: LinkUse, *, at: datetime) -> "Card":
        """Take over what Ayrshare knows of a live card's link."""
        if not self.state.live:
            return self
        opened = replace(self, state=CardState.OPENED, opened_at=use.opened_at, checked_at=at)
        card = opened if use.opened_at and self.opened_at is None else self
        if use.expired or at >= card.link.expires_at:
            return card.expired()
        return card.cancelled(revoked=True) if use.revoked else card

    def moved_to(self, surface: Surface) -> "Card":
        """Take the surface that a click brought; its `response_url` keeps its count of posts if it is the same."""
        counted = isinstance(surface, ResponseUrl) and same_surface(self.surface, surface)
        return self if counted else replace(self, surface=surface)

    def without(self, surface: Surface | None) -> "Card":
        """Forget a surface that can no longer be drawn; a newer click may have brought another meanwhile."""
        rest = replace(surface, posts_left=0) if isinstance(surface, ResponseUrl) else None
        return replace(self, surface=rest) if same_surface(self.surface, surface) else self

    def expired(self) -> "Card":
        """End a live card at its deadline; one that has ended stays as it is."""
        return replace(self, state=CardState.EXPIRED, needs_redraw=True) if self.state.live else self

    def cancelled(self, *, revoked: bool) -> "Card":
        """End a live card before its deadline; one that has ended only learns that its link was revoked."""
        revoked = self.revoked or revoked
        if not self.state.live:
            return replace(self, revoked=revoked)
        return replace(self, state=CardState.CANCELLED, revoked=revoked, needs_redraw=True)

    def replaced(self, *, revoked: bool) -> "Card":
        """End a card for a newer one, even if it has ended already."""
        return replace(self, state=CardState.REPLACED, revoked=self.revoked or revoked, needs_redraw=True)

    def post_counted(self) -> "Card":
        """Count a post to a `response_url` before it is made: none is made twice, and one that fails isn't repeated.

        A modal or a direct message can be redrawn without limit, so an end there needs a redraw until it is drawn.
        """
        if not isinstance(self.surface, ResponseUrl):
            return self
        surface = replace(self.surface, posts_left=max(0, self.surface.posts_left - 1))
        return replace(self, surface=surface, needs_redraw=False)

    def revoked_later(self) -> "Card":
        """Note that the link of a card that had ended was revoked, which is to be shown."""
        return replace(self, revoked=True, needs_redraw=True)

    def drawn(self) -> "Card":
        """Note that what is shown says how the card ended."""
        return replace(self, needs_redraw=False)


def end_links_job(owner: UserId, ref_id: RefId, *, by: str, made_before: datetime | None) -> Job:
    """Return the job that ends a person's links to a profile: all if they don't have it, else those made before."""
    moment = made_before.timestamp() if made_before else 0
    return Job(END_LINKS, f"{owner}:{ref_id}:{by}:{moment}")


def end_old_links_job(ref_id: RefId, *, by: str, made_before: datetime, now_called: RefId) -> Job:
    """Return the job that ends everybody's links to a profile made before it got another key, or another ref_id."""
    return Job(END_LINKS, f":{ref_id}:{by}:{made_before.timestamp()}:{now_called}")
