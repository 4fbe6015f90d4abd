"""Whether something that the bot leans on works: said once when it goes and once when it is back."""

import time

import structlog

from bot.core.metrics import Metrics

REST_SECONDS = 0.5

log = structlog.get_logger()


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
