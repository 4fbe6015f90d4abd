"""Calls to Ayrshare: a profile's accounts and which of them need attention, the list of profiles, the webhook."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import aiohttp
from pydantic import SecretStr

from bot.ayrshare.deadline import needs_sign_in, sign_in_deadline
from bot.ayrshare.errors import AyrshareError, BadRequest, NotInPlan, ProfileLimit, Unavailable
from bot.ayrshare.model import Account, ConnectedAccounts, ListedProfile, Profile
from bot.ayrshare.replies import (
    AyrshareReply,
    CreatedReply,
    LinkedAccount,
    ListReply,
    ProfileRow,
    UserReply,
    WebhooksReply,
    read,
)
from bot.ayrshare.transport import Call, CallTimings, Transport
from bot.ayrshare.user_batch import ASK_FOR_FILE, BatchReply, UserBatch, read_rows
from bot.ayrshare.webhook import ACCOUNT_ACTIVITY, SOCIAL, SUSPENDED
from bot.core.clock import Clock
from bot.core.http import LimitedResponse
from bot.core.metrics import Availability, Metrics
from bot.core.model import RefId
from bot.core.proxy import ProxiedRequest

R = TypeVar("R", bound=AyrshareReply)


class AyrshareObserver:
    """Measures calls by outcome, and logs when Ayrshare goes down and returns; a refusal shows that it is up."""

    def __init__(self, metrics: Metrics) -> None:
        self._seconds = metrics.ayrshare
        self._dependency = Availability("ayrshare", metrics)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Observe one call, with all its attempts."""
        began, outcome = time.perf_counter(), "ok"
        try:
            yield
            self._dependency.worked()
        except AyrshareError as error:
            outcome = error.kind
            if isinstance(error, Unavailable):
                self._dependency.failed(error.cause)
            else:
                self._dependency.worked()
            raise
        finally:
            self._seconds.labels(outcome).observe(time.perf_counter() - began)


def open_session(limit: int, *, timings: CallTimings | None = None) -> aiohttp.ClientSession:
    """Return a session for at most `limit` calls at once, which keeps connections but no cookies; the caller closes it.

    aiohttp sends `Accept-Encoding`, which Ayrshare asks clients for.
    """
    connector = aiohttp.TCPConnector(limit=limit, keepalive_timeout=30)
    timeout = (timings or CallTimings()).client_timeout()
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        request_class=ProxiedRequest,
        response_class=LimitedResponse,
    )


class AyrshareClient:
    """One Ayrshare account; `x_credentials` are key and secret of our own X app. All methods raise AyrshareError."""

    def __init__(  # noqa: PLR0913 - an API client's settings, by name
        self,
        session: aiohttp.ClientSession,
        *,
        api_key: SecretStr,
        base_url: str,
        clock: Clock,
        observer: AyrshareObserver | None = None,
        x_credentials: tuple[SecretStr, SecretStr] | None = None,
        timings: CallTimings | None = None,
    ) -> None:
        self.clock = clock
        self._batch: UserBatch | None = None
        self._observer = observer or AyrshareObserver(Metrics())
        common: dict[str, Any] = {"base_url": base_url, "clock": clock, "x_credentials": x_credentials}
        common["timings"] = timings or CallTimings()
        self._transport = Transport(session, api_key=api_key, **common)
        self._open = partial(AyrshareClient, session, observer=self._observer, **common)

    @property
    def skew(self) -> timedelta:
        """How far Ayrshare's clock is ahead of ours."""
        return self._transport.skew

    def with_key(self, api_key: SecretStr) -> "AyrshareClient":
        """Return a client of another account, over the same connections."""
        return self._open(api_key=api_key)

    async def send(self, model: type[R], call: Call) -> R:
        """Make a call and return its reply; raise Unavailable if the reply lacks a required field."""
        with self._observer.call():
            reply = read(model, await self._transport.send(call))
            if reply is None:
                raise Unavailable(http_status=200)
            return reply

    async def accounts(self, key: SecretStr) -> ConnectedAccounts:
        """Return the accounts connected to a profile now."""
        reply = await self.send(UserReply, Call("GET", "/user", key=key))
        return read_accounts(reply, now=self.clock.now())

    async def ask_for_batch(self) -> datetime:
        """Ask for a file with the accounts of all profiles, and return from when it can be read (UTC)."""
        return (await self.send(BatchReply, ASK_FOR_FILE)).url_available

    async def read_batch(self) -> UserBatch:
        """Return that file's content, without suspended profiles; it is read once until it is forgotten."""
        if self._batch is None:
            reply = await self.send(BatchReply, ASK_FOR_FILE)
            working = {one.ref_id for one in await self.profiles() if not one.suspended}
            content, at = await self._transport.download(reply.url), reply.last_updated
            profiles = {RefId(one.ref_id): read_accounts(one, now=at) async for one in read_rows(content)}
            self._batch = UserBatch(at, {ref_id: one for ref_id, one in profiles.items() if ref_id in working})
        return self._batch

    def forget_batch(self) -> None:
        """Have the file read again when it is needed next."""
        self._batch = None

    async def disconnect(self, key: SecretStr, network: str) -> None:
        """Disconnect a profile's account, if there is one; without a key it would be the Primary Profile's."""
        await self.send(AyrshareReply, Call("DELETE", "/profiles/social", key=key, body={"platform": network}))

    async def primary(self) -> RefId:
        """Return the account's own Primary Profile."""
        reply = await self.send(UserReply, Call("GET", "/user", per_profile=False))
        return RefId(reply.ref_id)

    async def create_profile(self, title: str, *, disable_social: Sequence[str] = ()) -> Profile:
        """Create a profile; raise ProfileLimit if the plan has no room for it.

        Never retried: if only the reply was lost, its key is lost and its title is taken.
        """
        body: dict[str, Any] = {"title": title}
        if disable_social:
            body["disableSocial"] = list(disable_social)
        call = Call("POST", "/profiles", body=body, per_profile=False, repeatable=False)
        try:
            reply = await self.send(CreatedReply, call)
        except NotInPlan as error:
            raise ProfileLimit(http_status=error.http_status, code=error.code) from None
        return Profile(RefId(reply.ref_id), reply.title, reply.profile_key)

    async def webhooks(self) -> WebhooksReply:
        """Return the URLs that are told of all profiles without a webhook of their own."""
        return await self.send(WebhooksReply, Call("GET", "/hook/webhook", per_profile=False))

    async def register_webhook(self, url: str, secret: SecretStr) -> bool:
        """Set that URL, also for suspended profiles; return False if Ayrshare doesn't tell of those.

        Ayrshare then signs all webhooks of the Primary Profile with this secret.
        """
        await self._register(SOCIAL, url, secret)
        for action in (SUSPENDED, ACCOUNT_ACTIVITY):
            try:
                await self._register(action, url, secret)
            except (BadRequest, NotInPlan):
                continue
            return True
        return False

    async def _register(self, action: str, url: str, secret: SecretStr) -> None:
        body = {"action": action, "url": url, "secret": secret.get_secret_value()}
        await self.send(AyrshareReply, Call("POST", "/hook/webhook", body=body, per_profile=False))

    async def remove_webhook(self) -> None:
        """Remove that URL wherever it is registered; webhooks of single profiles stay."""
        known = await self.webhooks()
        urls = {SOCIAL: known.social, SUSPENDED: known.suspended, ACCOUNT_ACTIVITY: known.account_activity}
        for body in ({"action": action} for action, url in urls.items() if url and url == known.social):
            await self.send(AyrshareReply, Call("DELETE", "/hook/webhook", body=body, per_profile=False))

    async def profiles(self, *, title: str | None = None) -> tuple[ListedProfile, ...]:
        """Return all profiles, or those with exactly this title, from all pages."""
        query = {} if title is None else {"title": title}
        rows: list[ListedProfile] = []
        cursors: set[str] = set()
        while True:
            reply = await self.send(ListReply, Call("GET", "/profiles", query=query, per_profile=False))
            rows += (_summary(row) for row in reply.profiles)
            cursor = reply.pagination.next_cursor
            if not reply.pagination.has_more or not cursor or cursor in cursors:
                return tuple(rows)
            cursors.add(cursor)
            query = {**query, "cursor": cursor}


def read_accounts(reply: UserReply, *, now: datetime) -> ConnectedAccounts:
    """Return a profile's accounts: the connected ones first, then those that are described but no longer active."""
    described = {row.platform: row for row in reply.display_names}
    active = tuple(dict.fromkeys(reply.active_social_accounts))
    connected = [_account(described.get(network) or LinkedAccount(platform=network), now=now) for network in active]
    lost = [_account(row, now=now, lost=True) for network, row in described.items() if network not in active]
    return ConnectedAccounts(RefId(reply.ref_id), reply.title, (*connected, *lost))


def _account(row: LinkedAccount, *, now: datetime, lost: bool = False) -> Account:
    deadline = None if lost else sign_in_deadline(row, now=now)
    return Account(
        network=row.platform,
        name=row.display_name or row.page_name or row.username,
        refresh_by=deadline,
        needs_attention=lost or needs_sign_in(row, deadline, now=now),
        id=str(row.id or "") or (row.username and f"@{row.username.lower()}") or "",
        handle=row.username or "",
    )


def _summary(row: ProfileRow) -> ListedProfile:
    suspended = row.suspended is True or row.status == "suspended"
    return ListedProfile(RefId(row.ref_id), row.title, frozenset(row.active_social_accounts), suspended)
