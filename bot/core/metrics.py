"""What is counted and timed, in one place; names and labels never hold ids, titles or secrets."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 16)

REST_SECONDS = 0.5
"""How long a dependency that failed is not tried again, so that nobody waits for it in vain."""

_elsewhere: ContextVar[list[float] | None] = ContextVar("elsewhere", default=None)

log = structlog.get_logger()


class Metrics:
    """One process' figures; durations are in seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.interactions = Counter(
            "connectbot_interactions",
            "Commands and clicks by what came of them.",
            ["interaction", "outcome"],
            registry=self.registry,
        )
        self.ayrshare_events = Counter(
            "connectbot_ayrshare_events",
            "Deliveries of Ayrshare's webhooks by what came of them.",
            ["outcome"],
            registry=self.registry,
        )
        self.news = Counter(
            "connectbot_news",
            "Messages about accounts that fell off or soon will, by what came of them.",
            ["outcome"],
            registry=self.registry,
        )
        self.sweep_looks = Counter(
            "connectbot_sweep_looks",
            "Profiles that the daily look was about, by what came of it.",
            ["outcome"],
            registry=self.registry,
        )
        self.sweeps = Counter(
            "connectbot_sweeps", "Daily looks at all profiles, by how they ended.", ["outcome"], registry=self.registry
        )
        self.invitations = Counter(
            "connectbot_invitations",
            "Invitations by what came of them; one that is put off or taken up again counts again.",
            ["outcome"],
            registry=self.registry,
        )
        self.acknowledgement = Histogram(
            "connectbot_acknowledgement_seconds",
            "From a request of Slack's to our answer.",
            buckets=FAST,
            registry=self.registry,
        )
        self.own_share = Histogram(
            "connectbot_own_share_seconds",
            "From the acknowledgement to the last answer, without the time spent waiting for Ayrshare and Slack.",
            ["interaction"],
            buckets=FAST,
            registry=self.registry,
        )
        self.ayrshare = Histogram(
            "connectbot_ayrshare_seconds",
            "Calls of Ayrshare, all tries together, by outcome.",
            ["outcome"],
            buckets=SLOW,
            registry=self.registry,
        )
        self.live_cards = Gauge(
            "connectbot_live_cards", "Cards that are counted down, by whichever process.", registry=self.registry
        )
        self.errands = Counter(
            "connectbot_errands", "What was due later and is done, by what it was.", ["errand"], registry=self.registry
        )
        self.lateness = Histogram(
            "connectbot_lateness_seconds",
            "From the moment for which something was planned to the one in which it was taken up.",
            buckets=SLOW,
            registry=self.registry,
        )
        self.sockets = Gauge(
            "connectbot_sockets", "Open WebSockets to Slack, two while all is well.", registry=self.registry
        )
        self.sockets_ended = Counter(
            "connectbot_sockets_ended",
            "WebSockets that needed a successor, by why: refreshes are Slack's habit, the rest is trouble.",
            ["reason"],
            registry=self.registry,
        )
        self.unreadable_frames = Counter(
            "connectbot_unreadable_frames",
            "What came over a WebSocket in none of Slack's forms.",
            registry=self.registry,
        )
        self.up = Gauge(
            "connectbot_dependency_up",
            "1 while it answers, 0 while it does not.",
            ["dependency"],
            registry=self.registry,
        )

    @contextmanager
    def timed_own_share(self, interaction: str) -> Iterator[None]:
        """Time what goes on inside, less what `elsewhere` claims of it."""
        waits: list[float] = []
        token = _elsewhere.set(waits)
        began = time.perf_counter()
        try:
            yield
        finally:
            _elsewhere.reset(token)
            self.own_share.labels(interaction).observe(max(0.0, time.perf_counter() - began - sum(waits)))


@contextmanager
def elsewhere() -> Iterator[None]:
    """Mark what goes on inside as waiting for somebody else."""
    began = time.perf_counter()
    try:
        yield
    finally:
        waits = _elsewhere.get()
        if waits is not None:
            waits.append(time.perf_counter() - began)


class Availability:
    """One of Redis, Slack and Ayrshare, as this process experiences it."""

    def __init__(self, name: str, metrics: Metrics) -> None:
        self._name = name
        self._up = True
        self._failed_at = 0.0
        self._gauge = metrics.up.labels(name)
        self._gauge.set(1)

    @property
    def just_failed(self) -> bool:
        """Whether it is down and failed so recently that another try would only keep somebody waiting."""
        return not self._up and time.monotonic() - self._failed_at < REST_SECONDS

    def worked(self) -> None:
        """Note that it answered, with whatever."""
        if not self._up:
            self._up = True
            self._gauge.set(1)
            log.info("dependency_back", dependency=self._name)

    def failed(self, cause: str) -> None:
        """Note that it did not answer; `cause` must hold no secret."""
        self._failed_at = time.monotonic()
        if self._up:
            self._up = False
            self._gauge.set(0)
            log.warning("dependency_down", dependency=self._name, cause=cause)
