"""Tickets for sockets: each opens one, soon after it was asked for."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

LIFE: Final = timedelta(seconds=30)
"""A guess: Slack calls its URLs temporary and tells no number."""


class Tickets:
    """The tickets handed out and not yet used."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._issued: dict[str, datetime] = {}

    def issue(self) -> str:
        """Return a new ticket."""
        ticket = str(uuid.uuid4())
        self._issued[ticket] = self._now()
        return ticket

    def use(self, ticket: str) -> bool:
        """Use a ticket up; tell whether it was good."""
        issued = self._issued.pop(ticket, None)
        return issued is not None and self._now() - issued <= LIFE
