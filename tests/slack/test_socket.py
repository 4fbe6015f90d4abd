"""The frames of Socket Mode as text: whatever comes is read or refused, and an acknowledgement carries what it may."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.response import BoltResponse

from bot.slack.socket import Disconnect, Envelope, Hello, UnreadableFrame, acknowledgement, read_frame

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
