"""Links by `POST /profiles/generateJWT`, which takes the account's private key; they can't be revoked.

https://www.ayrshare.com/docs/apis/profiles/generate-jwt
"""

from typing import Any

from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.links import LinkOptions, LinkTerms, mail_body, make_link
from bot.ayrshare.model import ConnectMail, Link, LinkUse, Minted, Profile
from bot.ayrshare.transport import Call


class JwtLinks:
    """Makes links with the account's private key; they work until they expire."""

    def __init__(self, client: AyrshareClient, *, domain: str, private_key: SecretStr, options: LinkOptions) -> None:
        self._client = client
        self._domain = domain
        self._private_key = private_key
        self.options = options

    async def mint(
        self,
        profile: Profile,
        *,
        networks: tuple[str, ...] = (),
        verify: bool = False,
        mail: ConnectMail | None = None,
        terms: LinkTerms | None = None,
    ) -> Minted:
        """Make a link and, with `mail`, have Ayrshare mail it; raise AyrshareError.

        With `verify`, a key that can't sign raises BadPrivateKey; without it, the link leads to a 401.
        """
        verified = {"verify": True} if verify else {}
        options = self.options.under(terms)
        body = self._named(profile) | options.body(networks) | verified | mail_body(mail)
        call = Call("POST", "/profiles/generateJWT", body=body, repeatable=mail is None)
        return await make_link(self._client, call, options, mail)

    async def revoke(self, profile: Profile, link: Link) -> bool:  # noqa: ARG002 - the arguments of Links
        """Return False: such a link can't be revoked."""
        return False

    async def use(self, profile: Profile, link: Link) -> LinkUse | None:  # noqa: ARG002 - the arguments of Links
        """Return None: Ayrshare doesn't tell whether such a link was opened."""
        return None

    def _named(self, profile: Profile) -> dict[str, Any]:
        return {
            "domain": self._domain,
            "privateKey": self._private_key.get_secret_value(),
            "profileKey": profile.key.get_secret_value(),
        }
