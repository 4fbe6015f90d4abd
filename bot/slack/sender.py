"""Which workspace or organization a payload of Slack's comes from.

https://docs.slack.dev/enterprise/organization-ready-apps
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.model import TeamId
from bot.slack.requests import team_of


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a payload comes from; `org_wide` tells whether the organization's installation is meant."""

    team: TeamId
    organization: TeamId | None
    org_wide: bool


def sender_of(body: Mapping[str, Any]) -> Sender | None:
    """Return where a payload comes from, or None if it doesn't say.

    https://docs.slack.dev/enterprise/organization-ready-apps
    """
    authorization, organization = _authorization(body), organization_of(body)
    wide = authorization.get("is_enterprise_install", body.get("is_enterprise_install"))
    try:
        team = body.get("team_id") or team_of(body)
    except (KeyError, TypeError, AttributeError):
        return None
    return Sender(TeamId(str(team)), organization, str(wide).lower() == "true")


def organization_of(body: Mapping[str, Any]) -> TeamId | None:
    """Return the organization that a payload is of, if it names one."""
    enterprise = body.get("enterprise") or {}
    named = _authorization(body).get("enterprise_id") or body.get("enterprise_id") or enterprise.get("id")
    return TeamId(str(named)) if named else None


def _authorization(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(iter(body.get("authorizations") or ()), {})
