"""`POST /profiles/generateJWT` and `/profiles/link-sessions`: the two ways to make a link.

https://www.ayrshare.com/docs/apis/profiles/generate-jwt
https://www.ayrshare.com/docs/apis/profiles/create-link-session
"""

from datetime import timedelta
from typing import Any, Literal, Protocol

from sandbox.ayrshare import assumptions, tokens
from sandbox.ayrshare.account import AyrshareAccount, Profile
from sandbox.ayrshare.emails import ConnectEmails
from sandbox.ayrshare.errors import ApiError, MissingParameter
from sandbox.ayrshare.links import IssuedLink, LinkRegistry, offered_networks, requested_lifetime
from sandbox.ayrshare.request import ApiRequest
from sandbox.ayrshare.social_accounts import iso

TokenStyle = Literal["jwt", "session"]
"""The format of generateJWT's tokens: a JWT, or the newer opaque `ayr_ls_` format."""


class LinkSettings(Protocol):
    """What a test may change while the service runs; `link_seconds` replaces every lifetime unless it is None."""

    max_pack: bool
    token_style: TokenStyle
    link_seconds: int | None


class LinkEndpoints:
    """Make links, and show and revoke link sessions."""

    def __init__(
        self, account: AyrshareAccount, links: LinkRegistry, emails: ConnectEmails, settings: LinkSettings
    ) -> None:
        self._account = account
        self._links = links
        self._emails = emails
        self._settings = settings

    def generate_jwt(self, request: ApiRequest) -> dict[str, Any]:
        """Return a token and the URL with it; a 200 doesn't prove that the page accepts the token."""
        request.text("profileKey")
        opaque = self._settings.token_style == "session"
        link = self._opaque_link(request, request.profile) if opaque else self._jwt_link(request)
        email = self._send_email(request.body, link)
        url = self._links.add(link, request.body)
        minutes = request.body.get("expiresIn")
        expires_in = {} if minutes is None else {"expiresIn": f"{minutes}m"}
        return {
            "status": "success",
            "title": link.profile.title,
            "token": link.token,
            "url": url,
            **email,
            **expires_in,
        }

    def create_session(self, request: ApiRequest) -> dict[str, Any]:
        """Create a link session; only the URL contains its token."""
        link = self._opaque_link(request, request.user_profile())
        link.instagram_method = _one_of(request, "instagramLinkMethod", ("facebook", "instagram"))
        if _one_of(request, "mode", ("grid", "connect")) == "connect":
            self._connect_only(link, request)
        email = {"emailSent": False} | self._send_email(request.body, link)
        url = self._links.add(link, request.body)
        session = {"sessionId": link.session_id, "url": url, "expiresAt": iso(link.expires_at)}
        return {"status": "success", **session, **email, "title": link.profile.title}

    def show_session(self, request: ApiRequest) -> dict[str, Any]:
        """Return the state of any session ever created."""
        link = self._session(request)
        times = {"createdAt": iso(link.created_at), "expiresAt": iso(link.expires_at)}
        if link.opens:
            times |= {"firstUsedAt": iso(link.opens[0]), "lastUsedAt": iso(link.opens[-1])}
        return {
            "status": "success",
            "sessionId": link.session_id,
            "state": link.state(self._links.now()),
            **times,
            "useCount": len(link.opens),
        }

    def revoke_session(self, request: ApiRequest) -> dict[str, Any]:
        """Revoke a session; raises ApiError if it has expired or is revoked already."""
        link = self._session(request)
        if link.state(self._links.now()) == "expired":
            status, code = assumptions.SESSION_EXPIRED
            raise ApiError(status, "Link session expired.", code=code)
        if link.revoked:
            status, code = assumptions.SESSION_REVOKED
            raise ApiError(status, "Link session revoked.", code=code)
        link.revoked = True
        return {"status": "success", "sessionId": link.session_id}

    def _session(self, request: ApiRequest) -> IssuedLink:
        link = self._links.by_session(request.path["session_id"], request.user_profile())
        if link is None:
            status, code = assumptions.SESSION_UNKNOWN
            raise ApiError(status, "Link session not found.", code=code)
        return link

    def _connect_only(self, link: IssuedLink, request: ApiRequest) -> None:
        """Have a link lead to the sign-in of one network, which has to be among those that its page would offer."""
        if not self._settings.max_pack:
            status, code = assumptions.CONNECT_NEEDS_MAX_PACK
            raise ApiError(status, "mode connect needs the Max Pack.", code=code)
        network = request.text("network")
        if network not in link.networks:
            raise MissingParameter("network")
        link.networks, link.signs_in = (network,), True

    def _opaque_link(self, request: ApiRequest, profile: Profile) -> IssuedLink:
        lifetime = self._lifetime(request.body)
        domain = str(request.body.get("domain") or self._account.domain)
        at = self._links.now()
        networks = offered_networks(request.body, profile, own_x_app=request.own_x_app)
        return IssuedLink(profile, tokens.opaque_token(), domain, at, at + lifetime, networks)

    def _jwt_link(self, request: ApiRequest) -> IssuedLink:
        at = self._links.now().replace(microsecond=0)  # the times of a JWT are whole seconds
        profile, domain = request.user_profile(), request.text("domain")
        expires_at = at + self._lifetime(request.body)
        key = tokens.read_key(request.text("privateKey"), in_base64=request.body.get("base64") is True)
        keys = {"api_key": self._account.api_key, "profile_key": profile.key}
        token = tokens.jwt(tokens.claims(**keys, domain=domain, issued=at, expires=expires_at), key)
        genuine = domain == self._account.domain and tokens.is_signed_by(token, self._account.private_key.public_key())
        if request.body.get("verify") is True and not genuine:
            raise _bad_key(readable=key is not None)
        networks = offered_networks(request.body, profile, own_x_app=request.own_x_app)
        return IssuedLink(profile, token, domain, at, expires_at, networks, genuine)

    def _lifetime(self, body: dict[str, Any]) -> timedelta:
        requested = requested_lifetime(body, max_pack=self._settings.max_pack)
        seconds = self._settings.link_seconds
        return requested if seconds is None else timedelta(seconds=seconds)

    def _send_email(self, body: dict[str, Any], link: IssuedLink) -> dict[str, bool]:
        return self._emails.send(body, link.profile, max_pack=self._settings.max_pack)


def _one_of(request: ApiRequest, field: str, values: tuple[str, ...]) -> str | None:
    """Return a field of the body that may be missing; raises ApiError for another value than these."""
    value = request.body.get(field)
    if value is not None and value not in values:
        raise MissingParameter(field)
    return value


def _bad_key(*, readable: bool) -> ApiError:
    reason = "invalid signature" if readable else "secretOrPrivateKey must be an asymmetric key when using RS256"
    status, code = assumptions.BAD_PRIVATE_KEY
    hint = "Check the sent parameters, such as the privateKey has no extra tabs, spaces, or newlines"
    return ApiError(status, f"Error generating JWT. {hint}. {reason}", code=code)
