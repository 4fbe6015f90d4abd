"""What every call of Ayrshare leaves in the metrics, and whether Ayrshare works."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot.ayrshare.errors import AyrshareError, Unavailable
from bot.core.availability import Availability
from bot.core.metrics import Metrics


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
