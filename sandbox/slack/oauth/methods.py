"""`oauth.v2.access`, and what an app asks about one of its own tokens.

https://docs.slack.dev/reference/methods/oauth.v2.access, https://docs.slack.dev/reference/methods/auth.revoke,
https://docs.slack.dev/reference/methods/apps.uninstall
"""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.oauth.grants import Grant, Issued, OAuth

if TYPE_CHECKING:
    from sandbox.slack.local import LocalSlack


def access(slack: "LocalSlack", arguments: Arguments, authorization: str) -> Json:
    """Exchange a code or a refresh token for tokens; the app's ID and secret may come by HTTP Basic."""
    oauth = slack.oauth
    oauth.check_app(*_client(arguments, authorization))
    kind = arguments.text("grant_type", "authorization_code")
    if kind == "refresh_token":
        issued = oauth.refresh(arguments.text("refresh_token"))
    elif kind == "authorization_code":
        issued = oauth.exchange(arguments.text("code"), redirect_uri=arguments.text("redirect_uri"))
    else:
        raise ErrorResponse("invalid_grant_type")
    return _issued_json(slack, issued, now=slack.now())


def revoke(slack: "LocalSlack", arguments: Arguments, authorization: str) -> Json:
    """Revoke the token that the call is made with; the app stays installed."""
    slack.oauth.revoke(_token(arguments, authorization))
    return {"revoked": True}


def uninstall(slack: "LocalSlack", arguments: Arguments, authorization: str) -> Json:
    """Uninstall the app where its token belongs; an organization's admins have to do that themselves."""
    grant = slack.oauth.grant_of(_token(arguments, authorization))
    slack.oauth.check_app(arguments.text("client_id"), arguments.text("client_secret"))
    if grant.team is None:
        raise ErrorResponse("not_allowed_token_type")
    slack.uninstall(grant)
    return {}


def auth_test(slack: "LocalSlack", arguments: Arguments, authorization: str) -> Json:
    """Return whose token this is."""
    grant = slack.oauth.grant_of(_token(arguments, authorization))
    app, place = slack.world.app, grant.team or grant.organization
    if place is None:
        raise ErrorResponse("invalid_auth")
    organization = {"enterprise_id": grant.organization.id} if grant.organization else {}
    return {
        "url": f"https://{place.domain}{'' if grant.team else '.enterprise'}.slack.com/",
        "team": place.name,
        "user": slack.world.users[app.bot_user_id].name,
        "team_id": place.id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": grant.team is None,
        **organization,
    }


def list_teams(slack: "LocalSlack", arguments: Arguments, authorization: str) -> Json:
    """Return the workspaces that a token can access, in pages of `limit`.

    https://docs.slack.dev/reference/methods/auth.teams.list
    """
    grant, limit = slack.oauth.grant_of(_token(arguments, authorization)), arguments.number("limit", 100)
    found = slack.teams_of(grant)
    start = int(arguments.text("cursor") or 0)
    following = str(start + limit) if start + limit < len(found) else ""
    page = [{"id": team.id, "name": team.name} for team in found[start : start + limit]]
    return {"teams": page, "response_metadata": {"next_cursor": following}}


def _client(arguments: Arguments, authorization: str) -> tuple[str, str]:
    if authorization.startswith("Basic "):
        try:
            decoded = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
        except (binascii.Error, ValueError):
            raise ErrorResponse("invalid_client_id") from None
        name, _, secret = decoded.partition(":")
        return name, secret
    return arguments.text("client_id"), arguments.text("client_secret")


def _token(arguments: Arguments, authorization: str) -> str:
    token = arguments.text("token") or authorization.removeprefix("Bearer ").strip()
    if not token:
        raise ErrorResponse("not_authed")
    return token


def _issued_json(slack: "LocalSlack", issued: Issued, *, now: datetime) -> Json:
    grant, token = issued.token.grant, issued.token
    rotating = {}
    if issued.refresh and token.expires:
        rotating = {"refresh_token": issued.refresh.text, "expires_in": round((token.expires - now).total_seconds())}
    return {
        "access_token": token.text,
        "token_type": "bot",
        "scope": ",".join(sorted(grant.scopes)),
        "bot_user_id": slack.world.app.bot_user_id,
        "app_id": slack.world.app.app_id,
        "team": _named(grant, whole=False),
        "enterprise": _named(grant, whole=True),
        "is_enterprise_install": grant.team is None,
        "authed_user": {"id": grant.installer},
        **rotating,
    }


def _named(grant: Grant, *, whole: bool) -> Json | None:
    place = grant.organization if whole else grant.team
    return {"id": place.id, "name": place.name} if place else None


Call = Callable[["LocalSlack", Arguments, str], Json]
OAUTH_METHODS: dict[str, Call] = {
    "oauth.v2.access": access,
    "auth.revoke": revoke,
    "auth.teams.list": list_teams,
    "apps.uninstall": uninstall,
}
"""By name; each takes the value of the header `Authorization`."""


def for_issued_token(oauth: OAuth, name: str, token: str) -> Call | None:
    """Return the method if it is one of these, `auth.test` for a token that was issued by OAuth included."""
    return auth_test if name == "auth.test" and oauth.knows(token) else OAUTH_METHODS.get(name)
