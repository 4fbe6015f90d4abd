"""The errors of the API, in Ayrshare's flat form."""


class ApiError(Exception):
    """An error response: HTTP status, message, and for some errors a `code`."""

    def __init__(
        self, status: int, message: str, *, code: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = int(status)
        self.headers = headers or {}
        self.message = message
        self.code = code

    def body(self, action: str) -> dict[str, object]:
        """Return the JSON object of the response."""
        code = {} if self.code is None else {"code": self.code}
        return {"action": action, "status": "error", **code, "message": self.message}
