"""The world's switches: all that scripts can do is on the page, and what goes wrong is said in words."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.ayrshare.fault_injection import KINDS as AYRSHARE_FAULTS
from sandbox.control.app import POST_CALLS
from sandbox.page.faults import LABELS
from sandbox.page.switches import RARER_FLAGS, USUAL_FLAGS
from sandbox.server import Sandbox
from sandbox.slack.fault_injection import KINDS as SLACK_FAULTS
from sandbox.slack.oauth.grants import Grant
from sandbox.slack.users import FLAGS
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.page.reading import MANIFEST, browser, words
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
        calls = set(re.findall(r'fx-action="/control/(\w+)\?', page.document))
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


async def test_a_fault_that_takes_time_takes_some_if_nothing_is_entered_and_any_that_is(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        fields = re.findall(r'<input type="number" name="ms" value="(\d+)" min="0"[^>]*>', page.document)
        assert "step=" not in page.document
    assert [int(value) > 0 for value in fields] == [True, True]


async def test_sockets_can_be_warned_only_in_socket_mode(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    warn = r'<button type="button" class="button"( disabled)?[^>]*>Warn<'
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        assert re.findall(warn, page.document) == [" disabled"]
    sandbox.slack.socket_mode = True
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        assert re.findall(warn, page.document) == [""]


async def test_an_installation_can_be_ended(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        assert "Connect Second" in page.words
        assert "Tokens live for ever" in page.words
        await control.post("oauth", approves="T0SECOND", rotation=False)
        await page.draws("Tokens live 12 hours")


def installed(sandbox: Sandbox, place: str) -> None:
    """Install the app in a workspace or, for an organization, in all of it."""
    slack = sandbox.slack
    grant = Grant(
        team=slack.teams.get(place),
        organization=slack.organizations.get(place),
        scopes=set(),
        installer="U0ANA0001",
    )
    slack.oauth.exchange(slack.oauth.allow(grant, redirect_uri=""), redirect_uri="")


async def test_of_several_workspaces_one_is_chosen(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    async with browser(session, sandbox.url, "see=ben:general") as page:
        assert "Connect Second" not in page.words
    installed(sandbox, "T0SECOND")
    installed(sandbox, "E0CONNECT")
    async with browser(session, sandbox.url, "see=ben:general") as first:
        assert 'href="/?see=ben:general&amp;side=tour&amp;team=T0SECOND"' in first.document
        async with browser(session, sandbox.url, "see=ben:general&team=T0SECOND") as second:
            assert (await second.sends("type", {"user": "cara", "channel": "general"}, text="only here")) == 200
            await second.draws("only here")
            assert "only here" not in words(str(first.steps))
            in_thread = {"user": "ben", "channel": "general", "thread_ts": "1.2"}
            assert (await second.sends("type", in_thread, text="/connect")) == 200
            await second.draws("not supported in threads")
            assert "not supported" not in words(str(first.steps))
    async with session.get(f"{sandbox.url}/?see=ben&team=T0NOBODY", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/?see=ben:general&side=tour")


async def test_a_workspace_is_closed_to_the_app_of_its_organization(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    installed(sandbox, "T0NORTH")
    installed(sandbox, "E0CONNECT")
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        assert 'aria-label="Uninstall from Connect North"' in page.document
        assert 'aria-label="Close Connect North"' in page.document
        await control.post("oauth", close="T0NORTH")
        assert 'aria-label="Open Connect North"' in await page.draws("Connect North", "Open")


async def test_a_user_group_is_changed(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        group = next(iter(sandbox.slack.world.usergroups.values()))
        assert f"@{group.handle}" in page.words
        await control.post("group", group=group.handle, disabled=True)
        await page.draws(f"{len(group.users)} people, disabled", "Enable")


async def test_an_account_is_dropped_for_a_reason(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        forms = re.findall(r"<form.*?</form>", page.document)
    drops = [form for form in forms if "unlink" in form]
    assert drops
    assert all('name="details" placeholder="Account locked"' in form for form in drops)


async def test_somebody_becomes_what_few_are(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    async with browser(session, sandbox.url, "see=ben&side=world") as page:
        flags = re.findall(r'aria-label="([^"]*): Ben Brandt"', page.document)
    assert {"Owner", "Primary owner", "Guest of one channel", "Invited, not here yet", "Stranger"} < set(flags)
    shown = {flag for flags in (USUAL_FLAGS | RARER_FLAGS).values() for flag in flags}
    assert set(FLAGS) - shown == {"is_bot", "is_app_user"}


async def test_nobody_becomes_what_slack_has_nobody_be(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    ben, presses = sandbox.slack.world.user("ben"), (*RARER_FLAGS, *USUAL_FLAGS) * 2
    for label in (*presses, "Primary owner", "Admin", "Guest of one channel", "Primary owner", "Guest"):
        async with browser(session, sandbox.url, "see=ana&side=world") as page:
            [button] = re.findall(rf'<button[^>]*aria-label="{label}: Ben Brandt"[^>]*>', page.document)
        [address] = re.findall('fx-action="([^"]*)"', button)
        await control.post("person", **json.loads(parse_qs(urlsplit(unescape(address)).query)["told"][0]))
        ranks = [ben.is_primary_owner, ben.is_owner, ben.is_admin], [ben.is_ultra_restricted, ben.is_restricted]
        assert not all(map(any, ranks)), label
        assert all(rank == sorted(rank) for rank in ranks), label
