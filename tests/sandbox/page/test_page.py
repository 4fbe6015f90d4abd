"""The page over HTTP: what it shows of whom, that it is drawn again at once, and that its address is its state."""

import html
import json
import re
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.page.app import STATIC
from sandbox.page.live import MOST_STEPS
from sandbox.server import Sandbox
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.page.reading import MANIFEST, browser, html_of, words
from tests.sandbox.slack.blocks import actions, button, modal, text_input

MOST_LINES, MOST_COLUMNS = 105, 120


async def test_the_page_needs_nothing_from_elsewhere_and_says_so(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    async with session.get(sandbox.url) as response:
        policy, document = response.headers["Content-Security-Policy"], await response.text()
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<style" not in document
    assert " style=" not in document
    assert "http" not in document.replace(sandbox.url, "")


@pytest.mark.parametrize("name", sorted(path.name for path in STATIC.iterdir()))
async def test_its_files_are_there_and_name_no_address_that_is_fetched(
    sandbox: Sandbox, session: aiohttp.ClientSession, name: str
) -> None:
    async with session.get(f"{sandbox.url}/page/{name}") as response:
        assert response.status == 200
        text = await response.text()
    assert not any(f"{opening}http" in text for opening in ('src="', 'href="', "url(", 'from "', 'import "'))


def test_its_own_script_has_about_a_hundred_lines() -> None:
    scripts = [script for path in STATIC.glob("*.js") if not (script := path.read_text()).startswith("/*!")]
    lines = [line for script in scripts for line in script.splitlines()]
    assert len([line for line in lines if line.strip() and not line.lstrip().startswith("//")]) <= MOST_LINES
    assert max(map(len, lines)) <= MOST_COLUMNS


async def test_whoever_looks_for_an_icon_finds_it(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{sandbox.url}/favicon.ico") as response:
        assert (response.status, response.content_type) == (200, "image/svg+xml")


async def test_a_message_is_drawn_at_once_where_its_viewer_is_and_nowhere_else(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient, fake_app: FakeApp
) -> None:
    async with (
        browser(session, sandbox.url, "see=ben:general") as ben,
        browser(session, sandbox.url, "see=cara") as cara,
    ):
        fake_app.will_respond({"text": "For *Ben* only", "response_type": "ephemeral"})
        await control.command()
        assert "Only visible to you" in await ben.draws("For", "only")
        await control.post("say", user="cara", channel="general", text="Hello <b>")
        await cara.draws("Hello <b>")
        assert "Only visible" not in words(str(cara.steps))


async def test_only_what_changed_is_sent(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    await control.post("say", user="ben", channel="general", text="the first")
    async with browser(session, sandbox.url, "see=ben:general") as ben:
        assert "the first" in ben.words
        await control.post("say", user="ben", channel="general", text="the second")
        drawn = await ben.draws("the second")
        assert "the first" not in drawn
        assert "<nav" not in drawn


async def test_the_address_says_who_is_looked_at_where(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    async with browser(session, sandbox.url, "see=ben:random&see=ana:secret-plans&side=world") as page:
        assert page.document.count('class="pane"') == 2
        assert "# random" in page.words
        assert "What goes wrong" in page.words
        steps = await page.look("see=ben:random&side=happened")
        assert {"do": "remove", "id": "pane-ana", "with": []} in steps
        assert 'href="/?see=ben:random&amp;side=tour"' in str(steps)
    async with browser(session, sandbox.url, "see=ben:random:1.2&see=no one&side=nonsense&at=-1&at=x") as page:
        assert "no one has no account here." in page.words
    async with browser(session, sandbox.url, "see=leo&side=happened&only=failed") as page:
        assert "Leo Left has no account here any more: they were deactivated." in page.words
        assert "Nothing of this kind." in page.words


async def test_why_something_was_refused_is_said_where_it_was_done_not_on_a_page_that_is_opened_later(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    async with browser(session, sandbox.url, "see=ben") as page:
        await page.sends("close", {"user": "ben", "view_id": "V1"})
        await page.draws("does not have view")
    async with browser(session, sandbox.url, "see=ben") as page:
        assert "does not have view" not in page.words


async def test_somebody_is_seated_where_they_are_a_member(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    async with browser(session, sandbox.url, "see=ben") as page:
        links = re.findall(r'href="/\?see=(zoe|gus|cara):(\w+)&', html.unescape(page.document))
    assert sorted(set(links)) == [("cara", "general"), ("gus", "general"), ("zoe", "partners")]


async def test_a_page_that_is_forgotten_is_loaded_again(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{sandbox.url}/page/stream?screen=nobody") as stream:
        assert await stream.content.readline() == b"event: gone\n"
    async with session.get(f"{sandbox.url}/page/look?screen=nobody&see=ben") as response:
        assert response.status == 410


async def test_a_modal_lies_over_its_own_person_only(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient, fake_app: FakeApp, client: AsyncWebClient
) -> None:
    await control.command()
    async with browser(session, sandbox.url, "see=ben&see=cara") as page:
        await client.views_open(trigger_id=fake_app.last.form["trigger_id"], view=modal(text_input("name")))
        drawn = await page.draws("Title", "name")
    assert 'role="dialog"' in drawn
    [drew] = [step for step in page.steps if 'role="dialog"' in html_of(step)]
    assert (drew["do"], drew["id"], drew["with"][0]) == ("insertAdjacentHTML", "main-ben", "afterend")


async def test_home_is_drawn_by_the_app_when_somebody_comes_to_it(
    sandbox: Sandbox, session: aiohttp.ClientSession, fake_app: FakeApp, client: AsyncWebClient
) -> None:
    async with browser(session, sandbox.url, "see=ana:home") as page:
        assert "hasn't published" in page.words
        view = {"type": "home", "blocks": [actions(button())]}
        await client.views_publish(user_id="U0ANA0001", view=view)
        await page.draws("Go")
    assert fake_app.last.payload["event"]["type"] == "app_home_opened"


async def test_a_notification_is_shown_as_desktop_and_phone_show_it_until_it_is_read(
    sandbox: Sandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "*Acme*\nOn the desktop"}}
    async with browser(session, sandbox.url, "see=ben:general") as page:
        await client.chat_postMessage(channel="U0BEN0001", text="On a phone", blocks=[block])
        await page.draws("On the desktop", "unread")
        alerts = words(str(await page.look("see=ben:alerts")))
        assert "Desktop" in alerts
        assert "On a phone" in alerts
        dm = await page.look("see=ben:app")
        [places] = [html_of(step) for step in dm if step["id"] == "places-ben"]
        assert "unread" not in words(places)


async def test_what_the_crawler_of_slack_fetches_is_among_what_happened(
    sandbox: Sandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    async with browser(session, sandbox.url, "see=ben:alerts&side=happened&only=crawler") as page:
        await client.chat_postMessage(channel="C0GENERAL", text="see https://profile.example/secret")
        await page.draws("crawler", "GET https://profile.example/…")


async def test_a_long_channel_begins_with_its_last_messages_and_earlier_ones_come_on_request(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    general = sandbox.slack.world.channel("general")
    for number in range(70):
        sandbox.slack.say(general, user_id="U0BEN0001", text=f"number {number};")
    async with browser(session, sandbox.url, "see=ben:general") as page:
        assert "number 49;" not in page.words
        assert "number 50;" in page.words
        drawn = words(await page.draws("number 20;", "number 49;"))
        assert "number 19;" not in drawn
        assert "number 50;" not in drawn
        assert "This is the beginning" not in page.words
        assert 'href="/?see=ben:general::1&amp;side=tour">Show earlier messages' in page.document
        shown = words(str(await page.look("see=ben:general::1")))
        assert "number 0;" in shown
        assert "number 21;" not in shown
        assert "This is the beginning" in shown
        [first] = [message for message in await control.messages() if message["text"] == "number 0;"]
        thread = await page.look(f"see=ben:general::1&thread=ben:{first['ts']}")
        assert f'value="ben:general:{first["ts"]}:1"' in str(thread)
        assert {"do": "remove", "id": "thread-ben", "with": []} in await page.look("see=ben:general&thread=nonsense")


async def test_many_messages_are_drawn_a_few_at_a_time(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    general = sandbox.slack.world.channel("general")
    for number in range(200):
        sandbox.slack.say(general, user_id="U0BEN0001", text=f"number {number};")
    async with browser(session, sandbox.url, "see=ben:general::3") as page:
        await page.draws("number 0;", "number 179;")
        assert sum(page.together) > MOST_STEPS >= max(page.together)


async def test_a_thread_has_its_replies_and_is_told_in_its_channel(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient
) -> None:
    first = await control.post("say", user="ben", channel="general", text="the question")
    await control.post("say", user="cara", channel="general", text="the answer", thread_ts=first["ts"])
    async with browser(session, sandbox.url, "see=ben:general") as page:
        assert "1 reply" in page.words
        assert "the answer" not in page.words
    async with browser(session, sandbox.url, f"see=ben:general:{first['ts']}") as page:
        assert "the answer" in page.words


async def test_the_composer_offers_commands_their_hint_and_people(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    sandbox.slack.install(MANIFEST)

    async def offered(text: str) -> str:
        async with session.post(f"{sandbox.url}/page/offers", data={"text": text}) as response:
            return words(await response.text())

    assert "/connect" in await offered("/co")
    assert "help" in await offered("/connect ")
    assert "Cara Costa" in await offered("/connect send @ca")
    assert "social-leads" in await offered("@soc")
    async with browser(session, sandbox.url) as page:
        assert "Ask somebody" in page.words


@pytest.mark.parametrize("told", ["nonsense", "[]", '{"team": []}', '{"action_id": []}', '{"least": "x"}'])
async def test_what_the_page_would_never_send_is_a_400(
    sandbox: Sandbox, session: aiohttp.ClientSession, told: str
) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    async with session.post(f"{sandbox.url}/page/options", params={"told": told}, data=form) as response:
        assert response.status == HTTPStatus.BAD_REQUEST


async def test_an_external_select_asks_the_app(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient, fake_app: FakeApp
) -> None:
    select = {"type": "external_select", "action_id": "profile", "min_query_length": 1}
    fake_app.will_respond({"text": "Which?", "blocks": [actions(select)]})
    await control.command()
    [message] = await control.messages()
    told = {"user": "ben", "channel": "general", "message_ts": message["ts"], "action_id": "profile", "least": 1}

    async def offered(text: str) -> str:
        form = aiohttp.FormData({"typed//profile": text, "typed//another": "z"}, default_to_multipart=True)
        query = {"told": json.dumps(told)}
        async with session.post(f"{sandbox.url}/page/options", params=query, data=form) as response:
            return await response.text()

    fake_app.will_respond({"options": [{"text": {"type": "plain_text", "text": "Acme <Jane>"}, "value": "7"}]})
    drawn = await offered("ac")
    assert 'data-value="7"' in drawn
    assert "Acme &lt;Jane&gt;" in drawn
    assert fake_app.last.payload["value"] == "ac"
    fake_app.will_respond({"options": []})
    assert "No results" in await offered("x")
    assert await offered("") == ""


async def test_what_a_page_sends_that_is_forgotten_or_plays_a_recording_is_not_done(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient, tmp_path: Path
) -> None:
    with sandbox.live.recording(tmp_path / "world.jsonl"):
        await control.post("say", user="ben", channel="general", text="the first")
    playing = sandbox.player.add((tmp_path / "world.jsonl").read_text())
    told = {"user": "ben", "channel": "general"}
    async with browser(session, sandbox.url, f"see=ben&play={playing}&at=1") as page:
        assert await page.sends("type", told, text="the second") == HTTPStatus.NO_CONTENT
        page.screen = "nobody"
        assert await page.sends("type", told, text="the third") == HTTPStatus.GONE
    assert await control.texts() == ["the first"]
