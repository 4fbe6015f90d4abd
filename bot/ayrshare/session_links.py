"""Links by link sessions: they need no private key, can be revoked, and tell whether they were opened.

https://www.ayrshare.com/docs/apis/profiles/create-link-session
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import structlog

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import CONNECT_REFUSED, AyrshareError, LinkDead, LinkExpired
from bot.ayrshare.links import LinkOptions, LinkTerms, mail_body, make_link
from bot.ayrshare.model import ConnectMail, Link, LinkUse, Minted, Profile
from bot.ayrshare.networks import INSTAGRAM
from bot.ayrshare.replies import AyrshareReply, SessionReply
from bot.ayrshare.transport import Call

PATH = "/profiles/link-sessions"
CONNECT_REFUSED_FOR = timedelta(hours=1)
"""How long links lead to the page after Ayrshare has refused one straight to a sign-in: the plan may change."""

log = structlog.get_logger()


class SessionLinks:
    """Makes links, each a session at Ayrshare; this API does not require `domain`."""

    def __init__(self, client: AyrshareClient, *, domain: str | None = None, options: LinkOptions) -> None:
        self._client = client
        self._domain = domain
        self.options = options
        self._refused_until = datetime.min.replace(tzinfo=UTC)

    async def mint(
        self,
        profile: Profile,
        *,
        networks: tuple[str, ...] = (),
        mail: ConnectMail | None = None,
        terms: LinkTerms | None = None,
    ) -> Minted:
        """Make a link and, with `mail`, have Ayrshare mail it; raise AyrshareError.

        For one network, with the Max Pack, it leads straight to the sign-in.
        """
        shown = self.options.offered.restriction(networks)
        now = self._client.clock.now()
        if self.options.max_pack and len(shown) == 1 and now >= self._refused_until:
            try:
                return await self.mint_for_sign_in(profile, shown[0], mail=mail, terms=terms)
            except AyrshareError as error:
                if error.code != CONNECT_REFUSED:
                    raise
                self._refused_until = now + CONNECT_REFUSED_FOR
                log.warning("connect_mode_refused", hint="AYRSHARE_MAX_PACK=yes needs Ayrshare's Max Pack")
        options = self.options.under(terms)
        return await self._mint(profile, options, options.body(networks), mail)

    async def mint_for_sign_in(
        self, profile: Profile, network: str, *, mail: ConnectMail | None = None, terms: LinkTerms | None = None
    ) -> Minted:
        """Make a link straight to a network's sign-in; raise AyrshareError, with the code 504 without the Max Pack."""
        options = self.options.under(terms)
        body = options.body((network,)) | {"mode": "connect", "network": network}
        body.pop("allowedSocial", None)
        return await self._mint(profile, options, body, mail)

    async def _mint(
        self, profile: Profile, options: LinkOptions, body: dict[str, Any], mail: ConnectMail | None
    ) -> Minted:
        shown = body.get("allowedSocial") or [body.get("network", INSTAGRAM)]
        method = options.instagram_method if INSTAGRAM in shown else None
        named = {"domain": self._domain, "instagramLinkMethod": method}
        body |= {name: value for name, value in named.items() if value} | mail_body(mail)
        call = Call("POST", PATH, key=profile.key, body=body, repeatable=mail is None)
        return await make_link(self._client, call, options, mail)

    async def revoke(self, profile: Profile, link: Link) -> bool:
        """End the session; return True, also if it had ended before, or False for a link without one."""
        if link.session_id is None:
            return False
        with suppress(LinkDead):
            await self._client.send(AyrshareReply, Call("DELETE", _path(link.session_id), key=profile.key))
        return True

    async def use(self, profile: Profile, link: Link) -> LinkUse | None:
        """Return whether a link was opened, revoked or has expired; None for a link without a session."""
        if link.session_id is None:
            return None
        try:
            reply = await self._client.send(SessionReply, Call("GET", _path(link.session_id), key=profile.key))
        except LinkExpired:
            return LinkUse(expired=True)
        except LinkDead:
            return LinkUse(revoked=True)
        opened_at = (reply.first_used_at or self._client.clock.now()) if reply.use_count else None
        return LinkUse(opened_at, revoked=reply.state == "revoked", expired=reply.state == "expired")


def _path(session_id: str) -> str:
    return f"{PATH}/{quote(session_id, safe='')}"
