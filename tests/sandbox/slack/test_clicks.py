"""A person uses an element of a message: what the app gets, and what the person sees."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import actions, button, modal, option, plain, section


async def ephemeral(control: ControlClient, fake_app: FakeApp, *elements: dict[str, Any]) -> None:
    fake_app.will_respond({"text": "card", "blocks": [actions(*elements)]})
    await control.command()


async def test_a_click_in_an_ephemeral_message_identifies_it_without_its_content(
    control: ControlClient, fake_app: FakeApp
) -> None:
    await ephemeral(control, fake_app, button(value="7", style="primary"))
    assert (await control.click("go"))["ok"]
    payload = fake_app.last.payload
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


async def test_each_click_has_a_new_trigger_id_and_response_url(control: ControlClient, fake_app: FakeApp) -> None:
    await ephemeral(control, fake_app, button())
    await control.click("go")
    first = fake_app.last.payload
    await control.click("go")
    second = fake_app.last.payload
    assert first["trigger_id"] != second["trigger_id"]
    assert first["response_url"] != second["response_url"]


async def test_a_url_button_opens_its_url_and_sends_an_action(control: ControlClient, fake_app: FakeApp) -> None:
    await ephemeral(control, fake_app, button(url="https://x.example/secret"))
    assert (await control.click("go"))["opens"] == "https://x.example/secret"
    assert fake_app.last.payload["actions"][0]["url"] == "https://x.example/secret"


async def test_a_url_opens_even_if_the_app_fails(control: ControlClient, fake_app: FakeApp) -> None:
    await ephemeral(control, fake_app, button(url="https://x.example/secret"))
    fake_app.will_respond(status=404)
    result = await control.click("go")
    assert (result["ok"], result["error"]) == (False, "http_client_error")
    assert result["opens"] == "https://x.example/secret"


async def test_a_click_in_a_stored_message_contains_it(
    control: ControlClient, fake_app: FakeApp, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="card", blocks=[actions(button())])
    await control.click("go", user="ana")
    payload = fake_app.last.payload
    assert payload["container"]["is_ephemeral"] is False
    assert payload["message"]["ts"] == posted["ts"]
    assert payload["message"]["blocks"][0]["elements"][0]["action_id"] == "go"


@pytest.mark.parametrize(
    ("element", "value", "selected"),
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
async def test_selected_values_are_in_the_action_and_stay_in_the_state(
    control: ControlClient, fake_app: FakeApp, element: dict[str, Any], value: Any, selected: dict[str, Any]
) -> None:
    await ephemeral(control, fake_app, {"action_id": "pick", **element}, button())
    assert (await control.click("pick", value=value))["ok"]
    payload = fake_app.last.payload
    assert selected.items() <= payload["actions"][0].items()
    assert payload["state"]["values"]["row"]["pick"] == {"type": element["type"], **selected}
    await control.click("go")
    assert fake_app.last.payload["state"]["values"]["row"]["pick"] == {"type": element["type"], **selected}


async def test_checkboxes_and_overflow_menus_send_their_options(control: ControlClient, fake_app: FakeApp) -> None:
    menu = {"type": "overflow", "action_id": "menu", "options": [{**option("a"), "url": "https://x.example/"}]}
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": [option("a"), option("b")]}
    await ephemeral(control, fake_app, menu, boxes)
    assert (await control.click("menu", value="a"))["opens"] == "https://x.example/"
    assert fake_app.last.payload["actions"][0]["selected_option"]["value"] == "a"
    assert set(fake_app.last.payload["state"]["values"]["row"]) == {"boxes"}
    await control.click("boxes", value=["a", "b"])
    assert [o["value"] for o in fake_app.last.payload["actions"][0]["selected_options"]] == ["a", "b"]


async def test_an_unused_select_is_in_the_state_with_its_initial_option(
    control: ControlClient, fake_app: FakeApp
) -> None:
    picker = {"type": "static_select", "action_id": "pick", "options": [option("a")]}
    await ephemeral(control, fake_app, {**picker, "initial_option": option("a")}, button())
    await control.click("go")
    assert fake_app.last.payload["state"]["values"]["row"]["pick"]["selected_option"]["value"] == "a"


async def test_the_app_supplies_the_options_of_an_external_select(control: ControlClient, fake_app: FakeApp) -> None:
    await ephemeral(control, fake_app, {"type": "external_select", "action_id": "pick"})
    fake_app.will_respond({"options": [option("globex")]})
    fake_app.will_respond({"option_groups": [{"label": plain("All"), "options": [option("acme")]}]})
    assert (await control.click("pick", value="globex"))["ok"]
    query, _, action = (received.payload for received in fake_app.received[-3:])
    assert (query["type"], query["value"], query["action_id"]) == ("block_suggestion", "globex", "pick")
    assert action["actions"][0]["selected_option"]["value"] == "globex"


@pytest.mark.parametrize("body", ["nonsense", [], {"options": [{"text": "no object"}]}, {"options": 7}])
async def test_invalid_options_of_the_app_cannot_be_selected(
    control: ControlClient, fake_app: FakeApp, body: Any
) -> None:
    await ephemeral(control, fake_app, {"type": "external_select", "action_id": "pick"})
    fake_app.will_respond(body)
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
async def test_an_element_that_a_user_does_not_see_cannot_be_clicked(
    control: ControlClient, fake_app: FakeApp, user: str, action: str, more: dict[str, str]
) -> None:
    picker = {"type": "static_select", "action_id": "pick", "options": [option("a"), option("b")]}
    hidden = button("hidden", visible_to_user_ids=["U0ANA0001"])
    await ephemeral(control, fake_app, button(), picker, hidden)
    [message] = await control.messages()
    result = await control.click(action, user=user, message_ts=message["ts"], **more)
    assert not result["ok"]
    assert result["error"]
    assert len(fake_app.received) == 1


async def test_a_deactivated_user_cannot_click(
    sandbox: Sandbox, control: ControlClient, client: AsyncWebClient, fake_app: FakeApp
) -> None:
    await client.chat_postMessage(channel="C0GENERAL", text="card", blocks=[actions(button())])
    sandbox.slack.world.user("ben").deleted = True
    assert not (await control.click("go"))["ok"]
    assert fake_app.received == []


async def test_a_section_accessory_can_be_clicked(
    control: ControlClient, client: AsyncWebClient, fake_app: FakeApp
) -> None:
    block = section("press", block_id="first", accessory=button())
    await client.chat_postMessage(channel="C0GENERAL", text="card", blocks=[block])
    await control.click("go", block_id="first")
    assert fake_app.last.payload["actions"][0]["block_id"] == "first"


async def test_somebody_foreign_acts_from_their_own_workspace(
    sandbox: Sandbox, control: ControlClient, client: AsyncWebClient, fake_app: FakeApp
) -> None:
    sandbox.slack.world.channel("partners").members.append("U0CONNECT")
    await client.chat_postMessage(channel="C0PARTNER", text="card", blocks=[actions(button())])
    await control.click("go", user="yara", channel="partners")
    payload = fake_app.last.payload
    assert payload["team"] == {"id": "T0PARTNER", "domain": "connect-partner"}
    assert payload["message"]["team"] == "T0CONNECT"
    view = (await client.views_open(trigger_id=payload["trigger_id"], view=modal(section("hi"))))["view"]
    assert (view["team_id"], view["app_installed_team_id"]) == ("T0PARTNER", "T0CONNECT")
    yara = (await client.users_info(user="U0YARA001"))["user"]
    assert (yara["team_id"], "is_stranger" in yara, "is_admin" in yara) == ("T0PARTNER", False, False)
