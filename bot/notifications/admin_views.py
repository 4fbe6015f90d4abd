"""What a digest says to admins: profiles that Ayrshare refuses, accounts that nobody mended, networks with trouble."""

from collections.abc import Iterator, Sequence

from bot.ayrshare.networks import network_name
from bot.core.model import Message, UserId
from bot.notifications.model import (
    ACCOUNTS_NAMED,
    REMINDED_AFTER,
    STALE_IN_DIGEST,
    UNMENDED_IN_DIGEST,
    DigestContent,
    ProfileAlerts,
)
from bot.profiles.model import Disconnected
from bot.profiles.views import dismiss_button
from bot.slack.actions import ASK_AGAIN, NEW_KEY, REASSIGN
from bot.slack.blocks import actions, button, context, telling
from bot.slack.text import date, escaped, several, told_apart

REMINDED = len(REMINDED_AFTER)
NAME_LIMIT = 75


def admin_parts(content: DigestContent) -> Iterator[Message]:
    """Yield what a digest says to admins, the gravest first."""
    if content.bad_api_key:
        said = "Nobody can get a link, and I can't check any account. Tell whoever runs this bot."
        yield telling("Ayrshare rejected our API key", said, sign="🔴")
    if content.stale_titles:
        yield _stale(content.stale_titles)
    yield from (_unmended(one, holder) for one, holder in content.unmended[:UNMENDED_IN_DIGEST])
    left = len(content.unmended) - UNMENDED_IN_DIGEST
    if left > 0:
        said = f"{left} more accounts are still disconnected. My Home tab shows them."
        yield Message(said, (context(said),))
    if content.outages:
        yield _outage(content.outages)


def _stale(titles: Sequence[str]) -> Message:
    named = several([escaped(told_apart(one, limit=NAME_LIMIT)) for one in titles], limit=STALE_IN_DIGEST)
    many = "1 profile" if len(titles) == 1 else f"{len(titles)} profiles"
    gone = "was deleted or suspended, or has a new key"
    if len(titles) > 1:
        gone = "were deleted or suspended, or have new keys"
    said = f"{named} {gone}. Nobody can connect accounts there."
    return telling(f"Ayrshare refuses {many}", said, actions("stale", button(NEW_KEY)), sign="🔴")


def _unmended(one: ProfileAlerts, holder: UserId) -> Message:
    """Tell of an account that its people were reminded of in vain, with what can be done about it."""
    (alert,) = one.alerts
    network, title = network_name(alert.network), escaped(told_apart(one.title, limit=NAME_LIMIT))
    dropped = Disconnected(alert.network, alert.name, alert.since or alert.at)
    value = f"{holder}:{one.ref_id}:{alert.network}"
    again = button(ASK_AGAIN, value, spoken=f"{ASK_AGAIN.label}: {one.title}", style="primary")
    reassign = button(REASSIGN, value, spoken=f"{REASSIGN.label}: {one.title}")
    dismiss = dismiss_button(dropped, one.ref_id, holder=holder)
    row = actions(f"unmended:{one.ref_id}:{alert.network}", again, reassign, dismiss)
    said = f"Disconnected since {date(dropped.since)}. I reminded <@{holder}> {REMINDED} times."
    return telling(f"{network} is still disconnected for {title}", said, row, sign="🔴")


def _outage(networks: Sequence[str]) -> Message:
    names = several([network_name(one) for one in networks], limit=ACCOUNTS_NAMED)
    said = "Many profiles lost them within an hour. If they aren't back tomorrow, I'll tell their people."
    if len(networks) == 1:
        said = "Many profiles lost it within an hour. If it isn't back tomorrow, I'll tell their people."
    return telling(f"Trouble at {names}", said, sign="🟡")
