"""Events and their retries, and who can open the Home tab."""

from datetime import timedelta

import pytest

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp


async def test_an_event_is_sent_in_a_wrapper(control: ControlClient, fake_app: FakeApp) -> None:
    await control.get("home", user="ben")
    wrapper = fake_app.last.payload
    assert (wrapper["type"], wrapper["team_id"], wrapper["api_app_id"]) == ("event_callback", "T0CONNECT", "A0CONNECT")
    assert wrapper["event_id"].startswith("Ev")
    assert wrapper["event_time"] == int(float(wrapper["event"]["event_ts"]))
    [authorization] = wrapper["authorizations"]
    assert (authorization["user_id"], authorization["is_bot"]) == ("U0CONNECT", True)
    assert "X-Slack-Retry-Num" not in fake_app.last.headers


async def test_a_failed_event_is_retried_three_times(
    sandbox: Sandbox, control: ControlClient, fake_app: FakeApp, clock: ManualClock
) -> None:
    slack = sandbox.slack
    for _ in range(4):
        fake_app.will_respond(status=500)
    await slack.events.send({"type": "tokens_revoked"})
    sent = []
    for pause in (timedelta(0), timedelta(seconds=60), timedelta(seconds=300), timedelta(days=1)):
        await clock.advance(pause - timedelta(milliseconds=1))
        assert pause == timedelta(0) or await slack.events.send_due_retries() == 0
        await clock.advance(timedelta(milliseconds=1))
        sent.append(await slack.events.send_due_retries())
    assert sent == [1, 1, 1, 0]
    retries = [(r.headers.get("X-Slack-Retry-Num"), r.headers.get("X-Slack-Retry-Reason")) for r in fake_app.received]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({r.payload["event_id"] for r in fake_app.received}) == 1


async def test_an_acknowledged_retry_is_the_last(sandbox: Sandbox, fake_app: FakeApp, clock: ManualClock) -> None:
    fake_app.will_respond(status=404)
    await sandbox.slack.events.send({"type": "tokens_revoked"})
    assert await sandbox.slack.events.send_due_retries() == 1
    await clock.advance(timedelta(hours=1))
    assert await sandbox.slack.events.send_due_retries() == 0


async def test_an_app_can_opt_out_of_retries(sandbox: Sandbox, fake_app: FakeApp) -> None:
    fake_app.will_respond(status=404, **{"X-Slack-No-Retry": "1"})
    await sandbox.slack.events.send({"type": "tokens_revoked"})
    assert await sandbox.slack.events.send_due_retries() == 0


async def test_a_retry_contains_the_reason(sandbox: Sandbox, fake_app: FakeApp) -> None:
    url, sandbox.bot_url = sandbox.bot_url, "http://127.0.0.1:9"
    await sandbox.slack.events.send({"type": "tokens_revoked"})
    sandbox.bot_url = url
    await sandbox.slack.events.send_due_retries()
    assert fake_app.last.headers["X-Slack-Retry-Reason"] == "connection_failed"


@pytest.mark.parametrize("user", ["leo", "ida", "zoe", "robo"])
async def test_a_user_without_a_dm_with_the_app_has_no_home_tab(
    control: ControlClient, fake_app: FakeApp, user: str
) -> None:
    assert (await control.get("home", user=user))["ok"] is False
    assert fake_app.received == []


async def test_changing_a_user_sends_an_event(sandbox: Sandbox, control: ControlClient, fake_app: FakeApp) -> None:
    assert (await control.post("person", user="ben", flags={"deleted": True}))["ok"]
    event = fake_app.last.payload["event"]
    assert (event["type"], event["user"]["id"], event["user"]["deleted"]) == ("user_change", "U0BEN0001", True)
    assert sandbox.slack.world.user("ben").deleted


async def test_an_app_without_the_scope_gets_no_event_about_a_user(
    sandbox: Sandbox, control: ControlClient, fake_app: FakeApp
) -> None:
    sandbox.slack.scopes.remove("users:read")
    assert (await control.post("person", user="ben", flags={"is_admin": True}))["ok"]
    assert fake_app.received == []


@pytest.mark.parametrize("flags", [None, {}, {"deleted": "yes"}, {"colour": True}])
async def test_invalid_flags_are_rejected(control: ControlClient, flags: object) -> None:
    assert not (await control.post("person", user="ben", flags=flags))["ok"]


async def test_changing_a_user_group_sends_two_events(control: ControlClient, fake_app: FakeApp) -> None:
    assert (await control.post("group", group="social-leads", add="dan", remove="ben"))["ok"]
    delta, whole = (one.payload["event"] for one in fake_app.received)
    assert (delta["type"], delta["added_users"], delta["removed_users"]) == (
        "subteam_members_changed",
        ["U0DAN0001"],
        ["U0BEN0001"],
    )
    assert (whole["type"], whole["subteam"]["users"]) == ("subteam_updated", ["U0ANA0001", "U0DAN0001"])
