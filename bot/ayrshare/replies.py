"""Ayrshare's replies, as far as we read them.

Everything its documentation does not promise may be missing or odd without failing a call; what we cannot do without is
required. Unknown fields are ignored, and no error message of a model contains what it was given.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
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

EPOCH_BEGINS = 10**11
"""Milliseconds: more than three years as a wait, but only 1973 as a moment."""


def stated_wait(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Return the wait that `Retry-After` or `x-ratelimit-reset` states, never less than none at all."""
    wait = _retry_after(headers.get("Retry-After", ""), now)
    if wait is None:
        wait = _reset(headers.get("x-ratelimit-reset", ""), now)
    return None if wait is None else max(wait, timedelta(0))


def _retry_after(value: str, now: datetime) -> timedelta | None:
    """Read seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after."""
    if _is_count(value):
        return timedelta(seconds=int(value))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now


def _reset(value: str, now: datetime) -> timedelta | None:
    """Read milliseconds; whether they count from now or from 1970 is not documented."""
    if not _is_count(value):
        return None
    milliseconds = timedelta(milliseconds=int(value))
    return milliseconds if int(value) < EPOCH_BEGINS else datetime.fromtimestamp(0, UTC) + milliseconds - now


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 13  # noqa: PLR2004 - what a timedelta bears


T = TypeVar("T")


def _or_none(value: object, read: Callable[[object], object]) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


def _rows(value: object) -> list[object]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("platform"), str)]


def _words(value: object) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _aware(moment: datetime) -> datetime:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:  # the last day of the calendar, in a zone west of here
        raise ValueError from None


Moment = Annotated[datetime, AfterValidator(_aware)]
Lenient = Annotated[T | None, WrapValidator(_or_none)]
Strings = Annotated[tuple[str, ...], BeforeValidator(_words)]


class Reply(BaseModel):
    """The common ground of all replies."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )


class LinkReply(Reply):
    """A linking page's address, from generateJWT or a link session."""

    url: SecretStr
    token: Lenient[SecretStr] = None
    title: Lenient[str] = None
    expires_at: Lenient[Moment] = None
    session_id: Lenient[str] = None
    email_sent: Lenient[bool] = None


class SessionReply(Reply):
    """A link session: `pending` until it is opened, `active`, `expired` or `revoked`."""

    state: Lenient[str] = None
    first_used_at: Lenient[Moment] = None
    use_count: Lenient[int] = None


class LinkedAccount(Reply):
    """One entry of `displayNames`."""

    platform: str
    display_name: Lenient[str] = None
    page_name: Lenient[str] = None
    username: Lenient[str] = None
    refresh_days_remaining: Lenient[float] = None
    refresh_required: Lenient[bool] = None


class UserReply(Reply):
    """`GET /user`: `activeSocialAccounts` is absent, not empty, when nothing is linked."""

    ref_id: str
    title: str
    active_social_accounts: Strings = ()
    display_names: Annotated[tuple[LinkedAccount, ...], BeforeValidator(_rows)] = ()


class CreatedReply(Reply):
    """A new profile: the only reply that ever contains a profile key."""

    ref_id: str
    title: str
    profile_key: SecretStr


class ProfileRow(Reply):
    """One entry of the list of profiles."""

    ref_id: str
    title: str
    status: Lenient[str] = None
    suspended: Lenient[bool] = None
    active_social_accounts: Strings = ()
    created_at: Lenient[Moment] = Field(default=None, alias="createdUTC")


class Pagination(Reply):
    """Whether and where the list goes on."""

    has_more: Lenient[bool] = None
    next_cursor: Lenient[str] = None


class ListReply(Reply):
    """One page of the list of profiles, which was drawn up at `last_updated`, and will be anew at `next_update`."""

    profiles: tuple[ProfileRow, ...]
    last_updated: Lenient[Moment] = None
    next_update: Lenient[Moment] = None
    pagination: Pagination = Field(default_factory=Pagination)


class WebhooksReply(Reply):
    """What is registered: an address for each kind of event, of which we want to know one."""

    social: Lenient[str] = None


R = TypeVar("R", bound=Reply)


def read(model: type[R], body: dict[str, Any]) -> R | None:
    """Return a reply as its model, or None if it does not contain what it must."""
    try:
        return model.model_validate(body)
    except ValidationError:
        return None
