"""`response_url`s: each is for one user and one channel, and accepts five posts in thirty minutes.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sandbox.slack.api_types import ErrorResponse
from sandbox.slack.conversations import Channel, Message


@dataclass(eq=False)
class ResponseUrl:
    """One URL; `original` is the message with the clicked element, None for a command."""

    path: str
    user_id: str
    channel: Channel
    original: Message | None
    expires: datetime
    posts_left: int


class ResponseUrls:
    """The URLs that were issued.

    The status and names of the errors are not documented; these are found in public code and can be changed.
    """

    def __init__(self, now: Callable[[], datetime], *, team_id: str) -> None:
        self._now = now
        self._team_id = team_id
        self._numbers = itertools.count(8602511912421)
        self._issued: dict[str, ResponseUrl] = {}
        self.lifetime = timedelta(minutes=30)
        self.posts = 5
        self.error_status = 404
        self.used_error = "used_url"
        self.expired_error = "expired_url"

    def issue(
        self,
        kind: Literal["commands", "actions"],
        *,
        user_id: str,
        channel: Channel,
        original: Message | None = None,
    ) -> ResponseUrl:
        """Issue a URL; its path contains 192 random bits."""
        path = f"{kind}/{self._team_id}/{next(self._numbers)}/{secrets.token_urlsafe(24)}"
        url = ResponseUrl(path, user_id, channel, original, self._now() + self.lifetime, self.posts)
        self._issued[path] = url
        return url

    def usable(self, path: str) -> ResponseUrl:
        """Return the URL with that path; raises ErrorResponse if it is unknown, expired or used up."""
        url = self._issued.get(path)
        if url is None or self._now() > url.expires:
            raise ErrorResponse(self.expired_error)
        if url.posts_left <= 0:
            raise ErrorResponse(self.used_error)
        return url
