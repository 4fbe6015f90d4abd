"""A person submits or closes a modal."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import actions, button, modal, option, plain, section, text_input


@pytest.fixture
async def trigger(control: ControlClient, fake_app: FakeApp) -> str:
    await control.command()
    return fake_app.last.form["trigger_id"]


FORM = modal(
    text_input("name"),
    text_input("note", optional=True),
    {
        "type": "input",
        "block_id": "who",
        "label": plain("Who"),
        "element": {"type": "users_select", "action_id": "user"},
    },
    {
        "type": "input",
        "block_id": "sort",
        "label": plain("Sort"),
        "element": {"type": "checkboxes", "action_id": "boxes", "options": [option("a"), option("b")]},
    },
    callback_id="form",
    private_metadata="kept",
)


FILLED = {"name": {"typed": "Ann"}, "who": {"user": "ana"}, "sort": {"boxes": ["b"]}}


@pytest.fixture
async def form(client: AsyncWebClient, trigger: str) -> str:
    view_id: str = (await client.views_open(trigger_id=trigger, view=FORM))["view"]["id"]
    return view_id


async def test_a_submission_carries_the_state_by_element_type(
    control: ControlClient, fake_app: FakeApp, form: str
) -> None:
    assert (await control.post("submit", user="ben", view_id=form, values=FILLED))["ok"]
    payload = fake_app.last.payload
    assert (payload["type"], payload["view"]["callback_id"]) == ("view_submission", "form")
    assert (payload["view"]["private_metadata"], payload["response_urls"]) == ("kept", [])
    values = payload["view"]["state"]["values"]
    assert values["name"]["typed"] == {"type": "plain_text_input", "value": "Ann"}
    assert values["note"]["typed"] == {"type": "plain_text_input", "value": None}
    assert values["who"]["user"] == {"type": "users_select", "selected_user": "U0ANA0001"}
    assert [o["value"] for o in values["sort"]["boxes"]["selected_options"]] == ["b"]
    assert await control.get("view", user="ben") is None


async def test_a_required_field_left_empty_is_not_sent(control: ControlClient, fake_app: FakeApp, form: str) -> None:
    before = len(fake_app.received)
    result = await control.post("submit", user="ben", view_id=form, values={"name": {"typed": "Ann"}})
    assert (result["ok"], set(result["errors"])) == (False, {"who", "sort"})
    assert len(fake_app.received) == before


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ({"response_action": "errors", "errors": {"name": "taken"}}, "Title"),
        ({"response_action": "update", "view": modal(section("x"), title=plain("Second"))}, "Second"),
        ({"response_action": "push", "view": modal(section("x"), title=plain("Above"))}, "Above"),
        ({"response_action": "clear"}, None),
        ({}, None),
    ],
)
async def test_the_answer_to_a_submission_is_obeyed(
    control: ControlClient, fake_app: FakeApp, form: str, body: dict[str, Any], title: str | None
) -> None:
    fake_app.will_respond(body)
    result = await control.post("submit", user="ben", view_id=form, values=FILLED)
    assert result["errors"] == body.get("errors", {})
    view = await control.get("view", user="ben")
    assert (view and view["title"]["text"]) == title


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("nonsense", 200),
        ({"response_action": "dance"}, 200),
        ({"response_action": "update", "view": {}}, 200),
        ("", 500),
    ],
)
async def test_an_answer_that_cannot_be_obeyed_is_an_error_in_the_modal(
    control: ControlClient, fake_app: FakeApp, form: str, body: Any, status: int
) -> None:
    fake_app.will_respond(body, status=status)
    result = await control.post("submit", user="ben", view_id=form, values=FILLED)
    assert "trouble connecting" in result["error"]
    assert (await control.get("view", user="ben"))["id"] == form


async def test_a_submission_can_mint_response_urls(
    control: ControlClient, fake_app: FakeApp, client: AsyncWebClient, trigger: str
) -> None:
    element = {"type": "conversations_select", "action_id": "where", "response_url_enabled": True}
    block = {"type": "input", "block_id": "place", "label": plain("Where"), "element": element}
    view = (await client.views_open(trigger_id=trigger, view=modal(block)))["view"]
    await control.post("submit", user="ben", view_id=view["id"], values={"place": {"where": "random"}})
    [minted] = fake_app.last.payload["response_urls"]
    assert (minted["block_id"], minted["action_id"], minted["channel_id"]) == ("place", "where", "C0RANDOM1")
    assert "/slack/actions/" in minted["response_url"]


@pytest.mark.parametrize("notify", [True, False])
async def test_closing_is_told_only_where_asked_for(
    control: ControlClient, fake_app: FakeApp, client: AsyncWebClient, trigger: str, *, notify: bool
) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(section("x"), notify_on_close=notify)))["view"]
    assert (await control.post("close", user="ben", view_id=view["id"]))["ok"]
    closed = [r.payload for r in fake_app.received[1:]]
    assert [(p["type"], p["is_cleared"]) for p in closed] == ([("view_closed", False)] if notify else [])


async def test_a_view_can_take_the_whole_stack_along(
    control: ControlClient, fake_app: FakeApp, client: AsyncWebClient, trigger: str
) -> None:
    below = modal(actions(button()), notify_on_close=True)
    view = (await client.views_open(trigger_id=trigger, view=below))["view"]
    await control.post("click", user="ben", view_id=view["id"], action_id="go")
    above = modal(section("x"), clear_on_close=True)
    pushed = await client.views_push(trigger_id=fake_app.last.payload["trigger_id"], view=above)
    await control.post("close", user="ben", view_id=pushed["view"]["id"])
    assert await control.get("view", user="ben") is None
    assert (fake_app.last.payload["view"]["id"], fake_app.last.payload["is_cleared"]) == (view["id"], True)


@pytest.mark.parametrize("block_id", ["nothing", "words", "row"])
async def test_an_error_for_what_is_no_input_block_is_trouble(
    control: ControlClient, client: AsyncWebClient, fake_app: FakeApp, trigger: str, block_id: str
) -> None:
    view = modal(text_input("name", optional=True), section("hi", block_id="words"), actions(button()))
    view_id = (await client.views_open(trigger_id=trigger, view=view))["view"]["id"]
    fake_app.will_respond({"response_action": "errors", "errors": {"name": "taken", block_id: "no"}})
    result = await control.post("submit", user="ben", view_id=view_id, values={})
    assert (result["error"], result["errors"]) == ("We had some trouble connecting. Try again?", {})


async def test_texts_and_inputs_come_back_with_their_defaults(client: AsyncWebClient, trigger: str) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(text_input("name"))))["view"]
    assert view["title"] == {"type": "plain_text", "text": "Title", "emoji": True}
    assert (view["blocks"][0]["optional"], view["blocks"][0]["label"]["emoji"]) == (False, True)
