"""Recordings in a real browser: one is played, and one that can't be read is told of."""

from pathlib import Path
from typing import Any

import aiohttp

from sandbox.server import Sandbox
from tests.browser.axe import check
from tests.users import Someone


async def test_a_recording_is_played_and_nothing_is_done_meanwhile(
    sandbox: Sandbox, context: Any, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    ben = Someone(session, sandbox.url, "ben")
    with sandbox.live.recording(tmp_path / "world.jsonl"):
        for text in ("the first", "the second", "the third"):
            await ben.post("say", text=text)
            sandbox.live.world()
    page = await context.new_page()
    await page.goto(f"{sandbox.url}/?see=ben:general&side=world")
    await page.get_by_label("A recording").set_input_files(tmp_path / "world.jsonl")
    await page.get_by_role("button", name="Play it").click()
    await page.get_by_label("Play").check()
    await page.locator("#pane-ben").get_by_text("the third").wait_for()
    await page.get_by_role("link", name="What happened").click()
    await page.locator(".entry").first.wait_for()
    await page.get_by_label("Change").fill("1")
    await page.locator("#pane-ben").get_by_text("the third").wait_for(state="detached")
    assert "side=happened" in page.url
    field = page.locator("#pane-ben form.composer input[name=text]")
    await field.fill("the fourth")
    async with page.expect_response("**/control/type?*"):
        await page.keyboard.press("Enter")
    assert await field.input_value() == "the fourth"
    await page.get_by_text("This is a recording. Leave it to do something.").wait_for()
    assert [message.text for message in await ben.messages()] == ["the first", "the second", "the third"]


async def test_a_recording_that_cannot_be_read_is_told_on_a_page_that_leads_on(
    sandbox: Sandbox, context: Any, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    with sandbox.live.recording(tmp_path / "world.jsonl"):
        await Someone(session, sandbox.url, "ben").post("say", text="the first")
    whole = (tmp_path / "world.jsonl").read_text()
    heading = whole.partition("\n")[0]
    wrong = {"a picture": b"\x89PNG", "cut off": whole[:-20].encode()}
    wrong |= {"empty": b"", "of nothing": f'{heading}\n{{"at": 1, "changes": [["users", "U1", 1]]}}'.encode()}
    page = await (await context.browser.new_context(bypass_csp=True)).new_page()
    await page.goto(f"{sandbox.url}/?side=world")
    for name, content in wrong.items():
        file = {"name": name, "mimeType": "text/plain", "buffer": content}
        await page.get_by_label("A recording").set_input_files(file)
        await page.get_by_role("button", name="Play it").click()
        await page.get_by_role("heading", name="This recording can't be read").wait_for()
        await check(page, width=1280)
    await page.get_by_label("A recording").set_input_files(tmp_path / "world.jsonl")
    await page.get_by_role("button", name="Play it").click()
    await page.get_by_text("This is a recording. Leave it to do something.").wait_for()
    await page.goto(f"{sandbox.url}/page/open?address=nonsense")
    await page.get_by_role("heading", name="That isn't the address of a page").wait_for()
    await page.get_by_role("link", name="Back to the workspace").click()
    await page.locator("#pane-ben").wait_for()
