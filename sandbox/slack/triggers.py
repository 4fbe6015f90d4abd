"""Trigger IDs: each opens one modal, within three seconds."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.slack.api_types import ErrorResponse

LIFETIME = timedelta(seconds=3)


@dataclass
class Trigger:
    """Who acted and when; `in_modal` is whether they acted in a modal, where views can be pushed."""

    user_id: str
    issued: datetime
    in_modal: bool
    used: bool = False


class TriggerIds:
    """The IDs that were issued; `errors` can be changed, since Slack's pages and responses name them differently."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(13345224609)
        self._issued: dict[str, Trigger] = {}
        self.errors = {
            "expired": "expired_trigger_id",
            "exchanged": "exchanged_trigger_id",
            "invalid": "invalid_trigger_id",
        }

    def issue(self, user_id: str, *, in_modal: bool = False) -> str:
        """Return a new trigger ID for a user's action."""
        trigger_id = f"{next(self._numbers)}.738474920.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user_id, self._now(), in_modal)
        return trigger_id

    def use(self, trigger_id: str) -> Trigger:
        """Consume a trigger ID; raises ErrorResponse if it is unknown, used or expired."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise ErrorResponse(self.errors["invalid"])
        if trigger.used:
            raise ErrorResponse(self.errors["exchanged"])
        if self._now() - trigger.issued > LIFETIME:
            raise ErrorResponse(self.errors["expired"])
        trigger.used = True
        return trigger
