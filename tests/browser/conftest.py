from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.browser.chromium import launched, missing

collect_ignore_glob = ["test_*.py"] if missing() else []


@pytest.fixture
def client(sandbox: Sandbox, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(sandbox.slack.bot_token, base_url=f"{sandbox.url}/slack/api/", session=session)


@pytest.fixture
async def context() -> AsyncIterator[Any]:
    """A browser in Berlin, in English; an error of the page's script fails the test."""
    from playwright.async_api import async_playwright  # noqa: PLC0415  # not installed where these tests are left out

    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await launched(playwright)
        context = await browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="en-US", timezone_id="Europe/Berlin"
        )
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on(
            "console", lambda said: errors.append(f"{said.text} {said.location}") if said.type == "error" else None
        )
        yield context
        await browser.close()
    assert [error for error in errors if "401" not in error] == []
