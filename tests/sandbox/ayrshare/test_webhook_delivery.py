"""Deliveries to a receiver on loopback."""

import hmac
from datetime import timedelta

import pytest

from sandbox.ayrshare.assumptions import HOOK_RETRIES
from tests.sandbox.ayrshare.serving import Served
from tests.sandbox.webhook_receiver import DROP_CONNECTION, WebhookReceiver

SIGNATURE = "X-Authorization-Content-SHA256"


async def register(ayrshare: Served, url: str, *, key: str | None = None, **fields: str) -> None:
    reply = await ayrshare.call("POST", "/hook/webhook", {"action": "social", "url": url, **fields}, key=key)
    assert reply.status == 200


async def press(ayrshare: Served, profile: int, **field: str) -> None:
    url = await ayrshare.link(ayrshare.local.profiles[profile], logout=True)
    async with ayrshare.http.post(url, data=field) as page:
        assert page.status == 200


async def test_connecting_on_the_page_sends_an_event_with_the_user_as_source(
    ayrshare: Served, receiver: WebhookReceiver
) -> None:
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    await receiver.receives(1)
    event = receiver.events[0]
    assert (event["action"], event["type"], event["platform"]) == ("social", "link", "tiktok")
    assert (event["source"], event["title"], event["code"]) == ("user", "Initech", 200)
    assert event["refId"] == ayrshare.local.profiles[3].ref_id
    assert (event["url"], event["created"]) == (receiver.url, "2026-11-02T09:00:00.000Z")
    assert SIGNATURE not in receiver.deliveries[0][0]


async def test_a_disconnection_by_the_system_contains_its_reason(ayrshare: Served, receiver: WebhookReceiver) -> None:
    await register(ayrshare, receiver.url)
    jane = ayrshare.local.profiles[0]
    ayrshare.local.disconnect_as_system(jane.ref_id, "linkedin", "The token was revoked.")
    await receiver.receives(1)
    event = receiver.events[0]
    assert (event["type"], event["source"], event["details"]) == ("unlink", "system", "The token was revoked.")
    assert (await ayrshare.call("GET", "/user", key=jane.key)).body["activeSocialAccounts"] == ["instagram"]


async def test_a_suspension_is_announced_to_whoever_registered_for_it(
    ayrshare: Served, receiver: WebhookReceiver
) -> None:
    await ayrshare.call("POST", "/hook/webhook", {"action": "suspended", "url": receiver.url})
    ayrshare.local.suspend("Globex")
    await receiver.receives(1)
    event = receiver.events[0]
    assert (event["action"], event["title"]) == ("suspended", "Globex")
    assert event["refId"] == ayrshare.local.profiles[2].ref_id


async def test_an_account_that_is_not_connected_cannot_be_disconnected(ayrshare: Served) -> None:
    with pytest.raises(LookupError):
        ayrshare.local.disconnect_as_system(ayrshare.local.profiles[3].ref_id, "linkedin", "")
    with pytest.raises(LookupError):
        ayrshare.local.disconnect_as_system("nobody", "linkedin", "")


async def test_a_profiles_own_webhook_gets_its_events_and_the_primarys_all_others(
    ayrshare: Served, receiver: WebhookReceiver
) -> None:
    await register(ayrshare, f"{receiver.url}?owner=primary")
    await register(ayrshare, f"{receiver.url}?owner=own", key=ayrshare.local.profiles[2].key)
    await press(ayrshare, 2, unlink="youtube")
    await receiver.receives(1)
    await press(ayrshare, 3, link="tiktok")
    await receiver.receives(2)
    assert [event["url"].partition("=")[2] for event in receiver.events] == ["own", "primary"]


async def test_for_a_day_the_previous_secret_and_the_new_one_both_sign(
    ayrshare: Served, receiver: WebhookReceiver
) -> None:
    def signature(secret: str, body: bytes) -> str:
        return hmac.new(secret.encode(), body, "sha256").hexdigest()

    await register(ayrshare, receiver.url, secret="first")
    await press(ayrshare, 3, link="tiktok")
    await receiver.receives(1)
    headers, body = receiver.deliveries[0]
    assert headers[SIGNATURE] == signature("first", body)
    assert headers["X-Authorization-Timestamp"] == str(int(ayrshare.clock.now().timestamp()))
    assert f"{SIGNATURE}-V2" not in headers

    changed = await ayrshare.call("POST", "/hook/webhook/secret", {"secret": "second"})
    assert changed.body["action"] == "webhook"
    await press(ayrshare, 3, unlink="tiktok")
    await receiver.receives(2)
    headers, body = receiver.deliveries[1]
    assert (headers[SIGNATURE], headers[f"{SIGNATURE}-V2"]) == (signature("first", body), signature("second", body))

    await ayrshare.clock.advance(timedelta(hours=24))
    await press(ayrshare, 3, link="tiktok")
    await receiver.receives(3)
    headers, body = receiver.deliveries[2]
    assert headers[SIGNATURE] == signature("second", body)
    assert f"{SIGNATURE}-V2" not in headers


async def test_a_delivery_is_retried_with_the_same_id_until_it_is_accepted(
    ayrshare: Served, receiver: WebhookReceiver
) -> None:
    receiver.statuses = [503, 429, 200]
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    await receiver.receives(1)
    await ayrshare.clock.advance(timedelta(seconds=5))
    await receiver.receives(2)
    await ayrshare.clock.advance(timedelta(seconds=30))
    await receiver.receives(3)
    assert [headers["X-Ayrshare-Delivery-Attempt"] for headers, _ in receiver.deliveries] == ["1", "2", "3"]
    assert len({headers["X-Ayrshare-Delivery-Id"] for headers, _ in receiver.deliveries}) == 1
    assert len({event["hookId"] for event in receiver.events}) == 1


async def test_a_rejected_delivery_is_not_retried(ayrshare: Served, receiver: WebhookReceiver) -> None:
    receiver.statuses = [401]
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    await receiver.receives(1)
    await ayrshare.clock.advance(timedelta(hours=1))
    await press(ayrshare, 3, link="reddit")
    await receiver.receives(2)
    assert [event["platform"] for event in receiver.events] == ["tiktok", "reddit"]


async def test_after_nine_attempts_within_an_hour_it_is_retried_for_hours_more_slowly(
    ayrshare: Served, receiver: WebhookReceiver
) -> None:
    within_an_hour = sum(HOOK_RETRIES[:8], timedelta())
    assert timedelta(minutes=50) < within_an_hour < timedelta(hours=1)
    receiver.statuses = [503] * 13
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    for attempts, pause in enumerate((*HOOK_RETRIES[:8], *(timedelta(hours=hours) for hours in (1, 2, 4, 8))), start=1):
        await receiver.receives(attempts)
        await ayrshare.clock.advance(pause)
    await receiver.receives(13)
    await press(ayrshare, 3, link="reddit")
    await receiver.receives(14)
    assert [event["platform"] for event in receiver.events] == ["tiktok"] * 13 + ["reddit"]


async def test_a_delivery_without_a_response_is_retried(ayrshare: Served, receiver: WebhookReceiver) -> None:
    receiver.statuses = [DROP_CONNECTION, 200]
    await register(ayrshare, receiver.url)
    await press(ayrshare, 3, link="tiktok")
    await receiver.receives(1)
    await ayrshare.clock.advance(timedelta(seconds=5))
    await receiver.receives(2)
    assert [headers["X-Ayrshare-Delivery-Attempt"] for headers, _ in receiver.deliveries] == ["1", "2"]
