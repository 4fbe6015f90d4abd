"""The guard in front of Bolt: only what Slack signed gets in, and nothing malformed is a 5xx."""

import asyncio
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.app import Bot
from bot.http.signed_body import MAX_BODY_BYTES
from bot.web import read_body
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.conftest import Map
from tests.redis_probe import idle
from tests.signed_requests import ResponseUrlReceiver, signed_headers

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass
class Slack:
    """Somebody who may know the signing secret."""

    session: aiohttp.ClientSession
    url: str
    secret: str

    async def posts(
        self, body: str | bytes, *, kind: str = FORM, headers: dict[str, str] | None = None, late: int = 0
    ) -> tuple[int, str]:
        raw = body.encode() if isinstance(body, str) else body
        sent = signed_headers(self.secret, raw, kind=kind, late=late) | (headers or {})
        async with self.session.post(f"{self.url}/slack/events", data=io.BytesIO(raw), headers=sent) as answer:
            return answer.status, await answer.text()


@pytest.fixture
def slack(bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession) -> Slack:
    return Slack(session, sandbox.bot_url, sandbox.slack.signing_secret)


def command(**fields: str) -> str:
    known = {
        "command": "/connect",
        "text": "help",
        "team_id": "T0CONNECT",
        "user_id": "U0DAN0001",
        "response_url": "http://127.0.0.1:1/nowhere",
    }
    return urlencode(known | fields)


async def test_a_signed_command_is_acknowledged_with_an_empty_200(slack: Slack) -> None:
    assert await slack.posts(command()) == (200, "")


async def test_a_wrong_secret_gets_401(slack: Slack) -> None:
    slack.secret = "another"
    assert (await slack.posts(command()))[0] == 401


async def test_a_body_changed_on_the_way_gets_401(slack: Slack) -> None:
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(slack.secret).generate_signature(timestamp=timestamp, body=command())
    headers = {"X-Slack-Signature": str(signature), "X-Slack-Request-Timestamp": timestamp}
    assert (await slack.posts(command(user_id="U0ANA0001"), headers=headers))[0] == 401


@pytest.mark.parametrize("late", [301, -301, 10**6])
async def test_a_request_more_than_five_minutes_off_gets_401(slack: Slack, late: int) -> None:
    assert (await slack.posts(command(), late=late))[0] == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "yesterday"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "٣٣٣"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Signature": "v1=" + "0" * 64},
    ],
)
async def test_malformed_signature_headers_get_401_and_never_a_5xx(slack: Slack, headers: dict[str, str]) -> None:
    assert (await slack.posts(command(), headers=headers))[0] == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", FORM),
        ("payload=", FORM),
        ("payload={", FORM),
        ("payload=[]", FORM),
        ("payload=null", FORM),
        ("payload=" + "[" * 100_000, FORM),
        ("", JSON),
        ("{", JSON),
        ("[]", JSON),
        ("[" * 100_000, JSON),
        (b"\xff\xfe", FORM),
        (b"\xff\xfe", JSON),
    ],
)
async def test_a_signed_body_in_no_form_of_slacks_gets_400(slack: Slack, body: str | bytes, kind: str) -> None:
    assert (await slack.posts(body, kind=kind))[0] in {400, 401}


async def test_a_body_over_one_mebibyte_gets_413(slack: Slack) -> None:
    assert (await slack.posts("text=" + "x" * MAX_BODY_BYTES))[0] == 413


async def test_url_verification_is_answered_with_its_challenge(slack: Slack, sandbox: Sandbox) -> None:
    status, text = await slack.posts(json.dumps({"type": "url_verification", "challenge": "abc"}), kind=JSON)
    assert (status, json.loads(text)) == (200, {"challenge": "abc"})
    assert await sandbox.slack.verify_url()


async def test_an_ssl_check_is_answered(slack: Slack) -> None:
    assert await slack.posts("ssl_check=1&token=x") == (200, "")


async def test_an_event_nobody_listens_to_is_acknowledged(slack: Slack) -> None:
    event = {
        "type": "event_callback",
        "team_id": "T0CONNECT",
        "event": {"type": "app_home_opened", "user": "U0BEN0001"},
    }
    assert (await slack.posts(json.dumps(event), kind=JSON))[0] == 200


@pytest.mark.parametrize("kind", ["view_submission", "view_closed", "shortcut", "message_action", "block_suggestion"])
async def test_interactions_nobody_listens_to_are_acknowledged(slack: Slack, kind: str) -> None:
    payload = {
        "type": kind,
        "team": {"id": "T0CONNECT"},
        "user": {"id": "U0BEN0001"},
        "callback_id": "unheard_of",
        "action_id": "unheard_of",
        "block_id": "b",
        "value": "",
        "view": {"callback_id": "unheard_of", "type": "modal"},
    }
    assert (await slack.posts(urlencode({"payload": json.dumps(payload)})))[0] == 200


@pytest.mark.parametrize("kind", ["view_submission", "block_actions", "message_action", "shortcut", "nonsense"])
async def test_what_nobody_listens_to_leaves_no_trace_even_where_bolt_trips(
    slack: Slack, bot: Bot, log_lines: Lines, kind: str
) -> None:
    payload = {
        "type": kind,
        "team": {"id": "T0CONNECT"},
        "user": {"id": "U0BEN0001"},
        "actions": [{"type": "button", "action_id": "unheard_of", "block_id": "b"}],
        "view": None,
    }
    status, _ = await slack.posts(urlencode({"payload": json.dumps(payload)}))
    assert status == (400 if kind == "view_submission" else 200)
    assert [line for line in log_lines.lines if "Traceback" in line or '"error"' in line] == []
    counted = bot.deps.metrics.registry.get_sample_value("connectbot_unreadable_payloads_total")
    assert counted == (kind == "view_submission")


EVENT = {"type": "event_callback", "team_id": "T0CONNECT", "event_id": "", "authorizations": [{"team_id": "T0CONNECT"}]}
CLICK = {
    "type": "block_actions",
    "team": {"id": "T0CONNECT"},
    "user": {"id": "U0BEN0001", "team_id": "T0CONNECT"},
    "channel": {"id": "C0GENERAL"},
    "container": {"channel_id": "C0GENERAL", "message_ts": "1.0"},
    "message": {"ts": "1.0", "user": "U0CONNECT"},
    "actions": [{"type": "button", "action_id": "open_link", "block_id": "b", "value": "a:1", "action_ts": "1.0"}],
}
WITH_PARTS: tuple[dict[str, Any], ...] = (
    EVENT | {"event": {"type": "app_home_opened", "user": "U0BEN0001", "channel": "D0BEN0001", "tab": "home"}},
    EVENT | {"event": {"type": "message", "user": "U0BEN0001", "channel": "D0BEN0001", "channel_type": "im"}},
    EVENT | {"event": {"type": "user_change", "user": {"id": "U0BEN0001", "team_id": "T0CONNECT"}}},
    CLICK,
    CLICK | {"type": "view_submission", "callback_id": "", "view": {"id": "V1", "type": "modal"}, "response_urls": []},
    CLICK | {"type": "message_action", "callback_id": "send_to_author", "message_ts": "1.0"},
)
ANOTHER: tuple[Any, ...] = (None, 0, True, "T0CONNECT", [], [None], [1], {"a": 1}, [[]], [{}, {}])


def with_another(whole: Any, other: Any) -> Iterator[Any]:
    """Yield a payload with each of its parts, in turn, of another shape."""
    parts = whole.items() if isinstance(whole, dict) else enumerate(whole) if isinstance(whole, list) else ()
    for name, part in parts:
        for inside in (other, *with_another(part, other)):
            changed = dict(whole) if isinstance(whole, dict) else list(whole)
            changed[name] = inside
            yield changed


@pytest.mark.parametrize("whole", WITH_PARTS, ids=lambda one: str(one.get("event", one)["type"]))
async def test_each_part_of_another_shape_is_answered_without_a_trace(
    slack: Slack, bot: Bot, sandbox: Sandbox, log_lines: Lines, whole: dict[str, Any]
) -> None:
    sandbox.slack.rate_limiter.enabled = False
    for payload in (changed for other in ANOTHER for changed in with_another(whole, other)):
        body = json.dumps(payload)
        status, _ = await slack.posts(body if "event" in whole else urlencode({"payload": body}))
        assert status in {200, 400}, payload
    await bot.deps.background.idle()
    assert [line for line in log_lines.lines if "Traceback" in line] == []


HALF = "\ud83d"
"""What is left of an emoji that was cut; JSON can have it, UTF-8 can't."""


@pytest.mark.parametrize(
    "form", ["map_profile", "send_form", "invite_form", "confirm_unmap", "choose_unmap", "confirm_handover", "new_link"]
)
async def test_half_of_a_letter_and_fields_of_another_shape_are_no_surprise(
    slack: Slack, bot: Bot, log_lines: Lines, form: str
) -> None:
    texts = {"value": HALF, "selected_user": HALF, "selected_users": [HALF]}
    state = {"values": {name: {"x": texts} for name in ("person", "title", "note", "profile", "days", "key")}}
    common = {"team": {"id": "T0CONNECT"}, "user": {"id": "U0ANA0001"}, "callback_id": form}
    for number, metadata in enumerate((HALF, "a" * 300, "[" * 3000)):
        view = {"id": HALF, "type": "modal", "callback_id": form, "private_metadata": metadata, "state": state}
        action = {"type": "button", "action_id": form, "block_id": "b", "value": metadata, "action_ts": HALF}
        for more in ({"type": "view_submission"}, {"type": "block_actions", "actions": [action]}):
            payload = {**common, **more, "trigger_id": f"{form}{number}{more['type']}", "view": view}
            assert (await slack.posts(urlencode({"payload": json.dumps(payload)})))[0] == 200
    await bot.deps.background.idle()
    assert [line for line in log_lines.lines if "Traceback" in line] == []


@pytest.mark.parametrize("action", ["unheard_of", "open_link", "new_link", "pick_profile"])
async def test_clicks_that_carry_nonsense_are_acknowledged(slack: Slack, action: str) -> None:
    payload = {
        "type": "block_actions",
        "team": {"id": "T0CONNECT"},
        "user": {"id": "U0BEN0001"},
        "actions": [{"type": "button", "action_id": action, "block_id": "b"}],
    }
    assert (await slack.posts(urlencode({"payload": json.dumps(payload)})))[0] == 200


async def test_a_command_without_its_fields_is_acknowledged(slack: Slack) -> None:
    assert (await slack.posts("command=%2Fconnect"))[0] == 200


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 200), ("/metricsx", 404), ("/", 404)])
async def test_the_other_routes(slack: Slack, path: str, status: int) -> None:
    async with slack.session.get(f"{slack.url}{path}") as answer:
        assert answer.status == status


async def test_a_get_on_the_events_route_is_refused(slack: Slack) -> None:
    async with slack.session.get(f"{slack.url}/slack/events") as answer:
        assert answer.status == 405


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        body = read_body(raw)
    except aiohttp.web.HTTPBadRequest:
        return
    assert body


async def test_the_word_payload_anywhere_loses_nothing(slack: Slack) -> None:
    for fields in ({"text": "payload"}, {"channel_name": "payload-team"}, {"text": "payload=x&payload"}):
        assert await slack.posts(command(**fields)) == (200, "")


async def test_the_acknowledgement_waits_for_nobody(slack: Slack, sandbox: Sandbox) -> None:
    """Slack and Ayrshare hang; the acknowledgements come all the same."""
    sandbox.slack.faults.add("timeout", times=None, ms=2000)
    sandbox.ayrshare.faults.add("timeout", times=None, ms=2000)
    began = time.monotonic()
    answers = await asyncio.gather(*(slack.posts(command(text="@ben")) for _ in range(20)))
    assert {status for status, _ in answers} == {200}
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("url", ["http://a..b/x", "http://.com/", f"http://{70 * 'a'}.com/", "//x"])
async def test_an_answer_to_what_is_no_address_comes_as_a_direct_message(
    slack: Slack, sandbox: Sandbox, bot: Bot, url: str
) -> None:
    assert await slack.posts(command(response_url=url)) == (200, "")
    await idle(bot)
    (message,) = sandbox.received("chat.postMessage")
    assert "connects your social accounts" in str(message)


async def test_an_event_sent_again_as_a_form_is_no_command(
    slack: Slack, sandbox: Sandbox, mapped: Map, response_url: ResponseUrlReceiver
) -> None:
    """The content type is not signed, and somebody's own words stand in events."""
    await mapped("ben", "Acme: Jane")
    fields = {"command": "/connect", "team_id": "T0CONNECT", "user_id": "U0BEN0001", "trigger_id": "z", "text": ""}
    words = f"https://x.example/?a=1&{urlencode(fields | {'response_url': response_url.url})}&z=1"
    event = {"type": "event_callback", "team_id": "T0CONNECT", "event": {"type": "user_change", "words": words}}
    for kind in (FORM, JSON):
        assert (await slack.posts(json.dumps(event), kind=kind))[0] == 200
    assert await slack.posts(command(response_url=response_url.url)) == (200, "")
    await response_url.receives("connects your social accounts")
    assert len(response_url.messages) == 1
    assert sandbox.ayrshare.calls.since() == []


async def test_a_compressed_body_is_not_even_unpacked(slack: Slack) -> None:
    assert (await slack.posts(command(), headers={"Content-Encoding": "gzip"}))[0] == 415


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/slack/events", "/api/v1/profiles", "/c/unknown"])
async def test_no_answer_names_a_version(bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(f"{sandbox.bot_url}{path}") as answer:
        assert "Server" not in answer.headers
