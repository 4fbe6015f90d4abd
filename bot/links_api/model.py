"""The links API: its keys, what its calls take and answer, and their limits. No I/O."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.ayrshare.model import LONGEST_MINUTES
from bot.ayrshare.networks import NETWORK_NAMES
from bot.client_links.model import (
    DEFAULT_DAYS,
    DEFAULT_USES,
    FEWEST_USES,
    LONGEST_DAYS,
    LONGEST_NAME,
    LONGEST_NOTE,
    MOST_USES,
    SHORTEST_DAYS,
)
from bot.core.model import RefId, TeamId
from bot.scheduling.job import JobName

SECRET_BYTES = 32
TOKEN = re.compile(rf"connectbot_([TE][A-Z0-9]{{1,20}})_[0-9a-f]{{{2 * SECRET_BYTES}}}")
"""An API key as its holder has it: the prefix lets scanners of leaked secrets find it."""
DEFAULT_RATE = 60
"""Requests a minute."""
USE_NOTED_EVERY = timedelta(minutes=1)
"""How exactly a key's last use is kept."""
DEFAULT_PAGE, LONGEST_PAGE = 100, 500
"""Profiles in one answer."""

TELL_HOLDER = JobName("tell_holder")
"""Tell people what comes of a link that an app got. Its id is that of the link's card, and of whom to tell."""

SLACK_ID_OR_ADDRESS = r"^([UW][A-Z0-9]{2,30}|[^@\s]{1,64}@[^@\s]{1,188})$"
HTTPS_ADDRESS = r"^https://[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(:[0-9]{1,5})?([/?#][!#-;=?-\[\]^-{}~]*)?$"
"""Without a user in front of the host, and without what browsers and servers split differently."""
NETWORK = f"^({'|'.join(NETWORK_NAMES)})$"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Who may ask for links: to some `profiles` of a workspace, or to all if none is named. `rate` is a minute's."""

    id: str
    team: TeamId
    name: str
    created_at: datetime
    profiles: tuple[RefId, ...] = ()
    rate: int = DEFAULT_RATE
    expires_at: datetime | None = None

    @property
    def actor(self) -> str:
        """The name of the key in the audit log."""
        return f"key-{self.id}"

    def covers(self, ref_id: RefId) -> bool:
        """Return whether the key may have links to a profile."""
        return not self.profiles or ref_id in self.profiles

    def works(self, now: datetime) -> bool:
        """Return whether the key has not expired."""
        return self.expires_at is None or now < self.expires_at


def new_token(team: TeamId) -> str:
    """Return a new API key, to be shown once."""
    return f"connectbot_{team}_{secrets.token_hex(SECRET_BYTES)}"


def digest_of(token: str) -> str:
    """Return what is stored of an API key; it has 256 random bits, so a plain hash can't be tried out."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


def team_of(token: str) -> TeamId | None:
    """Return the workspace that an API key names, None if it is none."""
    found = TOKEN.fullmatch(token)
    return TeamId(found[1]) if found else None


def _optional(**constraints: Any) -> Any:
    """Return a field that may be missing, but not be null."""
    return Field(json_schema_extra=_without_default, **constraints)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def _whole(value: object) -> object:
    """Return the integer that a number such as 60.0 is in JSON Schema."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Asked(BaseModel):
    """What a call takes: nothing that isn't known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Answered(BaseModel):
    """What a call answers."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


NETWORKS: dict[str, Any] = {"enum": list(NETWORK_NAMES)}
Network = Annotated[str, Field(pattern=NETWORK, json_schema_extra=NETWORKS)]
ProfileId = Annotated[str, Field(min_length=1, max_length=100)]


class LinkOrder(Asked):
    """Which link is wanted: to a profile, or to the profile of a person in Slack."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["profile"]}, {"required": ["user"]}]})

    profile: Annotated[str, _optional(min_length=1, max_length=100)] = ""
    """A profile's `ref_id`."""
    user: Annotated[str, _optional(pattern=SLACK_ID_OR_ADDRESS)] = ""
    """A person's Slack ID or e-mail address; the link is to their default profile."""
    networks: Annotated[tuple[Network, ...], Field(max_length=len(NETWORK_NAMES))] = ()
    """The networks that the page offers; all if there are none."""
    redirect: Annotated[str, _optional(pattern=HTTPS_ADDRESS, max_length=2000)] = ""
    """Where the page's *Done* leads."""
    expires_in: Annotated[int, _optional(ge=1, le=LONGEST_MINUTES), BeforeValidator(_whole)] = 0
    """The link's life in minutes; it needs Ayrshare's Max Pack. Without it a link lives five minutes."""
    notify: bool = False
    """Whether the person, or whoever has the profile, gets a receipt in Slack."""

    @model_validator(mode="after")
    def _names_one(self) -> "LinkOrder":
        if bool(self.profile) == bool(self.user):
            raise ValueError("Name either a profile or a user.")
        return self


class ClientLinkAsked(Asked):
    """Which client link is wanted: a page that makes links to one profile when its button is pressed."""

    profile: ProfileId
    """The profile's `ref_id`."""
    networks: Annotated[tuple[Network, ...], Field(max_length=len(NETWORK_NAMES))] = ()
    """The networks that the page is for; all if there are none."""
    days: Annotated[int, Field(ge=SHORTEST_DAYS, le=LONGEST_DAYS)] = DEFAULT_DAYS
    """How many days the page works."""
    uses: Annotated[int, Field(ge=FEWEST_USES, le=MOST_USES)] = DEFAULT_USES
    """How often its button may make a link."""
    client: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    """The client's name, which the page greets."""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""
    """What the client reads on the page."""
    notify: bool = False
    """Whether whoever has the profile gets a receipt in Slack of each use."""


class LinkNamed(Asked):
    """Names a link."""

    id: Annotated[str, Field(min_length=1, max_length=100)]
    """The `id` that came with the link."""


class ProfileNamed(Asked):
    """Names a profile."""

    ref_id: ProfileId
    """The profile's `ref_id`."""


class Page(Asked):
    """Names a page of a list."""

    model_config = ConfigDict(strict=False)

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = DEFAULT_PAGE
    """How many profiles to answer with."""
    after: Annotated[str, Field(max_length=100)] = ""
    """The `next` of the page before."""


class ProfileTitle(Answered):
    """A profile's id and title."""

    ref_id: str
    title: str


class IssuedLink(Answered):
    """A link, to be opened by the person who connects accounts. It is a secret: it needs no other password."""

    id: str
    """Names the link when it is taken back."""
    url: str
    """Ayrshare's page. Open it in a browser of its own, never in a frame."""
    expires_at: AwareDatetime
    profile: ProfileTitle


class IssuedClientLink(Answered):
    """A client link. It is a secret: it needs no other password."""

    id: str
    """Names the client link when it is revoked."""
    url: str
    """The page, to be sent to the client. It isn't told again."""
    expires_at: AwareDatetime
    profile: ProfileTitle


class Health(StrEnum):
    """The state of a profile or an account."""

    CONNECTED = "connected"
    EXPIRES_SOON = "expires_soon"
    DISCONNECTED = "disconnected"
    NOTHING_CONNECTED = "nothing_connected"
    GONE = "gone"
    UNKNOWN = "unknown"


class AccountHealth(Answered):
    """An account of a profile on one network."""

    network: str
    name: str
    health: Health
    reconnect_by: AwareDatetime | None = None
    """When the network requires a new sign-in, where that is known."""
    disconnected_since: AwareDatetime | None = None
    reason: str = ""
    """Ayrshare's reason for the disconnection, where it gave one."""


class ProfileSummary(ProfileTitle):
    """A profile, with its state when it was looked at last."""

    health: Health
    checked_at: AwareDatetime | None = None


class ProfileDetails(ProfileSummary):
    """A profile with its accounts."""

    accounts: tuple[AccountHealth, ...]


class ProfilePage(Answered):
    """Some of the profiles that a key may use, in the order of their ids."""

    profiles: tuple[ProfileSummary, ...]
    next: str = ""
    """What to ask for the page after this one with, as `after`; empty on the last page."""
