"""Two ways to a link, one shape: link sessions and generateJWT."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import BadRequest, EmailFailed, MailNeedsMaxPack, MaxPackMissing, UnexpectedLink
from bot.ayrshare.model import ConnectMail, Link, LinkUse, Minted, Profile
from bot.ayrshare.replies import LinkReply
from bot.ayrshare.transport import Call


def link_deadline(reply: LinkReply, *, asked_at: datetime, minutes: float) -> datetime:
    """Return what the reply says, else what its token says, else the end of the minutes since the request began."""
    if reply.expires_at is not None:
        return reply.expires_at
    told = token_deadline(reply.token.get_secret_value()) if reply.token else None
    return told or asked_at + timedelta(minutes=minutes)


def token_deadline(token: str) -> datetime | None:
    """Return the `exp` of a JWT, unverified; None for any other token, such as the opaque `ayr_ls_` kind."""
    parts = token.split(".")
    exp = _claims(parts[1]).get("exp") if len(parts) == 3 else None  # noqa: PLR2004 - header, payload, signature
    if isinstance(exp, bool) or not isinstance(exp, int | float):
        return None
    try:
        return datetime.fromtimestamp(exp, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _claims(segment: str) -> dict[str, object]:
    try:
        claims = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


PAGE_HOST = "profile.ayrshare.com"
"""Linking pages are nowhere else: https://www.ayrshare.com/docs/multiple-users/user-integration"""
MAX_URL_LENGTH = 3_000
"""Characters in the `url` of a button: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""


def checked_url(url: SecretStr, *, any_host: bool) -> SecretStr:
    """Return the address untouched; raise UnexpectedLink if it is too long or does not lead to a linking page."""
    text = url.get_secret_value()
    parts = _split(text)
    if parts is None or len(text) > MAX_URL_LENGTH or not (_is_web(parts) if any_host else _is_the_page(parts)):
        raise UnexpectedLink
    return url


def _split(text: str) -> SplitResult | None:
    """Take apart only what a browser takes apart in the same way: it reads backslashes and line ends differently."""
    if not text.isascii() or not text.isprintable() or set(text) & set(' \\<>"|'):
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_web(parts: SplitResult) -> bool:
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_the_page(parts: SplitResult) -> bool:
    return parts.scheme == "https" and parts.netloc.lower() == PAGE_HOST


DEFAULT_MINUTES = 5


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """How links shall be; `expires_in` is in minutes and needs the Max Pack, unset Ayrshare's five hold.

    `any_host` lets links through that do not lead to Ayrshare's own page, for a stand-in of the service.
    """

    expires_in: int | None = None
    redirect: str | None = None
    allowed_social: tuple[str, ...] = ()
    any_host: bool = False

    def body(self) -> dict[str, Any]:
        """Return the fields of a call that makes a link."""
        asked = {
            "logout": True,  # else the page may link accounts to the profile that this browser saw before
            "redirect": self.redirect,
            "allowedSocial": list(self.allowed_social) or None,
            "expiresIn": self.expires_in,
        }
        return {name: value for name, value in asked.items() if value is not None}


def mail_body(mail: ConnectMail | None) -> dict[str, Any]:
    """Return the field of such a call that has the link mailed, if it shall be."""
    if mail is None:
        return {}
    texts = {"contactEmail": mail.contact_email, "company": mail.company}
    return {"email": {"to": mail.to, **texts, "termsUrl": mail.terms_url, "privacyUrl": mail.privacy_url}}


async def make_link(
    client: AyrshareClient, call: Call, options: LinkOptions, mail: ConnectMail | None = None
) -> Minted:
    """Make the call, which asks for a `mail` or doesn't, and return the link; raise AyrshareError."""
    asked_at = client.clock.now()
    try:
        reply = await client.send(LinkReply, call)
    except BadRequest as error:
        if error.code is not None or (mail is None and options.expires_in is None):
            raise
        refused = MailNeedsMaxPack if mail else MaxPackMissing  # how such a refusal looks is undocumented
        raise refused(http_status=error.http_status) from None
    if mail and reply.email_sent is False:
        raise EmailFailed
    url = checked_url(reply.url, any_host=options.any_host)
    expires_at = link_deadline(reply, asked_at=asked_at, minutes=options.expires_in or DEFAULT_MINUTES)
    return Minted(Link(url, expires_at, reply.session_id), reply.title)


class Links(Protocol):
    """Makes links for profiles. Every method raises AyrshareError."""

    async def mint(self, profile: Profile, *, mail: ConnectMail | None = None) -> Minted:
        """Make a link for a profile and, where `mail` is given, have Ayrshare mail it; never repeated then."""
        ...

    async def revoke(self, profile: Profile, link: Link) -> bool:
        """Revoke a link and return whether it is dead now; False where this API can't revoke."""
        ...

    async def use(self, profile: Profile, link: Link) -> LinkUse | None:
        """Return whether a link was opened, revoked or expired, or None where this API can't tell."""
        ...
