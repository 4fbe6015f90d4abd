"""Calls to the sandbox's Ayrshare with the key of a profile."""

from typing import Any

from sandbox.server import Sandbox
from tests.sandbox.control_client import ControlClient


async def call_api(
    sandbox: Sandbox, control: ControlClient, method: str, path: str, *, key: str, **body: Any
) -> tuple[int, Any]:
    """Return the status and the body of the response."""
    headers = {"Authorization": f"Bearer {sandbox.ayrshare.api_key}", "Profile-Key": key}
    url = f"{sandbox.url}/ayrshare/api{path}"
    async with control.session.request(method, url, json=body or None, headers=headers) as response:
        return response.status, await response.json()


def key_of(sandbox: Sandbox, title: str) -> str:
    return next(profile.key for profile in sandbox.ayrshare.profiles if profile.title == title)
