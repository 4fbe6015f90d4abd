"""Connect emails: Ayrshare itself emails a link to a person, for accounts with the Max Pack.

https://www.ayrshare.com/docs/apis/profiles/generate-jwt-overview
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.ayrshare import assumptions
from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.errors import ApiError
from sandbox.ayrshare.social_accounts import iso

FIELDS = ("to", "company", "contactEmail", "termsUrl", "privacyUrl")


class ConnectEmails:
    """The emails that were sent, oldest first; the link in an email is not kept."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.sent: list[dict[str, Any]] = []

    def send(self, body: dict[str, Any], profile: Profile, *, max_pack: bool) -> dict[str, bool]:
        """Send the email that a call's body asks for, if any, and return its part of the response; raises ApiError."""
        email = body.get("email")
        if email is None:
            return {}
        if not max_pack:
            raise ApiError(assumptions.NEEDS_MAX_PACK, "email needs the Max Pack.")
        if not _is_complete(email):
            status, code = assumptions.EMAIL_NOT_SENT
            raise ApiError(status, "Connect email could not be sent.", code=code)
        fields = {name: email[name] for name in FIELDS}
        self.sent.append({**fields, "title": profile.title, "at": iso(self._now())})
        return {"emailSent": True}


def _is_complete(email: object) -> bool:
    return (
        isinstance(email, dict)
        and all(isinstance(email.get(name), str) and email[name] for name in FIELDS)
        and "@" in email["to"]
    )
