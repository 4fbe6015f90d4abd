"""Connect mails: Ayrshare sends a link to somebody itself, for accounts with the Max Pack.

https://www.ayrshare.com/docs/apis/profiles/generate-jwt-overview
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.ayrshare import assumptions
from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.errors import Refusal
from sandbox.ayrshare.social_accounts import iso

FIELDS = ("to", "company", "contactEmail", "termsUrl", "privacyUrl")


class Mails:
    """What was mailed, oldest first, without the links in it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.sent: list[dict[str, Any]] = []

    def send(self, body: dict[str, Any], profile: Profile, *, max_pack: bool) -> dict[str, bool]:
        """Send the mail that a call asks for, if any, and return what its answer tells; raises Refusal."""
        mail = body.get("email")
        if mail is None:
            return {}
        if not max_pack:
            raise Refusal(assumptions.NEEDS_MAX_PACK, "email needs the Max Pack.")
        if not _is_complete(mail):
            status, code = assumptions.MAIL_NOT_SENT
            raise Refusal(status, "Connect email could not be sent.", code=code)
        told = {name: mail[name] for name in FIELDS}
        self.sent.append({**told, "title": profile.title, "at": iso(self._now())})
        return {"emailSent": True}


def _is_complete(mail: object) -> bool:
    return (
        isinstance(mail, dict)
        and all(isinstance(mail.get(name), str) and mail[name] for name in FIELDS)
        and "@" in mail["to"]
    )
