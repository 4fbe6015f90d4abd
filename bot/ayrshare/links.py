"""What both link APIs share: the Links protocol, the options of a link, the checks on its URL, and its deadline."""

import base64
import binascii
import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import BadRequest, EmailFailed, MailNeedsMaxPack, MaxPackMissing, UnexpectedLink
from bot.ayrshare.model import ConnectMail, Link, LinkUse, Minted, Profile
from bot.ayrshare.networks import OfferedNetworks
from bot.ayrshare.replies import LinkReply
from bot.ayrshare.transport import Call

DEFAULT_MINUTES = 5
SKEW = timedelta(seconds=30)
"""A smaller difference between Ayrshare's clock and ours is left in a link's deadline."""
LARGEST_SKEW = timedelta(days=1)
"""A link that expired this long before it was made is one of a clock that is wrong."""
PAGE_HOST = "profile.ayrshare.com"
"""The host of every link: https://www.ayrshare.com/docs/multiple-users/user-integration"""
MAX_URL_LENGTH = 3_000
"""Characters in the `url` of a button: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""


class Links(Protocol):
    """Makes links for profiles: `SessionLinks` or `JwtLinks`. Every method raises AyrshareError."""

    options: "LinkOptions"

    async def mint(
        self,
        profile: Profile,
        *,
        networks: tuple[str, ...] = (),
        mail: ConnectMail | None = None,
        terms: "LinkTerms | None" = None,
    ) -> Minted:
        """Make a link for a profile and, with `mail`, have Ayrshare mail it; a call that mails is never retried.

        The page shows just the `networks`, or all that links may offer if there are none. `terms` are this link's own.
        """
        ...

    async def revoke(self, profile: Profile, link: Link) -> bool:
        """Revoke a link; return whether it is dead now, which is False where the API can't revoke."""
        ...

    async def use(self, profile: Profile, link: Link) -> LinkUse | None:
        """Return whether a link was opened, revoked or has expired, or None where the API can't tell."""
        ...


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """What one link has otherwise than every link: where Done leads, and its life in minutes."""

    redirect: str | None = None
    expires_in: int | None = None


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """Options of every link.

    `expires_in` is in minutes and needs the Max Pack; without it Ayrshare's five minutes apply. `any_host` allows links
    to another host than Ayrshare's own, for a local stand-in. `instagram_method` and `max_pack` are for link sessions.
    """

    expires_in: int | None = None
    redirect: str | None = None
    offered: OfferedNetworks = field(default_factory=OfferedNetworks)
    any_host: bool = False
    instagram_method: str | None = None
    max_pack: bool = False

    def under(self, terms: LinkTerms | None) -> "LinkOptions":
        """Return the options of a link with terms of its own."""
        if terms is None:
            return self
        redirect, expires_in = terms.redirect or self.redirect, terms.expires_in or self.expires_in
        return replace(self, redirect=redirect, expires_in=expires_in)

    def body(self, networks: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the fields of a call that makes a link; its page shows just the networks, if there are any."""
        fields = {
            "logout": True,  # else the page may connect accounts to the profile this browser was last used for
            "redirect": self.redirect,
            "allowedSocial": list(self.offered.restriction(networks)) or None,
            "expiresIn": self.expires_in,
        }
        return {name: value for name, value in fields.items() if value is not None}


def mail_body(mail: ConnectMail | None) -> dict[str, Any]:
    """Return the field that has Ayrshare mail the link, or nothing without a mail."""
    if mail is None:
        return {}
    texts = {"contactEmail": mail.contact_email, "company": mail.company}
    return {"email": {"to": mail.to, **texts, "termsUrl": mail.terms_url, "privacyUrl": mail.privacy_url}}


async def make_link(
    client: AyrshareClient, call: Call, options: LinkOptions, mail: ConnectMail | None = None
) -> Minted:
    """Send the call, which was built with `options` and `mail`, and return the link; raise AyrshareError."""
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
    minutes = options.expires_in or DEFAULT_MINUTES
    expires_at = link_deadline(reply, asked_at=asked_at, minutes=minutes, skew=client.skew)
    return Minted(Link(url, expires_at, reply.session_id), reply.title)


def checked_url(url: SecretStr, *, any_host: bool) -> SecretStr:
    """Return the URL untouched; raise UnexpectedLink if it is too long or does not lead to Ayrshare's page."""
    text = url.get_secret_value()
    parts = _split(text)
    if parts is None or len(text) > MAX_URL_LENGTH:
        raise UnexpectedLink
    on_the_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    on_ayrshare = parts.scheme == "https" and parts.netloc.lower() == PAGE_HOST
    if not (on_the_web if any_host else on_ayrshare):
        raise UnexpectedLink
    return url


def _split(text: str) -> SplitResult | None:
    """Split a URL, or return None where browsers might split it differently: at backslashes and line ends."""
    if not text.isascii() or not text.isprintable() or set(text) & set(' \\<>"|'):
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def link_deadline(reply: LinkReply, *, asked_at: datetime, minutes: float, skew: timedelta = timedelta(0)) -> datetime:
    """Return when a link expires by our clock: by the reply, else by its token, else `minutes` after `asked_at`.

    `skew` is how far Ayrshare's clock is ahead of ours. A token that was issued in our future, or had expired before we
    asked, tells it too.
    """
    token = reply.token.get_secret_value() if reply.token else ""
    stated, issued = reply.expires_at or token_deadline(token), token_moment(token, "iat")
    life = timedelta(minutes=minutes)
    if stated is None:
        return asked_at + life
    if not skew and issued and (issued > asked_at + SKEW or stated <= asked_at):
        skew = issued - asked_at
    with suppress(OverflowError):
        stated -= skew if abs(skew) > SKEW else timedelta(0)
    seems_dead = asked_at - LARGEST_SKEW < stated <= asked_at
    return asked_at + life if seems_dead else stated


def token_deadline(token: str) -> datetime | None:
    """Return the `exp` of a JWT, unverified; None for any other token, such as the opaque `ayr_ls_` kind."""
    return token_moment(token, "exp")


def token_moment(token: str, claim: str) -> datetime | None:
    """Return a moment that stands in a JWT."""
    parts = token.split(".")
    seconds = _claims(parts[1]).get(claim) if len(parts) == 3 else None  # noqa: PLR2004 - header, payload, signature
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _claims(segment: str) -> dict[str, object]:
    try:
        claims = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
