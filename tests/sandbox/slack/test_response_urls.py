"""`response_url`s through the stock webhook client."""

from datetime import timedelta

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import actions, button, section
from tests.sandbox.slack.conftest import Post


@pytest.fixture
async def hook(control: ControlClient, fake_app: FakeApp, session: aiohttp.ClientSession) -> AsyncWebhookClient:
    """The URL of a command that ben typed in a channel without the bot."""
    await control.command(channel="random")
    return AsyncWebhookClient(fake_app.last.form["response_url"], session=session)


async def url_of_click(control: ControlClient, fake_app: FakeApp, hook: AsyncWebhookClient) -> AsyncWebhookClient:
    """Post a message with a button through the URL of a command, click it, and return the URL of the click."""
    await hook.send(text="card", blocks=[section("card"), actions(button())])
    assert (await control.click("go", channel="random"))["ok"]
    return AsyncWebhookClient(fake_app.last.payload["response_url"], session=hook.session)


async def test_posts_are_ephemeral_by_default(control: ControlClient, hook: AsyncWebhookClient) -> None:
    response = await hook.send(text="only you")
    assert (response.status_code, response.body) == (200, "ok")
    [message] = await control.messages("ben", "random")
    assert (message["text"], message["ephemeral"]) == ("only you", True)
    assert await control.messages("ana", "random") == []


async def test_in_channel_posts_are_for_all(control: ControlClient, hook: AsyncWebhookClient) -> None:
    await hook.send(text="all", response_type="in_channel")
    assert await control.texts("ana", "random") == ["all"]


async def test_the_sixth_post_fails(control: ControlClient, hook: AsyncWebhookClient) -> None:
    responses = [await hook.send(text=str(number)) for number in range(6)]
    assert [response.status_code for response in responses] == [200] * 5 + [404]
    assert "used_url" in responses[-1].body
    assert await control.texts("ben", "random") == ["0", "1", "2", "3", "4"]


async def test_a_url_expires_after_thirty_minutes(clock: ManualClock, hook: AsyncWebhookClient) -> None:
    await clock.advance(timedelta(minutes=30))
    assert (await hook.send(text="in time")).status_code == 200
    await clock.advance(timedelta(milliseconds=1))
    late = await hook.send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


async def test_the_error_can_be_changed(sandbox: Sandbox, clock: ManualClock, hook: AsyncWebhookClient) -> None:
    sandbox.slack.response_urls.error_status = 410
    sandbox.slack.response_urls.expired_error = "gone"
    await clock.advance(timedelta(hours=1))
    late = await hook.send(text="late")
    assert (late.status_code, "gone" in late.body) == (410, True)


async def test_replacing_through_a_commands_url_yields_two_messages(
    control: ControlClient, hook: AsyncWebhookClient
) -> None:
    await hook.send(text="working")
    await hook.send(text="done", replace_original=True)
    await hook.send(delete_original=True)
    assert await control.texts("ben", "random") == ["working", "done"]


async def test_a_setting_lets_a_commands_url_replace(
    sandbox: Sandbox, control: ControlClient, hook: AsyncWebhookClient
) -> None:
    sandbox.slack.command_urls_replace = True
    await hook.send(text="working")
    await hook.send(text="done", replace_original=True)
    assert await control.texts("ben", "random") == ["done"]


async def test_replacing_through_a_clicks_url_yields_one_message(
    control: ControlClient, fake_app: FakeApp, hook: AsyncWebhookClient
) -> None:
    click = await url_of_click(control, fake_app, hook)
    await click.send(text="opened", replace_original=True, response_type="in_channel")
    [message] = await control.messages("ben", "random")
    assert (message["text"], message["blocks"], message["ephemeral"]) == ("opened", [], True)
    assert await control.messages("ana", "random") == []


async def test_a_click_has_a_url_for_five_more_posts(
    control: ControlClient, fake_app: FakeApp, hook: AsyncWebhookClient
) -> None:
    click = await url_of_click(control, fake_app, hook)
    responses = [await click.send(text=str(number), replace_original=True) for number in range(6)]
    assert [response.status_code for response in responses] == [200] * 5 + [404]
    assert await control.texts("ben", "random") == ["4"]


async def test_the_flags_may_be_strings(
    control: ControlClient, fake_app: FakeApp, hook: AsyncWebhookClient, post_json: Post
) -> None:
    click = await url_of_click(control, fake_app, hook)
    await post_json(click.url, text="opened", replace_original="true")
    assert await control.texts("ben", "random") == ["opened"]
    await post_json(click.url, delete_original="true")
    assert await control.texts("ben", "random") == []


async def test_deleting_with_content_posts_a_new_message(
    control: ControlClient, fake_app: FakeApp, hook: AsyncWebhookClient
) -> None:
    click = await url_of_click(control, fake_app, hook)
    before = (await control.messages("ben", "random"))[0]["ts"]
    await click.send(text="new", delete_original=True)
    [message] = await control.messages("ben", "random")
    assert (message["text"], message["ts"] != before) == ("new", True)


async def test_replacing_a_message_that_a_reload_removed_shows_nothing(
    control: ControlClient, fake_app: FakeApp, hook: AsyncWebhookClient
) -> None:
    click = await url_of_click(control, fake_app, hook)
    await control.post("reload", user="ben")
    assert (await click.send(text="opened", replace_original=True)).status_code == 200
    assert await control.messages("ben", "random") == []


async def test_invalid_blocks_are_rejected_and_not_counted(control: ControlClient, hook: AsyncWebhookClient) -> None:
    for _ in range(6):
        response = await hook.send(blocks=[section("x" * 3001)])
        assert (response.status_code, "invalid_command_response" in response.body) == (400, True)
    assert (await hook.send(text="still good")).status_code == 200


async def test_bodies_must_be_json(session: aiohttp.ClientSession, hook: AsyncWebhookClient) -> None:
    for body, kind in (
        ("text=hi", "application/x-www-form-urlencoded"),
        ("{", "application/json"),
        ("[]", "application/json"),
    ):
        async with session.post(hook.url, data=body, headers={"Content-Type": kind}) as response:
            assert (response.status, (await response.json())["error"]) == (400, "invalid_payload")
    assert (await hook.send()).status_code == 400


async def test_an_unknown_url_is_rejected(hook: AsyncWebhookClient) -> None:
    hook.url = hook.url[:-1]
    assert (await hook.send(text="hi")).status_code == 404


async def test_bolts_respond_posts_to_the_url(bolt: AsyncApp, control: ControlClient) -> None:
    @bolt.command("/connect")
    async def connect(ack, respond) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  # bolt injects by name
        await respond("before the acknowledgement")
        await ack()

    assert (await control.command())["ok"]
    assert await control.texts() == ["before the acknowledgement"]


async def test_a_clicks_url_replaces_a_stored_message_in_a_dm_in_place(
    control: ControlClient, client: AsyncWebClient, fake_app: FakeApp
) -> None:
    """The message keeps its `ts`, and chat.update and the URL can both update it afterwards."""
    posted = await client.chat_postMessage(
        channel="U0BEN0001", text="card", blocks=[section("card"), actions(button())]
    )
    assert (await control.click("go", channel="D0BEN0001"))["ok"]
    payload = fake_app.last.payload
    assert (payload["container"]["is_ephemeral"], payload["message"]["ts"]) == (False, posted["ts"])
    url = AsyncWebhookClient(payload["response_url"], session=client.session)
    assert (await url.send(text="opened", blocks=[section("opened")], replace_original=True)).status_code == 200
    [message] = await control.messages("ben", "D0BEN0001")
    assert (message["ts"], message["text"], message["ephemeral"]) == (posted["ts"], "opened", False)
    await client.chat_update(channel="D0BEN0001", ts=posted["ts"], text="expired", blocks=[section("expired")])
    [message] = await control.messages("ben", "D0BEN0001")
    assert (message["ts"], message["text"]) == (posted["ts"], "expired")
    assert (await url.send(text="again", replace_original=True)).status_code == 200
    assert await control.texts("ben", "D0BEN0001") == ["again"]
