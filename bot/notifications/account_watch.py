"""What is new in what was seen of a profile, compared with what was known of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.ayrshare.model import Account
from bot.core.model import RefId
from bot.notifications.model import Alert, AlertKind, Subject, Watched, is_over
from bot.profiles.model import Snapshot


@dataclass(frozen=True, slots=True)
class Difference:
    """What is linked now and with whose account, what is gone, what may be news, and which earlier news are over."""

    linked: Mapping[str, str]
    gone: tuple[str, ...]
    alerts: tuple[Alert, ...]
    over: tuple[Subject, ...]


def difference(
    ref_id: RefId, watched: Watched, last: Snapshot | None, accounts: tuple[Account, ...], *, now: datetime
) -> Difference:
    """Compare what is linked with what was, as the last sweep and the last look of any other kind have it."""
    seen = {account.network: account for account in accounts}
    before = _names(last.accounts if last else ()) | {network: name for network, name in watched.linked.items() if name}
    gone = tuple(network for network in {**watched.linked, **before} if network not in seen)
    lost = tuple(Alert(AlertKind.LOST, now, ref_id, network, before.get(network, "")) for network in gone)
    expiring = tuple(
        Alert(AlertKind.EXPIRING, now, ref_id, account.network, account.name or "", by=account.refresh_by)
        for account in accounts
        if account.needs_attention and (AlertKind.LOST, account.network) not in watched.told
    )
    over = tuple(
        (what, network)
        for (what, network), told in watched.told.items()
        if what is AlertKind.STALE or is_over(what, told, seen.get(network), now=now)
    )
    return Difference(_names(accounts), gone, lost + expiring, over)


def _names(accounts: tuple[Account, ...]) -> dict[str, str]:
    return {account.network: account.name or "" for account in accounts}
