"""What a person sees of what they did."""

from dataclasses import dataclass, field

from sandbox.slack.api_types import Json


@dataclass
class Outcome:
    """`error` is what the client shows when the acknowledgement failed; `opens` an address for the browser."""

    error: str = ""
    ack_ms: int = 0
    opens: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Tell whether all went well."""
        return not (self.error or self.errors)

    def as_json(self) -> Json:
        """Return it with `None` for what does not apply."""
        return {
            "ok": self.ok,
            "error": self.error or None,
            "errors": self.errors,
            "opens": self.opens or None,
            "ack_ms": self.ack_ms,
        }
