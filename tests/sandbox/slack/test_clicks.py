"""What an app gets when somebody uses an element of a message."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener
from tests.sandbox.slack.blocks import actions, button, option, plain, section


async def ephemeral(control: Control, listener: Listener, *elements: dict[str, Any]) -> None:
    listener.will_answer({"text": "card", "blocks": [actions(*elements)]})
    await control.command()


async def test_a_click_in_an_ephemeral_message_names_it_without_showing_it(
    control: Control, listener: Listener
) -> None:
    await ephemeral(control, listener, button(value="7", style="primary"))
    assert (await control.click("go"))["ok"]
    payload = listener.last.payload
    [message] = await control.messages()
    assert payload["container"] == {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": "C0GENERAL",
        "is_ephemeral": True,
    }
    assert "message" not in payload
    assert payload["channel"] == {"id": "C0GENERAL", "name": "general"}
    assert payload["user"] == {"id": "U0BEN0001", "username": "ben", "name": "ben", "team_id": "T0CONNECT"}
    assert payload["team"] == {"id": "T0CONNECT", "domain": "connect-demo"}
    assert (payload["enterprise"], payload["is_enterprise_install"]) == (None, False)
    [action] = payload["actions"]
    assert action.pop("action_ts")
    assert action == {
        "type": "button",
        "action_id": "go",
        "block_id": "row",
        "text": {"type": "plain_text", "text": "Go", "emoji": True},
        "value": "7",
        "style": "primary",
    }


async def test_each_click_brings_a_new_trigger_and_address(control: Control, listener: Listener) -> None:
    await ephemeral(control, listener, button())
    await control.click("go")
    first = listener.last.payload
    await control.click("go")
    second = listener.last.payload
    assert first["trigger_id"] != second["trigger_id"]
    assert first["response_url"] != second["response_url"]


async def test_a_url_button_opens_its_address_and_tells_the_app(control: Control, listener: Listener) -> None:
    await ephemeral(control, listener, button(url="https://x.example/secret"))
    assert (await control.click("go"))["opens"] == "https://x.example/secret"
    assert listener.last.payload["actions"][0]["url"] == "https://x.example/secret"


async def test_a_url_opens_even_when_the_app_does_not_answer(control: Control, listener: Listener) -> None:
    await ephemeral(control, listener, button(url="https://x.example/secret"))
    listener.will_answer(status=404)
    answer = await control.click("go")
    assert (answer["ok"], answer["error"]) == (False, "http_client_error")
    assert answer["opens"] == "https://x.example/secret"


async def test_a_click_in_a_stored_message_carries_it(
    control: Control, listener: Listener, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="card", blocks=[actions(button())])
    await control.click("go", user="ana")
    payload = listener.last.payload
    assert payload["container"]["is_ephemeral"] is False
    assert payload["message"]["ts"] == posted["ts"]
    assert payload["message"]["blocks"][0]["elements"][0]["action_id"] == "go"


@pytest.mark.parametrize(
    ("element", "value", "chosen"),
    [
        (
            {"type": "static_select", "options": [option("a"), option("b")]},
            "b",
            {"selected_option": {"text": {"type": "plain_text", "text": "B", "emoji": True}, "value": "b"}},
        ),
        (
            {"type": "radio_buttons", "options": [option("a")]},
            "A",
            {"selected_option": {"text": {"type": "plain_text", "text": "A", "emoji": True}, "value": "a"}},
        ),
        ({"type": "users_select"}, "ana", {"selected_user": "U0ANA0001"}),
        ({"type": "multi_users_select"}, ["ana", "U0BEN0001"], {"selected_users": ["U0ANA0001", "U0BEN0001"]}),
        ({"type": "conversations_select"}, "random", {"selected_conversation": "C0RANDOM1"}),
        ({"type": "channels_select"}, "C0RANDOM1", {"selected_channel": "C0RANDOM1"}),
        ({"type": "datepicker"}, "2026-12-24", {"selected_date": "2026-12-24"}),
        ({"type": "datetimepicker"}, 1795348800, {"selected_date_time": 1795348800}),
    ],
)
async def test_choices_arrive_in_the_action_and_stay_in_the_state(
    control: Control, listener: Listener, element: dict[str, Any], value: Any, chosen: dict[str, Any]
) -> None:
    await ephemeral(control, listener, {"action_id": "pick", **element}, button())
    assert (await control.click("pick", value=value))["ok"]
    payload = listener.last.payload
    assert chosen.items() <= payload["actions"][0].items()
    assert payload["state"]["values"]["row"]["pick"] == {"type": element["type"], **chosen}
    await control.click("go")
    assert listener.last.payload["state"]["values"]["row"]["pick"] == {"type": element["type"], **chosen}


async def test_checkboxes_and_overflows_arrive(control: Control, listener: Listener) -> None:
    menu = {"type": "overflow", "action_id": "menu", "options": [{**option("a"), "url": "https://x.example/"}]}
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": [option("a"), option("b")]}
    await ephemeral(control, listener, menu, boxes)
    assert (await control.click("menu", value="a"))["opens"] == "https://x.example/"
    assert listener.last.payload["actions"][0]["selected_option"]["value"] == "a"
    assert set(listener.last.payload["state"]["values"]["row"]) == {"boxes"}
    await control.click("boxes", value=["a", "b"])
    assert [o["value"] for o in listener.last.payload["actions"][0]["selected_options"]] == ["a", "b"]


async def test_an_untouched_select_is_in_the_state(control: Control, listener: Listener) -> None:
    picker = {"type": "static_select", "action_id": "pick", "options": [option("a")]}
    await ephemeral(control, listener, {**picker, "initial_option": option("a")}, button())
    await control.click("go")
    assert listener.last.payload["state"]["values"]["row"]["pick"]["selected_option"]["value"] == "a"


async def test_the_app_supplies_the_options_of_an_external_select(control: Control, listener: Listener) -> None:
    await ephemeral(control, listener, {"type": "external_select", "action_id": "pick"})
    listener.will_answer({"options": [option("globex")]})
    listener.will_answer({"option_groups": [{"label": plain("All"), "options": [option("acme")]}]})
    assert (await control.click("pick", value="globex"))["ok"]
    query, _, action = (received.payload for received in listener.received[-3:])
    assert (query["type"], query["value"], query["action_id"]) == ("block_suggestion", "globex", "pick")
    assert action["actions"][0]["selected_option"]["value"] == "globex"


@pytest.mark.parametrize("body", ["nonsense", [], {"options": [{"text": "no object"}]}, {"options": 7}])
async def test_options_that_cannot_be_shown_cannot_be_picked(control: Control, listener: Listener, body: Any) -> None:
    await ephemeral(control, listener, {"type": "external_select", "action_id": "pick"})
    listener.will_answer(body)
    assert "the app answered with" in (await control.click("pick", value="x"))["error"]


@pytest.mark.parametrize(
    ("user", "action", "more"),
    [
        ("ben", "missing", {}),
        ("ben", "go", {"block_id": "other"}),
        ("ben", "pick", {"value": "c"}),
        ("ben", "pick", {}),
        ("ben", "hidden", {}),
        ("ana", "go", {}),
        ("zoe", "go", {}),
    ],
)
async def test_what_a_viewer_does_not_see_cannot_be_clicked(
    control: Control, listener: Listener, user: str, action: str, more: dict[str, str]
) -> None:
    picker = {"type": "static_select", "action_id": "pick", "options": [option("a"), option("b")]}
    hidden = button("hidden", visible_to_user_ids=["U0ANA0001"])
    await ephemeral(control, listener, button(), picker, hidden)
    [message] = await control.messages()
    answer = await control.click(action, user=user, message_ts=message["ts"], **more)
    assert not answer["ok"]
    assert answer["error"]
    assert len(listener.received) == 1


async def test_the_deactivated_click_nothing(
    sandbox: Sandbox, control: Control, client: AsyncWebClient, listener: Listener
) -> None:
    await client.chat_postMessage(channel="C0GENERAL", text="card", blocks=[actions(button())])
    sandbox.slack.world.user("ben").deleted = True
    assert not (await control.click("go"))["ok"]
    assert listener.received == []


async def test_a_section_accessory_can_be_clicked(control: Control, client: AsyncWebClient, listener: Listener) -> None:
    block = section("press", block_id="first", accessory=button())
    await client.chat_postMessage(channel="C0GENERAL", text="card", blocks=[block])
    await control.click("go", block_id="first")
    assert listener.last.payload["actions"][0]["block_id"] == "first"
