"""Control calls about the local Ayrshare: what happens to profiles outside the API, and what was mailed."""

from collections.abc import Callable
from typing import Any

from sandbox.ayrshare import LocalAyrshare
from sandbox.control.request import Asked, BadCall
from sandbox.control.services import Services
from sandbox.slack.api_types import Impossible, Json

WEEK, MOST_DAYS = 7, 3_650
LOCKED: Json = {"status": "error", "code": 349, "message": "Account locked"}
"""The details of a dropped link in the example of https://www.ayrshare.com/docs/apis/webhooks/actions."""


async def ayrshare(services: Services, asked: Asked) -> Json:
    """Link, unlink or refresh a network of a profile, or suspend, resume or delete the profile."""
    doings = _doings(services.ayrshare, asked)
    do = doings.get(asked.text("do"))
    if do is None:
        raise BadCall(f"'do' must be one of {', '.join(doings)}")
    try:
        do(asked.text("profile"))
    except LookupError as error:
        raise Impossible(str(error)) from None
    except ValueError as error:
        raise BadCall(str(error)) from None
    return {"ok": True}


def _doings(local: LocalAyrshare, asked: Asked) -> dict[str, Callable[[str], None]]:
    """Return what can be done with a profile; networks, reasons and days are read when it is done."""

    def unlink(profile: str) -> None:
        local.unlink_as_system(profile, asked.text("network"), _details(asked))

    def refresh(profile: str) -> None:
        local.refresh_as_system(profile, asked.text("network"), days=asked.number("days", WEEK, most=MOST_DAYS))

    return {
        "link": lambda profile: local.link_as_user(profile, asked.text("network")),
        "unlink": unlink,
        "refresh": refresh,
        "suspend": local.suspend,
        "resume": local.resume,
        "delete": local.delete,
    }


def _details(asked: Asked) -> str | Json:
    """Return why a link is dropped: in words, as an object, or as in the example when the call does not say."""
    given = asked.value("details") or LOCKED
    if not isinstance(given, str | dict):
        raise BadCall("'details' must be a string or an object")
    return given


async def mails(services: Services, asked: Asked) -> list[Any]:  # noqa: ARG001  # all control calls have this shape
    """Show the connect mails that Ayrshare sent, oldest first."""
    return services.ayrshare.mails.sent
