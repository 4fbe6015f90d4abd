"""The endpoints about webhooks: register, show, remove, change the secret.

https://www.ayrshare.com/docs/apis/webhooks/overview
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.ayrshare.assumptions import HOOK_PLAIN_HTTP
from sandbox.ayrshare.errors import MissingParameter
from sandbox.ayrshare.request import ApiRequest
from sandbox.ayrshare.social_accounts import iso
from sandbox.ayrshare.webhook_settings import ACTIONS


class WebhookEndpoints:
    """Change the webhooks of a profile; without a profile key those of the Primary."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def register(self, request: ApiRequest) -> dict[str, Any]:
        """Register one URL for one action, and the secret if one is sent."""
        action, url, webhooks = _action(request), _checked_url(request.text("url")), request.profile.webhooks
        webhooks.urls[action] = url
        webhooks.updated = self._now()
        if "secret" in request.body:
            webhooks.change_secret(request.text("secret"), at=self._now())
        return {"status": "success", "action": action, "url": url, "refId": request.profile.ref_id}

    def show(self, request: ApiRequest) -> dict[str, Any]:
        """Return the URL of each action; the secret is never returned."""
        webhooks = request.profile.webhooks
        updated = {"updated": iso(webhooks.updated)} if webhooks.updated else {}
        return {"status": "success", **webhooks.urls, **updated}

    def remove(self, request: ApiRequest) -> dict[str, Any]:
        """Remove the URL of an action."""
        action = _action(request)
        request.profile.webhooks.urls.pop(action, None)
        request.profile.webhooks.updated = self._now()
        return {"status": "success", "action": action}

    def change_secret(self, request: ApiRequest) -> dict[str, Any]:
        """Replace the secret; for a day deliveries are signed with both."""
        request.profile.webhooks.change_secret(request.text("secret"), at=self._now())
        return {"status": "success", "action": "webhook", "refId": request.profile.ref_id}


def _action(request: ApiRequest) -> str:
    action = request.text("action")
    if action not in ACTIONS:
        raise MissingParameter("action")
    return action


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in HOOK_PLAIN_HTTP
    if not local and (parts.scheme != "https" or not parts.hostname):
        raise MissingParameter("url must begin with https.")
    return url
