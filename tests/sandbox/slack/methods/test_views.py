"""Modals and Home tabs: open, push, update, publish."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import actions, button, modal, plain, section, text_input
from tests.sandbox.slack.errors import error_response


@pytest.fixture
async def trigger(control: ControlClient, fake_app: FakeApp) -> str:
    await control.command()
    return fake_app.last.form["trigger_id"]


async def test_a_modal_opens_for_the_user_who_acted(
    control: ControlClient, client: AsyncWebClient, trigger: str
) -> None:
    opened = await client.views_open(trigger_id=trigger, view=modal(section("hi")))
    view = opened["view"]
    assert view["state"] == {"values": {}}
    assert (view["root_view_id"], view["previous_view_id"]) == (view["id"], None)
    assert (view["private_metadata"], view["callback_id"], view["external_id"]) == ("", "", "")
    assert (view["bot_id"], view["app_id"], view["team_id"]) == ("B0CONNECT", "A0CONNECT", "T0CONNECT")
    assert (await control.get("view", user="ben"))["id"] == view["id"]
    assert await control.get("view", user="ana") is None


async def test_a_trigger_id_works_once(client: AsyncWebClient, trigger: str) -> None:
    await client.views_open(trigger_id=trigger, view=modal(section("hi")))
    again = await error_response(client.views_open(trigger_id=trigger, view=modal(section("hi"))))
    assert again["error"] == "exchanged_trigger_id"


async def test_a_trigger_id_expires_after_three_seconds(
    clock: ManualClock, client: AsyncWebClient, trigger: str
) -> None:
    await clock.advance(timedelta(seconds=3, milliseconds=1))
    late = await error_response(client.views_open(trigger_id=trigger, view=modal(section("hi"))))
    assert late["error"] == "expired_trigger_id"


async def test_an_unknown_trigger_id_is_invalid(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.triggers.errors["invalid"] = "invalid_arguments"
    response = await error_response(client.views_open(trigger_id="1.2.3", view=modal(section("hi"))))
    assert response["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(section("hi"), title=plain("x" * 25)), "/view/title/text"),
        (modal(*[section("hi")] * 101), "/view/blocks"),
        (modal(section("hi"), private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(text_input("name"), submit=None), "/view/submit"),
        (modal({"type": "table", "rows": [[]]}), "/view/blocks/0/type"),
        ({"type": "home", "blocks": []}, "/view/type"),
        ({"type": "modal", "title": plain("x")}, "/view"),
    ],
)
async def test_a_view_over_a_limit_is_rejected_with_a_pointer(
    client: AsyncWebClient, trigger: str, view: dict[str, Any], pointer: str
) -> None:
    response = await error_response(client.views_open(trigger_id=trigger, view=view))
    assert response["error"] == "invalid_arguments"
    assert any(f"[json-pointer:{pointer}]" in message for message in response["response_metadata"]["messages"])


async def test_a_view_of_more_than_250_kb_is_too_large(client: AsyncWebClient, trigger: str) -> None:
    view = modal(*[section("x" * 3000)] * 90)
    assert (await error_response(client.views_open(trigger_id=trigger, view=view)))["error"] == "view_too_large"


async def test_an_update_keeps_the_input_where_the_ids_match(
    control: ControlClient, client: AsyncWebClient, trigger: str
) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(text_input("name"), text_input("city"))))["view"]
    await control.click("typed", view_id=view["id"], block_id="name", value="Ann", message_ts="-")
    await control.click("typed", view_id=view["id"], block_id="city", value="Rome", message_ts="-")
    updated = await client.views_update(view_id=view["id"], view=modal(text_input("name"), text_input("land")))
    values = updated["view"]["state"]["values"]
    assert values["name"]["typed"] == {"type": "plain_text_input", "value": "Ann"}
    assert values["land"]["typed"] == {"type": "plain_text_input", "value": None}


async def test_a_stale_hash_conflicts(client: AsyncWebClient, trigger: str) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(section("1"))))["view"]
    await client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("2")))
    response = await error_response(
        client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("3")))
    )
    assert response["error"] == "hash_conflict"


async def test_a_closed_view_is_not_found(control: ControlClient, client: AsyncWebClient, trigger: str) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(section("1"))))["view"]
    await control.post("close", user="ben", view_id=view["id"])
    assert (await error_response(client.views_update(view_id=view["id"], view=modal(section("2")))))[
        "error"
    ] == "not_found"


async def test_external_ids_are_unique_and_find_the_view(
    control: ControlClient, fake_app: FakeApp, client: AsyncWebClient, trigger: str
) -> None:
    await client.views_open(trigger_id=trigger, view=modal(section("1"), external_id="mine"))
    updated = await client.views_update(external_id="mine", view=modal(section("2"), external_id="mine"))
    assert updated["view"]["blocks"][0]["text"]["text"] == "2"
    await control.command(user="ana")
    other = fake_app.last.form["trigger_id"]
    response = await error_response(client.views_open(trigger_id=other, view=modal(section("3"), external_id="mine")))
    assert response["error"] == "duplicate_external_id"


async def test_a_stack_has_at_most_three_views(
    control: ControlClient, fake_app: FakeApp, client: AsyncWebClient, trigger: str
) -> None:
    view = modal(actions(button()))
    top = (await client.views_open(trigger_id=trigger, view=view))["view"]
    for _ in range(2):
        await control.post("click", user="ben", view_id=top["id"], action_id="go")
        pushed = (await client.views_push(trigger_id=fake_app.last.payload["trigger_id"], view=view))["view"]
        assert pushed["previous_view_id"] == top["id"]
        top = pushed
    await control.post("click", user="ben", view_id=top["id"], action_id="go")
    response = await error_response(client.views_push(trigger_id=fake_app.last.payload["trigger_id"], view=view))
    assert response["error"] == "push_limit_reached"


async def test_only_a_trigger_id_from_a_modal_can_push(client: AsyncWebClient, trigger: str) -> None:
    response = await error_response(client.views_push(trigger_id=trigger, view=modal(section("1"))))
    assert response["error"] == "invalid_trigger_id"


async def test_a_click_in_a_modal_has_no_response_url(
    control: ControlClient, fake_app: FakeApp, client: AsyncWebClient, trigger: str
) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(actions(button()))))["view"]
    await control.post("click", user="ben", view_id=view["id"], action_id="go")
    payload = fake_app.last.payload
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["view"]["id"] == view["id"]
    assert not {"response_url", "channel", "message"} & set(payload)


async def test_an_input_sends_an_action_only_with_dispatch_action(
    control: ControlClient, fake_app: FakeApp, client: AsyncWebClient, trigger: str
) -> None:
    view = modal(text_input("quiet"), text_input("loud", dispatch_action=True))
    opened = (await client.views_open(trigger_id=trigger, view=view))["view"]
    before = len(fake_app.received)
    for block_id in ("quiet", "loud"):
        where = {"view_id": opened["id"], "block_id": block_id, "action_id": "typed"}
        assert (await control.post("click", user="ben", value="x", **where))["ok"]
    assert len(fake_app.received) == before + 1
    assert fake_app.last.payload["view"]["state"]["values"]["quiet"]["typed"]["value"] == "x"


async def test_a_home_tab_is_published_and_clicked(
    control: ControlClient, fake_app: FakeApp, client: AsyncWebClient
) -> None:
    assert await control.get("home", user="ben") is None
    event = fake_app.last.payload["event"]
    assert (event["type"], event["user"], event["channel"], event["tab"]) == (
        "app_home_opened",
        "U0BEN0001",
        "D0BEN0001",
        "home",
    )
    home = {"type": "home", "blocks": [actions(button())]}
    published = (await client.views_publish(user_id="U0BEN0001", view=home))["view"]
    assert (await control.get("home", user="ben"))["id"] == published["id"]
    assert fake_app.last.payload["event"]["view"]["id"] == published["id"]
    assert (await control.post("click", user="ben", view_id=published["id"], action_id="go"))["ok"]
    assert fake_app.last.payload["view"]["type"] == "home"
    for call in ("submit", "close"):
        assert "Home tab" in (await control.post(call, user="ben", view_id=published["id"]))["error"]
    conflict = client.views_publish(user_id="U0BEN0001", view=home, hash="old")
    assert (await error_response(conflict))["error"] == "hash_conflict"
