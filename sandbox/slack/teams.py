"""The names of workspaces and of the organizations that several of them belong to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Organization:
    """The names of an Enterprise organization, which has several workspaces."""

    id: str
    domain: str
    name: str


@dataclass(frozen=True)
class Team:
    """The names of the workspace, and the organization that it belongs to, if any."""

    id: str
    domain: str
    name: str
    organization: Organization | None = None
