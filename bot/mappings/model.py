"""The limits of this feature, and its values: a mapping that was entered, previewed, made or removed; a profile key."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NewType

from pydantic import SecretStr

from bot.ayrshare.model import Account, Profile
from bot.cards.model import Card
from bot.core.model import RefId, UserId
from bot.profiles.model import ProfileRef
from bot.scheduling.job import JobName
from bot.slack.model import MessageRef

PENDING_LIFE = timedelta(minutes=10)
PENDING_LIFE_TEXT = "ten minutes"
"""How long an entered mapping waits for its confirmation."""
COUNT_TIMEOUT = timedelta(seconds=1.5)
"""For the number of profiles in the form, which people wait for."""
KEY_CHECK_TIMEOUT = timedelta(seconds=1.6)
"""How long a submitted modal can wait for Ayrshare to check a typed key."""
PREVIEW_TIMEOUT = timedelta(seconds=1)
"""How long it waits for the accounts of a known profile, which the preview can do without."""
LOOKUP_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0, 3, 10, 20))
"""The pauses before each look for a profile whose creation got no answer; the list may show it seconds later."""
MAX_TITLE_LENGTH = 100
MAX_KEY_LENGTH = 512

ADMIN_REQUEST_INTERVAL = timedelta(days=1)
"""How often a person may ask the admins for a profile; people who ask within it share one message."""
REQUEST_KEPT = timedelta(days=30)
"""How long the admins' message can still say that somebody got a profile."""
LONGEST_ASKING = timedelta(minutes=2)
"""For notifying all admins of one request."""
DEACTIVATION_INTERVAL = timedelta(days=1)
"""Slack sends an event for each change of a person's profile, so several for one deactivation."""
ASK_ADMIN = JobName("ask_admin")
"""Tell the admins that somebody asks for a profile; its id is theirs."""
UNANSWERED = "admins_asked:"
"""What begins the mark of an `ask_admin` whose asker hasn't read yet whom it reached; the rest is the job's id."""
DRAW_ADMIN_REQUEST = JobName("draw_admin_request")
"""Redraw an admin's message about people who ask for a profile, by `chat.update`."""
PROFILES_TAKEN = JobName("profiles_taken")
"""Have the admins' messages about a person who has left say who took over; its id is theirs."""
DRAW_DEPARTURE = JobName("draw_departure")
"""Redraw one of these messages, by `chat.update`; its id is the person's and the message's."""
AUDIT_SEARCHED = 500
"""Rows of the audit log, newest first, among which is who gave or took a profile a moment ago."""
REPORT_CREATION = JobName("report_creation")
"""Say that Ayrshare may have created a profile whose creation was cut short."""
CREATION_SETTLED = timedelta(minutes=3)
"""More than a creation takes, with the looks for a profile whose answer was lost."""
TELL_CHANGE = JobName("tell_change")
"""Tell people what was done to their mappings."""
TELLING_PACE = timedelta(seconds=1)
"""Between the messages to the people of one import."""
DONE_WITHIN = timedelta(seconds=5)
"""What follows from a change is done by then, or a job does it."""

MAX_FILE_BYTES = 8 * 2**20
MAX_FILE_ROWS = 20_000
"""Redis is blocked while it applies an import, and the bot waits for Redis at most 1.5 s."""
CONCURRENT_KEY_CHECKS = 10

KEY_SHAPE = re.compile(r"[!-~]{8,512}")
"""One word that fits into an HTTP header; Ayrshare's own look like AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA."""
UNCHECKED = "unchecked-"
"""Prefix of the ref_id of a profile whose key was not checked with Ayrshare; a digest of the key follows."""

PendingId = NewType("PendingId", str)


def unchecked_profile(key: SecretStr) -> Profile:
    """Name a profile after its key alone. Cards show its real title, which Ayrshare returns with each link."""
    digest = hashlib.sha256(b"connectbot profile " + key.get_secret_value().encode()).hexdigest()[:12]
    return Profile(RefId(UNCHECKED + digest), f"Profile {digest[:4]} (unchecked)", key)


def is_unchecked(ref_id: RefId) -> bool:
    """Whether a profile was named after its key."""
    return ref_id.startswith(UNCHECKED)


class MappingMethod(StrEnum):
    """The ways to choose the profile that is mapped."""

    CREATE = "create"
    KEY = "key"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class MappingForm:
    """What the form shows: what was entered so far (never a key), and what there is to choose from.

    A `title` is filled in, in place of what was typed before, and so is the known profile `chosen`. `profiles` is how
    many the account has, if that is known.
    """

    person: UserId | None
    method: MappingMethod
    known: Mapping[RefId, str]
    has_profiles: bool
    networks: Sequence[str]
    title: str = ""
    chosen_networks: Sequence[str] = ()
    default: bool = False
    warning: str = ""
    profiles: int | None = None
    chosen: RefId | None = None


@dataclass(frozen=True, slots=True)
class PendingMapping:
    """A mapping that the admin `by` has entered and that isn't made yet.

    A profile that is still to be created has no `ref_id`; its linking page shows only `networks`, or all if empty.
    There is a `key` only if one was typed.
    """

    by: UserId
    user: UserId
    default: bool
    title: str = ""
    ref_id: RefId | None = None
    key: SecretStr | None = None
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MappingPreview:
    """What an admin is asked to confirm; `accounts` is None if Ayrshare didn't answer in time."""

    pending_id: PendingId
    title: str
    user: UserId
    default: bool
    accounts: tuple[Account, ...] | None
    other_users: tuple[UserId, ...]
    already_mapped: bool


@dataclass(frozen=True, slots=True)
class MappingResult:
    """A mapping that was made. `new` is False if it existed before; `notified` is None if nobody had to be.

    `notified_later`: its person couldn't be reached yet.
    """

    title: str
    user: UserId
    default: bool
    new: bool
    notified: bool | None = None
    notified_later: bool = False


@dataclass(frozen=True, slots=True)
class TitleExists:
    """Ayrshare has a profile of that title, whose key we don't have; `suggestion` is free.

    `answer_lost` is whether Ayrshare's answer to our own attempt to create it was lost.
    """

    title: str
    suggestion: str
    answer_lost: bool


@dataclass(frozen=True, slots=True)
class Asker:
    """A person who asked for a profile, or for an admin's help if they `has` some: the titles of those.

    `asked_by` is the colleague who asked for them. `served` are the titles of what they got, and `by` who gave it, if
    known.
    """

    user: UserId
    served: tuple[str, ...] = ()
    by: str = ""
    has: tuple[str, ...] = ()
    asked_by: UserId | None = None


@dataclass(frozen=True, slots=True)
class AdminRequest:
    """Who asked an admin for a profile in a day, and their message: its mark, and where it stands once it is posted."""

    id: str
    admin: UserId
    askers: tuple[Asker, ...]
    mark: str
    message: MessageRef | None


@dataclass(frozen=True, slots=True)
class Departure:
    """A person who has left: the profiles that they had, and the messages in which admins were asked, by their ids."""

    ref_ids: tuple[RefId, ...]
    messages: Mapping[str, MessageRef]


@dataclass(frozen=True, slots=True)
class Taken:
    """Titles of profiles that were taken from a person by `by`, if known, and who has them now, if anybody."""

    titles: tuple[str, ...]
    to: UserId | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """What unmapping or handing over profiles did; `already_gone` were no longer the owner's.

    `ended_cards` are the cards whose links were ended, and `links_left` is whether others may still work.
    `notified_later` couldn't be reached yet.
    """

    owner: UserId
    removed: tuple[ProfileRef, ...]
    already_gone: tuple[ProfileRef, ...]
    ended_cards: tuple[Card, ...]
    links_left: bool
    notified: tuple[UserId, ...] = ()
    not_notified: tuple[UserId, ...] = ()
    notified_later: tuple[UserId, ...] = ()
