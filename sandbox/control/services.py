"""What the control calls control."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from sandbox.calls import Calls
from sandbox.faults import Faults
from sandbox.slack import LocalSlack


class Profile(Protocol):
    """A profile of the local Ayrshare."""

    ref_id: str
    title: str
    key: str


class Ayrshare(Protocol):
    """The local Ayrshare, as far as the control calls need it."""

    faults: Faults
    calls: Calls
    api_key: str
    domain: str
    private_key_pem: str

    @property
    def profiles(self) -> Iterable[Profile]:
        """Every profile of the account."""
        ...


@dataclass(frozen=True)
class Services:
    """The two local services; `url()` is the sandbox's own address."""

    slack: LocalSlack
    ayrshare: Ayrshare
    url: Callable[[], str]
