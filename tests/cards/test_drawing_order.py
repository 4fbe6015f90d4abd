"""Two drawings of one card at a slow Slack: the older one never lands after the newer one."""

from typing import Any

from bot.slack.actions import CANCEL_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.conftest import Map, Person
from tests.eventually import eventually

SLOW_MS = 6_000
"""Within the timeout of one try of a post."""


def posts(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [call for call in sandbox.slack.calls.since() if call["call"] == "response_url"]


async def test_a_slow_drawing_does_not_overwrite_the_one_after_it(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    ben = person("ben")
    await ben.types()
    card = await ben.sees_a_card()

    async def under_way() -> bool:
        return len(posts(sandbox)) == 2

    async def landed() -> bool:
        return ["status" in post for post in posts(sandbox)] == [True] * 3

    sandbox.slack.faults.add("latency", ms=SLOW_MS, method="response_url")
    await ben.clicks(card, OPEN_LINK.label)
    await eventually(under_way, "the first drawing is under way")
    await ben.clicks(card, CANCEL_LINK.label)
    await eventually(landed, "both drawings have landed", within=12)
    (shown,) = await ben.messages()
    assert "This link was cancelled." in shown.words
    assert shown.url is None
