"""`response_url`s: capabilities bound to one person and one conversation, five posts in thirty minutes.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sandbox.slack.api_types import Refusal
from sandbox.slack.conversations import Channel, Message


@dataclass(eq=False)
class ResponseUrl:
    """One capability; `original` is the message that carried the clicked element, none for commands."""

    path: str
    user_id: str
    channel: Channel
    original: Message | None
    expires: datetime
    posts_left: int


class ResponseUrls:
    """Those handed out.

    The status and the names of the refusals are not documented; these circulate in public code and can be set.
    """

    def __init__(self, now: Callable[[], datetime], *, team_id: str) -> None:
        self._now = now
        self._team_id = team_id
        self._numbers = itertools.count(8602511912421)
        self._issued: dict[str, ResponseUrl] = {}
        self.life = timedelta(minutes=30)
        self.posts = 5
        self.refused_status = 404
        self.spent_error = "used_url"
        self.expired_error = "expired_url"

    def issue(
        self,
        kind: Literal["commands", "actions"],
        *,
        user_id: str,
        channel: Channel,
        original: Message | None = None,
    ) -> ResponseUrl:
        """Make a capability; its path holds 192 random bits."""
        path = f"{kind}/{self._team_id}/{next(self._numbers)}/{secrets.token_urlsafe(24)}"
        url = ResponseUrl(path, user_id, channel, original, self._now() + self.life, self.posts)
        self._issued[path] = url
        return url

    def usable(self, path: str) -> ResponseUrl:
        """Return the capability behind a path; raises Refusal when it is unknown, late or spent."""
        url = self._issued.get(path)
        if url is None or self._now() > url.expires:
            raise Refusal(self.expired_error)
        if url.posts_left <= 0:
            raise Refusal(self.spent_error)
        return url
