"""The endpoints about webhooks: register, show, remove, change the secret.

https://www.ayrshare.com/docs/apis/webhooks/overview
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.ayrshare.assumptions import HOOK_PLAIN_HTTP, MISSING_FIELD
from sandbox.ayrshare.errors import Refusal
from sandbox.ayrshare.request import Asked
from sandbox.ayrshare.social_accounts import iso
from sandbox.ayrshare.webhook_settings import ACTIONS


class Webhooks:
    """Keeps the hooks of each profile; without a profile key the Primary's."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def register(self, asked: Asked) -> dict[str, Any]:
        """Register one address for one action, and the secret if one is sent."""
        action, url, hooks = _action(asked), _url(asked.text("url")), asked.profile.hooks
        hooks.urls[action] = url
        hooks.updated = self._now()
        if "secret" in asked.body:
            hooks.change_secret(asked.text("secret"), at=self._now())
        return {"status": "success", "action": action, "url": url, "refId": asked.profile.ref_id}

    def show(self, asked: Asked) -> dict[str, Any]:
        """Answer with the address of each action; the secret is never told."""
        hooks = asked.profile.hooks
        updated = {"updated": iso(hooks.updated)} if hooks.updated else {}
        return {"status": "success", **hooks.urls, **updated}

    def remove(self, asked: Asked) -> dict[str, Any]:
        """Forget the address of an action."""
        action = _action(asked)
        asked.profile.hooks.urls.pop(action, None)
        asked.profile.hooks.updated = self._now()
        return {"status": "success", "action": action}

    def change_secret(self, asked: Asked) -> dict[str, Any]:
        """Sign with another secret; for a day deliveries are signed with both."""
        asked.profile.hooks.change_secret(asked.text("secret"), at=self._now())
        return {"status": "success", "action": "webhook", "refId": asked.profile.ref_id}


def _action(asked: Asked) -> str:
    action = asked.text("action")
    if action not in ACTIONS:
        raise Refusal(MISSING_FIELD, "Missing or invalid parameter: action.")
    return action


def _url(url: str) -> str:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in HOOK_PLAIN_HTTP
    if not local and (parts.scheme != "https" or not parts.hostname):
        raise Refusal(MISSING_FIELD, "url must begin with https.")
    return url
