"""Linking pages by `POST /profiles/generateJWT`.

https://www.ayrshare.com/docs/apis/profiles/generate-jwt
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.deadline import link_deadline
from bot.ayrshare.errors import BadRequest, MaxPackMissing
from bot.ayrshare.models import LinkReply
from bot.ayrshare.page_address import checked
from bot.ayrshare.wire import Call
from bot.model import Link, Minted, Profile

DEFAULT_MINUTES = 5


@dataclass(frozen=True, slots=True)
class ConnectMail:
    """A mail with the link that Ayrshare shall send; with any of these missing it fails."""

    to: str
    contact_email: str
    company: str
    terms_url: str
    privacy_url: str

    def body(self) -> dict[str, str]:
        """Return the `email` object of the call."""
        return {
            "to": self.to,
            "contactEmail": self.contact_email,
            "company": self.company,
            "termsUrl": self.terms_url,
            "privacyUrl": self.privacy_url,
        }


class JwtLinks:
    """Makes linking pages for profiles; `expires_in` is in minutes and needs the Max Pack, unset Ayrshare's five hold.

    `any_host` lets links through that do not lead to Ayrshare's own page, for a stand-in of the service.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        client: AyrshareClient,
        *,
        domain: str,
        private_key: SecretStr,
        expires_in: int | None,
        redirect: str | None,
        allowed_social: Sequence[str] | None,
        any_host: bool,
    ) -> None:
        self._client = client
        self._domain = domain
        self._private_key = private_key
        self._minutes = expires_in
        self._any_host = any_host
        self._options: dict[str, Any] = {
            "redirect": redirect,
            "allowedSocial": list(allowed_social) if allowed_social else None,
            "expiresIn": expires_in,
        }

    async def mint(self, profile: Profile, *, verify: bool = False, mail: ConnectMail | None = None) -> Minted:
        """Make a link; with `verify` a key that cannot sign is BadPrivateKey rather than a page that is a 401."""
        asked_at = self._client.clock.now()
        body = self._body(profile, verify=verify, mail=mail)
        call = Call("POST", "/profiles/generateJWT", body=body, repeatable=mail is None)
        try:
            reply = await self._client.ask(LinkReply, call)
        except BadRequest as error:
            if self._minutes is None or error.code is not None:
                raise
            raise MaxPackMissing(http_status=error.http_status) from None  # how such a refusal looks is undocumented
        url = checked(reply.url, any_host=self._any_host)
        expires_at = link_deadline(reply, asked_at=asked_at, minutes=self._minutes or DEFAULT_MINUTES)
        return Minted(Link(url, expires_at), reply.title)

    def _body(self, profile: Profile, *, verify: bool, mail: ConnectMail | None) -> dict[str, Any]:
        named = {
            "domain": self._domain,
            "privateKey": self._private_key.get_secret_value(),
            "profileKey": profile.key.get_secret_value(),
            "logout": True,  # else the page may link accounts to the profile that this browser saw before
        }
        asked = {**self._options, "verify": verify or None, "email": mail.body() if mail else None}
        return named | {name: value for name, value in asked.items() if value is not None}
