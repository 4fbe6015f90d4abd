"""Events, their retries, and who can open the Home tab."""

from datetime import timedelta

import pytest

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener


async def test_an_event_comes_wrapped(control: Control, listener: Listener) -> None:
    await control.get("home", user="ben")
    wrapper = listener.last.payload
    assert (wrapper["type"], wrapper["team_id"], wrapper["api_app_id"]) == ("event_callback", "T0CONNECT", "A0CONNECT")
    assert wrapper["event_id"].startswith("Ev")
    assert wrapper["event_time"] == int(float(wrapper["event"]["event_ts"]))
    [authorization] = wrapper["authorizations"]
    assert (authorization["user_id"], authorization["is_bot"]) == ("U0CONNECT", True)
    assert "X-Slack-Retry-Num" not in listener.last.headers


async def test_a_failed_event_is_sent_three_times_more(
    sandbox: Sandbox, control: Control, listener: Listener, clock: ManualClock
) -> None:
    slack = sandbox.slack
    for _ in range(4):
        listener.will_answer(status=500)
    await slack.events.send({"type": "tokens_revoked"})
    sent = []
    for pause in (timedelta(0), timedelta(seconds=60), timedelta(seconds=300), timedelta(days=1)):
        clock.advance(pause - timedelta(milliseconds=1))
        assert pause == timedelta(0) or await slack.events.send_due_retries() == 0
        clock.advance(timedelta(milliseconds=1))
        sent.append(await slack.events.send_due_retries())
    assert sent == [1, 1, 1, 0]
    retries = [(r.headers.get("X-Slack-Retry-Num"), r.headers.get("X-Slack-Retry-Reason")) for r in listener.received]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({r.payload["event_id"] for r in listener.received}) == 1


async def test_an_acknowledged_retry_is_the_last(sandbox: Sandbox, listener: Listener, clock: ManualClock) -> None:
    listener.will_answer(status=404)
    await sandbox.slack.events.send({"type": "tokens_revoked"})
    assert await sandbox.slack.events.send_due_retries() == 1
    clock.advance(timedelta(hours=1))
    assert await sandbox.slack.events.send_due_retries() == 0


async def test_an_app_can_refuse_retries(sandbox: Sandbox, listener: Listener) -> None:
    listener.will_answer(status=404, **{"X-Slack-No-Retry": "1"})
    await sandbox.slack.events.send({"type": "tokens_revoked"})
    assert await sandbox.slack.events.send_due_retries() == 0


async def test_an_unreachable_app_is_told_why(sandbox: Sandbox, listener: Listener) -> None:
    url, sandbox.bot_url = sandbox.bot_url, "http://127.0.0.1:9"
    await sandbox.slack.events.send({"type": "tokens_revoked"})
    sandbox.bot_url = url
    await sandbox.slack.events.send_due_retries()
    assert listener.last.headers["X-Slack-Retry-Reason"] == "connection_failed"


@pytest.mark.parametrize("user", ["leo", "ida", "zoe", "robo"])
async def test_who_has_no_dm_with_the_app_has_no_home_tab(control: Control, listener: Listener, user: str) -> None:
    assert (await control.get("home", user=user))["ok"] is False
    assert listener.received == []


async def test_changing_what_somebody_is_tells_the_app(sandbox: Sandbox, control: Control, listener: Listener) -> None:
    assert (await control.post("person", user="ben", flags={"deleted": True}))["ok"]
    event = listener.last.payload["event"]
    assert (event["type"], event["user"]["id"], event["user"]["deleted"]) == ("user_change", "U0BEN0001", True)
    assert sandbox.slack.world.user("ben").deleted


async def test_an_app_that_may_not_know_of_people_is_not_told(
    sandbox: Sandbox, control: Control, listener: Listener
) -> None:
    sandbox.slack.scopes.remove("users:read")
    assert (await control.post("person", user="ben", flags={"is_admin": True}))["ok"]
    assert listener.received == []


@pytest.mark.parametrize("flags", [None, {}, {"deleted": "yes"}, {"colour": True}])
async def test_flags_that_nobody_has_are_refused(control: Control, flags: object) -> None:
    assert not (await control.post("person", user="ben", flags=flags))["ok"]
