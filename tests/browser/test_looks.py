"""How the page looks in a real browser: widths, what is cut off, contrast by colour scheme, what axe-core finds."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.browser.axe import check
from tests.conftest import Map
from tests.users import Someone

LOW_CONTRAST = (Path(__file__).parent / "contrast.js").read_text()

CUT_OFF = """() => {
  // Returns what reaches beyond the person's Slack that it is in, or is shortened where it is a name to go by.
  const cut = [];
  for (const pane of document.querySelectorAll(".pane")) {
    const { left, right } = pane.getBoundingClientRect();
    for (const one of pane.querySelectorAll("*")) {
      const box = one.getBoundingClientRect();
      const beyond = box.width && (box.left < left - 1 || box.right > right + 1);
      const shortened = one.matches(".title h2, .places a > span") && one.scrollWidth > one.clientWidth;
      if (beyond || shortened) cut.push(one.outerHTML);
    }
  }
  return cut;
}"""


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


@pytest.mark.parametrize("width", [390, 1280])
async def test_of_three_people_side_by_side_nothing_is_cut_off(
    sandbox: Sandbox, context: Any, ben: Someone, width: int
) -> None:
    posted = await ben.post(
        "say", channel="general", text="A message that is longer than one line of a thread at this width"
    )
    page = await context.new_page()
    await page.set_viewport_size({"width": width, "height": 844})
    for three in (f"ben:general:{posted['ts']}&see=ana:home&see=dan:alerts", "cara:app&see=leo&see=eve:nowhere"):
        await page.goto(f"{sandbox.url}/?see={three}")
        assert await page.evaluate(CUT_OFF) == []


async def test_the_places_keep_their_names_beside_what_is_unread(
    sandbox: Sandbox, context: Any, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="U0BEN0001", text="On a phone")
    page = await context.new_page()
    await page.set_viewport_size({"width": 1280, "height": 844})
    await page.goto(f"{sandbox.url}/?see=ben:general")
    await page.locator(".places .has-unread").first.wait_for()
    assert await page.evaluate(CUT_OFF) == []


async def test_preformatted_text_has_lines_of_its_own(sandbox: Sandbox, context: Any, ben: Someone) -> None:
    await ben.post("say", channel="general", text="Before ```in between``` after")
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general")
    block = page.locator(".message .block", has_text="Before")
    between = await block.locator("pre").bounding_box()
    assert between["width"] == (await block.bounding_box())["width"]


VIEWS = [
    "ben:general&side=tour",
    "ana:home&side=happened",
    "ben:alerts&side=world",
    "eve:app&side=setup",
    "dan:nowhere",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
async def test_axe_finds_nothing(
    sandbox: Sandbox, context: Any, ana: Someone, ben: Someone, mapped: Map, width: int, scheme: str
) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types("")
    await ben.sees_a_card()
    posted = await ben.post("say", channel="general", text="Hello @ana and `code`")
    await ana.post("say", channel="general", text="Hello", thread_ts=posted["ts"])
    wide = await context.browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    page = await wide.new_page()
    for view in (*VIEWS, f"ben:general:{posted['ts']}"):
        await page.goto(f"{sandbox.url}/?see={view}")
        await check(page, width=width)
    await ana.types("map @dan")
    await page.goto(f"{sandbox.url}/?see=ana:general&log=1&side=happened")
    await page.get_by_role("dialog").wait_for()
    await page.locator("details.entry summary").first.click()
    await page.locator("details.entry pre").first.wait_for()
    await check(page, width=width)


@pytest.mark.parametrize("width", [390, 1440])
async def test_the_places_open_over_their_own_person(sandbox: Sandbox, context: Any, width: int) -> None:
    page = await context.new_page()
    await page.set_viewport_size({"width": width, "height": 900})
    await page.goto(f"{sandbox.url}/?see=ben:general&see=cara:general")
    for person in ("ben", "cara"):
        await page.locator(f"#pane-{person} .to-places").click()
        places = await page.locator(f"#places-{person}").bounding_box()
        pane = await page.locator(f"#pane-{person}").bounding_box()
        assert abs(places["x"] - pane["x"]) < 16
        await page.keyboard.press("Escape")
