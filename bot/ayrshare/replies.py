"""Which parts of Ayrshare's replies we read: the fields of each body, and the wait that headers state.

Only a field that we can't do without is required; any other may be missing or malformed without failing a call. Unknown
fields are ignored, and a model's error messages contain no input.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    WrapValidator,
)
from pydantic.alias_generators import to_camel

from bot.core.clock import read_date
from bot.core.http import bounded

T = TypeVar("T")

EPOCH_BEGINS = 10**11
"""Milliseconds: as a wait more than three years, as a moment no later than 1973."""


def _or_none(value: object, read: Callable[[object], object]) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


def _rows(value: object) -> list[object]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("platform"), str)]


def _strings(value: object) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _no_number(value: object) -> object:
    """Keep a number from being read as seconds since 1970."""
    return value if isinstance(value, str) and not value.strip().isdecimal() else None


def _yes_or_date(value: object) -> object:
    return value if isinstance(value, bool) else _no_number(value)


def _aware(moment: datetime) -> datetime:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:  # the last day of the calendar, in a zone west of UTC
        raise ValueError from None


Moment = Annotated[datetime, AfterValidator(_aware)]
PathPart = Annotated[str, Field(pattern=r"[^.]", max_length=200)]
"""An id that stands in a path; one of dots alone would lead to another one."""
Lenient = Annotated[T | None, WrapValidator(_or_none)]
Date = Annotated[Lenient[Moment], BeforeValidator(_no_number)]
YesOrDate = Annotated[Lenient[bool | Moment], BeforeValidator(_yes_or_date)]
"""Ayrshare's `refreshRequired` is a boolean, or the day on which it becomes true."""
Strings = Annotated[tuple[str, ...], BeforeValidator(_strings)]


class AyrshareReply(BaseModel):
    """The base of all replies."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )


class LinkReply(AyrshareReply):
    """A new link, by either link API."""

    url: SecretStr
    token: Lenient[SecretStr] = None
    title: Lenient[str] = None
    expires_at: Lenient[Moment] = None
    session_id: Lenient[PathPart] = None
    email_sent: Lenient[bool] = None


class SessionReply(AyrshareReply):
    """A link session: `pending` until it is opened, `active`, `expired` or `revoked`."""

    state: Lenient[str] = None
    first_used_at: Lenient[Moment] = None
    use_count: Lenient[int] = None


class LinkedAccount(AyrshareReply):
    """One entry of `displayNames`."""

    platform: str
    id: Lenient[str | int] = None
    display_name: Lenient[str] = None
    page_name: Lenient[str] = None
    username: Lenient[str] = None
    created: Lenient[Moment] = None
    refresh_days_remaining: Lenient[float] = None
    refresh_by: Date = None
    refresh_required: YesOrDate = None


class UserReply(AyrshareReply):
    """`GET /user`: `activeSocialAccounts` is absent, not empty, when no account is connected."""

    ref_id: str
    title: str
    active_social_accounts: Strings = ()
    display_names: Annotated[tuple[LinkedAccount, ...], BeforeValidator(_rows)] = ()


class CreatedReply(AyrshareReply):
    """A new profile: the only reply that contains a profile key."""

    ref_id: str
    title: str
    profile_key: SecretStr


class ProfileRow(AyrshareReply):
    """One entry of the list of profiles."""

    ref_id: str
    title: str
    status: Lenient[str] = None
    suspended: Lenient[bool] = None
    active_social_accounts: Strings = ()


class Pagination(AyrshareReply):
    """Whether there is a next page, and its cursor."""

    has_more: Lenient[bool] = None
    next_cursor: Lenient[str] = None


class ListReply(AyrshareReply):
    """One page of the list of profiles."""

    profiles: tuple[ProfileRow, ...]
    pagination: Pagination = Field(default_factory=Pagination)


class WebhooksReply(AyrshareReply):
    """The registered URL for each action; we read these. `social` is told of accounts."""

    social: Lenient[str] = None
    suspended: Lenient[str] = None
    account_activity: Lenient[str] = None

    @property
    def suspensions(self) -> str | None:
        """The URL that is told which profiles were suspended; the action's name depends on the revision."""
        return self.suspended or self.account_activity


R = TypeVar("R", bound=AyrshareReply)


def read(model: type[R], body: dict[str, Any]) -> R | None:
    """Return a reply as its model, or None if it lacks a required field."""
    try:
        return model.model_validate(body)
    except ValidationError:
        return None


def stated_wait(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Return the wait that `Retry-After` or `x-ratelimit-reset` states, between zero and LONGEST_WAIT, or None."""
    wait = _retry_after(headers.get("Retry-After", ""), now)
    if wait is None:
        wait = _reset(headers.get("x-ratelimit-reset", ""), now)
    return None if wait is None else bounded(max(wait, timedelta(0)), service="ayrshare")


def _retry_after(value: str, now: datetime) -> timedelta | None:
    """Read seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after."""
    if _is_count(value):
        return timedelta(seconds=int(value))
    moment = read_date(value)
    return None if moment is None else moment - now


def _reset(value: str, now: datetime) -> timedelta | None:
    """Read milliseconds, from now or from 1970: which of them is undocumented."""
    if not _is_count(value):
        return None
    milliseconds = timedelta(milliseconds=int(value))
    return milliseconds if int(value) < EPOCH_BEGINS else datetime.fromtimestamp(0, UTC) + milliseconds - now


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 13  # noqa: PLR2004 - what a timedelta can hold
