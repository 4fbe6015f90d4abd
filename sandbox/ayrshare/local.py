"""The local Ayrshare: the API, the page behind its links, and what tests may change while it runs."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from sandbox.ayrshare.account import AyrshareAccount
from sandbox.ayrshare.api import Api, Routes
from sandbox.ayrshare.emails import ConnectEmails
from sandbox.ayrshare.external_changes import ExternalChanges
from sandbox.ayrshare.fault_injection import KINDS
from sandbox.ayrshare.link_endpoints import LinkEndpoints, TokenStyle
from sandbox.ayrshare.links import LinkRegistry
from sandbox.ayrshare.page import ConnectPage
from sandbox.ayrshare.plans import Plan
from sandbox.ayrshare.profile_endpoints import ProfileEndpoints
from sandbox.ayrshare.profile_list import CachedProfileList
from sandbox.ayrshare.rate_limits import ProfileRateLimits
from sandbox.ayrshare.user_batch import UserBatches
from sandbox.ayrshare.webhook_delivery import WebhookDelivery
from sandbox.ayrshare.webhook_endpoints import WebhookEndpoints
from sandbox.calls import CallLog
from sandbox.faults import Faults


class LocalAyrshare(ExternalChanges):
    """One Ayrshare account; `base_url()` is the address where `app()` is mounted.

    `link_seconds` replaces the lifetime of every link, so that a test can see one expire; `list_has_timestamps` is
    whether the list of profiles says when it was updated.
    """

    def __init__(self, *, now: Callable[[], datetime], base_url: Callable[[], str]) -> None:
        self.plan: Plan = "business"
        self.max_pack = False
        self.token_style: TokenStyle = "jwt"
        self.link_seconds: int | None = None
        self.list_has_timestamps = True
        self.faults = Faults(KINDS)
        self.calls = CallLog(now)
        self.visits = CallLog(now)
        self.links = LinkRegistry(lambda: f"{base_url()}/page", now)
        self.emails = ConnectEmails(now)
        account = AyrshareAccount(now)
        profile_list = CachedProfileList(account, has_timestamps=lambda: self.list_has_timestamps)
        super().__init__(account, profile_list, WebhookDelivery(account, now))
        self._batches = UserBatches(account, lambda: f"{base_url()}/batch", self._webhooks.announce_batch)
        self.domain = account.domain
        self.private_key_pem = account.private_key_pem
        self.primary = account.primary
        self.profiles = account.profiles

    @property
    def api_key(self) -> str:
        """The account's API key; a test may make another one, as its owner can in the dashboard."""
        return self._account.api_key

    @api_key.setter
    def api_key(self, key: str) -> None:
        self._account.api_key = key

    @property
    def webhooks_sent(self) -> CallLog:
        """The log of the webhooks that were sent."""
        return self._webhooks.sent

    @property
    def pending_webhooks(self) -> int:
        """The number of webhooks that the receiver has not accepted yet."""
        return self._webhooks.pending

    def app(self) -> web.Application:
        """Return the application: `/api/…` and `/page`."""
        app = web.Application()
        limits = ProfileRateLimits(self._account.now, self._webhooks.announce_suspension)
        api = Api(self._account, rate_limits=limits, plan=lambda: self.plan, faults=self.faults, calls=self.calls)
        app.add_subapp("/api", api.app(self._routes()))
        page = ConnectPage(self._account, self.links, self._webhooks.announce, visits=self.visits)
        app.router.add_get("/page", page.open)
        app.router.add_post("/page", page.press)
        app.router.add_get("/batch/{name}", self._batches.download)
        return app

    @property
    def signed_in(self) -> str | None:
        """The person who is signed in at the networks, None for each profile's own people."""
        return self._account.signed_in

    @signed_in.setter
    def signed_in(self, person: str | None) -> None:
        self._account.signed_in = person

    def register_webhook(self, url: str, *, secret: str) -> None:
        """Register a webhook of the Primary Profile for accounts and suspensions, as over the API."""
        self.primary.webhooks.urls |= {"social": url, "suspended": url}
        self.primary.webhooks.change_secret(secret, at=self._account.now())

    async def close(self) -> None:
        """Cancel the pending webhooks."""
        await self._webhooks.close()

    def _routes(self) -> Routes:
        links = LinkEndpoints(self._account, self.links, self.emails, self)
        profiles = ProfileEndpoints(self._account, self._profile_list, self._webhooks.announce, plan=lambda: self.plan)
        return [
            ("POST", "/profiles/generateJWT", links.generate_jwt),
            ("POST", "/profiles/link-sessions", links.create_session),
            ("GET", "/profiles/link-sessions/{session_id}", links.show_session),
            ("DELETE", "/profiles/link-sessions/{session_id}", links.revoke_session),
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
            ("GET", "/user/batch", self._batches.latest),
            *_webhook_routes(WebhookEndpoints(self._account.now)),
        ]


def _webhook_routes(webhooks: WebhookEndpoints) -> Routes:
    both_paths = [
        route
        for path in ("/hook/webhook", "/hook")
        for route in (
            ("POST", path, webhooks.register),
            ("GET", path, webhooks.show),
            ("DELETE", path, webhooks.remove),
        )
    ]
    return [*both_paths, ("POST", "/hook/webhook/secret", webhooks.change_secret)]
