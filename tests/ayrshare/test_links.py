"""Which URLs are shown as a link, and when a link expires, whatever the reply contains."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.ayrshare.errors import UnexpectedLink
from bot.ayrshare.links import checked_url, link_deadline, token_deadline
from bot.ayrshare.replies import LinkReply, read

ASKED = datetime(2026, 11, 2, 9, tzinfo=UTC)
STATED = ASKED + timedelta(hours=1)
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
    assert deadline(jwt({"exp": exp}), expires_at="2026-11-02T10:00:00.000Z") == STATED
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
    expires_at = token_deadline(jwt(claims))
    assert expires_at is None or expires_at.tzinfo is UTC


@pytest.mark.parametrize("exp", [True, "1795367601", None, 10**40, -(10**40), float("nan"), float("inf"), [1], {}])
def test_an_exp_that_is_no_moment_counts_as_none(exp: object) -> None:
    assert token_deadline(jwt({"exp": exp})) is None


def test_claims_nested_beyond_reason_count_as_none() -> None:
    payload = base64.urlsafe_b64encode(b"[" * 100_000).rstrip(b"=").decode()
    assert token_deadline(f"a.{payload}.b") is None


@pytest.mark.parametrize("odd", ["soon", {}, [], True])
def test_an_expires_at_that_is_no_moment_counts_as_none(odd: object) -> None:
    assert deadline(jwt({"exp": STATED.timestamp()}), expires_at=odd) == STATED


def test_a_moment_without_a_zone_is_in_utc() -> None:
    assert deadline(None, expires_at="2026-11-02T10:00:00") == STATED
    assert deadline(None, expires_at="2026-11-02T11:00:00+01:00").utcoffset() == timedelta(0)


PAGE = "https://profile.ayrshare.com"


@pytest.mark.parametrize(
    "url",
    [
        f"{PAGE}?domain=acme&jwt=a.b.c",
        f"{PAGE}/?jwt=a.b.c&domain=acme&redirect=https%3A%2F%2Facme.example",
        f"{PAGE}?session=ayr_ls_kJ8mQ2&domain=acme",
        f"{PAGE}?jwt={'a' * 2_900}",
    ],
)
def test_a_url_of_ayrshares_page_is_passed_on_untouched(url: str) -> None:
    assert checked_url(SecretStr(url), any_host=False).get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "profile.ayrshare.com?jwt=a",
        "http://profile.ayrshare.com?jwt=a",
        "https://ayrshare.com?jwt=a",
        "https://profile.ayrshare.com.evil.example?jwt=a",
        "https://evil.example/profile.ayrshare.com",
        "https://evil.example#profile.ayrshare.com",
        "https://profile.ayrshare.com@evil.example?jwt=a",
        "https://user@profile.ayrshare.com?jwt=a",
        "https://profile.ayrshare.com:8443?jwt=a",
        "https://profile.ayrshare.com:port?jwt=a",
        "https://evil.example\\@profile.ayrshare.com",
        "https://profile.ayr\nshare.com?jwt=a",
        "https://profile.ayrshare.com?jwt=a b",
        "https://profile.ayrshare.com?jwt=<a|b>",
        "https://prоfile.ayrshare.com?jwt=a",  # noqa: RUF001 - the first o is Cyrillic
        "javascript:alert(1)",
        "https://[?jwt=a",
        f"{PAGE}?jwt={'a' * 3_000}",
    ],
)
def test_every_other_url_is_refused_without_being_named(url: str) -> None:
    with pytest.raises(UnexpectedLink) as refused:
        checked_url(SecretStr(url), any_host=False)
    assert "jwt" not in repr(refused.value) + str(refused.value)


def test_a_stand_in_may_be_anywhere_on_the_web_but_not_elsewhere() -> None:
    local = SecretStr("http://127.0.0.1:8080/ayrshare/page?domain=acme&jwt=a.b.c")
    assert checked_url(local, any_host=True) is local
    for url in ("javascript:alert(1)", "https://", f"http://127.0.0.1/?jwt={'a' * 3_000}"):
        with pytest.raises(UnexpectedLink):
            checked_url(SecretStr(url), any_host=True)
