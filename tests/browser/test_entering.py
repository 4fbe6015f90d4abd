"""What people enter on the page reaches the app as Slack would send it; and all of it by keyboard alone."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.browser.page_state import becomes
from tests.eventually import eventually
from tests.sandbox.fake_app import running_fake_app
from tests.sandbox.page.reading import MANIFEST
from tests.sandbox.slack.blocks import actions, modal, option, plain, text_input

CONFIRM = {"title": plain("Sure?"), "text": plain("It ends."), "confirm": plain("End it"), "deny": plain("Keep it")}
IS_SEEN = """(one) => {
  const { left, bottom } = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(left + 9, bottom - 3));
}"""
MOST_TABS = 60


def input_of(kind: str, **more: Any) -> dict[str, Any]:
    element = {"type": kind, "action_id": "it", **more}
    return {"type": "input", "block_id": kind, "label": plain(kind), "element": element, "optional": True}


async def test_all_that_is_entered_in_a_modal_is_in_its_values(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    two = [option("one"), option("two")]
    moment = input_of("datetimepicker", initial_date_time=1795680000)
    blocks = [input_of(kind, options=two) for kind in ("static_select", "checkboxes", "radio_buttons")]
    blocks += [text_input("words"), input_of("datepicker"), moment, input_of("users_select")]
    blocks += [input_of("external_select", min_query_length=2)]
    async with running_fake_app() as app:
        sandbox.bot_url = app.url
        await client.views_open(trigger_id=sandbox.slack.triggers.issue("U0BEN0001"), view=modal(*blocks))
        page = await context.new_page()
        await page.goto(f"{sandbox.url}/?see=ben:general")
        await page.get_by_label("static_select").select_option("Two")
        await page.get_by_label("Two").first.check()
        await page.get_by_label("One").last.check()
        await page.get_by_label("words").fill("Größe <b>")
        await page.get_by_label("datepicker").fill("2026-12-24")
        await page.get_by_label("datetimepicker").fill("2026-11-30T09:00")
        await page.get_by_label("users_select").select_option("Cara Costa")
        for _ in range(4):
            app.will_respond({"options": [{"text": plain("Acme"), "value": "7"}]})
        await page.get_by_label("external_select").fill("ac")
        assert await page.get_by_role("option", name="Acme").evaluate(IS_SEEN)
        await page.get_by_role("option", name="Acme").click()
        assert await page.get_by_label("external_select").input_value() == "Acme"
        await page.get_by_role("button", name="Save").click()

        async def sent() -> Any:
            return next((one.payload for one in app.received if one.payload["type"] == "view_submission"), None)

        values = (await eventually(sent, "the modal was sent"))["view"]["state"]["values"]
    assert values["static_select"]["it"]["selected_option"]["value"] == "two"
    assert [one["value"] for one in values["checkboxes"]["it"]["selected_options"]] == ["two"]
    assert values["radio_buttons"]["it"]["selected_option"]["value"] == "one"
    assert values["words"]["typed"]["value"] == "Größe <b>"
    assert values["datepicker"]["it"]["selected_date"] == "2026-12-24"
    assert values["datetimepicker"]["it"]["selected_date_time"] == 1796025600  # 9:00 in Berlin, where Ben is
    assert values["users_select"]["it"]["selected_user"] == "U0CARA001"
    assert values["external_select"]["it"]["selected_option"]["value"] == "7"


async def test_a_live_field_is_sent_on_enter_alone_and_its_modal_stays(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    async with running_fake_app() as app:
        sandbox.bot_url = app.url
        view = modal(text_input("words", dispatch_action=True))
        await client.views_open(trigger_id=sandbox.slack.triggers.issue("U0BEN0001"), view=view)
        page = await context.new_page()
        await page.goto(f"{sandbox.url}/?see=ben:general")
        await page.get_by_label("words").press_sequentially("acme")
        await page.keyboard.press("Enter")

        async def sent() -> Any:
            return app.received

        [only] = await eventually(sent, "the field was sent")
        assert await page.get_by_label("words").input_value() == "acme"
    assert (only.payload["type"], only.payload["actions"][0]["value"]) == ("block_actions", "acme")


async def test_a_choice_in_a_message_is_sent_when_it_is_confirmed(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    boxes = {"type": "checkboxes", "action_id": "it", "options": [option("one"), option("two")], "confirm": CONFIRM}
    async with running_fake_app() as app:
        sandbox.bot_url = app.url
        await client.chat_postMessage(channel="C0GENERAL", text="Which?", blocks=[actions(boxes)])
        page = await context.new_page()
        await page.goto(f"{sandbox.url}/?see=ben:general")
        await page.get_by_label("One").check()
        await page.get_by_role("button", name="Keep it").click()
        await page.get_by_label("Two").check()
        await page.get_by_role("button", name="End it").click()

        async def sent() -> list[Any]:
            return [one for one in app.received if one.form.get("payload")]

        [only] = await eventually(sent, "the choice was sent")
    assert [one["value"] for one in only.payload["actions"][0]["selected_options"]] == ["one", "two"]


async def test_a_shortcut_on_a_message_is_used_by_keyboard_alone(sandbox: Sandbox, context: Any) -> None:
    sandbox.slack.install(MANIFEST)
    sandbox.slack.say(sandbox.slack.world.channel("general"), user_id="U0CARA001", text="Who posts?")
    async with running_fake_app() as app:
        sandbox.bot_url = app.url
        page = await context.new_page()
        await page.goto(f"{sandbox.url}/?see=ben:general")
        await _tab_to(page, ".message button[aria-label=Shortcuts]")
        await page.keyboard.press("Enter")
        await _tab_to(page, ".menu button")
        await page.keyboard.press("Enter")

        async def sent() -> Any:
            return app.received and app.last.payload

        assert (await eventually(sent, "the shortcut was sent"))["callback_id"] == "author"
        await _tab_to(page, "form.composer input[name=text]")
        await page.keyboard.type("Hello")
        await page.keyboard.press("Enter")
        await page.get_by_text("Hello", exact=True).wait_for()
        await becomes(page, "document.activeElement.matches('form.composer input[name=text]')")


async def _tab_to(page: Any, selector: str) -> None:
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await page.evaluate(f"document.activeElement.matches('{selector}')"):
            return
    raise AssertionError(f"the tab key doesn't lead to {selector}")
