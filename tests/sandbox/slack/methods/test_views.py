"""Modals and Home tabs: opening, updating, submitting, closing."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener
from tests.sandbox.slack.blocks import actions, button, modal, option, plain, section, text_input


@pytest.fixture
async def trigger(control: Control, listener: Listener) -> str:
    await control.command()
    return listener.last.form["trigger_id"]


async def refusal(call: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def test_a_modal_opens_for_whoever_acted(control: Control, client: AsyncWebClient, trigger: str) -> None:
    opened = await client.views_open(trigger_id=trigger, view=modal(section("hi")))
    view = opened["view"]
    assert view["state"] == {"values": {}}
    assert (view["root_view_id"], view["previous_view_id"]) == (view["id"], None)
    assert (view["private_metadata"], view["callback_id"], view["external_id"]) == ("", "", "")
    assert (view["bot_id"], view["app_id"], view["team_id"]) == ("B0CONNECT", "A0CONNECT", "T0CONNECT")
    assert (await control.get("view", user="ben"))["id"] == view["id"]
    assert await control.get("view", user="ana") is None


async def test_a_trigger_works_once(client: AsyncWebClient, trigger: str) -> None:
    await client.views_open(trigger_id=trigger, view=modal(section("hi")))
    again = await refusal(client.views_open(trigger_id=trigger, view=modal(section("hi"))))
    assert again["error"] == "exchanged_trigger_id"


async def test_a_trigger_lives_three_seconds(clock: ManualClock, client: AsyncWebClient, trigger: str) -> None:
    clock.advance(timedelta(seconds=3, milliseconds=1))
    late = await refusal(client.views_open(trigger_id=trigger, view=modal(section("hi"))))
    assert late["error"] == "expired_trigger_id"


async def test_a_made_up_trigger_is_invalid(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.triggers.errors["invalid"] = "invalid_arguments"
    answer = await refusal(client.views_open(trigger_id="1.2.3", view=modal(section("hi"))))
    assert answer["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(section("hi"), title=plain("x" * 25)), "/view/title/text"),
        (modal(*[section("hi")] * 101), "/view/blocks"),
        (modal(section("hi"), private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(text_input("name"), submit=None), "/view"),
        (modal({"type": "table", "rows": [[]]}), "/view/blocks/0/type"),
        ({"type": "home", "blocks": []}, "/view/type"),
        ({"type": "modal", "title": plain("x")}, "/view"),
    ],
)
async def test_a_view_past_the_limits_is_refused_with_a_pointer(
    client: AsyncWebClient, trigger: str, view: dict[str, Any], pointer: str
) -> None:
    answer = await refusal(client.views_open(trigger_id=trigger, view=view))
    assert answer["error"] == "invalid_arguments"
    assert any(f"[json-pointer:{pointer}]" in said for said in answer["response_metadata"]["messages"])


async def test_a_view_of_more_than_250_kb_is_too_large(client: AsyncWebClient, trigger: str) -> None:
    view = modal(*[section("x" * 3000)] * 90)
    assert (await refusal(client.views_open(trigger_id=trigger, view=view)))["error"] == "view_too_large"


async def test_an_update_keeps_what_was_entered_where_the_ids_match(
    control: Control, client: AsyncWebClient, trigger: str
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
    answer = await refusal(client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("3"))))
    assert answer["error"] == "hash_conflict"


async def test_a_closed_view_is_not_found(control: Control, client: AsyncWebClient, trigger: str) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(section("1"))))["view"]
    await control.post("close", user="ben", view_id=view["id"])
    assert (await refusal(client.views_update(view_id=view["id"], view=modal(section("2")))))["error"] == "not_found"


async def test_external_ids_are_unique_and_find_the_view(
    control: Control, listener: Listener, client: AsyncWebClient, trigger: str
) -> None:
    await client.views_open(trigger_id=trigger, view=modal(section("1"), external_id="mine"))
    updated = await client.views_update(external_id="mine", view=modal(section("2"), external_id="mine"))
    assert updated["view"]["blocks"][0]["text"]["text"] == "2"
    await control.command(user="ana")
    other = listener.last.form["trigger_id"]
    answer = await refusal(client.views_open(trigger_id=other, view=modal(section("3"), external_id="mine")))
    assert answer["error"] == "duplicate_external_id"


async def test_the_stack_holds_three(
    control: Control, listener: Listener, client: AsyncWebClient, trigger: str
) -> None:
    view = modal(actions(button()))
    top = (await client.views_open(trigger_id=trigger, view=view))["view"]
    for _ in range(2):
        await control.post("click", user="ben", view_id=top["id"], action_id="go")
        pushed = (await client.views_push(trigger_id=listener.last.payload["trigger_id"], view=view))["view"]
        assert pushed["previous_view_id"] == top["id"]
        top = pushed
    await control.post("click", user="ben", view_id=top["id"], action_id="go")
    answer = await refusal(client.views_push(trigger_id=listener.last.payload["trigger_id"], view=view))
    assert answer["error"] == "push_limit_reached"


async def test_only_a_trigger_from_a_modal_pushes(client: AsyncWebClient, trigger: str) -> None:
    answer = await refusal(client.views_push(trigger_id=trigger, view=modal(section("1"))))
    assert answer["error"] == "invalid_trigger_id"


async def test_a_click_in_a_modal_has_no_response_url(
    control: Control, listener: Listener, client: AsyncWebClient, trigger: str
) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(actions(button()))))["view"]
    await control.post("click", user="ben", view_id=view["id"], action_id="go")
    payload = listener.last.payload
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["view"]["id"] == view["id"]
    assert not {"response_url", "channel", "message"} & set(payload)


async def test_an_input_tells_the_app_only_with_dispatch_action(
    control: Control, listener: Listener, client: AsyncWebClient, trigger: str
) -> None:
    view = modal(text_input("quiet"), text_input("loud", dispatch_action=True))
    opened = (await client.views_open(trigger_id=trigger, view=view))["view"]
    before = len(listener.received)
    for block_id in ("quiet", "loud"):
        where = {"view_id": opened["id"], "block_id": block_id, "action_id": "typed"}
        assert (await control.post("click", user="ben", value="x", **where))["ok"]
    assert len(listener.received) == before + 1
    assert listener.last.payload["view"]["state"]["values"]["quiet"]["typed"]["value"] == "x"


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


async def test_a_submission_carries_the_state_by_element_type(control: Control, listener: Listener, form: str) -> None:
    assert (await control.post("submit", user="ben", view_id=form, values=FILLED))["ok"]
    payload = listener.last.payload
    assert (payload["type"], payload["view"]["callback_id"]) == ("view_submission", "form")
    assert (payload["view"]["private_metadata"], payload["response_urls"]) == ("kept", [])
    values = payload["view"]["state"]["values"]
    assert values["name"]["typed"] == {"type": "plain_text_input", "value": "Ann"}
    assert values["note"]["typed"] == {"type": "plain_text_input", "value": None}
    assert values["who"]["user"] == {"type": "users_select", "selected_user": "U0ANA0001"}
    assert [o["value"] for o in values["sort"]["boxes"]["selected_options"]] == ["b"]
    assert await control.get("view", user="ben") is None


async def test_a_required_field_left_empty_is_not_sent(control: Control, listener: Listener, form: str) -> None:
    before = len(listener.received)
    answer = await control.post("submit", user="ben", view_id=form, values={"name": {"typed": "Ann"}})
    assert (answer["ok"], set(answer["errors"])) == (False, {"who", "sort"})
    assert len(listener.received) == before


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
    control: Control, listener: Listener, form: str, body: dict[str, Any], title: str | None
) -> None:
    listener.will_answer(body)
    answer = await control.post("submit", user="ben", view_id=form, values=FILLED)
    assert answer["errors"] == body.get("errors", {})
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
    control: Control, listener: Listener, form: str, body: Any, status: int
) -> None:
    listener.will_answer(body, status=status)
    answer = await control.post("submit", user="ben", view_id=form, values=FILLED)
    assert "trouble connecting" in answer["error"]
    assert (await control.get("view", user="ben"))["id"] == form


async def test_a_submission_can_mint_response_urls(
    control: Control, listener: Listener, client: AsyncWebClient, trigger: str
) -> None:
    element = {"type": "conversations_select", "action_id": "where", "response_url_enabled": True}
    block = {"type": "input", "block_id": "place", "label": plain("Where"), "element": element}
    view = (await client.views_open(trigger_id=trigger, view=modal(block)))["view"]
    await control.post("submit", user="ben", view_id=view["id"], values={"place": {"where": "random"}})
    [minted] = listener.last.payload["response_urls"]
    assert (minted["block_id"], minted["action_id"], minted["channel_id"]) == ("place", "where", "C0RANDOM1")
    assert "/slack/actions/" in minted["response_url"]


@pytest.mark.parametrize("notify", [True, False])
async def test_closing_is_told_only_where_asked_for(
    control: Control, listener: Listener, client: AsyncWebClient, trigger: str, *, notify: bool
) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal(section("x"), notify_on_close=notify)))["view"]
    assert (await control.post("close", user="ben", view_id=view["id"]))["ok"]
    told = [r.payload for r in listener.received[1:]]
    assert [(p["type"], p["is_cleared"]) for p in told] == ([("view_closed", False)] if notify else [])


async def test_a_view_can_take_the_whole_stack_along(
    control: Control, listener: Listener, client: AsyncWebClient, trigger: str
) -> None:
    below = modal(actions(button()), notify_on_close=True)
    view = (await client.views_open(trigger_id=trigger, view=below))["view"]
    await control.post("click", user="ben", view_id=view["id"], action_id="go")
    above = modal(section("x"), clear_on_close=True)
    pushed = await client.views_push(trigger_id=listener.last.payload["trigger_id"], view=above)
    await control.post("close", user="ben", view_id=pushed["view"]["id"])
    assert await control.get("view", user="ben") is None
    assert (listener.last.payload["view"]["id"], listener.last.payload["is_cleared"]) == (view["id"], True)


async def test_a_home_tab_is_published_and_clicked(
    control: Control, listener: Listener, client: AsyncWebClient
) -> None:
    assert await control.get("home", user="ben") is None
    event = listener.last.payload["event"]
    assert (event["type"], event["user"], event["channel"], event["tab"]) == (
        "app_home_opened",
        "U0BEN0001",
        "D0BEN0001",
        "home",
    )
    home = {"type": "home", "blocks": [actions(button())]}
    published = (await client.views_publish(user_id="U0BEN0001", view=home))["view"]
    assert (await control.get("home", user="ben"))["id"] == published["id"]
    assert listener.last.payload["event"]["view"]["id"] == published["id"]
    assert (await control.post("click", user="ben", view_id=published["id"], action_id="go"))["ok"]
    assert listener.last.payload["view"]["type"] == "home"
    for call in ("submit", "close"):
        assert "Home tab" in (await control.post(call, user="ben", view_id=published["id"]))["error"]
    conflict = client.views_publish(user_id="U0BEN0001", view=home, hash="old")
    assert (await refusal(conflict))["error"] == "hash_conflict"
