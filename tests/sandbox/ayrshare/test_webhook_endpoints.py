"""The endpoints about webhooks."""

import pytest

from tests.sandbox.ayrshare.serving import Served


@pytest.mark.parametrize("path", ["/hook/webhook", "/hook"])
async def test_webhooks_are_registered_shown_and_removed(ayrshare: Served, path: str) -> None:
    body = {"action": "feed", "url": "https://acme.example/hook", "secret": "s"}
    registered = (await ayrshare.call("POST", path, body)).body
    assert registered["status"] == "success"
    assert (registered["action"], registered["url"]) == ("feed", "https://acme.example/hook")
    assert len(registered["refId"]) == 40
    shown = (await ayrshare.call("GET", path)).body
    assert shown["feed"] == "https://acme.example/hook"
    assert shown["updated"] == "2026-11-02T09:00:00.000Z"
    assert "secret" not in shown
    removed = (await ayrshare.call("DELETE", path, {"action": "feed"})).body
    assert removed == {"status": "success", "action": "feed"}
    assert "feed" not in (await ayrshare.call("GET", path)).body


@pytest.mark.parametrize(
    "body",
    [
        {"action": "social", "url": "http://acme.example/hook"},
        {"action": "unknown", "url": "https://acme.example/hook"},
        {"action": "social"},
    ],
)
async def test_an_http_url_and_an_unknown_action_are_rejected(ayrshare: Served, body: dict[str, str]) -> None:
    assert (await ayrshare.call("POST", "/hook/webhook", body)).status == 400
