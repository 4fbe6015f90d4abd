"""From which moment a link is dead, whatever the reply contains."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.ayrshare.links import link_deadline, token_deadline
from bot.ayrshare.replies import LinkReply, read

ASKED = datetime(2026, 11, 2, 9, tzinfo=UTC)
TOLD = ASKED + timedelta(hours=1)
URL = SecretStr("https://profile.ayrshare.com?domain=acme")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def jwt(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl"


def deadline(token: str | None, *, expires_at: object = None, minutes: float = 5) -> datetime:
    reply = read(LinkReply, {"url": URL, "token": token, "expiresAt": expires_at})
    assert reply is not None
    return link_deadline(reply, asked_at=ASKED, minutes=minutes)


@given(exp=st.integers(min_value=0, max_value=253_402_300_799))
def test_the_reply_goes_before_the_token_and_the_token_before_the_minutes(exp: int) -> None:
    assert deadline(jwt({"exp": exp}), expires_at="2026-11-02T10:00:00.000Z") == TOLD
    assert deadline(jwt({"exp": exp})) == datetime.fromtimestamp(exp, UTC)
    assert deadline(jwt({"iat": exp})) == ASKED + timedelta(minutes=5)


@given(minutes=st.integers(min_value=1, max_value=2_880))
def test_an_opaque_token_leaves_the_minutes_asked_for(minutes: int) -> None:
    assert deadline("ayr_ls_kJ8mQ2", minutes=minutes) == ASKED + timedelta(minutes=minutes)
    assert deadline(None, minutes=minutes) == ASKED + timedelta(minutes=minutes)


@given(token=st.text() | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_garbage_for_a_token_never_raises(token: str) -> None:
    assert token_deadline(token) is None


@given(claims=json_values | st.dictionaries(st.just("exp"), json_values))
def test_odd_claims_never_raise(claims: object) -> None:
    told = token_deadline(jwt(claims))
    assert told is None or told.tzinfo is UTC


@pytest.mark.parametrize("exp", [True, "1795367601", None, 10**40, -(10**40), float("nan"), float("inf"), [1], {}])
def test_an_exp_that_is_no_moment_counts_as_none(exp: object) -> None:
    assert token_deadline(jwt({"exp": exp})) is None


def test_claims_nested_beyond_reason_count_as_none() -> None:
    payload = base64.urlsafe_b64encode(b"[" * 100_000).rstrip(b"=").decode()
    assert token_deadline(f"a.{payload}.b") is None


@pytest.mark.parametrize("odd", ["soon", {}, [], True])
def test_an_expires_at_that_is_no_moment_counts_as_none(odd: object) -> None:
    assert deadline(jwt({"exp": TOLD.timestamp()}), expires_at=odd) == TOLD


def test_a_moment_without_a_zone_is_in_utc() -> None:
    assert deadline(None, expires_at="2026-11-02T10:00:00") == TOLD
    assert deadline(None, expires_at="2026-11-02T11:00:00+01:00").utcoffset() == timedelta(0)
