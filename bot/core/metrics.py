"""All metrics, and whether a dependency is up; names and labels never hold ids, titles or secrets."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 16)

REST_SECONDS = 0.5
"""How long a dependency that failed is not tried again."""

_external_waits: ContextVar[list[float] | None] = ContextVar("external_waits", default=None)

log = structlog.get_logger()


class Metrics:
    """The metrics of one process; durations are in seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter, gauge = partial(Counter, registry=self.registry), partial(Gauge, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry)
        self.interactions = counter(
            "connectbot_interactions", "Commands and clicks by outcome.", ["interaction", "outcome"]
        )
        self.http_refused = counter(
            "connectbot_http_refused",
            "Requests and connections that were refused, by who should have signed and by reason.",
            ["sender", "reason"],
        )
        self.api_requests = counter(
            "connectbot_api_requests",
            "Requests to the links API by operation and status.",
            ["operation", "status"],
        )
        self.ayrshare_events = counter(
            "connectbot_ayrshare_events", "Deliveries of Ayrshare's webhooks by outcome.", ["outcome"]
        )
        self.digests = counter(
            "connectbot_digests", "Messages about disconnected or expiring accounts by outcome.", ["outcome"]
        )
        self.account_changes = counter(
            "connectbot_account_changes", "Accounts connected again or otherwise than before, by outcome.", ["outcome"]
        )
        self.sweep_checks = counter(
            "connectbot_sweep_checks", "Profiles checked by the daily sweep by outcome.", ["outcome"]
        )
        self.sweeps = counter("connectbot_sweeps", "Daily sweeps over all profiles by outcome.", ["outcome"])
        self.invitations = counter(
            "connectbot_invitations",
            "Invitations by outcome; one that is postponed or resumed counts again.",
            ["outcome"],
        )
        self.events_sent = counter(
            "connectbot_events_sent", "Requests of our own webhook to CONNECT_EVENTS_URL by outcome.", ["outcome"]
        )
        self.client_pages = counter(
            "connectbot_client_pages", "Requests of client links' pages by method and outcome.", ["method", "outcome"]
        )
        self.acknowledgement = histogram(
            "connectbot_acknowledgement_seconds", "From a request of Slack's to our acknowledgement.", buckets=FAST
        )
        self.own_share = histogram(
            "connectbot_own_share_seconds",
            "From the acknowledgement to the last answer, without the time spent waiting for Ayrshare and Slack.",
            ["interaction"],
            buckets=FAST,
        )
        self.ayrshare = histogram(
            "connectbot_ayrshare_seconds",
            "Calls of Ayrshare, with their retries, by outcome.",
            ["outcome"],
            buckets=SLOW,
        )
        self.live_cards = gauge("connectbot_live_cards", "Cards that are counted down, by any process.")
        self.jobs = counter("connectbot_jobs", "Jobs done, by name.", ["job"])
        self.jobs_set_aside = gauge(
            "connectbot_jobs_set_aside", "Jobs that failed for a day and wait for `connectbot jobs retry`.", ["job"]
        )
        self.records_set_aside = counter(
            "connectbot_records_set_aside", "Keys in Redis, or fields of one, that can't be read, by key.", ["record"]
        )
        self.lateness = histogram(
            "connectbot_lateness_seconds", "From the moment at which a job was due to its start.", buckets=SLOW
        )
        self.token_refreshes = counter(
            "connectbot_token_refreshes", "Renewals of workspaces' tokens by outcome.", ["outcome"]
        )
        self.sockets = gauge("connectbot_sockets", "Open WebSockets to Slack; normally two.")
        self.sockets_ended = counter(
            "connectbot_sockets_ended",
            "WebSockets that needed a successor, by reason: Slack refreshes them routinely, the rest is trouble.",
            ["reason"],
        )
        self.unreadable_payloads = counter(
            "connectbot_unreadable_payloads", "Signed requests of Slack's in none of its forms."
        )
        self.unreadable_frames = counter("connectbot_unreadable_frames", "Malformed frames from a WebSocket.")
        self.up = gauge(
            "connectbot_dependency_up", "1 while a dependency answers, 0 while it does not.", ["dependency"]
        )

    @contextmanager
    def timed_own_share(self, interaction: str) -> Iterator[None]:
        """Time the block, without the time spent in `external_wait`."""
        waits: list[float] = []
        token = _external_waits.set(waits)
        began = time.perf_counter()
        try:
            yield
        finally:
            _external_waits.reset(token)
            self.own_share.labels(interaction).observe(max(0.0, time.perf_counter() - began - sum(waits)))


@contextmanager
def external_wait() -> Iterator[None]:
    """Mark the block as waiting for Ayrshare or Slack, which is not our own share."""
    began = time.perf_counter()
    try:
        yield
    finally:
        waits = _external_waits.get()
        if waits is not None:
            waits.append(time.perf_counter() - began)


class Availability:
    """Whether Redis, Slack or Ayrshare answers this process; logged once when it goes and once when it returns."""

    def __init__(self, name: str, metrics: Metrics) -> None:
        self._name = name
        self._awaited: set[str] = set()
        self.up = True
        self._failed_at = 0.0
        self._gauge = metrics.up.labels(name)
        self._gauge.set(1)

    @property
    def just_failed(self) -> bool:
        """Whether it is down and failed so recently that another try would only delay the answer."""
        return not self.up and time.monotonic() - self._failed_at < REST_SECONDS

    def worked(self, *calls: str) -> None:
        """Record that it answered, even with a refusal; `calls` are those that a failure may have awaited."""
        self._awaited.difference_update(calls)
        if not self.up and not self._awaited:
            self.up = True
            self._gauge.set(1)
            log.info("dependency_back", dependency=self._name)

    def failed(self, cause: str, *, until: str = "") -> None:
        """Record that it did not answer, or refuses the call `until` until that works; `cause` must hold no secret."""
        self._failed_at = time.monotonic()
        if until:
            self._awaited.add(until)
        if self.up:
            self.up = False
            self._gauge.set(0)
            log.warning("dependency_down", dependency=self._name, cause=cause)
