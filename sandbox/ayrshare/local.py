"""The local Ayrshare put together: the API, the linking page, what happens outside both, and the switches."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from sandbox.ayrshare.account import Account
from sandbox.ayrshare.api import Api, Routes
from sandbox.ayrshare.emails import Mails
from sandbox.ayrshare.external_changes import Outside
from sandbox.ayrshare.fault_injection import KINDS
from sandbox.ayrshare.link_endpoints import Minting, TokenStyle
from sandbox.ayrshare.links import Links
from sandbox.ayrshare.page import LinkingPage
from sandbox.ayrshare.profile_endpoints import Profiles
from sandbox.ayrshare.profile_list import ProfileList
from sandbox.ayrshare.rate_limits import Rates
from sandbox.ayrshare.webhook_delivery import Deliveries
from sandbox.ayrshare.webhook_endpoints import Webhooks
from sandbox.calls import CallLog
from sandbox.faults import Faults


class LocalAyrshare(Outside):
    """One Ayrshare account with everything behind it; `base_url()` is where its application is mounted.

    `link_seconds` replaces every link's lifetime, so that one can be seen to die; `list_tells_age` is whether the list
    of profiles says when it was drawn up.
    """

    def __init__(self, *, now: Callable[[], datetime], base_url: Callable[[], str]) -> None:
        self.max_pack = False
        self.token_style: TokenStyle = "jwt"
        self.link_seconds: int | None = None
        self.list_tells_age = True
        self.faults = Faults(KINDS)
        self.calls = CallLog(now)
        self.links = Links(lambda: f"{base_url()}/page", now)
        self.mails = Mails(now)
        account = Account(now)
        listing = ProfileList(account, tells_age=lambda: self.list_tells_age)
        super().__init__(account, listing, Deliveries(account, now))
        self.api_key = self._account.api_key
        self.domain = self._account.domain
        self.private_key_pem = self._account.private_key_pem
        self.primary = self._account.primary
        self.profiles = self._account.profiles

    def app(self) -> web.Application:
        """Return the application: `/api/…` and `/page`."""
        app = web.Application()
        rates = Rates(self._account.now)
        app.add_subapp(
            "/api", Api(self._account, rates=rates, faults=self.faults, calls=self.calls).app(self._routes())
        )
        page = LinkingPage(self._account, self.links, self._deliveries.announce)
        app.router.add_get("/page", page.open)
        app.router.add_post("/page", page.press)
        return app

    def tell(self, url: str, *, secret: str) -> None:
        """Register a webhook of the Primary Profile for what gets linked, as over the API."""
        self.primary.hooks.urls["social"] = url
        self.primary.hooks.change_secret(secret, at=self._account.now())

    async def close(self) -> None:
        """Give up webhooks that are still to be delivered."""
        await self._deliveries.close()

    def _routes(self) -> Routes:
        minting = Minting(self._account, self.links, self.mails, self)
        profiles = Profiles(self._account, self._listing, self._deliveries.announce)
        return [
            ("POST", "/profiles/generateJWT", minting.generate_jwt),
            ("POST", "/profiles/link-sessions", minting.create_session),
            ("GET", "/profiles/link-sessions/{session_id}", minting.show_session),
            ("DELETE", "/profiles/link-sessions/{session_id}", minting.revoke_session),
            *(
                ("POST", path, profiles.create)
                for path in ("/profiles", "/profiles/profile", "/profiles/create-profile")
            ),
            ("GET", "/profiles", profiles.list),
            ("PATCH", "/profiles", profiles.update),
            ("PUT", "/profiles/profile", profiles.update),
            *(
                ("DELETE", path, profiles.delete)
                for path in ("/profiles", "/profiles/profile", "/profiles/delete-profile")
            ),
            ("DELETE", "/profiles/social", profiles.unlink),
            ("GET", "/user", profiles.user),
            *_hook_routes(Webhooks(self._account.now)),
        ]


def _hook_routes(hooks: Webhooks) -> Routes:
    both = [
        route
        for path in ("/hook/webhook", "/hook")
        for route in (
            ("POST", path, hooks.register),
            ("GET", path, hooks.show),
            ("DELETE", path, hooks.remove),
        )
    ]
    return [*both, ("POST", "/hook/webhook/secret", hooks.change_secret)]
