"""Every way in which Ayrshare says no, by status and code alone."""

import pytest

from bot.ayrshare.errors import (
    AuthFailed,
    AyrshareError,
    BadPrivateKey,
    BadRequest,
    EmailFailed,
    LinkDead,
    LinkExpired,
    LinkRevoked,
    LinkUnknown,
    MailNeedsMaxPack,
    MaxPackMissing,
    NotInPlan,
    PaymentRequired,
    ProfileGone,
    RateLimited,
    TitleTaken,
    Unavailable,
    UnexpectedLink,
    failure,
)

ROWS: list[tuple[int, int | None, type[AyrshareError]]] = [
    (403, 102, AuthFailed),
    (401, None, AuthFailed),
    (401, 102, AuthFailed),
    (402, None, PaymentRequired),
    (403, None, ProfileGone),
    (404, None, ProfileGone),
    (405, None, BadRequest),
    (400, None, BadRequest),
    (400, 107, BadRequest),
    (400, 110, BadRequest),
    (400, 137, BadRequest),
    (400, 138, BadRequest),
    (400, 156, BadRequest),
    (400, 161, BadRequest),
    (400, 272, BadRequest),
    (400, 322, BadRequest),
    (400, 361, BadRequest),
    (400, 362, BadRequest),
    (400, 146, TitleTaken),
    (409, 146, TitleTaken),
    (400, 189, BadPrivateKey),
    (500, 189, BadPrivateKey),
    (400, 333, EmailFailed),
    (410, 501, LinkRevoked),
    (404, 502, LinkUnknown),
    (410, 503, LinkExpired),
    (200, 503, LinkExpired),
    (200, 102, AuthFailed),
    (200, 189, BadPrivateKey),
    (200, None, BadRequest),
    (200, 999, BadRequest),
    (429, None, RateLimited),
    (429, 435, RateLimited),
    (429, 444, RateLimited),
    (500, None, Unavailable),
    (502, None, Unavailable),
    (502, 502, Unavailable),
    (503, None, Unavailable),
    (504, None, Unavailable),
    (301, None, Unavailable),
    (307, None, Unavailable),
]


@pytest.mark.parametrize(("status", "code", "expected"), ROWS)
def test_a_status_and_a_code_have_one_meaning(status: int, code: int | None, expected: type[AyrshareError]) -> None:
    error = failure(status, code, per_profile=True)
    assert type(error) is expected
    assert (error.http_status, error.code) == (status, code)


def test_where_no_profile_is_meant_a_403_is_about_the_account_and_a_404_about_the_call() -> None:
    assert isinstance(failure(403, None, per_profile=False), NotInPlan)
    assert isinstance(failure(404, None, per_profile=False), BadRequest)


def test_only_what_may_pass_is_worth_another_try() -> None:
    again = {status for status in range(200, 600) if failure(status, None, per_profile=True).retryable}
    assert again == {500, 502, 503, 504}
    assert Unavailable().retryable


def test_each_failure_has_its_own_kind_and_a_sentence_that_says_what_to_do() -> None:
    classes = [expected for _, _, expected in ROWS] + [UnexpectedLink, MaxPackMissing, MailNeedsMaxPack]
    assert len({error.kind for error in set(classes)}) == len(set(classes))
    for error in classes:
        sentence = error().sentence
        assert sentence.endswith(".")
        if not issubclass(error, LinkDead):  # nobody reads of it: a dead link is withdrawn
            assert any(word in sentence for word in ("Tell", "Try", "Ask", "Choose", "Check", "Use"))
