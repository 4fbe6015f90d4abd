"""What happened is kept in a file, without secrets, and played on the page."""

import io
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest

from sandbox.page.entries import MOST
from sandbox.server import Sandbox
from sandbox.unreadable import ANSWERS
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.page.reading import browser, words
from tests.sandbox.slack.blocks import actions, button, section

LINK = {**button(), "url": "http://127.0.0.1/ayrshare/page?session=ayr_ls_very-secret"}
CARD = {"text": "A card", "blocks": [section("The *card*"), actions(LINK)]}


@pytest.fixture
async def recorded(sandbox: Sandbox, control: ControlClient, fake_app: FakeApp, tmp_path: Path) -> str:
    file = tmp_path / "world.jsonl"
    with sandbox.live.recording(file):
        fake_app.will_respond(CARD)
        await control.command(sandbox.ayrshare.profiles[0].key)
        sandbox.live.world()
        await control.post("say", user="cara", channel="general", text="afterwards")
    return file.read_text()


async def test_a_recording_has_no_secrets(sandbox: Sandbox, recorded: str) -> None:
    secrets = (sandbox.slack.bot_token, sandbox.ayrshare.profiles[0].key, "/slack/commands/T0", "very-secret")
    assert [secret for secret in secrets if secret in recorded] == []
    assert "afterwards" in recorded


@pytest.mark.parametrize("kind", sorted(ANSWERS))
async def test_an_answer_that_no_client_can_read_is_recorded_and_shown(
    sandbox: Sandbox, control: ControlClient, session: aiohttp.ClientSession, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "world.jsonl"
    with sandbox.live.recording(file):
        await control.post("fault", target="ayrshare", kind=kind)
        async with session.get(f"{sandbox.url}/ayrshare/api/user") as response:
            await response.read()
        sandbox.live.world()
    assert "GET /user" in file.read_text()
    order = sandbox.ayrshare.calls.exchanges[-1].order
    async with session.get(f"{sandbox.url}/page/call?order={order}") as response:
        assert response.status == HTTPStatus.OK


async def test_a_recording_is_played_from_change_to_change(
    sandbox: Sandbox, session: aiohttp.ClientSession, recorded: str
) -> None:
    upload = f"{sandbox.url}/page/recordings"
    await sandbox.live.services.slack.crawler.idle()
    sandbox.slack.world.channel("general").messages.clear()
    async with session.post(upload, data={"file": io.BytesIO(recorded.encode())}, allow_redirects=False) as response:
        url = response.headers["Location"]
    query = url.partition("?")[2].rpartition("&at=")[0]
    changes = len(recorded.splitlines()) - 1
    async with browser(session, sandbox.url, f"{query}&at={changes}&side=happened") as page:
        assert "The card" in " ".join(page.words.split())
        assert "afterwards" in page.words
        earlier = await page.look(f"{query}&at={changes - 1}&side=happened")
        assert [step["do"] for step in earlier if "afterwards" in str(step)] == []
        assert any(step["do"] == "remove" and step["id"].startswith("m-ben-") for step in earlier)
        order = page.document.rpartition("/page/call?order=")[2].partition("&")[0]
        name = url.partition("play=")[2].partition("&")[0]
        async with session.get(f"{sandbox.url}/page/call?order={order}&play={name}") as response:
            assert "sent" in words(await response.text())


async def test_a_recording_is_looked_at_where_the_first_thing_was_done(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient, tmp_path: Path
) -> None:
    with sandbox.live.recording(tmp_path / "world.jsonl"):
        await control.post("say", user="cara", channel="random", text="the first")
        sandbox.live.world()
        await control.post("say", user="ben", channel="general", text="afterwards")
    file = io.BytesIO((tmp_path / "world.jsonl").read_bytes())
    async with session.post(f"{sandbox.url}/page/recordings", data={"file": file}, allow_redirects=False) as response:
        assert response.headers["Location"].startswith("/?see=cara:random&side=happened&play=")
        assert response.headers["Location"].endswith("&at=1")


async def test_what_newer_calls_have_pushed_out_is_still_in_a_recording(
    sandbox: Sandbox, session: aiohttp.ClientSession, control: ControlClient, tmp_path: Path
) -> None:
    with sandbox.live.recording(tmp_path / "world.jsonl"):
        await control.post("say", user="cara", channel="random", text="the first")
        order = sandbox.live.services.done.exchanges[-1].order
        sandbox.live.world()
        for _ in range(MOST):
            await control.post("say", user="ben", channel="general", text="afterwards")
    file = io.BytesIO((tmp_path / "world.jsonl").read_bytes())
    async with session.post(f"{sandbox.url}/page/recordings", data={"file": file}, allow_redirects=False) as response:
        url = response.headers["Location"]
    assert url.startswith("/?see=cara:random&")
    name = url.partition("play=")[2].partition("&")[0]
    async with session.get(f"{sandbox.url}/page/call?order={order}&play={name}") as response:
        assert "the first" in words(await response.text())


async def test_a_long_recording_is_taken_whole(sandbox: Sandbox, session: aiohttp.ClientSession, recorded: str) -> None:
    heading, *lines = recorded.splitlines()
    upload = f"{sandbox.url}/page/recordings"
    file = "\n".join([heading, *lines * (2_000_000 // len(recorded) + 1)])
    async with session.post(upload, data={"file": io.BytesIO(file.encode())}, allow_redirects=False) as response:
        assert response.status == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize(
    "file", ["", "{}", "nonsense", '["recording"]', '{"recording": "connectbot demo", "version": 4}']
)
async def test_another_file_is_refused(sandbox: Sandbox, session: aiohttp.ClientSession, file: str) -> None:
    async with session.post(f"{sandbox.url}/page/recordings", data={"file": io.BytesIO(file.encode())}) as response:
        assert response.status == HTTPStatus.BAD_REQUEST
        assert "recording can&#x27;t be read" in await response.text()
    async with session.post(f"{sandbox.url}/page/recordings", data={}) as response:
        assert response.status == HTTPStatus.BAD_REQUEST
    async with session.get(f"{sandbox.url}/?see=ben&play=gone", allow_redirects=False) as response:
        assert response.status == 302
