"""Every call of the API: routes and the OpenAPI document are made of this table."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bot.ayrshare.errors import AyrshareError, MaxPackMissing, NetworkNotOffered
from bot.client_links.errors import ClientLinksOff, NoPublicUrl
from bot.core.errors import ConnectbotError
from bot.links_api.client_links import check_may_get_client_link_again, create_client_link, revoke_client_link
from bot.links_api.create_link import check_may_get_again, create_link
from bot.links_api.errors import (
    LinkTakenBack,
    LookupNotGranted,
    NobodyMapped,
    NotTakenBack,
    UnknownLink,
    UnknownProfile,
)
from bot.links_api.find_profile import look_up_ahead
from bot.links_api.model import (
    Asked,
    ClientLinkAsked,
    IssuedClientLink,
    IssuedLink,
    LinkNamed,
    LinkOrder,
    Page,
    ProfileDetails,
    ProfileNamed,
    ProfilePage,
)
from bot.links_api.read_profiles import list_profiles, read_profile
from bot.links_api.revoke_link import revoke_link
from bot.slack.errors import SlackError

PREFIX = "/api/v1"
DOCUMENT_PATH = f"{PREFIX}/openapi.json"
JSON = "application/json"
IDEMPOTENCY_KEY = "Idempotency-Key"
IDEMPOTENCY_KEYS = re.compile(r"^[!-~]([ -~]{0,253}[!-~])?$")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call.

    `asks` is its JSON body for POST, else the parts of its path and its query. `answers` is None for an empty answer.
    `failures` are those beyond the ones that every call may end with. `may_get_again` raises where an answer must not
    be given again; without it an `Idempotency-Key` is not obeyed. `ahead` begins to read what `call` takes as its last
    argument, in the exchange with Redis in which the key is checked.
    """

    name: str
    method: str
    path: str
    summary: str
    call: Callable[..., Awaitable[Any]]
    asks: type[Asked]
    answers: type[BaseModel] | None
    failures: tuple[type[ConnectbotError], ...]
    may_get_again: Callable[[Any, Any, Any], Awaitable[None]] | None = None
    ahead: Callable[[Any, Any, Any], Any] | None = None

    @property
    def status(self) -> int:
        """The HTTP status of success."""
        return {"POST": 201, "DELETE": 204}.get(self.method, 200)


ENDPOINTS = (
    Endpoint(
        name="createLink",
        method="POST",
        path=f"{PREFIX}/links",
        summary="Make a link to connect accounts",
        call=create_link,
        asks=LinkOrder,
        answers=IssuedLink,
        failures=(
            UnknownProfile,
            NobodyMapped,
            NetworkNotOffered,
            MaxPackMissing,
            LookupNotGranted,
            AyrshareError,
            SlackError,
            LinkTakenBack,
        ),
        may_get_again=check_may_get_again,
        ahead=look_up_ahead,
    ),
    Endpoint(
        name="revokeLink",
        method="DELETE",
        path=f"{PREFIX}/links/{{id}}",
        summary="Take back a link",
        call=revoke_link,
        asks=LinkNamed,
        answers=None,
        failures=(UnknownLink, NotTakenBack, AyrshareError),
    ),
    Endpoint(
        name="createClientLink",
        method="POST",
        path=f"{PREFIX}/client-links",
        summary="Make a page for a client, whose button makes links",
        call=create_client_link,
        asks=ClientLinkAsked,
        answers=IssuedClientLink,
        failures=(
            UnknownProfile,
            NobodyMapped,
            NetworkNotOffered,
            NoPublicUrl,
            ClientLinksOff,
            SlackError,
            LinkTakenBack,
        ),
        may_get_again=check_may_get_client_link_again,
    ),
    Endpoint(
        name="revokeClientLink",
        method="DELETE",
        path=f"{PREFIX}/client-links/{{id}}",
        summary="Revoke a client link",
        call=revoke_client_link,
        asks=LinkNamed,
        answers=None,
        failures=(UnknownLink, SlackError),
    ),
    Endpoint(
        name="listProfiles",
        method="GET",
        path=f"{PREFIX}/profiles",
        summary="List the profiles that the key may use",
        call=list_profiles,
        asks=Page,
        answers=ProfilePage,
        failures=(),
    ),
    Endpoint(
        name="readProfile",
        method="GET",
        path=f"{PREFIX}/profiles/{{ref_id}}",
        summary="Read a profile's accounts and their health",
        call=read_profile,
        asks=ProfileNamed,
        answers=ProfileDetails,
        failures=(UnknownProfile, AyrshareError),
    ),
)
