"""Menus that ask first, and lists that open while one types, in a real browser."""

import asyncio
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.browser.page_state import becomes
from tests.eventually import eventually
from tests.sandbox.fake_app import running_fake_app
from tests.sandbox.page.reading import MANIFEST
from tests.sandbox.slack.blocks import actions, option, plain

CONFIRM = {"title": plain("Sure?"), "text": plain("It ends."), "confirm": plain("End it"), "deny": plain("Keep it")}


async def test_the_entry_that_was_chosen_in_a_menu_is_sent_when_it_is_confirmed(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    menu = {"type": "overflow", "action_id": "it", "options": [option("one"), option("two")], "confirm": CONFIRM}
    async with running_fake_app() as app:
        sandbox.bot_url = app.url
        await client.chat_postMessage(channel="C0GENERAL", text="Which?", blocks=[actions(menu)])
        page = await context.new_page()
        await page.goto(f"{sandbox.url}/?see=ben:general")
        for entry, answer in (("One", "Keep it"), ("Two", "End it")):
            await page.get_by_role("button", name="More actions").click()
            await page.locator(".menu").get_by_role("button", name=entry).click()
            await page.get_by_role("button", name=answer).click()
            await page.get_by_role("dialog").wait_for(state="hidden")

        async def sent() -> list[Any]:
            return [one for one in app.received if one.form.get("payload")]

        [only] = await eventually(sent, "the entry was sent")
    assert only.payload["actions"][0]["selected_option"]["value"] == "two"


async def test_an_external_select_in_a_message_is_sent_when_it_is_confirmed(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    select = {"type": "external_select", "action_id": "it", "min_query_length": 1, "confirm": CONFIRM}
    async with running_fake_app() as app:
        sandbox.bot_url = app.url
        await client.chat_postMessage(channel="C0GENERAL", text="Which?", blocks=[actions(select)])
        page = await context.new_page()
        await page.goto(f"{sandbox.url}/?see=ben:general")
        for _ in range(3):
            app.will_respond({"options": [{"text": plain("Acme"), "value": "7"}]})
        await page.locator(".message [role=combobox]").fill("a")
        await page.get_by_role("option", name="Acme").click()
        await page.get_by_role("button", name="End it").click()

        async def sent() -> Any:
            return next((one.payload for one in app.received if one.payload["type"] == "block_actions"), None)

        payload = await eventually(sent, "the choice was sent")
    assert payload["actions"][0]["selected_option"]["value"] == "7"


async def test_an_answer_that_comes_late_takes_no_newer_ones_place_and_opens_no_list_that_was_left(
    sandbox: Sandbox, context: Any
) -> None:
    sandbox.slack.install(MANIFEST)
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    await page.evaluate("answers = 0, document.addEventListener('fx:finally', () => answers += 1)")
    field, options = page.locator("#pane-ben form.composer input[name=text]"), page.locator(".composer [role=option]")
    late = asyncio.Event()

    async def slowly(route: Any) -> None:
        answer = await route.fetch()
        if "\r\n@c\r\n" in route.request.post_data:
            await late.wait()
        await route.fulfill(response=answer)

    await page.route("**/page/offers", slowly)
    await field.fill("@c")
    await field.fill("@da")
    await options.first.wait_for()
    late.set()
    await becomes(page, "answers === 2")
    assert await options.all_inner_texts() == ["@dan Dan Doan"]
    late.clear()
    await field.fill("@c")
    await field.blur()
    await options.first.wait_for(state="detached")
    late.set()
    await becomes(page, "answers === 3")
    assert await options.count() == 0
