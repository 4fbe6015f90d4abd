"""What happens to profiles outside Ayrshare's API, and what Ayrshare mails, as control calls have it."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import Control
from tests.sandbox.webhook_receiver import Receiver

MAIL = {
    "to": "jane@acme.example",
    "company": "Acme",
    "contactEmail": "help@acme.example",
    "termsUrl": "https://acme.example/terms",
    "privacyUrl": "https://acme.example/privacy",
}


@pytest.fixture
def hooked(sandbox: Sandbox, receiver: Receiver) -> Receiver:
    sandbox.ayrshare.register_webhook(receiver.url, secret="s")
    return receiver


async def asked(
    sandbox: Sandbox, control: Control, method: str, path: str, *, key: str, **body: Any
) -> tuple[int, Any]:
    """Ask the API with a profile's key."""
    headers = {"Authorization": f"Bearer {sandbox.ayrshare.api_key}", "Profile-Key": key}
    url = f"{sandbox.url}/ayrshare/api{path}"
    async with control.session.request(method, url, json=body or None, headers=headers) as answer:
        return answer.status, await answer.json()


def key_of(sandbox: Sandbox, title: str) -> str:
    return next(profile.key for profile in sandbox.ayrshare.profiles if profile.title == title)


async def linked(sandbox: Sandbox, control: Control, title: str) -> list[str]:
    _, told = await asked(sandbox, control, "GET", "/user", key=key_of(sandbox, title))
    return list(told.get("activeSocialAccounts", []))


async def test_a_link_is_dropped_by_itself(sandbox: Sandbox, control: Control, hooked: Receiver) -> None:
    call = {"do": "unlink", "profile": "Acme: Jane", "network": "instagram"}
    assert (await control.post("ayrshare", **call, details="The password was changed."))["ok"]
    await hooked.until(1)
    [event] = hooked.events
    assert (event["action"], event["type"], event["platform"]) == ("social", "unlink", "instagram")
    assert (event["source"], event["details"]) == ("system", "The password was changed.")
    assert (event["title"], event["refId"]) == ("Acme: Jane", sandbox.ayrshare.profiles[0].ref_id)
    assert event["displayName"] == "Jane of Acme"
    assert await linked(sandbox, control, "Acme: Jane") == ["linkedin"]
    assert (await control.post("ayrshare", **call))["error"] == "instagram is not linked to 'Acme: Jane'"


async def test_a_reason_is_an_object_as_documented_or_whatever_the_call_gives(
    control: Control, hooked: Receiver
) -> None:
    await control.post("ayrshare", do="unlink", profile="Globex", network="youtube")
    await hooked.until(1)
    assert hooked.events[0]["details"] == {"status": "error", "code": 349, "message": "Account locked"}
    given = {"status": "error", "message": "The token was revoked."}
    await control.post("ayrshare", do="unlink", profile="Acme: Team", network="tiktok", details=given)
    await hooked.until(2)
    assert hooked.events[1]["details"] == given


async def test_a_sign_in_is_due_in_a_week_or_in_so_many_days(
    sandbox: Sandbox, control: Control, hooked: Receiver, clock: ManualClock
) -> None:
    ref_id = sandbox.ayrshare.profiles[2].ref_id
    assert (await control.post("ayrshare", do="refresh", profile=ref_id, network="youtube"))["ok"]
    assert (await control.post("ayrshare", do="refresh", profile="Acme: Jane", network="linkedin", days=3))["ok"]
    await hooked.until(2)
    by_network = {event["platform"]: event for event in hooked.events}
    assert {event["type"] for event in hooked.events} == {"refresh"}
    assert {event["source"] for event in hooked.events} == {"system"}
    in_a_week = (clock.now() + timedelta(days=7)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert by_network["youtube"]["refreshBy"] == in_a_week
    for title, network, days in (("Globex", "youtube", 7), ("Acme: Jane", "linkedin", 3)):
        _, told = await asked(sandbox, control, "GET", "/user", key=key_of(sandbox, title))
        left = {row["platform"]: row.get("refreshDaysRemaining") for row in told["displayNames"]}
        assert left[network] == days


async def test_a_network_is_linked_as_on_the_page(sandbox: Sandbox, control: Control, hooked: Receiver) -> None:
    assert (await control.post("ayrshare", do="link", profile="Initech", network="tiktok"))["ok"]
    await hooked.until(1)
    [event] = hooked.events
    assert (event["type"], event["platform"], event["source"]) == ("link", "tiktok", "user")
    assert event["displayName"] == "Initech"
    assert await linked(sandbox, control, "Initech") == ["tiktok"]


async def test_a_suspended_profile_is_refused_until_it_is_resumed(sandbox: Sandbox, control: Control) -> None:
    await control.post("ayrshare", do="suspend", profile="Globex")
    status, told = await asked(sandbox, control, "GET", "/user", key=key_of(sandbox, "Globex"))
    assert (status, told["status"], "code" in told) == (403, "error", False)
    await control.post("ayrshare", do="resume", profile="Globex")
    assert await linked(sandbox, control, "Globex") == ["youtube"]


async def test_a_deleted_profiles_key_is_unknown(sandbox: Sandbox, control: Control) -> None:
    key = key_of(sandbox, "Globex")
    _, listed = await asked(sandbox, control, "GET", "/profiles", key=key)
    assert listed["count"] == 4
    await control.post("ayrshare", do="delete", profile="Globex")
    status, told = await asked(sandbox, control, "GET", "/user", key=key)
    assert (status, told["status"], "code" in told) == (403, "error", False)
    _, listed = await asked(sandbox, control, "GET", "/profiles", key=key_of(sandbox, "Acme: Jane"))
    assert "Globex" not in {profile["title"] for profile in listed["profiles"]}
    assert not (await control.post("ayrshare", do="resume", profile="Globex"))["ok"]


async def test_switches_change_what_they_name(sandbox: Sandbox, control: Control) -> None:
    on = await control.post("switch", max_pack=True, link_seconds=60)
    assert on == {"ok": True, "max_pack": True, "token_style": "jwt", "link_seconds": 60}
    assert (await control.post("switch", token_style="session"))["link_seconds"] == 60
    _, session = await asked(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), expiresIn=30
    )
    assert session["expiresAt"] == "2026-11-20T12:01:00.000Z"
    off = await control.post("switch", max_pack=False, link_seconds=None)
    assert off == {"ok": True, "max_pack": False, "token_style": "session", "link_seconds": None}
    status, _ = await asked(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), expiresIn=30
    )
    assert status == 400


async def test_mails_are_kept_without_their_links(sandbox: Sandbox, control: Control, clock: ManualClock) -> None:
    assert await control.get("mails") == []
    refused, _ = await asked(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), email=MAIL
    )
    assert (refused, await control.get("mails")) == (400, [])
    await control.post("switch", max_pack=True)
    _, session = await asked(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), email=MAIL
    )
    assert session["emailSent"] is True
    clock.advance(timedelta(minutes=1))
    package = {"domain": sandbox.ayrshare.domain, "privateKey": sandbox.ayrshare.private_key_pem}
    jane = package | {"profileKey": sandbox.ayrshare.profiles[0].key, "email": MAIL}
    _, made = await asked(sandbox, control, "POST", "/profiles/generateJWT", key=key_of(sandbox, "Acme: Jane"), **jane)
    assert made["emailSent"] is True
    assert await control.get("mails") == [
        {**MAIL, "title": "Globex", "at": "2026-11-20T12:00:00.000Z"},
        {**MAIL, "title": "Acme: Jane", "at": "2026-11-20T12:01:00.000Z"},
    ]


@pytest.mark.parametrize(
    "email", ["jane@acme.example", {"to": "jane@acme.example"}, MAIL | {"to": 7}, MAIL | {"to": "x"}]
)
async def test_a_mail_that_cannot_be_sent_is_not_kept(sandbox: Sandbox, control: Control, email: Any) -> None:
    await control.post("switch", max_pack=True)
    status, told = await asked(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), email=email
    )
    assert (status, told["code"]) == (400, 333)
    assert await control.get("mails") == []
