"""A profile's accounts, and which of them need attention."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient, read_accounts
from bot.ayrshare.errors import ProfileGone, Unavailable
from bot.ayrshare.model import Account, Profile
from bot.ayrshare.replies import UserReply, read
from tests.sandbox.ayrshare.serving import Served

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def accounts(*rows: Any, active: Any = ("linkedin",)) -> tuple[Account, ...]:
    body = {"refId": "r", "title": "t", "displayNames": list(rows), "activeSocialAccounts": list(active)}
    reply = read(UserReply, body)
    assert reply is not None
    return read_accounts(reply, now=NOW).accounts


def row(**fields: Any) -> dict[str, Any]:
    return {"platform": "linkedin", **fields}


async def test_the_accounts_of_a_profile_say_what_needs_attention(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    connected = await client.accounts(jane.key)
    assert (connected.ref_id, connected.title) == (jane.ref_id, "Acme: Jane")
    instagram, linkedin = connected.accounts
    assert replace(instagram, id="") == Account("instagram", "Jane of Acme")
    assert (instagram.id.isdecimal(), instagram.handle) == (True, "janeofacme")
    due = ayrshare.clock.now() + timedelta(days=9)
    assert replace(linkedin, id="") == Account("linkedin", "Jane Doe", refresh_by=due, needs_attention=True)


async def test_a_profile_without_links_has_no_accounts(ayrshare: Served, client: AyrshareClient) -> None:
    assert (await client.accounts(SecretStr(ayrshare.local.profiles[3].key))).accounts == ()


async def test_a_sign_in_that_is_overdue_needs_attention(ayrshare: Served, client: AyrshareClient) -> None:
    connected = await client.accounts(SecretStr(ayrshare.local.profiles[1].key))
    assert {account.network: account.needs_attention for account in connected.accounts} == {
        "facebook": False,
        "tiktok": True,
    }


async def test_an_unknown_key_means_that_the_profile_is_gone(client: AyrshareClient) -> None:
    with pytest.raises(ProfileGone):
        await client.accounts(SecretStr("AX1XGG-9JK3M5LS-GR5RX5G-LLCK8EA"))


@pytest.mark.parametrize("days", [-3, 0, 13.5, 14, 14.5, 15, 41])
def test_two_weeks_before_a_new_sign_in_is_due_it_needs_attention(days: float) -> None:
    (account,) = accounts(row(refreshDaysRemaining=days))
    assert account.needs_attention is (days <= 14)
    assert account.refresh_by == (NOW + timedelta(days=days) if days else NOW.replace(hour=0, minute=0, second=0))
    assert account.lost_at(NOW) is (days <= 0)


@pytest.mark.parametrize("days", [None, "many", 10**30, float("inf"), {}])
def test_days_that_make_no_sense_are_no_deadline(days: object) -> None:
    assert accounts(row(refreshDaysRemaining=days)) == (Account("linkedin"),)


SOON, LATER = NOW + timedelta(days=5), NOW + timedelta(days=40)


@pytest.mark.parametrize(
    ("fields", "deadline", "attention"),
    [
        ({"refreshBy": SOON.isoformat()}, SOON, True),
        ({"refreshBy": LATER.isoformat()}, LATER, False),
        ({"refreshRequired": SOON.isoformat()}, SOON, True),
        ({"refreshRequired": "2026-11-30"}, datetime(2026, 11, 30, tzinfo=UTC), False),
        ({"refreshRequired": "2026-10-30"}, datetime(2026, 10, 30, tzinfo=UTC), True),
        ({"refreshRequired": True}, None, True),
        ({"refreshRequired": "true"}, None, True),
        ({"refreshRequired": True, "refreshBy": SOON.isoformat()}, SOON, True),
        ({"refreshRequired": True, "refreshBy": LATER.isoformat()}, None, True),
        ({"refreshRequired": "false"}, None, False),
        ({"refreshRequired": False, "refreshBy": LATER.isoformat()}, LATER, False),
        ({"refreshDaysRemaining": 5, "refreshBy": LATER.isoformat()}, SOON, True),
        ({"refreshRequired": "41", "refreshBy": 41}, None, False),
        ({"refreshRequired": {}, "refreshBy": "soon"}, None, False),
    ],
)
def test_the_deadline_of_a_sign_in_stands_in_whichever_field_tells_it(
    fields: dict[str, Any], deadline: datetime | None, attention: object
) -> None:
    (account,) = accounts(row(**fields))
    assert (account.refresh_by, account.needs_attention) == (deadline, attention)


@pytest.mark.parametrize(
    ("network", "days", "left"),
    [("linkedin", 355, 10), ("linkedin", 100, 265), ("linkedin", 366, None), ("x", 1, None)],
)
def test_linkedin_accepts_a_sign_in_for_a_year(network: str, days: int, left: int | None) -> None:
    since = (NOW - timedelta(days=days)).isoformat()
    (account,) = accounts(row(platform=network, created=since), active=[network])
    assert account.refresh_by == (None if left is None else NOW + timedelta(days=left))
    assert account.needs_attention is (left == 10)


def test_an_account_that_is_described_but_not_active_needs_attention() -> None:
    connected = accounts(row(platform="tiktok", username="acme"), active=["linkedin"])
    assert connected == (Account("linkedin"), Account("tiktok", "acme", id="@acme", needs_attention=True))
    (_, lost) = accounts(row(created=NOW.isoformat(), refreshDaysRemaining=300), active=["tiktok"])
    assert (lost.refresh_by, lost.needs_attention) == (None, True)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"displayName": "Jane", "pageName": "Page", "username": "jane"}, "Jane"),
        ({"pageName": "Page", "username": "jane"}, "Page"),
        ({"displayName": "", "username": "jane"}, "jane"),
        ({"displayName": 7}, None),
    ],
)
def test_the_best_name_that_there_is(fields: dict[str, Any], name: str | None) -> None:
    assert [account.name for account in accounts(row(**fields))] == [name]


@pytest.mark.parametrize(
    ("fields", "told_apart_by"),
    [
        ({"id": "1066", "username": "Jane"}, "1066"),
        ({"id": 1066}, "1066"),
        ({"username": "Jane"}, "@jane"),
        ({"id": ["1066"], "displayName": "Jane"}, ""),
    ],
)
def test_an_account_is_told_from_others_by_the_networks_own_id_or_by_its_handle(
    fields: dict[str, Any], told_apart_by: str
) -> None:
    (account,) = accounts(row(**fields))
    assert (account.id, account.handle) == (told_apart_by, fields.get("username", ""))


def test_odd_rows_and_unknown_networks_do_not_fail_the_call() -> None:
    connected = accounts("odd", {"id": 1}, None, active=["myspace", 7, "myspace"])
    assert connected == (Account("myspace"),)


@pytest.mark.parametrize("odd", [None, "facebook", 7, {}])
def test_lists_that_are_none_count_as_empty(odd: object) -> None:
    reply = read(UserReply, {"refId": "r", "title": "t", "displayNames": odd, "activeSocialAccounts": odd})
    assert reply is not None
    assert read_accounts(reply, now=NOW).accounts == ()


async def test_a_reply_without_its_identity_is_no_reply(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    ayrshare.local.profiles[0].ref_id = 7  # type: ignore[assignment] # what a changed API might send
    with pytest.raises(Unavailable):
        await client.accounts(jane.key)
