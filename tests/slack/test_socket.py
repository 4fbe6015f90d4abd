"""A socket: whatever comes is read or refused, an acknowledgement carries what it may, and it ends once."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from slack_bolt.response import BoltResponse

from bot.core.metrics import Metrics
from bot.slack.client import web_client
from bot.slack.socket import Disconnect, Envelope, Hello, Socket, UnreadableFrame, acknowledgement, read_frame
from bot.slack.socket_connect import SocketTimings, connect
from sandbox.server import Sandbox

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "envelope_id", "payload", "x"]), inner),
)


@given(frame=st.text() | VALUES.map(json.dumps) | st.binary())
def test_any_frame_is_read_or_refused(frame: str | bytes) -> None:
    with suppress(UnreadableFrame):
        assert isinstance(read_frame(frame), Hello | Disconnect | Envelope)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("[" * 100_000, "not_json"),
        ("[]", "not_an_object"),
        ("null", "not_an_object"),
        ("{}", "no_envelope_id"),
        ('{"type": 7}', "no_envelope_id"),
        ('{"envelope_id": 7, "payload": {}}', "no_envelope_id"),
        ('{"envelope_id": "", "payload": {}}', "no_envelope_id"),
        ('{"envelope_id": "x"}', "no_payload"),
        ('{"envelope_id": "x", "payload": []}', "no_payload"),
    ],
)
def test_a_frame_that_is_refused_is_named_by_a_word(text: str, word: str) -> None:
    with pytest.raises(UnreadableFrame, match=f"^{word}$"):
        read_frame(text)


@pytest.mark.parametrize(
    ("accepts", "body", "payload"),
    [
        ("true", "", None),
        ("true", "busy", {"text": "busy"}),
        ("true", {"response_action": "clear"}, {"response_action": "clear"}),
        ("false", "busy", None),
        ('"true"', {"text": "busy"}, None),
    ],
)
def test_an_acknowledgement_carries_what_slack_takes(
    accepts: str, body: str | dict[str, str], payload: dict[str, str] | None
) -> None:
    envelope = read_frame(f'{{"envelope_id": "e1", "payload": {{}}, "accepts_response_payload": {accepts}}}')
    assert isinstance(envelope, Envelope)
    written = json.loads(acknowledgement(envelope, BoltResponse(status=200, body=body)))
    assert written == {"envelope_id": "e1"} | ({} if payload is None else {"payload": payload})


async def test_one_that_is_ended_while_it_runs_out_ends_once(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    sandbox.slack.socket_mode = True
    client = web_client(session, token=SecretStr("xoxb-1"), api_url=f"{sandbox.url}/slack/api/")
    ws = await connect(client, SecretStr(sandbox.slack.app_token), SocketTimings())
    socket = Socket(ws, nothing_comes, Metrics(), linger=60)
    reading = asyncio.create_task(socket.read(last_words=0.1))
    for _ in range(3):  # it begins to read; its time is over; it hears so
        await asyncio.sleep(0)
        socket.end()
    await reading
    assert (socket.reason, ws.closed) == ("closed", True)


async def nothing_comes(_payload: dict[str, Any]) -> BoltResponse:
    raise AssertionError
