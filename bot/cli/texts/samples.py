"""Sample values by type: enums have each of their members, dataclasses are filled in field by field.

A value comes with variants, each of which differs from it in one place. A leaf, such as a `str`, depends on the name of
its parameter or field, and one without a name here has no sample: that fails a test.
"""

import dataclasses
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from inspect import Parameter, signature
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NamedTuple, NewType, Union

from pydantic import SecretStr

from bot.ayrshare.networks import OfferedNetworks
from bot.core.errors import NextStep
from bot.core.model import Membership, Message, RefId, TeamId, UserId
from bot.home.model import Filter, OverviewQuery
from bot.invitations.sender_views import DELIVERED, NOT_ASKED
from bot.notifications.model import AlertKind
from bot.people.errors import CALLER_REFUSALS
from bot.people.errors import WORDS as LIMITED
from bot.people.views import SENTENCES
from bot.profiles.model import EXPIRED
from bot.profiles.views import Day
from bot.slack.blocks import sentence
from bot.slack.errors import SlackAway, SlackError
from bot.slack.model import Home
from bot.slack.text import date

NOW = datetime(2026, 11, 26, 17, 40, tzinfo=UTC)
ANA, BEN, CARA, LEO = (UserId(f"U0{name}0001") for name in ("ANA", "BEN", "CARA", "LEO"))
NAMES: dict[str, str] = {ANA: "Ana", BEN: "Ben", CARA: "Cara", LEO: "Leo"}
REFS = ("5f1c0a9be2d34a7c8b6e90d1f2a3b4c5d6e7f801", "0b7e2f6a9c1d4835a6f7089b1c2d3e4f5a6b7c8d")


class NoSample(Exception):
    """Nothing here says what a parameter or a field may look like."""


class Sample(NamedTuple):
    """A value, and where it differs from the usual one: "card.state=opened", or nothing."""

    difference: str
    value: Any


class Spot(NamedTuple):
    """Where a value goes: the name of its parameter or field, its number among several, and the types around it."""

    name: str
    nth: int = 0
    inside: tuple[type, ...] = ()


MOMENTS = {
    "expires_at": (NOW + timedelta(minutes=5), NOW + timedelta(days=1)),
    "known_since": (NOW - timedelta(days=90), NOW),
    "made_at": (NOW - timedelta(seconds=10),),
    "now": (NOW,),
    "opened_at": (NOW,),
    "due_at": (NOW + timedelta(hours=1),),
    "refresh_by": (NOW + timedelta(days=8),),
    "since": (NOW - timedelta(days=3),),
    "until": (NOW + timedelta(days=7),),
}
PEOPLE = {
    **dict.fromkeys(("by", "caller", "sender"), (ANA,)),
    **dict.fromkeys(("asked_by", "new", "other_users", "to"), (CARA,)),
    **dict.fromkeys(("viewer", "reader"), (BEN, ANA)),
    "askers": (BEN, CARA),
    "old": (LEO,),
    "admins": (ANA,),
}
VARIANTS: dict[str, Sequence[str]] = {
    "AuditRow.action": tuple(SENTENCES),
    "AuditRow.by": (ANA, "shell", "bot"),
    "by": (ANA, "shell"),
    "action": tuple(LIMITED),
    "counts": (*DELIVERED, *NOT_ASKED),
    "to_do": ("unmap", "hand over"),
    "group": ("", "S0SOCIAL1"),
    "note": ("", "Before Friday, please."),
    "Alert.reason": ("Account locked", EXPIRED),
    "Disconnected.reason": ("Account locked", EXPIRED),
}
"""Texts that views tell apart."""
WORDS: dict[str, Sequence[str]] = {
    "Scope.left_out": ("X can't be connected here.",),
    "not_offered": ("X can't be connected here.",),
    "address": ("ben@example.com",),
    "changes": ("@Ana mapped @Ben to Acme: Jane",),
    "ClientLink.made_by": (ANA,),
    "ClientLink.sender": ("Ana Alves",),
    "client": ("Jane",),
    "command": ("/connect",),
    "handle": ("jane", "acme"),
    "host": ("0.0.0.0",),  # noqa: S104 - it is only shown
    "app": ("A0CONNECT",),
    "for_admins": ("map @ben", "gives Ben a profile"),
    "known": ("Acme: Jane", "Globex"),
    "found": ("File appendonly.aof ends in the middle of a command.",),
    "log_end": ("Can't open the append-only file",),
    "label": ("Send",),
    "again": ("/slack/install",),
    "meant": ("status",),
    "network_name": ("LinkedIn",),
    "number": ("5f3a9c1e",),
    "more": ("email", "cancel"),
    "team": ("T0CONNECT",),
    "version": ("0.1.0",),
    "name": ("Jane Doe", "Acme"),
    "notice": ("This page was open for a long time. Press the button again.",),
    "reason": ("Account locked",),
    "sender": ("connect@socialconnecthub.com (Social Connect Hub)",),
    "sentence": ("",),
    "shared_with": ("Globex",),
    "suggestion": ("Acme: Jane 2",),
    "to": ("ben@example.com",),
    "why": ("There's no email address in {whose} Slack profile.",),
    "words": ("acme",),
    "app_name": ("Bubble",),
    "what": ("died: no space left in DATA_DIR",),
    "workspace": ("Acme Agency",),
    **dict.fromkeys(("title", "titles", "stale_titles", "profiles", "served", "has"), ("Acme: Jane", "Globex")),
    **dict.fromkeys(
        ("network", "networks", "broken", "changed_networks", "asked", "outages", "chosen_networks"),
        ("linkedin", "instagram", "tiktok"),
    ),
    **dict.fromkeys(("error", "trouble", "warning"), ("Ayrshare isn't responding. Try again in a minute.",)),
}
"""Texts that stand for all others; the second is of the second of several."""
FILLED = {"name", "handle", "network"}
"""Fields that usually have a value, though they may be empty."""
UNSEEN = {"card", "cause", "channel", "detail", "faults", "field", "fingerprint", "form", "id", "issued_by", "mark"}
UNSEEN |= {"before", "metadata", "newest_uses", "pending_id", "session_id", "ts"}
"""Texts that nobody reads."""
NUMBERS = {
    "rate": (60,),
    "total": (34, 1),
    "left_out": (0, 3),
    "holders": (1, 2),
    "length": (1200,),
    "port": (3000,),
    "limit": (104,),
    "mode": (0o755,),
}
BY_TYPE: dict[Any, Sequence[Any]] = {
    SlackError: (SlackAway("timeout"),),
    AlertKind: (AlertKind.DISCONNECTED, AlertKind.EXPIRING, AlertKind.BACK),
    bool: (False, True),
    timedelta: (timedelta(minutes=5),),
    RefId: REFS,
    TeamId: (TeamId("T0CONNECT"),),
    SecretStr: (SecretStr("https://profile.ayrshare.com/secret"),),
    Day: (date,),
    OverviewQuery: tuple(OverviewQuery(only=only) for only in (None, *Filter)),
    Membership: tuple(CALLER_REFUSALS),
    OfferedNetworks: (OfferedNetworks(),),
    NextStep: (None,),
    Message: (sentence("You don't have a profile yet."),),
    Home: (Home(sentence("Your accounts").blocks),),
    Path: (Path(".data"),),
    Exception: (ValueError("it is cut off"),),
    OSError: (OSError(28, "No space left on device"),),
}


BY_NAME: dict[Any, Mapping[str, Sequence[Any]]] = {str: WORDS | VARIANTS, int: NUMBERS, float: {}, datetime: MOMENTS}


def samples_of(function: Callable[..., Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield arguments of a function or class, each time with what is unusual about them; raise NoSample."""
    hints = typing.get_type_hints(getattr(function, "__init__", function) if isinstance(function, type) else function)
    parameters = {one.name: one for one in signature(function).parameters.values() if one.name in hints}
    ways = {name: [*_default(one), *samples(hints[name], Spot(name))] for name, one in parameters.items()}
    usual = {name: way[0].value for name, way in ways.items()}
    yield "", usual
    for name, way in ways.items():
        yield from ((one.difference or name, usual | {name: one.value}) for one in way[1:])


def samples(kind: Any, spot: Spot) -> Iterator[Sample]:
    """Yield the usual value of a type, then its variants."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if kind in BY_TYPE or isinstance(kind, NewType) or kind in BY_NAME:
        yield from _named(spot, _leaf(kind, spot))
    elif origin in {Union, UnionType}:
        yield from _either(parts, spot)
    elif origin in {tuple, Sequence, Iterable} and (origin is not tuple or Ellipsis in parts):
        yield from _several(parts[0], spot)
    elif origin is tuple:
        yield Sample("", tuple(next(samples(part, spot._replace(nth=nth))).value for nth, part in enumerate(parts)))
    elif origin is Mapping:
        yield from _mapping(parts[0], parts[1], spot)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        yield from _named(spot, tuple(kind))
    elif dataclasses.is_dataclass(kind):
        yield from _filled(typing.cast("type", kind), spot)
    else:
        raise NoSample(f"{spot.name}: {kind}")


def _leaf(kind: Any, spot: Spot) -> Sequence[Any]:
    if kind is UserId:
        return PEOPLE.get(spot.name, (BEN,))[spot.nth :] or (CARA,)
    if kind in BY_TYPE:
        return BY_TYPE[kind][spot.nth :] or BY_TYPE[kind]
    if isinstance(kind, NewType):
        return (f"{spot.name}-id",)
    of = f"{spot.inside[-1].__name__}.{spot.name}" if spot.inside else ""
    known = BY_NAME[kind].get(of) or BY_NAME[kind].get(spot.name)
    if known is None and kind is str and spot.name not in UNSEEN:
        raise NoSample(f"{of or spot.name}: str")
    known = known or ((NOW - timedelta(hours=2),) if kind is datetime else (kind(1),))
    chosen = known[spot.nth :] or known
    return chosen if kind is not str or {of, spot.name} & VARIANTS.keys() else chosen[:1]


def _named(spot: Spot, values: Sequence[Any]) -> Iterator[Sample]:
    yield Sample("", values[0])
    for value in values[1:]:
        yield Sample(f"{spot.name}={getattr(value, 'value', value)}", value)


def _either(parts: Sequence[Any], spot: Spot) -> Iterator[Sample]:
    """Yield a value of the first type, its variants, those of the other types, and None."""
    for number, part in enumerate(part for part in parts if part is not NoneType):
        for one in samples(part, spot):
            yield Sample(one.difference or (f"{spot.name} is {part.__name__}" if number else ""), one.value)
    if NoneType in parts:
        yield Sample(f"no {spot.name}", None)


def _several(part: Any, spot: Spot) -> Iterator[Sample]:
    first, second = list(samples(part, spot)), next(samples(part, spot._replace(nth=1))).value
    yield Sample("", (first[0].value,))
    yield Sample(f"no {spot.name}", ())
    yield Sample(f"two {spot.name}", (first[0].value, second))
    yield from (Sample(one.difference, (one.value,)) for one in first[1:])


def _mapping(key: Any, value: Any, spot: Spot) -> Iterator[Sample]:
    keys, of = list(samples(key, spot)), next(samples(value, spot)).value
    yield Sample("", {keys[0].value: of})
    yield Sample(f"no {spot.name}", {})
    yield from (Sample(one.difference, {one.value: of}) for one in keys[1:])


def _filled(kind: type, spot: Spot) -> Iterator[Sample]:
    """Yield a dataclass; in one of its own kind, what can be left out is."""
    hints, inside = typing.get_type_hints(kind), kind in spot.inside
    ways = {}
    for field in dataclasses.fields(kind):
        within = Spot(field.name, spot.nth, (*spot.inside, kind))
        usual = list(_default(field))
        filled = [] if usual and inside and field.name not in FILLED else samples(hints[field.name], within)
        ways[field.name] = [*filled, *usual] if field.name in FILLED else [*usual, *filled]
    values = {name: way[0].value for name, way in ways.items()}
    yield Sample("", kind(**values))
    for name, way in ways.items():
        for one in way[1:]:
            yield Sample(f"{spot.name}.{one.difference or name}", kind(**values | {name: one.value}))


def _default(one: "dataclasses.Field[Any] | Parameter") -> Iterator[Sample]:
    if one.default is not dataclasses.MISSING and one.default is not Parameter.empty:
        yield Sample("", one.default)
    elif isinstance(one, dataclasses.Field) and one.default_factory is not dataclasses.MISSING:
        yield Sample("", one.default_factory())
