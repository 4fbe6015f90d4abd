"""Webhooks: registered over the API, delivered to a receiver on loopback."""

import hmac
from datetime import timedelta

import pytest

from tests.sandbox.ayrshare.serving import Served
from tests.sandbox.webhook_receiver import HANG_UP, Receiver

SIGNATURE = "X-Authorization-Content-SHA256"


async def register(ayrshare: Served, url: str, *, key: str | None = None, **fields: str) -> None:
    reply = await ayrshare.ask("POST", "/hook/webhook", {"action": "social", "url": url, **fields}, key=key)
    assert reply.status == 200


async def press(ayrshare: Served, profile: int, **field: str) -> None:
    url = await ayrshare.link(ayrshare.local.profiles[profile], logout=True)
    async with ayrshare.http.post(url, data=field) as page:
        assert page.status == 200


@pytest.mark.parametrize("path", ["/hook/webhook", "/hook"])
async def test_hooks_are_registered_shown_and_removed(ayrshare: Served, path: str) -> None:
    body = {"action": "feed", "url": "https://acme.example/hook", "secret": "s"}
    registered = (await ayrshare.ask("POST", path, body)).body
    assert registered["status"] == "success"
    assert (registered["action"], registered["url"]) == ("feed", "https://acme.example/hook")
    assert len(registered["refId"]) == 40
    shown = (await ayrshare.ask("GET", path)).body
    assert shown["feed"] == "https://acme.example/hook"
    assert shown["updated"] == "2026-11-02T09:00:00.000Z"
    assert "secret" not in shown
    removed = (await ayrshare.ask("DELETE", path, {"action": "feed"})).body
    assert removed == {"status": "success", "action": "feed"}
    assert "feed" not in (await ayrshare.ask("GET", path)).body


@pytest.mark.parametrize(
    "body",
    [
        {"action": "social", "url": "http://acme.example/hook"},
        {"action": "gossip", "url": "https://acme.example/hook"},
        {"action": "social"},
    ],
)
async def test_an_open_address_and_an_unknown_action_are_refused(ayrshare: Served, body: dict[str, str]) -> None:
    assert (await ayrshare.ask("POST", "/hook/webhook", body)).status == 400


async def test_linking_on_the_page_is_told_with_its_user_as_the_source(ayrshare: Served, receiver: Receiver) -> None:
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    await receiver.until(1)
    event = receiver.events[0]
    assert (event["action"], event["type"], event["platform"]) == ("social", "link", "tiktok")
    assert (event["source"], event["title"], event["code"]) == ("user", "Initech", 200)
    assert event["refId"] == ayrshare.local.profiles[3].ref_id
    assert (event["url"], event["created"]) == (receiver.url, "2026-11-02T09:00:00.000Z")
    assert SIGNATURE not in receiver.got[0][0]


async def test_a_link_dropped_by_the_system_gives_its_reason(ayrshare: Served, receiver: Receiver) -> None:
    await register(ayrshare, receiver.url)
    jane = ayrshare.local.profiles[0]
    ayrshare.local.disconnect_as_system(jane.ref_id, "linkedin", "The token was revoked.")
    await receiver.until(1)
    event = receiver.events[0]
    assert (event["type"], event["source"], event["details"]) == ("unlink", "system", "The token was revoked.")
    assert (await ayrshare.ask("GET", "/user", key=jane.key)).body["activeSocialAccounts"] == ["instagram"]


async def test_what_is_not_linked_cannot_be_dropped(ayrshare: Served) -> None:
    with pytest.raises(LookupError):
        ayrshare.local.disconnect_as_system(ayrshare.local.profiles[3].ref_id, "linkedin", "")
    with pytest.raises(LookupError):
        ayrshare.local.disconnect_as_system("nobody", "linkedin", "")


async def test_a_profiles_own_hook_gets_its_events_and_the_primarys_those_of_the_rest(
    ayrshare: Served, receiver: Receiver
) -> None:
    await register(ayrshare, f"{receiver.url}?whose=primary")
    await register(ayrshare, f"{receiver.url}?whose=own", key=ayrshare.local.profiles[2].key)
    await press(ayrshare, 2, unlink="youtube")
    await receiver.until(1)
    await press(ayrshare, 3, link="tiktok")
    await receiver.until(2)
    assert [event["url"].partition("=")[2] for event in receiver.events] == ["own", "primary"]


async def test_a_secret_signs_the_body_and_a_new_one_signs_beside_it_for_a_day(
    ayrshare: Served, receiver: Receiver
) -> None:
    def made_by(secret: str, body: bytes) -> str:
        return hmac.new(secret.encode(), body, "sha256").hexdigest()

    await register(ayrshare, receiver.url, secret="first")
    await press(ayrshare, 3, link="tiktok")
    await receiver.until(1)
    headers, body = receiver.got[0]
    assert headers[SIGNATURE] == made_by("first", body)
    assert headers["X-Authorization-Timestamp"] == str(int(ayrshare.clock.now().timestamp()))
    assert f"{SIGNATURE}-V2" not in headers

    changed = await ayrshare.ask("POST", "/hook/webhook/secret", {"secret": "second"})
    assert changed.body["action"] == "webhook"
    await press(ayrshare, 3, unlink="tiktok")
    await receiver.until(2)
    headers, body = receiver.got[1]
    assert (headers[SIGNATURE], headers[f"{SIGNATURE}-V2"]) == (made_by("first", body), made_by("second", body))

    ayrshare.clock.advance(timedelta(hours=24))
    await press(ayrshare, 3, link="tiktok")
    await receiver.until(3)
    headers, body = receiver.got[2]
    assert headers[SIGNATURE] == made_by("second", body)
    assert f"{SIGNATURE}-V2" not in headers


async def test_a_delivery_is_repeated_under_the_same_identity_until_it_is_taken(
    ayrshare: Served, receiver: Receiver
) -> None:
    receiver.answers = [503, 429, 200]
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    await receiver.until(1)
    ayrshare.clock.advance(timedelta(seconds=5))
    await receiver.until(2)
    ayrshare.clock.advance(timedelta(seconds=30))
    await receiver.until(3)
    assert [headers["X-Ayrshare-Delivery-Attempt"] for headers, _ in receiver.got] == ["1", "2", "3"]
    assert len({headers["X-Ayrshare-Delivery-Id"] for headers, _ in receiver.got}) == 1
    assert len({event["hookId"] for event in receiver.events}) == 1


async def test_a_refused_delivery_is_not_repeated(ayrshare: Served, receiver: Receiver) -> None:
    receiver.answers = [401]
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    await receiver.until(1)
    ayrshare.clock.advance(timedelta(hours=1))
    await press(ayrshare, 3, link="reddit")
    await receiver.until(2)
    assert [event["platform"] for event in receiver.events] == ["tiktok", "reddit"]


async def test_the_ninth_send_is_the_last(ayrshare: Served, receiver: Receiver) -> None:
    receiver.answers = [503] * 9
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    for sends in range(1, 10):
        await receiver.until(sends)
        ayrshare.clock.advance(timedelta(hours=1))
    await press(ayrshare, 3, link="reddit")
    await receiver.until(10)
    assert [event["platform"] for event in receiver.events] == ["tiktok"] * 9 + ["reddit"]


async def test_a_delivery_that_got_no_answer_is_repeated(ayrshare: Served, receiver: Receiver) -> None:
    receiver.answers = [HANG_UP, 200]
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    await receiver.until(1)
    ayrshare.clock.advance(timedelta(seconds=5))
    await receiver.until(2)
    assert [headers["X-Ayrshare-Delivery-Attempt"] for headers, _ in receiver.got] == ["1", "2"]
