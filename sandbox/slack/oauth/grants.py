"""What the app was granted, where, and the codes and tokens that stand for it.

An access token of a rotating app lives 12 hours; a refresh token works once, and again for a short time after that.
Two access tokens of an installation work at a time: a third revokes the oldest.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.slack.api_types import ErrorResponse
from sandbox.slack.teams import Organization, Team

CODE_LIFE = timedelta(minutes=10)
TOKEN_LIFE = timedelta(hours=12)
GRACE = timedelta(seconds=30)
"""An assumption: Slack says that a used refresh token is revoked "after a short grace period"."""
ACTIVE_TOKENS = 2


@dataclass(kw_only=True, eq=False)
class Grant:
    """An installation in a workspace, or in a whole organization (`team` is None), besides the workspaces `closed`."""

    team: Team | None
    organization: Organization | None
    scopes: set[str]
    installer: str
    installed: bool = True
    tokens: list["AccessToken"] = field(default_factory=list)
    refresh_tokens: list["RefreshToken"] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)

    @property
    def place(self) -> str:
        """The ID of the workspace or organization."""
        where = self.team or self.organization
        return where.id if where else ""


@dataclass(kw_only=True, eq=False)
class Code:
    """A code that the app may exchange for tokens, once."""

    grant: Grant
    redirect_uri: str
    issued: datetime
    used: bool = False


@dataclass(kw_only=True, eq=False)
class AccessToken:
    """An access token; `expires` is None without token rotation."""

    text: str
    grant: Grant
    expires: datetime | None
    revoked: bool = False


@dataclass(kw_only=True, eq=False)
class RefreshToken:
    """A refresh token; `successor` is the one that its last use gave."""

    text: str
    grant: Grant
    revoked: bool = False
    used: datetime | None = None
    successor: "RefreshToken | None" = None


@dataclass(frozen=True)
class Issued:
    """What the app gets for a code or a refresh token."""

    token: AccessToken
    refresh: RefreshToken | None


class OAuth:
    """The app's own secrets, and everything that was granted.

    `rotation` is the manifest's `token_rotation_enabled`; `approves` is the ID of the workspace or organization in
    which a person allows each request at once, without a page.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.client_id = f"{secrets.randbelow(10**12):012d}.{secrets.randbelow(10**12):012d}"
        self.client_secret = secrets.token_hex(16)
        self.rotation = True
        self.approves = ""
        self.grants: list[Grant] = []
        self._codes: dict[str, Code] = {}
        self._tokens: dict[str, AccessToken] = {}
        self._refresh_tokens: dict[str, RefreshToken] = {}

    @property
    def secrets(self) -> list[str]:
        """Every secret that was issued, and the app's own."""
        return [self.client_secret, *self._codes, *self._tokens, *self._refresh_tokens]

    def allow(self, grant: Grant, *, redirect_uri: str) -> str:
        """Return the code of a grant."""
        code = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        self._codes[code] = Code(grant=grant, redirect_uri=redirect_uri, issued=self._now())
        return code

    def check_app(self, client_id: str, client_secret: str) -> None:
        """Raise ErrorResponse unless these are the app's own."""
        if client_id != self.client_id:
            raise ErrorResponse("invalid_client_id")
        if client_secret != self.client_secret:
            raise ErrorResponse("bad_client_secret")

    def exchange(self, text: str, *, redirect_uri: str) -> Issued:
        """Return the tokens of a code; raises ErrorResponse."""
        code = self._codes.get(text)
        if code is None or self._now() - code.issued > CODE_LIFE:
            raise ErrorResponse("invalid_code")
        if code.used:
            raise ErrorResponse("code_already_used")
        if redirect_uri != code.redirect_uri:
            raise ErrorResponse("bad_redirect_uri")
        code.used = True
        grant = code.grant
        earlier = self.grant_in(grant.place)
        if earlier is not None:
            earlier.scopes |= grant.scopes
            grant = earlier
        else:
            self.grants.append(grant)
        if not self.rotation and grant.tokens:
            return Issued(grant.tokens[0], None)  # installed again, an app without rotation gets the same token
        return self._issue(grant)

    def refresh(self, text: str) -> Issued:
        """Return new tokens for a refresh token; raises ErrorResponse."""
        token, now = self._refresh_tokens.get(text), self._now()
        if token is None or token.revoked or not token.grant.installed:
            raise ErrorResponse("invalid_refresh_token")
        if token.used is not None and now - token.used > GRACE:
            raise ErrorResponse("invalid_refresh_token")
        if token.successor is not None:
            token.successor.revoked = True
        token.used = token.used or now
        issued = self._issue(token.grant)
        token.successor = issued.refresh
        return issued

    def grant_of(self, text: str) -> Grant:
        """Return what an access token stands for; raises ErrorResponse if it works no more."""
        token = self._tokens.get(text)
        if token is None:
            raise ErrorResponse("invalid_auth")
        if not token.grant.installed:
            raise ErrorResponse("account_inactive")
        if token.revoked:
            raise ErrorResponse("token_revoked")
        if token.expires is not None and token.expires <= self._now():
            raise ErrorResponse("token_expired")
        return token.grant

    def knows(self, text: str) -> bool:
        """Return whether this is an access token that was issued here."""
        return text in self._tokens

    def revoke(self, text: str) -> None:
        """Revoke one access or refresh token; without rotation that ends the installation's only one."""
        refresh = self._refresh_tokens.get(text)
        if refresh is not None:
            refresh.revoked = True
        else:
            self.grant_of(text)
            self._tokens[text].revoked = True

    def uninstall(self, grant: Grant) -> None:
        """End an installation, and all of its tokens."""
        grant.installed = False
        self.grants.remove(grant)

    def grant_in(self, place: str) -> Grant | None:
        """Return the installation in a workspace or organization, if there is one."""
        return next((grant for grant in self.grants if grant.place == place), None)

    def _issue(self, grant: Grant) -> Issued:
        prefix = "xoxe.xoxb-1-" if self.rotation else "xoxb-"
        expires = self._now() + TOKEN_LIFE if self.rotation else None
        token = AccessToken(text=f"{prefix}{secrets.token_hex(24)}", grant=grant, expires=expires)
        self._tokens[token.text] = token
        grant.tokens.append(token)
        working = [
            one for one in grant.tokens if not one.revoked and (one.expires is None or one.expires > self._now())
        ]
        for one in working[:-ACTIVE_TOKENS]:
            one.revoked = True
        if not self.rotation:
            return Issued(token, None)
        refresh = RefreshToken(text=f"xoxe-1-{secrets.token_hex(24)}", grant=grant)
        self._refresh_tokens[refresh.text] = refresh
        grant.refresh_tokens.append(refresh)
        return Issued(token, refresh)
