"""Who is signed in at the networks decides which account gets connected, and its `id` tells which one it is."""

from typing import Any

from sandbox.server import Sandbox
from tests.sandbox.control.ayrshare_api import call_api, key_of
from tests.sandbox.control_client import ControlClient

JANE = "Acme: Jane"


async def instagram(sandbox: Sandbox, control: ControlClient, title: str = JANE) -> dict[str, Any]:
    """Return what the API tells of a profile's Instagram."""
    _, user = await call_api(sandbox, control, "GET", "/user", key=key_of(sandbox, title))
    return next(dict(row) for row in user["displayNames"] if row["platform"] == "instagram")


async def links(control: ControlClient, title: str = JANE) -> None:
    assert (await control.post("ayrshare", do="link", profile=title, network="instagram"))["ok"]


async def test_a_profiles_own_people_link_the_same_account_again(sandbox: Sandbox, control: ControlClient) -> None:
    before = await instagram(sandbox, control)
    await control.post("ayrshare", do="unlink", profile=JANE, network="instagram")
    await links(control)
    after = await instagram(sandbox, control)
    assert (after["id"], after["displayName"]) == (before["id"], "Jane of Acme")


async def test_whoever_is_signed_in_links_another_account_the_same_to_every_profile(
    sandbox: Sandbox, control: ControlClient
) -> None:
    before = await instagram(sandbox, control)
    assert (await control.post("switch", signed_in="Eve"))["signed_in"] == "Eve"
    await links(control)
    await links(control, "Globex")
    wrong = await instagram(sandbox, control)
    assert (wrong["displayName"], wrong["username"]) == ("Eve", "eve")
    assert wrong["id"] != before["id"]
    assert (await instagram(sandbox, control, "Globex"))["id"] == wrong["id"]
    assert (await control.post("switch", signed_in=None))["signed_in"] is None
    await links(control)
    assert (await instagram(sandbox, control))["id"] == before["id"]
