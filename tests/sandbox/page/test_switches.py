"""The world's switches: all that scripts can do is on the page, and what goes wrong is said in words."""

import re

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.ayrshare.fault_injection import KINDS as AYRSHARE_FAULTS
from sandbox.control.app import POST_CALLS
from sandbox.page.faults import LABELS
from sandbox.server import Sandbox
from sandbox.slack.fault_injection import KINDS as SLACK_FAULTS
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.page.reading import MANIFEST, browser
from tests.sandbox.slack.blocks import actions, button, modal, section

TYPED = {"command", "say"}
"""What is typed into the composer is one of these."""


async def test_every_control_call_is_on_the_page(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient, fake_app: FakeApp, client: AsyncWebClient
) -> None:
    sandbox.slack.install(MANIFEST)
    fake_app.will_respond({"text": "A card", "blocks": [actions(button())]})
    await control.command()
    await client.views_open(trigger_id=fake_app.last.form["trigger_id"], view=modal(section("x")))
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        calls = set(re.findall(r'fx-action="/control/(\w+)"', page.document))
    assert {path.removeprefix("/") for path in POST_CALLS} == calls | TYPED


@pytest.mark.parametrize(("service", "kinds"), [("slack", SLACK_FAULTS), ("ayrshare", AYRSHARE_FAULTS)])
def test_every_fault_has_words(service: str, kinds: frozenset[str]) -> None:
    labels = [kind for group in LABELS[service].values() for kind in group]
    assert sorted(labels) == sorted(kinds)


async def test_what_goes_wrong_is_said_in_words(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        assert '<option value="invalid_auth">the token is wrong</option>' in page.document
        await control.post("fault", target="slack", kind="invalid_auth", times=2, method="chat.update")
        await page.draws("Slack (chat.update) refuses: the token is wrong, 2 more")
        await control.post("fault", target="slack", kind="none")
        await control.post("fault", target="ayrshare", kind="a_list")
        await page.draws("⚠ Ayrshare answers: a list")


async def test_an_installation_can_be_ended(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        assert "Connect Second" in page.words
        assert "Tokens live for ever" in page.words
        await control.post("oauth", approves="T0SECOND", rotation=False)
        await page.draws("Tokens live 12 hours")
