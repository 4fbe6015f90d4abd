"""Linking pages by `POST /profiles/generateJWT`, which nothing can revoke.

https://www.ayrshare.com/docs/apis/profiles/generate-jwt
"""

from typing import Any

from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.link_request import LinkOptions, mail_body, make_page
from bot.ayrshare.model import ConnectMail, Link, LinkUse, Minted, Profile
from bot.ayrshare.transport import Call


class JwtLinks:
    """Makes linking pages for profiles with the account's private key; their addresses work until they expire."""

    def __init__(self, client: AyrshareClient, *, domain: str, private_key: SecretStr, options: LinkOptions) -> None:
        self._client = client
        self._domain = domain
        self._private_key = private_key
        self._options = options

    async def mint(self, profile: Profile, *, verify: bool = False, mail: ConnectMail | None = None) -> Minted:
        """Make a link, and mail it once where that is asked for; raise AyrshareError.

        With `verify` a key that cannot sign is BadPrivateKey rather than a page that is a 401.
        """
        body = self._body(profile, verify=verify, mail=mail)
        call = Call("POST", "/profiles/generateJWT", body=body, repeatable=mail is None)
        return await make_page(self._client, call, self._options, mail)

    async def revoke(self, profile: Profile, link: Link) -> bool:  # noqa: ARG002 - the port's shape
        """Say that such a link can't be revoked."""
        return False

    async def use(self, profile: Profile, link: Link) -> LinkUse | None:  # noqa: ARG002 - the port's shape
        """Say that nobody knows whether such a link was opened."""
        return None

    def _body(self, profile: Profile, *, verify: bool, mail: ConnectMail | None) -> dict[str, Any]:
        named = {
            "domain": self._domain,
            "privateKey": self._private_key.get_secret_value(),
            "profileKey": profile.key.get_secret_value(),
        }
        verified = {"verify": True} if verify else {}
        return named | self._options.body() | verified | mail_body(mail)
