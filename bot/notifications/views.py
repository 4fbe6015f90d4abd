"""What a digest says: each disconnected or expiring account of a profile, and one button to fix the profile.

The message contains no link: the button makes one. Ayrshare's reason stays out of `text`, which Slack scans for
addresses.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.core.model import Block, Message, UserId
from bot.notifications.model import (
    PROFILES_IN_DIGEST,
    REMINDED_AFTER,
    STALE_IN_DIGEST,
    UNMENDED_IN_DIGEST,
    Alert,
    AlertKind,
    DigestContent,
    ProfileAlerts,
)
from bot.profiles.model import Disconnected
from bot.profiles.views import dismiss_button
from bot.slack.actions import ASK_AGAIN, DIGEST_LINK, REASSIGN, SNOOZE
from bot.slack.blocks import actions, button, context, section
from bot.slack.text import date, escaped, shortened, titled, told_apart

REASON_LIMIT = 150
REMINDED = len(REMINDED_AFTER)
NAME_LIMIT = 75
TEXT_LIMIT = 2000
MADE_ON_PRESS = f"A link is made when you press *{DIGEST_LINK.label}*, so it is always fresh. Nobody else sees it."
STALE_HELP = (
    "Their people get no links. `{command} list stale` shows them, `{command} map` gives a profile its new key."
)
BAD_API_KEY = (
    "Ayrshare doesn't accept this bot's API key, so nobody can get a link and I can't look after anybody's accounts. "
    "Whoever runs the bot has to set `AYRSHARE_API_KEY` again."
)


def digest_message(content: DigestContent, *, offered: OfferedNetworks, command: str) -> Message:
    """Draw a digest: at most PROFILES_IN_DIGEST profiles, then what is for admins."""
    shown, alone = content.profiles[:PROFILES_IN_DIGEST], len(content.profiles) == 1
    left, stale_help = len(content.profiles) - len(shown), context(STALE_HELP.format(command=command))
    text = [_plain_profile(one, offered) for one in content.profiles]
    text += [_stale(content.stale_titles)] if content.stale_titles else []
    text += [BAD_API_KEY] if content.bad_api_key else []
    text += [_plain_unmended(one, holder) for one, holder in content.unmended]
    text += [_outage(name) for name in content.outages]
    blocks = (
        *(block for one in shown for block in _profile(one, offered, alone=alone)),
        *((context(f"{left} more of your profiles need you: `{command} status` shows them."),) if left else ()),
        *((actions("snooze", button(SNOOZE)),) if any(one.networks for one in shown) else ()),
        *((context(MADE_ON_PRESS),) if any(_can_be_mended(one, offered) for one in shown) else ()),
        *((section(_stale(content.stale_titles)), stale_help) if content.stale_titles else ()),
        *((section(BAD_API_KEY),) if content.bad_api_key else ()),
        *(block for one, holder in content.unmended[:UNMENDED_IN_DIGEST] for block in _unmended(one, holder)),
        *(section(_outage(name)) for name in content.outages),
    )
    return Message(text=shortened(" ".join(text), limit=TEXT_LIMIT), blocks=blocks)


def snoozed_message(until: datetime, *, command: str) -> Message:
    """Confirm a snooze."""
    plain = f"I'm quiet until {until.astimezone(UTC):%d %b %Y}. `{command} status` shows your accounts anytime."
    said = f"I'm quiet until {date(until)}. `{command} status` shows your accounts anytime."
    return Message(text=plain, blocks=(section(said),))


def _profile(one: ProfileAlerts, offered: OfferedNetworks, *, alone: bool) -> tuple[Block, ...]:
    """Draw a profile, with a button for a link to just these networks, unless no link may offer them.

    The button's value says whether the card may replace the message, which is about the profile `alone`.
    """
    lines = section("\n".join((f"*{titled(one.title)}*", *map(_line, one.alerts))))
    refusals = offered.refusals(one.networks)
    refused = (context(refusals),) if refusals else ()
    if not _can_be_mended(one, offered):
        return (lines, *refused)
    value = f"{one.ref_id}:{'alone' if alone else ''}:{','.join(offered.among(one.networks))}"
    spoken = f"{DIGEST_LINK.label} for {one.title}"
    get_link = button(DIGEST_LINK, value, spoken=spoken, style="primary")
    return (lines, *refused, actions(f"alerts:{one.ref_id}", get_link))


def _can_be_mended(one: ProfileAlerts, offered: OfferedNetworks) -> bool:
    """Return whether an account needs a new sign-in and a link may offer its network, as far as we know."""
    return bool(one.networks) and (bool(offered.among(one.networks)) or not offered.refusals(one.networks))


def _unmended(one: ProfileAlerts, holder: UserId) -> tuple[Block, Block]:
    """Tell an admin of an account that its people were reminded of in vain, with what can be done about it."""
    (alert,) = one.alerts
    dropped = Disconnected(alert.network, alert.name, alert.since or alert.at)
    told = f"*{titled(one.title)}*  <@{holder}>\n{_unmended_line(alert)}"
    again = button(ASK_AGAIN, holder, spoken=f"{ASK_AGAIN.label}: {one.title}")
    reassign = button(REASSIGN, spoken=f"{REASSIGN.label}: {one.title}")
    row = actions(f"unmended:{one.ref_id}:{alert.network}", again, reassign, dismiss_button(dropped, one.ref_id))
    return section(told), row


def _unmended_line(alert: Alert) -> str:
    since = date(alert.since or alert.at)
    return f"{_account(alert)} is disconnected since {since}. I have reminded its people {REMINDED} times."


def _plain_unmended(one: ProfileAlerts, holder: UserId) -> str:
    (alert,) = one.alerts
    since = (alert.since or alert.at).astimezone(UTC)
    return f"{titled(one.title)} (<@{holder}>): {_account(alert)} is disconnected since {since:%d %b %Y}."


def _outage(name: str) -> str:
    its = network_name(name)
    return (
        f"Many profiles lost {its} within an hour, so {its} itself seems to have trouble. "
        "I tell their people tomorrow, if it isn't back by then."
    )


def _line(alert: Alert) -> str:
    if alert.kind is AlertKind.BACK:
        return f":white_check_mark: {_account(alert)} is back."
    if alert.since:
        return f"{_account(alert)} is still disconnected, since {date(alert.since)}. Posts to it don't go out."
    if alert.kind is AlertKind.EXPIRING:
        by = f" by {date(alert.refresh_by)}" if alert.refresh_by else " soon"
        return f"{_account(alert)} wants a new sign-in{by}. Without it, it falls off."
    reason = escaped(shortened(" ".join(alert.reason.split()), limit=REASON_LIMIT))
    return f"{_account(alert)} fell off: {reason}" if reason else f"{_account(alert)} fell off. Sign in to it again."


def _account(alert: Alert) -> str:
    name = f" ({escaped(told_apart(alert.name, limit=NAME_LIMIT))})" if alert.name else ""
    return f"{escaped(shortened(network_name(alert.network), limit=NAME_LIMIT))}{name}"


def _plain_profile(one: ProfileAlerts, offered: OfferedNetworks) -> str:
    alerts = ", ".join(_plain_alert(alert) for alert in one.alerts)
    press = f" Press {DIGEST_LINK.label} to sign in again." if _can_be_mended(one, offered) else ""
    return f"{titled(one.title)}: {alerts}.{press}"


def _plain_alert(alert: Alert) -> str:
    if alert.kind is AlertKind.BACK:
        return f"{_account(alert)} is back"
    if alert.since:
        return f"{_account(alert)} is still disconnected, since {alert.since.astimezone(UTC):%d %b %Y}"
    if alert.kind is AlertKind.DISCONNECTED:
        return f"{_account(alert)} fell off"
    by = f" by {alert.refresh_by.astimezone(UTC):%d %b %Y}" if alert.refresh_by else " soon"
    return f"{_account(alert)} wants a new sign-in{by}"


def _stale(titles: Sequence[str]) -> str:
    shown = ", ".join(escaped(told_apart(title, limit=NAME_LIMIT)) for title in titles[:STALE_IN_DIGEST])
    more = f" and {len(titles) - STALE_IN_DIGEST} more" if len(titles) > STALE_IN_DIGEST else ""
    return f"Ayrshare has deleted or suspended these profiles, or changed their keys: {shown}{more}."
