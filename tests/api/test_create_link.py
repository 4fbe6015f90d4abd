"""An app asks for a link: for a profile, or for the profile of a person in Slack."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import UserId
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.api.conftest import MakeApp
from tests.canaries import Lines
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.mappings.removal_helpers import SESSION, page_of
from tests.redis_probe import TEAM, trail
from tests.users import Someone

BEN, CARA = "U0BEN0001", "U0CARA001"
PLAIN = re.compile(r"(This|Name) [A-Za-z0-9 ,.:/'-]+\.")
"""A sentence, without the words of a library, a pattern or a type."""
BY_SESSION = pytest.mark.parametrize("overrides", [SESSION], ids=["session"])


def sent(sandbox: Sandbox) -> Any:
    """What the bot sent to Ayrshare for the last link."""
    return sandbox.ayrshare.calls.since()[-1]["body"]


async def test_a_link_to_a_profile_opens_its_page_and_says_until_when(
    app: App, mapped: Map, bot: Bot, ben: Someone, clock: ManualClock
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    said = await app.asks_for_link(profile=profile.ref_id)
    assert said.status == 201
    assert said.headers["Cache-Control"] == "no-store"
    assert said.body["profile"] == {"ref_id": profile.ref_id, "title": "Acme: Jane"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said.body["expires_at"])
    left = datetime.fromisoformat(said.body["expires_at"]) - clock.now()
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)
    assert await page_of(ben, said.body["url"]) == 200
    (row,) = await trail(bot, "link_issued")
    assert (row.by[:4], row.ref_id, row.detail) == ("key-", profile.ref_id, said.body["id"])


@pytest.mark.parametrize("user", [BEN, "ben@connect.example"])
async def test_a_person_is_named_by_slack_id_or_address(app: App, mapped: Map, user: str) -> None:
    await mapped("ben", "Acme: Team")
    profile = await mapped("ben", "Acme: Jane", default=True)
    said = await app.asks_for_link(user=user)
    assert (said.status, said.body["profile"]["ref_id"]) == (201, profile.ref_id)


async def test_nobody_is_mapped(app: App, mapped: Map, bot: Bot) -> None:
    profile = await mapped("ben", "Acme: Jane")
    stranger = await app.asks_for_link(user="nobody@connect.example")
    without = await app.asks_for_link(user=CARA)
    assert (without.status, without.problem) == (stranger.status, stranger.problem) == (404, "not_mapped")
    assert without.body == stranger.body
    await bot.deps.mappings.remove(TEAM, UserId(BEN), profile.ref_id, by="test")
    of_nobody = await app.asks_for_link(profile=profile.ref_id)
    assert (of_nobody.status, of_nobody.problem) == (404, "not_mapped")


async def test_who_left_slack_gets_no_link_and_loses_those_made(
    app: App, mapped: Map, sandbox: Sandbox, person: Person
) -> None:
    profile = await mapped("leo", "Acme: Jane")
    assert (await app.asks_for_link(profile=profile.ref_id)).problem == "not_mapped"
    assert (await app.asks_for_link(user="U0LEO0001")).problem == "not_mapped"


async def test_a_key_for_one_profile_does_not_see_another(app_with: MakeApp, mapped: Map) -> None:
    hers = await mapped("cara", "Globex")
    his = await mapped("ben", "Acme: Jane")
    app = await app_with("--profiles", hers.ref_id)
    hidden = await app.asks_for_link(profile=his.ref_id)
    unknown = await app.asks_for_link(profile="0" * 40)
    assert (hidden.status, hidden.problem) == (404, "no_such_profile")
    assert hidden.body == unknown.body
    assert (await app.asks_for_link(user=BEN)).body == (await app.asks_for_link(user="U0NOBODY1")).body
    assert (await app.asks_for_link(user=CARA)).status == 201


@BY_SESSION
async def test_networks_redirect_and_life_are_those_asked_for(app: App, mapped: Map, sandbox: Sandbox) -> None:
    sandbox.ayrshare.max_pack = True
    await mapped("ben", "Acme: Jane")
    back = "https://app.example.com/done?x=1"
    said = await app.asks_for_link(user=BEN, networks=["instagram", "tiktok"], redirect=back, expires_in=60)
    assert said.status == 201, said.body
    asked = sent(sandbox)
    assert (asked["allowedSocial"], asked["redirect"], asked["expiresIn"]) == (["instagram", "tiktok"], back, 60)


async def test_a_longer_life_without_the_max_pack_is_refused(app: App, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    said = await app.asks_for_link(user=BEN, expires_in=60)
    assert (said.status, said.problem) == (422, "max_pack")


async def test_a_network_that_no_link_offers_is_refused(app: App, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    said = await app.asks_for_link(user=BEN, networks=["instagram", "twitter"])
    assert (said.status, said.problem) == (422, "network_not_offered")


@pytest.mark.parametrize(
    ("order", "pointer"),
    [
        ({}, ""),
        ({"user": BEN, "profile": "x"}, ""),
        ({"user": "ben"}, "/user"),
        ({"user": BEN, "redirect": "http://app.example.com"}, "/redirect"),
        ({"user": BEN, "redirect": "https://ayrshare.com@evil.example"}, "/redirect"),
        ({"user": BEN, "redirect": "https://evil.example\\@good.example"}, "/redirect"),
        ({"user": BEN, "redirect": "javascript:alert(1)"}, "/redirect"),
        ({"user": BEN, "redirect": "https://app.example.com/\n"}, "/redirect"),
        ({"user": BEN, "networks": ["myspace"]}, "/networks/0"),
        ({"user": BEN, "expires_in": 2881}, "/expires_in"),
        ({"user": BEN, "expires_in": "5"}, "/expires_in"),
        ({"user": BEN, "profile_key": "x"}, "/profile_key"),
    ],
)
async def test_what_is_wrong_with_a_request_is_said_by_pointer(app: App, order: Any, pointer: str) -> None:
    said = await app.asks_for_link(**order)
    assert (said.status, said.problem) == (422, "request_not_understood")
    (fault,) = said.body["errors"]
    assert fault["pointer"] == pointer
    assert PLAIN.fullmatch(fault["detail"]), fault


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({}, "Name either a profile or a user."),
        ({"user": "ben"}, "This must be a person's Slack ID, such as U0123ABC, or an e-mail address."),
        ({"user": 5}, "This must be a text."),
        ({"profile": ""}, "This must not be empty."),
        ({"profile": "x" * 101}, "This must have 100 letters at most."),
        ({"user": BEN, "redirect": "http://x"}, "This must be an address that begins with https://"),
        ({"user": BEN, "networks": ["myspace"]}, "This must be one of bluesky, "),
        ({"user": BEN, "networks": "tiktok"}, "This must be a list."),
        ({"user": BEN, "networks": ["tiktok"] * 14}, "This must have 13 entries at most."),
        ({"user": BEN, "expires_in": 0}, "This must be 1 or more."),
        ({"user": BEN, "expires_in": 2881}, "This must be 2880 or less."),
        ({"user": BEN, "expires_in": 1.5}, "This must be a whole number."),
        ({"user": BEN, "expires_in": 10**400}, "This must be"),
        ({"user": BEN, "notify": 1}, "This must be true or false."),
        ({"user": BEN, "profile_key": "x"}, "This call takes nothing of that name."),
    ],
)
async def test_what_is_wrong_with_a_request_is_said_in_plain_words(app: App, order: Any, words: str) -> None:
    (fault,) = (await app.asks_for_link(**order)).body["errors"]
    assert fault["detail"].startswith(words)


async def test_a_body_that_is_no_object_and_a_wrong_query_are_said_in_plain_words(app: App) -> None:
    for said, words in (
        (await app.asks("POST", "/links", json=[]), "This must be a JSON object."),
        (await app.asks("POST", "/client-links", json={}), "This is required."),
        (await app.asks("GET", "/profiles?limit=many"), "This must be a whole number."),
    ):
        assert [one["detail"] for one in said.body["errors"]] == [words]


@pytest.mark.parametrize(
    ("fault", "status", "problem", "wait"),
    [
        ("rate_limited", 503, "rate_limited", "40"),
        ("error_502", 502, "unavailable", None),
        ("error_503", 503, "unavailable", None),
        ("drop_connection", 504, "unavailable", None),
        ("bad_api_key", 502, "auth", None),
        ("profile_gone", 502, "profile_gone", None),
    ],
)
async def test_ayrshares_errors_are_problems_of_a_gateway(
    app: App, mapped: Map, sandbox: Sandbox, fault: str, status: int, problem: str, wait: str | None
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add(fault, times=None, ms=40_000)
    said = await app.asks_for_link(user=BEN)
    assert (said.status, said.problem, said.headers.get("Retry-After")) == (status, problem, wait)


async def test_the_log_names_the_link_and_not_its_url(app: App, mapped: Map, log_lines: Lines) -> None:
    await mapped("ben", "Acme: Jane")
    said = await app.asks_for_link(user=BEN)
    assert any("link_issued" in line and said.body["id"] in line for line in log_lines.lines)
