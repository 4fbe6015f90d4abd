"""The page where a person allows the app in a workspace or organization: `GET` and `POST /oauth/v2/authorize`.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from sandbox.slack.oauth.grants import Grant
from sandbox.slack.teams import Organization

if TYPE_CHECKING:
    from sandbox.slack.local import LocalSlack

FIELDS = ("client_id", "scope", "state", "redirect_uri")
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{app} | Local Slack</title></head>
<body style="font-family: sans-serif; max-width: 34em; margin: 3em auto">
<h1>{app} asks for access</h1><p>It may then: {scopes}.</p><form method="post">{hidden}
<p><label>Where: <select name="place">{places}</select></label></p>
<button name="answer" value="allow">Allow</button> <button name="answer" value="cancel">Cancel</button></form>
</body></html>
"""


class AuthorizePage:
    """Shows the page and sends the browser back to the app with a code, or with `access_denied`."""

    def __init__(self, slack: "LocalSlack") -> None:
        self._slack = slack

    async def show(self, request: web.Request) -> web.Response:
        """Show the page; allow at once where the local Slack was told to."""
        asked = {name: request.query.get(name, "") for name in FIELDS}
        if problem := self._problem(asked):
            return web.Response(status=400, text=f"Something went wrong when authorizing this app: {problem}.")
        place = self._slack.oauth.approves
        if place:
            return self._back(asked, code=self._allow(asked, place))
        return web.Response(text=self._page(asked, request.query.get("team", "")), content_type="text/html")

    async def answer(self, request: web.Request) -> web.Response:
        """Take what the person pressed."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        asked = {name: form.get(name, "") for name in FIELDS}
        if problem := self._problem(asked):
            return web.Response(status=400, text=f"Something went wrong when authorizing this app: {problem}.")
        if form.get("answer") != "allow":
            return self._back(asked, error="access_denied")
        return self._back(asked, code=self._allow(asked, form.get("place", "")))

    def _problem(self, asked: Mapping[str, str]) -> str:
        if asked["client_id"] != self._slack.oauth.client_id:
            return "invalid_client_id"
        if not asked["scope"]:
            return "invalid_scope"
        known = self._redirect_urls()
        given = asked["redirect_uri"]
        return "bad_redirect_uri" if given and not any(given.startswith(url) for url in known) else ""

    def _redirect_urls(self) -> list[str]:
        """Return the manifest's redirect URLs, or the app's usual one where no manifest is known."""
        config = self._slack.manifest.get("oauth_config", {})
        return config.get("redirect_urls") or [f"{self._slack.bot_url}/slack/oauth_redirect"]

    def _allow(self, asked: Mapping[str, str], place: str) -> str:
        organization, team = self._slack.organizations.get(place), self._slack.teams.get(place)
        grant = Grant(
            team=None if organization else team,
            organization=organization or (team.organization if team else None),
            scopes=set(asked["scope"].split(",")),
            installer="U0ANA0001",
        )
        return self._slack.oauth.allow(grant, redirect_uri=asked["redirect_uri"])

    def _back(self, asked: Mapping[str, str], **answer: str) -> web.Response:
        url = asked["redirect_uri"] or self._redirect_urls()[0]
        state = {"state": asked["state"]} if asked["state"] else {}
        return web.Response(status=302, headers={"Location": f"{url}?{urlencode(answer | state)}"})

    def _page(self, asked: Mapping[str, str], chosen: str) -> str:
        places: dict[str, str] = {one.id: one.name for one in self._slack.teams.values()}
        places |= {one.id: _whole(one) for one in self._slack.organizations.values()}
        options = "".join(
            f'<option value="{place}"{" selected" if place == chosen else ""}>{escape(name)}</option>'
            for place, name in places.items()
        )
        fields = "".join(f'<input type="hidden" name="{name}" value="{escape(asked[name])}">' for name in FIELDS)
        scopes = escape(asked["scope"].replace(",", ", "))
        return PAGE.format(app="connectbot", scopes=scopes, hidden=fields, places=options)


def _whole(organization: Organization) -> str:
    return f"{organization.name} (all workspaces of the organization)"
