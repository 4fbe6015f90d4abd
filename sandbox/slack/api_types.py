"""The types of Slack's API: JSON objects and error responses; and the error of an action that a person can't do."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


class ErrorResponse(Exception):
    """A call that Slack answers with `ok: false`, or with 429 and `Retry-After` if `retry_after` (seconds) is set."""

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
        """The JSON body of the response."""
        body: Json = {"ok": False, "error": self.error, **self.details}
        if self.messages:
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body


class ActionUnavailable(Exception):
    """A person can't do this: the channel, message, element or view isn't available to them."""
