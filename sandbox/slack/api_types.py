"""The shapes that travel: JSON objects, and the answer that refuses a call."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


class Refusal(Exception):
    """A call that Slack answers with `ok: false`, or with 429 when it has to wait."""

    def __init__(
        self,
        error: str,
        *,
        messages: Sequence[str] = (),
        retry_after: int = 0,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.messages = list(messages)
        self.retry_after = retry_after
        self.details = dict(details or {})

    @property
    def body(self) -> Json:
        """Return the JSON body of the answer."""
        body: Json = {"ok": False, "error": self.error, **self.details}
        if self.messages:
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body


class Impossible(Exception):
    """A person cannot do that: what they reach for is not there for them."""
