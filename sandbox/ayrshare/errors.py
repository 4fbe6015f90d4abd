"""The errors of the API, in Ayrshare's flat form."""

from sandbox.ayrshare.assumptions import MISSING_PARAMETER


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


class MissingParameter(ApiError):
    """A parameter is missing, or has the wrong type."""

    def __init__(self, what: str) -> None:
        status, code = MISSING_PARAMETER
        super().__init__(status, f"Missing/incorrect parameter: {what}", code=code)
