"""Requests are signed as Slack's documentation describes."""

import time

from slack_sdk.signature import SignatureVerifier

from sandbox.server import Sandbox
from sandbox.slack.http_delivery import signature
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener

# The vector of https://docs.slack.dev/authentication/verifying-requests-from-slack
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)


def test_the_published_vector_is_reproduced() -> None:
    signed = signature("8f742231b10e8888abcd99yyyzzz85a5", timestamp="1531420618", body=BODY)
    assert signed == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def accepted(sandbox: Sandbox, listener: Listener) -> bool:
    received = listener.last
    return SignatureVerifier(sandbox.slack.signing_secret).is_valid_request(received.raw, dict(received.headers))


async def test_the_sdk_accepts_what_is_delivered(sandbox: Sandbox, control: Control, listener: Listener) -> None:
    await control.command("hello")
    assert accepted(sandbox, listener)
    assert abs(int(listener.last.headers["X-Slack-Request-Timestamp"]) - time.time()) < 5


async def test_a_bad_signature_can_be_asked_for(sandbox: Sandbox, control: Control, listener: Listener) -> None:
    await control.post("fault", target="slack", kind="bad_signature")
    await control.command("hello")
    assert not accepted(sandbox, listener)
    await control.command("hello")
    assert accepted(sandbox, listener)


async def test_an_old_timestamp_can_be_asked_for(sandbox: Sandbox, control: Control, listener: Listener) -> None:
    await control.post("fault", target="slack", kind="old_timestamp")
    await control.command("hello")
    assert int(listener.last.headers["X-Slack-Request-Timestamp"]) < time.time() - 300
    assert not accepted(sandbox, listener)


async def test_a_replay_repeats_a_delivery_byte_for_byte(control: Control, listener: Listener) -> None:
    await control.post("fault", target="slack", kind="replay")
    await control.command("hello")
    first, second = listener.received
    assert first == second


async def test_entering_the_address_is_answered_by_bolt(sandbox: Sandbox, bolt: object) -> None:
    assert await sandbox.slack.verify_url()


async def test_an_app_that_does_not_echo_the_challenge_is_not_verified(sandbox: Sandbox, listener: Listener) -> None:
    assert not await sandbox.slack.verify_url()
    assert accepted(sandbox, listener)
