"""The control call that changes a profile at Ayrshare in other ways than through the API."""

from collections.abc import Callable

from sandbox.ayrshare import LocalAyrshare
from sandbox.control.request import BadRequest, ControlRequest, Services
from sandbox.slack.api_types import ActionUnavailable, Json

DEFAULT_DAYS, MAX_DAYS = 7, 3_650
ACCOUNT_LOCKED: Json = {"status": "error", "code": 349, "message": "Account locked"}
"""The details of an `unlink` event in the example of https://www.ayrshare.com/docs/apis/webhooks/actions."""


async def ayrshare(services: Services, request: ControlRequest) -> Json:
    """Connect, disconnect or refresh an account of a profile, or suspend, resume or delete the profile."""
    actions = _actions(services.ayrshare, request)
    action = actions.get(request.text("do"))
    if action is None:
        raise BadRequest(f"'do' must be one of {', '.join(actions)}")
    try:
        action(request.text("profile"))
    except LookupError as error:
        raise ActionUnavailable(str(error)) from None
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return {"ok": True}


def _actions(local: LocalAyrshare, request: ControlRequest) -> dict[str, Callable[[str], None]]:
    """Return the actions by name; an action reads its network, details and days when it is called."""

    def unlink(profile: str) -> None:
        local.disconnect_as_system(profile, request.text("network"), _details(request))

    def refresh(profile: str) -> None:
        network = request.text("network")
        local.require_refresh(profile, network, days=request.number("days", DEFAULT_DAYS, maximum=MAX_DAYS))

    return {
        "link": lambda profile: local.connect_as_user(profile, request.text("network")),
        "unlink": unlink,
        "refresh": refresh,
        "suspend": local.suspend,
        "resume": local.resume,
        "delete": local.delete,
    }


def _details(request: ControlRequest) -> str | Json:
    """Return the reason of a disconnection: a string, an object, or by default that of Ayrshare's example."""
    details = request.value("details") or ACCOUNT_LOCKED
    if not isinstance(details, str | dict):
        raise BadRequest("'details' must be a string or an object")
    return details
