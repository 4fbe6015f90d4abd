"""What we accept of another service's answer: at most 2 MB, and no wait longer than minutes."""

from datetime import timedelta

import aiohttp
import structlog

LONGEST_ANSWER = 2 * 1024 * 1024
"""Bytes, once unpacked; the longest answers that we ask for, pages of people and of profiles, have less than half."""
LONGEST_WAIT = timedelta(minutes=5)
"""Ayrshare's longest window; Slack's is a minute."""

log = structlog.get_logger()


class AnswerTooLong(aiohttp.ClientPayloadError):
    """An answer has more than LONGEST_ANSWER bytes."""


class LimitedResponse(aiohttp.ClientResponse):
    """A response that closes its connection once its body is too long; all ways to read it raise AnswerTooLong."""

    async def read(self) -> bytes:
        """Return the body."""
        if self._body is None:
            try:
                self._body = await self._limited()
            except BaseException:
                self.close()
                raise
        return await super().read()

    async def _limited(self) -> bytes:
        body = bytearray()
        async for chunk in self.content.iter_any():
            body += chunk
            if len(body) > LONGEST_ANSWER:
                raise AnswerTooLong
        return bytes(body)


def bounded(wait: timedelta, *, service: str) -> timedelta:
    """Return the wait that a service asks for, or LONGEST_WAIT where that is shorter."""
    if wait <= LONGEST_WAIT:
        return wait
    log.warning("wait_shortened", service=service, asked_s=wait.total_seconds(), s=LONGEST_WAIT.total_seconds())
    return LONGEST_WAIT
