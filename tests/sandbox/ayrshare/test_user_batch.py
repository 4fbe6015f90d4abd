"""`GET /user/batch`: a file with the accounts of all User Profiles, a few minutes later."""

from datetime import timedelta

from tests.sandbox.ayrshare.serving import Served
from tests.sandbox.webhook_receiver import WebhookReceiver


async def test_the_file_has_what_user_answers_for_each_profile(ayrshare: Served) -> None:
    batch = (await ayrshare.call("GET", "/user/batch")).body
    assert next(iter(batch.items())) == ("success", True)
    assert (batch["urlAvailable"], batch["urlExpires"]) == ("2026-11-02T09:05:00.000Z", "2026-11-09T09:00:00.000Z")
    async with ayrshare.http.get(batch["url"]) as early:
        assert early.status == 404
    await ayrshare.clock.advance(timedelta(minutes=5))
    async with ayrshare.http.get(batch["url"]) as response:
        users = await response.json()
    assert [user["title"] for user in users] == ["Acme: Jane", "Acme: Team", "Globex", "Initech"]
    assert users[0]["activeSocialAccounts"] == ["instagram", "linkedin"]


async def test_a_new_file_is_written_every_three_hours(ayrshare: Served) -> None:
    first = (await ayrshare.call("GET", "/user/batch")).body
    assert (await ayrshare.call("GET", "/user/batch")).body == first
    await ayrshare.clock.advance(timedelta(hours=3))
    assert (await ayrshare.call("GET", "/user/batch")).body["url"] != first["url"]


async def test_display_names_are_in_the_order_of_the_networks_names(ayrshare: Served) -> None:
    jane = ayrshare.local.profiles[0]
    ayrshare.local.connect_as_user("Acme: Jane", "bluesky")
    user = (await ayrshare.call("GET", "/user", key=jane.key)).body
    assert [row["platform"] for row in user["displayNames"]] == ["bluesky", "instagram", "linkedin"]


async def test_the_webhook_batch_comes_when_the_file_is_ready(ayrshare: Served, receiver: WebhookReceiver) -> None:
    await ayrshare.call("POST", "/hook/webhook", {"action": "batch", "url": receiver.url})
    batch = (await ayrshare.call("GET", "/user/batch")).body
    ayrshare.clock.jump(timedelta(minutes=4))
    assert not receiver.deliveries
    ayrshare.clock.jump(timedelta(minutes=1))
    await receiver.receives(1)
    (event,) = receiver.events
    assert (event["action"], event["status"], event["batch"]["url"]) == ("batch", "success", batch["url"])
