"""A client link's page in a real browser: at phone width, by keyboard, without script, by axe-core."""

from typing import Any

import pytest

from bot.app import Bot
from bot.client_links.create import create_for_person
from bot.client_links.model import ClientLinkOrder
from bot.core.model import RefId, TeamId, UserId, Viewer
from sandbox.server import Sandbox
from tests.browser.axe import check
from tests.browser.page_state import first_paint
from tests.conftest import Map

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def overrides(unused_tcp_port: int) -> dict[str, str]:
    """A browser follows `redirect`, so PUBLIC_URL has to be where the bot is."""
    return {"PUBLIC_URL": f"http://127.0.0.1:{unused_tcp_port}", "PORT": str(unused_tcp_port)}


@pytest.fixture
async def address(bot: Bot, sandbox: Sandbox, mapped: Map) -> str:
    """A client link of Ana's to Ben's profile."""
    profile, world = await mapped("ben", "Acme: Jane"), sandbox.slack.world
    order = ClientLinkOrder(
        TeamId(world.team.id), world.user("ana").id, RefId(profile.ref_id), client="Jane", note="Before Friday."
    )
    return (await create_for_person(bot.deps, Viewer(order.team, UserId(order.by)), order)).url.get_secret_value()


async def _without_script(context: Any) -> Any:
    """Return a page of a phone's browser that runs no script."""
    phone = await context.browser.new_context(viewport=PHONE, java_script_enabled=False)
    return await phone.new_page()


async def test_a_client_connects_an_account_by_keyboard_without_script(context: Any, address: str) -> None:
    page = await _without_script(context)
    await page.goto(address)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Acme: Jane", exact=True).wait_for()
    assert len(page.context.pages) == 1
    await page.get_by_role("button", name="Link TikTok").click()
    await page.get_by_role("button", name="Unlink TikTok").wait_for()  # Done would cut the sign-in off
    await page.get_by_role("button", name="Done").click()
    await page.get_by_role("heading", name="Connected", exact=True).wait_for()
    assert "TikTok connected" in await page.inner_text("main")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_a_phone(context: Any, address: str, scheme: str) -> None:
    phone = await context.browser.new_context(viewport=PHONE, color_scheme=scheme, bypass_csp=True)
    page = await phone.new_page()
    await page.goto(address)
    await check(page, width=PHONE["width"])
    await page.get_by_role("button", name="Connect accounts").click()
    await page.get_by_role("button", name="Done").click()
    await page.get_by_role("heading", name="Nothing is connected yet").wait_for()
    await check(page, width=PHONE["width"])
    await page.goto(address.rpartition("/")[0] + "/unknown")
    await check(page, width=PHONE["width"])


async def test_its_first_paint_is_printed(context: Any, address: str) -> None:
    phone = await context.browser.new_context(viewport=PHONE)
    page = await phone.new_page()
    paints = []
    for _ in range(5):
        await page.goto(address)
        paints.append(await first_paint(page))
    print(f"first paint of the client's page {sorted(paints)[2]:.0f} ms")  # noqa: T201  # one of the numbers
    assert paints


async def test_no_frame_shows_it(context: Any, address: str, sandbox: Sandbox) -> None:
    page = await context.new_page()
    await page.route("**/frame.html", lambda route: route.fulfill(body=f'<iframe src="{address}"></iframe>'))
    await page.goto(f"{sandbox.url}/frame.html")
    shown = [await frame.content() for frame in page.frames]
    assert not any("Connect your accounts" in html for html in shown)
