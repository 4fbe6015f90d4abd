"""`make pictures`: plays the scenes in a demo and keeps pictures: light and dark, at desktop and phone width."""

import asyncio
import sys
import tempfile
from base64 import b64encode
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import async_playwright

from tests.browser.chromium import launched
from tests.browser.page_state import becomes
from tests.pictures.scenes import QUESTION, SCENES, Scene, Stage
from tests.sandbox.test_demo import demo, wait_for
from tests.users import Someone

DOCS = Path(__file__).parents[2] / "docs"
WIDTHS = {"desktop": 760, "phone": 390}
SCHEMES = ("light", "dark")
ON_CARD = ("card", "countdown", "done")
"""The scenes of the README's picture."""
ALONE = ".pane { width: 100%; } .tour, .side, .toast, .tools { display: none !important; } .home { padding: 16px; }"
SHEET = "<main style='padding:12px;display:inline-flex;gap:12px;align-items:flex-start;background:#d9d9de'>{}</main>"
COLUMN = "<div style='display:flex;flex-direction:column;gap:12px'>{}</div>"


async def main(only: list[str]) -> None:
    """Play all scenes, and keep the pictures of those named, or of all."""
    (DOCS / "surfaces").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with demo(Path(folder)) as (_, output), aiohttp.ClientSession() as session:
            url = (await wait_for(output, r"Try everything at (http://\S+)"))[1].rstrip("/")
            stage = _stage(session, url)
            async with async_playwright() as playwright:
                browser = await launched(playwright)
                on_card = []
                for scene in SCENES:
                    await scene.happens(stage)
                    shots = await _shots(browser, url, scene)
                    on_card += shots[:1] if scene.name in ON_CARD else []
                    if not only or scene.name in only:
                        await _keep(browser, [shots[:2], shots[2:]], DOCS / "surfaces" / f"{scene.name}.png")
                    if scene.name == ON_CARD[-1]:
                        await _keep_page(browser, url)
                await _keep(browser, [on_card], DOCS / "card.png")


def _stage(session: aiohttp.ClientSession, url: str) -> Stage:
    async def person(name: str, place: str) -> Someone:
        if place != "app":
            return Someone(session, url, name, place)
        async with session.get(f"{url}/control/world") as answer:
            users = (await answer.json())["users"]
        return Someone(session, url, name, next(one["dm"] for one in users if one["name"] == name))

    return Stage(person)


async def _shots(browser: Any, url: str, scene: Scene) -> list[bytes]:
    """Return the scene at desktop width, light and dark, then the same at a phone's."""
    shots = []
    for width in WIDTHS.values():
        for scheme in SCHEMES:
            seen_in = {"viewport": {"width": width, "height": 1400}, "color_scheme": scheme}
            page = await browser.new_page(**seen_in, bypass_csp=True)
            await page.goto(f"{url}/?see={scene.seat}&side=setup")
            await becomes(page, "document.querySelector('#clock').textContent")
            await page.add_style_tag(content=ALONE)
            shots.append(await _shot(page, scene))
            await page.close()
    return shots


async def _shot(page: Any, scene: Scene) -> bytes:
    """Return a picture of what the scene is about, and of the menu that opened in it."""
    pane = page.locator(f"#pane-{scene.seat.partition(':')[0]}")
    shown = pane.locator(scene.shows).last
    if not scene.pressed:
        return bytes(await shown.screenshot())
    within = pane if scene.shows == QUESTION else shown
    await within.locator(scene.pressed).last.click()
    boxes = [await one.bounding_box() for one in (shown, *await pane.locator(":popover-open").all())]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = (max(box[at] + box[size] for box in boxes) for at, size in (("x", "width"), ("y", "height")))
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return bytes(await page.screenshot(clip=clip))


async def _keep_page(browser: Any, url: str) -> None:
    """Keep the picture with which the README opens: the whole page, beside each call that was made."""
    page = await browser.new_page(viewport={"width": 1440, "height": 760}, bypass_csp=True)
    await page.goto(f"{url}/?see=ben:general&side=happened")
    await becomes(page, "document.querySelector('#clock').textContent")
    await page.add_style_tag(content=".toast { display: none; }")
    await page.screenshot(path=DOCS / "page.png")
    await page.close()


async def _keep(browser: Any, columns: list[list[bytes]], path: Path) -> None:
    """Lay pictures out in columns, as one."""
    page = await browser.new_page(viewport={"width": 1200, "height": 600})
    await page.set_content(SHEET.format("".join(COLUMN.format("".join(map(_img, column))) for column in columns)))
    await page.locator("main").screenshot(path=path)
    await page.close()


def _img(png: bytes) -> str:
    return f"<img src='data:image/png;base64,{b64encode(png).decode()}'>"


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
