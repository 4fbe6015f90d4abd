"""What is linked to a profile, and which of it needs its owner's attention."""

from datetime import datetime, timedelta

from bot.ayrshare.model import Account, ConnectedAccounts
from bot.ayrshare.replies import LinkedAccount, UserReply
from bot.core.model import RefId

SOON = timedelta(days=14)
"""How long before a network demands a new sign-in we begin to say so."""
LONGEST_DAYS = 100_000
"""More than any network gives, and as many days as a `datetime` bears."""


def connected(reply: UserReply, *, now: datetime) -> ConnectedAccounts:
    """Return what a reply says, the linked networks first, then those whose link was lost."""
    told = {row.platform: row for row in reply.display_names}
    active = tuple(dict.fromkeys(reply.active_social_accounts))
    linked = [_account(told.get(network) or LinkedAccount(platform=network), now=now) for network in active]
    lost = [_account(row, now=now, lost=True) for network, row in told.items() if network not in active]
    return ConnectedAccounts(RefId(reply.ref_id), reply.title, (*linked, *lost))


def _account(row: LinkedAccount, *, now: datetime, lost: bool = False) -> Account:
    days = row.refresh_days_remaining
    left = timedelta(days=days) if days is not None and abs(days) <= LONGEST_DAYS else None
    due = left is not None and left <= SOON
    return Account(
        network=row.platform,
        name=row.display_name or row.page_name or row.username,
        refresh_by=None if left is None else now + left,
        needs_attention=lost or due or row.refresh_required is True,
    )
