"""The page in a real browser: focus, keys, widths, contrast by colour scheme, and the time that drawing takes."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.users import Someone


@pytest.fixture
def client(sandbox: Sandbox, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(sandbox.slack.bot_token, base_url=f"{sandbox.url}/slack/api/", session=session)


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
    await page.wait_for_function("document.activeElement.closest('[role=dialog]')")
    assert await page.locator("#main-ana").evaluate("main => main.inert")
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await page.wait_for_function("document.activeElement.name === 'text'")


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("side", ["tour", "happened", "world", "setup"])
async def test_nothing_is_wider_than_the_window(sandbox: Sandbox, context: Any, width: int, side: str) -> None:
    page = await context.new_page()
    await page.set_viewport_size({"width": width, "height": 844})
    await page.goto(f"{sandbox.url}/?see=ben:general&see=ana:alerts&side={side}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_stands_out_from_its_ground(
    sandbox: Sandbox, context: Any, session: aiohttp.ClientSession, scheme: str
) -> None:
    await Someone(session, sandbox.url, "ben").post("say", text="Hello @ana and `code`")
    page = await context.new_page()
    await page.emulate_media(color_scheme=scheme)
    for side in ("tour", "happened", "world"):
        await page.goto(f"{sandbox.url}/?see=ben:general&side={side}")
        assert await page.evaluate(LOW_CONTRAST) == []


async def test_three_people_with_two_hundred_messages_are_drawn_again_and_the_times_printed(
    sandbox: Sandbox, context: Any, session: aiohttp.ClientSession
) -> None:
    general, cara = sandbox.slack.world.channel("general"), Someone(session, sandbox.url, "cara")
    for number in range(200):
        sandbox.slack.say(general, user_id="U0BEN0001", text=f"message *{number}* of many")
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general&see=cara:general&see=ana:general&side=happened")
    paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    for number in range(20):
        await cara.post("say", text=f"one more, {number}")
        await page.locator("#pane-ana").get_by_text(f"one more, {number}", exact=True).wait_for()
    drawings = sorted(await page.evaluate("window.drawings"))
    field = page.locator("#pane-ben form.composer input[name=text]")
    await field.fill("clicked")
    clicked = await page.evaluate(CLICK_TO_DRAWING)
    median = drawings[len(drawings) // 2]
    print(f"first paint {paint:.0f} ms, drawing {median:.1f} ms, click to drawing {clicked:.0f} ms")  # noqa: T201
    assert drawings


CLICK_TO_DRAWING = """() => new Promise((drawn) => {
  const began = performance.now(), log = document.querySelector("#pane-ben [role=log]");
  new MutationObserver(() => drawn(performance.now() - began)).observe(log, { childList: true });
  document.querySelector("#pane-ben .composer .send").click();
})"""
LOW_CONTRAST = (Path(__file__).parent / "contrast.js").read_text()


async def test_a_client_opens_an_address_in_a_tab_of_its_own(sandbox: Sandbox, context: Any) -> None:
    page = await context.new_page()
    await page.goto(sandbox.url)
    await page.get_by_role("button", name="Client's browser").click()
    await page.get_by_label("Address", exact=True).fill(f"{sandbox.url}/?side=world")
    async with context.expect_page() as opened:
        await page.keyboard.press("Enter")
    tab = await opened.value
    assert tab.url == f"{sandbox.url}/?side=world"
    assert await tab.evaluate("window.opener") is None
    assert page.url == f"{sandbox.url}/"
