"""`POST /profiles/generateJWT` and `/profiles/link-sessions`: the two ways to a linking page.

https://www.ayrshare.com/docs/apis/profiles/generate-jwt
https://www.ayrshare.com/docs/apis/profiles/create-link-session
"""

from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sandbox.ayrshare import assumptions, tokens
from sandbox.ayrshare.account import Account, Profile
from sandbox.ayrshare.emails import Mails
from sandbox.ayrshare.errors import Refusal
from sandbox.ayrshare.links import IssuedLink, Links, lifetime, shown
from sandbox.ayrshare.request import Asked
from sandbox.ayrshare.social_accounts import LABELS, iso

TokenStyle = Literal["jwt", "session"]
"""`session` is the newer, opaque `ayr_ls_` kind."""


class Switches(Protocol):
    """What a test may switch while the service runs."""

    max_pack: bool
    token_style: TokenStyle
    link_seconds: int | None


class Minting:
    """Makes links for profiles, shows and revokes sessions."""

    def __init__(self, account: Account, links: Links, mails: Mails, switches: Switches) -> None:
        self._account = account
        self._links = links
        self._mails = mails
        self._switches = switches

    def generate_jwt(self, asked: Asked) -> dict[str, Any]:
        """Answer with a token and its page, which is no proof that the page will accept the token."""
        asked.text("profileKey")
        link = self._newer(asked, asked.profile) if self._switches.token_style == "session" else self._classic(asked)
        mailed = self._mailed(asked.body, link)
        url = self._links.add(link, asked.body)
        asked_for = asked.body.get("expiresIn")
        lives = {} if asked_for is None else {"expiresIn": f"{asked_for}m"}
        return {
            "status": "success",
            "title": link.profile.title,
            "token": link.token,
            "url": url,
            **mailed,
            **lives,
        }

    def create_session(self, asked: Asked) -> dict[str, Any]:
        """Answer with a link session; its token is nowhere but in the URL."""
        mode, network = asked.body.get("mode", "grid"), asked.body.get("network")
        if mode not in {"grid", "connect"} or (mode == "connect" and network not in LABELS):
            raise Refusal(assumptions.MISSING_FIELD, "Missing or invalid parameter: mode or network.")
        link = self._newer(asked, asked.own_profile())
        if mode == "connect":
            link.networks = (str(network),)
        mailed = {"emailSent": False} | self._mailed(asked.body, link)
        url = self._links.add(link, asked.body)
        named = {"sessionId": link.session_id, "url": url, "expiresAt": iso(link.expires_at)}
        return {"status": "success", **named, **mailed, "title": link.profile.title}

    def show_session(self, asked: Asked) -> dict[str, Any]:
        """Answer with the state of any session that ever was."""
        link = self._session(asked)
        times = {"createdAt": iso(link.created_at), "expiresAt": iso(link.expires_at)}
        if link.opens:
            times |= {"firstUsedAt": iso(link.opens[0]), "lastUsedAt": iso(link.opens[-1])}
        state = link.state(self._links.now())
        return {
            "status": "success",
            "sessionId": link.session_id,
            "state": state,
            **times,
            "useCount": len(link.opens),
        }

    def revoke_session(self, asked: Asked) -> dict[str, Any]:
        """End a session early; raises Refusal where there is nothing left to end."""
        link = self._session(asked)
        if link.state(self._links.now()) == "expired":
            status, code = assumptions.SESSION_EXPIRED
            raise Refusal(status, "Link session expired.", code=code)
        if link.revoked:
            status, code = assumptions.SESSION_REVOKED
            raise Refusal(status, "Link session revoked.", code=code)
        link.revoked = True
        return {"status": "success", "sessionId": link.session_id}

    def _session(self, asked: Asked) -> IssuedLink:
        link = self._links.by_session(asked.path["session_id"], asked.own_profile())
        if link is None:
            status, code = assumptions.SESSION_UNKNOWN
            raise Refusal(status, "Link session not found.", code=code)
        return link

    def _newer(self, asked: Asked, profile: Profile) -> IssuedLink:
        lives = self._lives(asked.body)
        domain = str(asked.body.get("domain") or self._account.domain)
        at = self._links.now()
        return IssuedLink(profile, tokens.opaque(), domain, at, at + lives, shown(asked.body, profile))

    def _classic(self, asked: Asked) -> IssuedLink:
        profile, domain, at, lives = self._signed_for(asked)
        key = tokens.read_key(asked.text("privateKey"), in_base64=asked.body.get("base64") is True)
        named = {"api_key": self._account.api_key, "profile_key": profile.key, "domain": domain}
        token = tokens.jwt(tokens.claims(**named, issued=at, expires=at + lives), key)
        genuine = domain == self._account.domain and tokens.signed_by(token, self._account.private_key.public_key())
        if asked.body.get("verify") is True and not genuine:
            raise _bad_key(readable=key is not None)
        return IssuedLink(profile, token, domain, at, at + lives, shown(asked.body, profile), genuine)

    def _signed_for(self, asked: Asked) -> tuple[Profile, str, datetime, timedelta]:
        at = self._links.now().replace(microsecond=0)  # a JWT's moments are whole seconds
        return asked.own_profile(), asked.text("domain"), at, self._lives(asked.body)

    def _lives(self, body: dict[str, Any]) -> timedelta:
        asked_for = lifetime(body, max_pack=self._switches.max_pack)
        seconds = self._switches.link_seconds
        return asked_for if seconds is None else timedelta(seconds=seconds)

    def _mailed(self, body: dict[str, Any], link: IssuedLink) -> dict[str, bool]:
        return self._mails.send(body, link.profile, max_pack=self._switches.max_pack)


def _bad_key(*, readable: bool) -> Refusal:
    signer = "invalid signature" if readable else "secretOrPrivateKey must be an asymmetric key when using RS256"
    status, code = assumptions.BAD_PRIVATE_KEY
    hint = "Check the sent parameters, such as the privateKey has no extra tabs, spaces, or newlines"
    return Refusal(status, f"Error generating JWT. {hint}. {signer}", code=code)
