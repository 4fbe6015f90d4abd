"""`response_url`s through the stock webhook client."""

from datetime import timedelta

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener
from tests.sandbox.slack.blocks import actions, button, section
from tests.sandbox.slack.conftest import Post


@pytest.fixture
async def hook(control: Control, listener: Listener, session: aiohttp.ClientSession) -> AsyncWebhookClient:
    """The address of a command that ben typed where the bot is nobody."""
    await control.command(channel="random")
    return AsyncWebhookClient(listener.last.form["response_url"], session=session)


async def clicked(control: Control, listener: Listener, hook: AsyncWebhookClient) -> AsyncWebhookClient:
    """Post a message with a button through a command's address, and return the click's."""
    await hook.send(text="card", blocks=[section("card"), actions(button())])
    assert (await control.click("go", channel="random"))["ok"]
    return AsyncWebhookClient(listener.last.payload["response_url"], session=hook.session)


async def test_posts_are_ephemeral_by_default(control: Control, hook: AsyncWebhookClient) -> None:
    answer = await hook.send(text="only you")
    assert (answer.status_code, answer.body) == (200, "ok")
    [message] = await control.messages("ben", "random")
    assert (message["text"], message["ephemeral"]) == ("only you", True)
    assert await control.messages("ana", "random") == []


async def test_in_channel_posts_are_for_all(control: Control, hook: AsyncWebhookClient) -> None:
    await hook.send(text="all", response_type="in_channel")
    assert await control.texts("ana", "random") == ["all"]


async def test_the_sixth_post_fails(control: Control, hook: AsyncWebhookClient) -> None:
    answers = [await hook.send(text=str(number)) for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert "used_url" in answers[-1].body
    assert await control.texts("ben", "random") == ["0", "1", "2", "3", "4"]


async def test_it_works_for_thirty_minutes(clock: ManualClock, hook: AsyncWebhookClient) -> None:
    clock.advance(timedelta(minutes=30))
    assert (await hook.send(text="in time")).status_code == 200
    clock.advance(timedelta(milliseconds=1))
    late = await hook.send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


async def test_the_refusal_can_be_set(sandbox: Sandbox, clock: ManualClock, hook: AsyncWebhookClient) -> None:
    sandbox.slack.response_urls.error_status = 410
    sandbox.slack.response_urls.expired_error = "gone"
    clock.advance(timedelta(hours=1))
    late = await hook.send(text="late")
    assert (late.status_code, "gone" in late.body) == (410, True)


async def test_replacing_through_a_commands_url_yields_two_messages(control: Control, hook: AsyncWebhookClient) -> None:
    await hook.send(text="working")
    await hook.send(text="done", replace_original=True)
    await hook.send(delete_original=True)
    assert await control.texts("ben", "random") == ["working", "done"]


async def test_a_switch_lets_a_commands_url_replace(
    sandbox: Sandbox, control: Control, hook: AsyncWebhookClient
) -> None:
    sandbox.slack.command_urls_replace = True
    await hook.send(text="working")
    await hook.send(text="done", replace_original=True)
    assert await control.texts("ben", "random") == ["done"]


async def test_replacing_through_a_clicks_url_yields_one_message(
    control: Control, listener: Listener, hook: AsyncWebhookClient
) -> None:
    click = await clicked(control, listener, hook)
    await click.send(text="opened", replace_original=True, response_type="in_channel")
    [message] = await control.messages("ben", "random")
    assert (message["text"], message["blocks"], message["ephemeral"]) == ("opened", [], True)
    assert await control.messages("ana", "random") == []


async def test_a_click_hands_over_five_fresh_posts(
    control: Control, listener: Listener, hook: AsyncWebhookClient
) -> None:
    click = await clicked(control, listener, hook)
    answers = [await click.send(text=str(number), replace_original=True) for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert await control.texts("ben", "random") == ["4"]


async def test_the_flags_work_as_words_too(
    control: Control, listener: Listener, hook: AsyncWebhookClient, post_json: Post
) -> None:
    click = await clicked(control, listener, hook)
    await post_json(click.url, text="opened", replace_original="true")
    assert await control.texts("ben", "random") == ["opened"]
    await post_json(click.url, delete_original="true")
    assert await control.texts("ben", "random") == []


async def test_deleting_with_content_posts_anew(control: Control, listener: Listener, hook: AsyncWebhookClient) -> None:
    click = await clicked(control, listener, hook)
    before = (await control.messages("ben", "random"))[0]["ts"]
    await click.send(text="anew", delete_original=True)
    [message] = await control.messages("ben", "random")
    assert (message["text"], message["ts"] != before) == ("anew", True)


async def test_replacing_what_a_reload_took_shows_nothing(
    control: Control, listener: Listener, hook: AsyncWebhookClient
) -> None:
    click = await clicked(control, listener, hook)
    await control.post("reload", user="ben")
    assert (await click.send(text="opened", replace_original=True)).status_code == 200
    assert await control.messages("ben", "random") == []


async def test_invalid_blocks_are_refused_and_not_counted(control: Control, hook: AsyncWebhookClient) -> None:
    for _ in range(6):
        answer = await hook.send(blocks=[section("x" * 3001)])
        assert (answer.status_code, "invalid_blocks" in answer.body) == (400, True)
    assert (await hook.send(text="still good")).status_code == 200


async def test_bodies_must_be_json(session: aiohttp.ClientSession, hook: AsyncWebhookClient) -> None:
    for body, kind in (
        ("text=hi", "application/x-www-form-urlencoded"),
        ("{", "application/json"),
        ("[]", "application/json"),
    ):
        async with session.post(hook.url, data=body, headers={"Content-Type": kind}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (400, "invalid_payload")
    assert (await hook.send()).status_code == 400


async def test_an_unknown_address_is_refused(hook: AsyncWebhookClient) -> None:
    hook.url = hook.url[:-1]
    assert (await hook.send(text="hi")).status_code == 404


async def test_bolts_respond_reaches_it(bolt: AsyncApp, control: Control) -> None:
    @bolt.command("/connect")
    async def connect(ack, respond) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  # bolt injects by name
        await respond("before the acknowledgement")
        await ack()

    assert (await control.command())["ok"]
    assert await control.texts() == ["before the acknowledgement"]


async def test_a_clicks_url_replaces_a_message_in_a_dm_which_stays_a_stored_one(
    control: Control, client: AsyncWebClient, listener: Listener
) -> None:
    """What somebody presses in their DM with the app is redrawn in place, and chat.update goes on from there."""
    posted = await client.chat_postMessage(
        channel="U0BEN0001", text="card", blocks=[section("card"), actions(button())]
    )
    assert (await control.click("go", channel="D0BEN0001"))["ok"]
    payload = listener.last.payload
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
