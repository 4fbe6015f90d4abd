"""The control call that changes profiles at Ayrshare."""

from datetime import timedelta

import pytest

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control.ayrshare_api import call_api, key_of
from tests.sandbox.control_client import ControlClient
from tests.sandbox.webhook_receiver import WebhookReceiver


@pytest.fixture
def webhooks(sandbox: Sandbox, receiver: WebhookReceiver) -> WebhookReceiver:
    sandbox.ayrshare.register_webhook(receiver.url, secret="s")
    return receiver


async def connected_accounts(sandbox: Sandbox, control: ControlClient, title: str) -> list[str]:
    _, user = await call_api(sandbox, control, "GET", "/user", key=key_of(sandbox, title))
    return list(user.get("activeSocialAccounts", []))


async def test_an_account_is_disconnected_by_ayrshare(
    sandbox: Sandbox, control: ControlClient, webhooks: WebhookReceiver
) -> None:
    call = {"do": "unlink", "profile": "Acme: Jane", "network": "instagram"}
    assert (await control.post("ayrshare", **call, details="The password was changed."))["ok"]
    await webhooks.receives(1)
    [event] = webhooks.events
    assert (event["action"], event["type"], event["platform"]) == ("social", "unlink", "instagram")
    assert (event["source"], event["details"]) == ("system", "The password was changed.")
    assert (event["title"], event["refId"]) == ("Acme: Jane", sandbox.ayrshare.profiles[0].ref_id)
    assert event["displayName"] == "Jane of Acme"
    assert await connected_accounts(sandbox, control, "Acme: Jane") == ["linkedin"]
    assert (await control.post("ayrshare", **call))["error"] == "instagram is not linked to 'Acme: Jane'"


async def test_the_details_are_those_of_the_documentation_or_of_the_call(
    control: ControlClient, webhooks: WebhookReceiver
) -> None:
    await control.post("ayrshare", do="unlink", profile="Globex", network="youtube")
    await webhooks.receives(1)
    assert webhooks.events[0]["details"] == {"status": "error", "code": 349, "message": "Account locked"}
    details = {"status": "error", "message": "The token was revoked."}
    await control.post("ayrshare", do="unlink", profile="Acme: Team", network="tiktok", details=details)
    await webhooks.receives(2)
    assert webhooks.events[1]["details"] == details


async def test_a_new_sign_in_is_required_in_a_week_or_in_so_many_days(
    sandbox: Sandbox, control: ControlClient, webhooks: WebhookReceiver, clock: ManualClock
) -> None:
    ref_id = sandbox.ayrshare.profiles[2].ref_id
    assert (await control.post("ayrshare", do="refresh", profile=ref_id, network="youtube"))["ok"]
    assert (await control.post("ayrshare", do="refresh", profile="Acme: Jane", network="linkedin", days=3))["ok"]
    await webhooks.receives(2)
    by_network = {event["platform"]: event for event in webhooks.events}
    assert {event["type"] for event in webhooks.events} == {"refresh"}
    assert {event["source"] for event in webhooks.events} == {"system"}
    in_a_week = (clock.now() + timedelta(days=7)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert by_network["youtube"]["refreshBy"] == in_a_week
    for title, network, told in (("Globex", "youtube", in_a_week), ("Acme: Jane", "linkedin", 3)):
        _, user = await call_api(sandbox, control, "GET", "/user", key=key_of(sandbox, title))
        (row,) = (row for row in user["displayNames"] if row["platform"] == network)
        assert (row.get("refreshDaysRemaining") or row.get("refreshRequired")) == told, "LinkedIn tells days"


async def test_an_account_is_connected_as_on_the_page(
    sandbox: Sandbox, control: ControlClient, webhooks: WebhookReceiver
) -> None:
    assert (await control.post("ayrshare", do="link", profile="Initech", network="tiktok"))["ok"]
    await webhooks.receives(1)
    [event] = webhooks.events
    assert (event["type"], event["platform"], event["source"]) == ("link", "tiktok", "user")
    assert event["displayName"] == "Initech"
    assert await connected_accounts(sandbox, control, "Initech") == ["tiktok"]


async def test_a_suspended_profile_is_rejected_until_it_is_resumed(sandbox: Sandbox, control: ControlClient) -> None:
    await control.post("ayrshare", do="suspend", profile="Globex")
    status, error = await call_api(sandbox, control, "GET", "/user", key=key_of(sandbox, "Globex"))
    assert (status, error["status"], "code" in error) == (403, "error", False)
    await control.post("ayrshare", do="resume", profile="Globex")
    assert await connected_accounts(sandbox, control, "Globex") == ["youtube"]


async def test_a_deleted_profiles_key_is_unknown(sandbox: Sandbox, control: ControlClient) -> None:
    key = key_of(sandbox, "Globex")
    _, profiles = await call_api(sandbox, control, "GET", "/profiles", key=key)
    assert profiles["count"] == 4
    await control.post("ayrshare", do="delete", profile="Globex")
    status, error = await call_api(sandbox, control, "GET", "/user", key=key)
    assert (status, error["status"], "code" in error) == (403, "error", False)
    _, profiles = await call_api(sandbox, control, "GET", "/profiles", key=key_of(sandbox, "Acme: Jane"))
    assert "Globex" not in {profile["title"] for profile in profiles["profiles"]}
    assert not (await control.post("ayrshare", do="resume", profile="Globex"))["ok"]


async def test_linkedins_year_ends_with_an_event_fifteen_days_ahead(
    control: ControlClient, sandbox: Sandbox, webhooks: WebhookReceiver
) -> None:
    await control.post("ayrshare", do="link", profile="Initech", network="linkedin")
    await webhooks.receives(1)
    await control.post("clock", seconds=int(timedelta(days=349).total_seconds()))
    await control.post("clock", seconds=int(timedelta(days=2).total_seconds()))
    await control.post("clock", seconds=int(timedelta(days=2).total_seconds()))
    await webhooks.receives(2)
    told = [(one["type"], one["title"]) for one in webhooks.events if one["platform"] == "linkedin"]
    assert told == [("link", "Initech"), ("refresh", "Initech")]
