"""The page in a real browser: focus, keys, what is drawn again, and the time that drawing takes."""

from statistics import median
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.browser.page_state import becomes, first_paint
from tests.sandbox.page.reading import MANIFEST
from tests.sandbox.slack.blocks import actions, button, modal, plain, section, text_input
from tests.users import Someone


async def test_what_somebody_types_and_its_focus_stay_when_messages_arrive(
    sandbox: Sandbox, context: Any, session: aiohttp.ClientSession
) -> None:
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    await page.locator("#pane-ben form.composer input[name=text]").type("half a sen")
    await Someone(session, sandbox.url, "cara").post("say", text="an interruption")
    await page.get_by_text("an interruption").wait_for()
    await page.keyboard.type("tence")
    assert await page.locator("#pane-ben form.composer input[name=text]").input_value() == "half a sentence"


async def test_a_modal_takes_the_focus_and_gives_it_back_on_escape(
    sandbox: Sandbox, context: Any, ben: Someone, bot: object
) -> None:
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ana:general")
    field = page.locator("#pane-ana form.composer input[name=text]")
    await field.fill("/connect map @dan")
    await field.press("Enter")
    dialog = page.get_by_role("dialog")
    await dialog.wait_for()
    await becomes(page, "document.activeElement.closest('[role=dialog]')")
    assert await page.locator("#main-ana").evaluate("main => main.inert")
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await becomes(page, "document.activeElement.name === 'text'")


async def test_a_modal_is_left_once_however_often_escape_is_pressed(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    await client.views_open(trigger_id=sandbox.slack.triggers.issue("U0BEN0001"), view=modal(section("Words")))
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    dialog = page.get_by_role("dialog")
    await dialog.evaluate(
        """(one) => one.querySelectorAll(".leave").forEach((leave) => { leave.click(); leave.click(); })"""
    )
    await dialog.wait_for(state="detached")
    assert [one.row["call"] for one in sandbox.live.services.done.exchanges] == ["close"]


async def test_a_form_that_takes_the_place_of_words_gets_the_focus(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    opened = await client.views_open(
        trigger_id=sandbox.slack.triggers.issue("U0BEN0001"), view=modal(section("Loading"))
    )
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    await becomes(page, "document.activeElement.closest('[role=dialog]')")
    await client.views_update(view_id=opened["view"]["id"], view=modal(text_input("first")))
    await becomes(page, "document.activeElement.closest('.block')?.dataset.blockId === 'first'")


async def test_what_a_vanished_control_was_in_gets_its_focus(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="Which?", blocks=[actions(button())])
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    await page.get_by_role("button", name="Go").focus()
    await client.chat_update(channel="C0GENERAL", ts=posted["ts"], text="Gone")
    await becomes(page, "document.activeElement.ariaLabel === 'Messages'")
    opened = await client.views_open(
        trigger_id=sandbox.slack.triggers.issue("U0BEN0001"), view=modal(actions(button("more")))
    )
    await becomes(page, "document.activeElement.closest('.block')")
    await client.views_update(view_id=opened["view"]["id"], view=modal(section("x", accessory=button("other"))))
    await becomes(page, "document.activeElement.role === 'dialog'")
    await page.keyboard.press("Escape")
    await becomes(page, "document.activeElement.ariaLabel === 'Messages'")


async def test_a_modal_that_the_app_draws_again_keeps_the_focus_and_what_was_typed(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    blocks = (text_input("first"), text_input("second"))
    opened = await client.views_open(trigger_id=sandbox.slack.triggers.issue("U0BEN0001"), view=modal(*blocks))
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    await becomes(page, "document.activeElement.closest('.block')?.dataset.blockId === 'first'")
    await page.get_by_label("second").type("half a sen")
    await client.views_update(view_id=opened["view"]["id"], view=modal(*blocks, text_input("third")))
    await page.get_by_label("third").wait_for()
    await page.keyboard.type("tence")
    assert await page.get_by_label("second").input_value() == "half a sentence"


async def test_a_confirmation_in_a_modal_is_asked_before_anything_is_sent(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    confirm = {"title": plain("Sure?"), "text": plain("It ends."), "confirm": plain("End it"), "deny": plain("Keep it")}
    view = modal(text_input("name"), actions(button(confirm=confirm)))
    await client.views_open(trigger_id=sandbox.slack.triggers.issue("U0BEN0001"), view=view)
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    for answer in ("Keep it", "End it"):
        await page.get_by_role("button", name="Go").click()
        await page.get_by_role("button", name=answer).click()
        await page.get_by_role("button", name=answer).wait_for(state="hidden")
    await page.locator("#pane-ben .refused", has_text="⚠").wait_for()  # no app is there to hear of it
    assert [row["call"] for row in sandbox.live.services.done.received()] == ["click"]
    await page.locator("[role=dialog] button[type=submit]").click()
    await page.get_by_text("Please complete this required field.").wait_for()


@pytest.mark.parametrize("earlier", ["", "::3"], ids=["as it opens", "with all 200 messages"])
async def test_three_people_with_two_hundred_messages_are_drawn_again_and_the_times_printed(
    sandbox: Sandbox, context: Any, session: aiohttp.ClientSession, earlier: str
) -> None:
    general, cara = sandbox.slack.world.channel("general"), Someone(session, sandbox.url, "cara")
    for number in range(200):
        sandbox.slack.say(general, user_id="U0BEN0001", text=f"message *{number}* of many")
    three = "&".join(f"see={person}:general{earlier}" for person in ("ben", "cara", "ana"))
    paints = [await _first_paint(context, f"{sandbox.url}/?{three}&side=happened") for _ in range(5)]
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?{three}&side=happened")
    for number in range(20):
        await cara.post("say", text=f"one more, {number}")
        await page.locator("#pane-ana").get_by_text(f"one more, {number}", exact=True).wait_for()
    drawings = await page.evaluate("performance.getEntriesByName('drawing').map((one) => one.duration)")
    clicks = []
    for _ in range(5):
        await page.locator("#pane-ben form.composer input[name=text]").fill("clicked")
        clicks.append(await page.evaluate(CLICK_TO_DRAWING))
    times = {"first paint": paints, "script of a drawing": drawings, "click to drawing": clicks}
    print(*(f"{name} {median(some):.1f} ms (at most {max(some):.1f})" for name, some in times.items()), sep=", ")  # noqa: T201
    assert len(drawings) >= len(clicks)


async def _first_paint(context: Any, url: str) -> float:
    page = await context.new_page()
    await page.goto(url)
    paint = await first_paint(page)
    await page.close()
    return paint


CLICK_TO_DRAWING = """() => new Promise((drawn) => {
  const began = performance.now(), log = document.querySelector("#pane-ben [role=log]");
  new MutationObserver(() => drawn(performance.now() - began)).observe(log, { childList: true, subtree: true });
  document.querySelector("#pane-ben .composer .send").click();
})"""


async def test_a_command_is_completed_by_keyboard(sandbox: Sandbox, context: Any, bot: object) -> None:
    sandbox.slack.install(MANIFEST)
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    field = page.locator("#pane-ben form.composer input[name=text]")
    options = page.locator("#pane-ben .composer [role=option]")
    await field.type("/c")
    await options.first.wait_for()
    await field.press("Tab")
    assert await field.input_value() == "/connect "
    await field.type("send @")
    await options.nth(2).wait_for()
    await field.press("ArrowDown")
    await field.press("ArrowDown")
    second = await options.nth(1).locator("strong").inner_text()
    assert await field.get_attribute("aria-activedescendant") == await options.nth(1).get_attribute("id")
    await field.press("Enter")
    assert await field.input_value() == f"/connect send {second} "
    await field.type("@c")
    await options.first.wait_for()
    await field.press("Escape")
    await options.first.wait_for(state="detached")
    await field.fill("/connect help")
    await field.press("Enter")
    await page.locator("#pane-ben").get_by_text("Only visible to you").wait_for()


async def test_what_happens_while_somebody_goes_elsewhere_is_drawn_there(
    sandbox: Sandbox, context: Any, session: aiohttp.ClientSession
) -> None:
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")

    async def slowly(route: Any) -> None:
        answer = await route.fetch()
        await Someone(session, sandbox.url, "cara").post("say", text="meanwhile")
        await becomes(page, "performance.getEntriesByName('drawing').length > 0")
        await route.fulfill(response=answer)

    await page.route("**/page/look?*", slowly)
    await page.get_by_label("Beside the others: Ana").click()
    await page.locator("#pane-ana").get_by_text("meanwhile").wait_for()


async def test_a_messages_menu_is_shown_when_it_is_opened(sandbox: Sandbox, context: Any) -> None:
    sandbox.slack.install(MANIFEST)
    sandbox.slack.say(sandbox.slack.world.channel("general"), user_id="U0BEN0001", text="Who posts?")
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    await page.get_by_text("Who posts?").hover()
    menu = page.locator(".menu").get_by_role("button", name="Ask author")
    assert not await menu.is_visible()
    await page.locator(".message").get_by_role("button", name="Shortcuts").click()
    await menu.wait_for()


async def test_a_thread_opens_beside_its_channel_and_the_way_back_closes_it(sandbox: Sandbox, context: Any) -> None:
    sandbox.slack.say(sandbox.slack.world.channel("general"), user_id="U0BEN0001", text="Who posts?")
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    await page.locator("#pane-ben form.composer input[name=text]").type("half a sen")
    await page.get_by_text("Who posts?").hover()
    await page.get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("log", name="Thread")
    await thread.get_by_text("Who posts?").wait_for()
    assert "thread=ben" in page.url
    await page.go_back()
    await thread.wait_for(state="detached")
    assert await page.locator("#pane-ben form.composer input[name=text]").input_value() == "half a sen"


async def test_earlier_messages_come_above_those_in_view(sandbox: Sandbox, context: Any) -> None:
    general = sandbox.slack.world.channel("general")
    for number in range(120):
        sandbox.slack.say(general, user_id="U0BEN0001", text=f"number {number}")
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    seen = page.locator("#pane-ben").get_by_text("number 71", exact=True)
    await seen.wait_for(state="attached")
    await page.locator("#pane-ben [role=log]").evaluate("log => { log.scrollTop = -log.scrollHeight; }")
    before = (await seen.bounding_box())["y"]
    await page.get_by_role("link", name="Show earlier messages").click()
    await page.locator("#pane-ben").get_by_text("number 20", exact=True).wait_for(state="attached")
    assert abs((await seen.bounding_box())["y"] - before) < 60  # the link has gone from above it


async def test_a_client_opens_an_address_in_a_tab_of_its_own(sandbox: Sandbox, context: Any) -> None:
    page = await context.new_page()
    await page.goto(sandbox.url)
    await page.get_by_role("button", name="Client's browser").click()
    await page.get_by_label("Address", exact=True).fill(f"{sandbox.url}/?side=world")
    async with context.expect_page() as opened:
        await page.keyboard.press("Enter")
    tab = await opened.value
    await tab.wait_for_url(f"{sandbox.url}/?side=world")
    assert await tab.evaluate("window.opener") is None
    assert page.url == f"{sandbox.url}/"
