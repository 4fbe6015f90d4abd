"""A card and its states."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.ayrshare.model import Account, Link
from bot.core.model import InvitationId, RefId, TeamId, UserId
from bot.scheduling.job import Job, JobName
from bot.slack.model import RESPONSE_URL_LIFE, DirectMessage, Surface

CardId = NewType("CardId", str)

REFRESH_CARD = JobName("refresh_card")
"""Redraw the time left on a card in a modal or behind a response URL, or look up what was connected."""
END_CARD = JobName("end_card")
"""Draw the final state of the same card: its link has expired."""
REFRESH_DM_CARD = JobName("refresh_dm_card")
"""Redraw a card in a direct message by `chat.update`, with what was connected."""
END_DM_CARD = JobName("end_dm_card")
"""Draw the final state of the same card: its link has expired."""
DRAW_RECEIPT = JobName("draw_receipt")
"""The invitations' job of the same name, which redraws the sender's receipt."""

LONGEST_COUNTDOWN = RESPONSE_URL_LIFE
"""A link that lives longer shows date and time and promises no countdown: its message could not be changed in time."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Why somebody has a card: a colleague invited them to link their accounts."""

    invitation: InvitationId
    asked_by: UserId
    note: str = ""


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

    `viewer` sees it, `owner` is whose profile it is. `place` is None once its window was closed; `revoked` tells
    whether Ayrshare took the link back, `undrawn` whether it has ended and what is shown doesn't say so yet. `version`
    grows with each change. `heard` are the networks that changed, as Ayrshare told, since anybody looked. Moments are
    aware, in UTC.
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
    origin: Origin | None = None
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
        """Whether whoever has a copy of its link can use it until the deadline."""
        return self.state.live or (self.state is not CardState.EXPIRED and not self.revoked)

    @property
    def seen_at(self) -> datetime:
        """When it was last looked whether anything about it had come due."""
        return self.checked_at or self.made_at

    @property
    def tick(self) -> Job:
        """What is planned for the next moment at which something about it changes."""
        return Job(REFRESH_DM_CARD if isinstance(self.surface, DirectMessage) else REFRESH_CARD, self.id)

    @property
    def end(self) -> Job:
        """What is planned for its deadline."""
        return Job(END_DM_CARD if isinstance(self.surface, DirectMessage) else END_CARD, self.id)


@dataclass(frozen=True, slots=True)
class MailedLink:
    """A link that Ayrshare mailed to an address because `by` wanted it, on a card that nobody sees.

    `told` is whether its owner could be told what that mail is (None: no need to).
    """

    card: Card
    by: UserId
    to: str
    notified: bool | None = None
