"""Requests are signed as Slack documents it."""

import time

from slack_sdk.signature import SignatureVerifier

from sandbox.server import Sandbox
from sandbox.slack.http_delivery import signature
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp

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


def accepted(sandbox: Sandbox, fake_app: FakeApp) -> bool:
    received = fake_app.last
    return SignatureVerifier(sandbox.slack.signing_secret).is_valid_request(received.body, dict(received.headers))


async def test_the_sdk_accepts_the_signature_of_a_delivery(
    sandbox: Sandbox, control: ControlClient, fake_app: FakeApp
) -> None:
    await control.command("hello")
    assert accepted(sandbox, fake_app)
    assert abs(int(fake_app.last.headers["X-Slack-Request-Timestamp"]) - time.time()) < 5


async def test_a_fault_makes_a_bad_signature(sandbox: Sandbox, control: ControlClient, fake_app: FakeApp) -> None:
    await control.post("fault", target="slack", kind="bad_signature")
    await control.command("hello")
    assert not accepted(sandbox, fake_app)
    await control.command("hello")
    assert accepted(sandbox, fake_app)


async def test_a_fault_makes_an_old_timestamp(sandbox: Sandbox, control: ControlClient, fake_app: FakeApp) -> None:
    await control.post("fault", target="slack", kind="old_timestamp")
    await control.command("hello")
    assert int(fake_app.last.headers["X-Slack-Request-Timestamp"]) < time.time() - 300
    assert not accepted(sandbox, fake_app)


async def test_a_replay_repeats_a_delivery_byte_for_byte(control: ControlClient, fake_app: FakeApp) -> None:
    await control.post("fault", target="slack", kind="replay")
    await control.command("hello")
    first, second = fake_app.received
    assert first == second


async def test_bolt_passes_the_url_verification(sandbox: Sandbox, bolt: object) -> None:
    assert await sandbox.slack.verify_url()


async def test_an_app_that_does_not_return_the_challenge_is_not_verified(sandbox: Sandbox, fake_app: FakeApp) -> None:
    assert not await sandbox.slack.verify_url()
    assert accepted(sandbox, fake_app)
