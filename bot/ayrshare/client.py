"""Ayrshare's API, as far as the bot asks it things."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp
from pydantic import SecretStr

from bot.ayrshare.errors import AyrshareError, Unavailable
from bot.ayrshare.model import Account, ConnectedAccounts, Profile, ProfileSummary
from bot.ayrshare.replies import (
    CreatedReply,
    LinkedAccount,
    ListReply,
    ProfileRow,
    Reply,
    UserReply,
    WebhooksReply,
    read,
)
from bot.ayrshare.transport import Call, Timings, Transport
from bot.ayrshare.webhook import SOCIAL
from bot.core.availability import Availability
from bot.core.clock import Clock
from bot.core.metrics import Metrics
from bot.core.model import RefId

ATTENTION_PERIOD = timedelta(days=14)
"""How long before a network demands a new sign-in we begin to say so."""
MAX_DAYS = 100_000
"""More than any network gives, and as many days as a `datetime` bears."""


def read_accounts(reply: UserReply, *, now: datetime) -> ConnectedAccounts:
    """Return what a reply says, the linked networks first, then those whose link was lost."""
    told = {row.platform: row for row in reply.display_names}
    active = tuple(dict.fromkeys(reply.active_social_accounts))
    linked = [_account(told.get(network) or LinkedAccount(platform=network), now=now) for network in active]
    lost = [_account(row, now=now, lost=True) for network, row in told.items() if network not in active]
    return ConnectedAccounts(RefId(reply.ref_id), reply.title, (*linked, *lost))


def _account(row: LinkedAccount, *, now: datetime, lost: bool = False) -> Account:
    days = row.refresh_days_remaining
    left = timedelta(days=days) if days is not None and abs(days) <= MAX_DAYS else None
    due = left is not None and left <= ATTENTION_PERIOD
    return Account(
        network=row.platform,
        name=row.display_name or row.page_name or row.username,
        refresh_by=None if left is None else now + left,
        needs_attention=lost or due or row.refresh_required is True,
    )


class AyrshareObserver:
    """Times calls by outcome; an answer that refuses is still an answer."""

    def __init__(self, metrics: Metrics) -> None:
        self._seconds = metrics.ayrshare
        self._dependency = Availability("ayrshare", metrics)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Observe one call, all tries together."""
        began, outcome = time.perf_counter(), "ok"
        try:
            yield
            self._dependency.worked()
        except AyrshareError as error:
            outcome = error.kind
            if isinstance(error, Unavailable):
                self._dependency.failed(outcome)
            else:
                self._dependency.worked()
            raise
        finally:
            self._seconds.labels(outcome).observe(time.perf_counter() - began)


R = TypeVar("R", bound=Reply)


def open_session(limit: int, *, timings: Timings | None = None) -> aiohttp.ClientSession:
    """Return a session for at most `limit` calls at once that keeps connections and no cookies; the caller closes it.

    aiohttp announces the compressions that it can undo, as Ayrshare asks for.
    """
    connector = aiohttp.TCPConnector(limit=limit, keepalive_timeout=30)
    timeout = (timings or Timings()).client_timeout()
    return aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())


class AyrshareClient:
    """One Ayrshare account; `x_credentials` are key and secret of an own X app. All methods raise AyrshareError."""

    def __init__(  # noqa: PLR0913 - what a client to somebody else's API needs, by name
        self,
        session: aiohttp.ClientSession,
        *,
        api_key: SecretStr,
        base_url: str,
        clock: Clock,
        observed: AyrshareObserver | None = None,
        x_credentials: tuple[SecretStr, SecretStr] | None = None,
        timings: Timings | None = None,
    ) -> None:
        self.clock = clock
        self._observed = observed or AyrshareObserver(Metrics())
        self._wire = Transport(
            session,
            api_key=api_key,
            base_url=base_url,
            clock=clock,
            x_credentials=x_credentials,
            timings=timings or Timings(),
        )

    async def send(self, model: type[R], call: Call) -> R:
        """Make a call and read its reply."""
        with self._observed.call():
            reply = read(model, await self._wire.send(call))
            if reply is None:
                raise Unavailable(http_status=200)
            return reply

    async def accounts(self, key: SecretStr) -> ConnectedAccounts:
        """Ask what is linked to a profile at this moment."""
        reply = await self.send(UserReply, Call("GET", "/user", key=key))
        return read_accounts(reply, now=self.clock.now())

    async def primary(self) -> RefId:
        """Return the account's own Primary Profile."""
        reply = await self.send(UserReply, Call("GET", "/user", per_profile=False))
        return RefId(reply.ref_id)

    async def create_profile(self, title: str, *, disable_social: Sequence[str] = ()) -> Profile:
        """Create a profile; never repeated: if the first answer was only lost, its key is lost and the title taken."""
        body: dict[str, Any] = {"title": title}
        if disable_social:
            body["disableSocial"] = list(disable_social)
        call = Call("POST", "/profiles", body=body, per_profile=False, repeatable=False)
        reply = await self.send(CreatedReply, call)
        return Profile(RefId(reply.ref_id), reply.title, reply.profile_key)

    async def delete_profile(self, title: str) -> None:
        """Delete the profile with exactly that title, and whatever is linked to it, for good."""
        call = Call("DELETE", "/profiles", body={"title": title}, per_profile=False, repeatable=False)
        await self.send(Reply, call)

    async def social_webhook(self) -> str | None:
        """Return where Ayrshare tells what got linked to any profile that has no webhook of its own."""
        reply = await self.send(WebhooksReply, Call("GET", "/hook/webhook", per_profile=False))
        return reply.social

    async def register_social_webhook(self, url: str, secret: SecretStr) -> None:
        """Let Ayrshare tell it there instead; it signs all webhooks of the Primary Profile with this secret then."""
        body = {"action": SOCIAL, "url": url, "secret": secret.get_secret_value()}
        await self.send(Reply, Call("POST", "/hook/webhook", body=body, per_profile=False))

    async def remove_social_webhook(self) -> None:
        """Let Ayrshare tell it nowhere, except to webhooks of profiles of their own."""
        await self.send(Reply, Call("DELETE", "/hook/webhook", body={"action": SOCIAL}, per_profile=False))

    async def profiles(self, *, title: str | None = None) -> tuple[ProfileSummary, ...]:
        """List all profiles, or those with exactly that title."""
        query = {} if title is None else {"title": title}
        rows: list[ProfileSummary] = []
        cursors: set[str] = set()
        while True:
            reply = await self.send(ListReply, Call("GET", "/profiles", query=query, per_profile=False))
            rows += (_summary(row, reply) for row in reply.profiles)
            cursor = reply.pagination.next_cursor
            if not reply.pagination.has_more or not cursor or cursor in cursors:
                return tuple(rows)
            cursors.add(cursor)
            query = {**query, "cursor": cursor}


def _summary(row: ProfileRow, of: ListReply) -> ProfileSummary:
    suspended = row.suspended is True or row.status == "suspended"
    networks = frozenset(row.active_social_accounts)
    return ProfileSummary(
        RefId(row.ref_id), row.title, networks, suspended, row.created_at, of.last_updated, of.next_update
    )
