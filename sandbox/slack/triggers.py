"""Trigger ids: each opens one modal, within three seconds."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.slack.api_types import Refusal

LIFE = timedelta(seconds=3)


@dataclass
class Trigger:
    """Who acted and when; `in_modal` tells that it was inside a modal, where views can be pushed."""

    user_id: str
    issued: datetime
    in_modal: bool
    used: bool = False


class Triggers:
    """The ids handed out; `words` are the errors, since Slack's pages and answers have named them differently."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(13345224609)
        self._issued: dict[str, Trigger] = {}
        self.words = {
            "expired": "expired_trigger_id",
            "exchanged": "exchanged_trigger_id",
            "invalid": "invalid_trigger_id",
        }

    def issue(self, user_id: str, *, in_modal: bool = False) -> str:
        """Return a new trigger id for what this person just did."""
        trigger_id = f"{next(self._numbers)}.738474920.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user_id, self._now(), in_modal)
        return trigger_id

    def use(self, trigger_id: str) -> Trigger:
        """Use a trigger id up; raises Refusal when it is unknown, used or late."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise Refusal(self.words["invalid"])
        if trigger.used:
            raise Refusal(self.words["exchanged"])
        if self._now() - trigger.issued > LIFE:
            raise Refusal(self.words["expired"])
        trigger.used = True
        return trigger
