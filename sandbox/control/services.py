"""What the control calls control."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.ayrshare import LocalAyrshare
from sandbox.slack import LocalSlack


@dataclass(frozen=True)
class Services:
    """The two local services; `url()` is the sandbox's own address."""

    slack: LocalSlack
    ayrshare: LocalAyrshare
    url: Callable[[], str]
