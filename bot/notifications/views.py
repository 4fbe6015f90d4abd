"""What a digest says: each disconnected or expiring account of a profile, and one button to fix the profile.

The message contains no link: the button makes one. Ayrshare's reason stays out of `text`, which Slack scans for
addresses.
"""

from collections.abc import Sequence
from datetime import UTC

from bot.ayrshare.networks import network_name
from bot.core.model import Block, Message
from bot.notifications.model import PROFILES_IN_DIGEST, STALE_IN_DIGEST, Alert, AlertKind, DigestContent, ProfileAlerts
from bot.slack.actions import DIGEST_LINK
from bot.slack.blocks import actions, button, context, section
from bot.slack.text import date, escaped, shortened, titled, told_apart

REASON_LIMIT = 150
NAME_LIMIT = 75
TEXT_LIMIT = 2000
MADE_ON_PRESS = "A link is made when you press *Get my link*, so it is always fresh. Nobody else sees it."
STALE_HELP = (
    "Their people get no links. `{command} list stale` shows them, `{command} map` gives a profile its new key."
)
BAD_API_KEY = (
    "Ayrshare doesn't accept this bot's API key, so nobody can get a link and I can't look after anybody's accounts. "
    "Whoever runs the bot has to set `AYRSHARE_API_KEY` again."
)


def digest_message(content: DigestContent, *, command: str) -> Message:
    """Draw a digest: at most PROFILES_IN_DIGEST profiles, then what is for admins."""
    shown, alone = content.profiles[:PROFILES_IN_DIGEST], len(content.profiles) == 1
    left, stale_help = len(content.profiles) - len(shown), context(STALE_HELP.format(command=command))
    text = [_plain_profile(one) for one in content.profiles]
    text += [_stale(content.stale_titles)] if content.stale_titles else []
    text += [BAD_API_KEY] if content.bad_api_key else []
    blocks = (
        *(block for one in shown for block in _profile(one, alone=alone)),
        *((context(f"{left} more of your profiles need you: `{command} status` shows them."),) if left else ()),
        *((context(MADE_ON_PRESS),) if shown else ()),
        *((section(_stale(content.stale_titles)), stale_help) if content.stale_titles else ()),
        *((section(BAD_API_KEY),) if content.bad_api_key else ()),
    )
    return Message(text=shortened(" ".join(text), limit=TEXT_LIMIT), blocks=blocks)


def _profile(one: ProfileAlerts, *, alone: bool) -> tuple[Block, Block]:
    """Draw a profile; its button's value says whether the card may replace the message, which is about it `alone`."""
    lines = [f"*{titled(one.title)}*", *map(_line, one.alerts)]
    value = f"{one.ref_id}:{'alone' if alone else ''}"
    spoken = f"{DIGEST_LINK.label} for {one.title}"
    get_link = button(DIGEST_LINK, value, spoken=spoken, style="primary")
    return section("\n".join(lines)), actions(f"alerts:{one.ref_id}", get_link)


def _line(alert: Alert) -> str:
    if alert.kind is AlertKind.EXPIRING:
        by = f" by {date(alert.refresh_by)}" if alert.refresh_by else " soon"
        return f"{_account(alert)} wants a new sign-in{by}. Without it, it falls off."
    reason = escaped(shortened(" ".join(alert.reason.split()), limit=REASON_LIMIT))
    return f"{_account(alert)} fell off: {reason}" if reason else f"{_account(alert)} fell off. Sign in to it again."


def _account(alert: Alert) -> str:
    name = f" ({escaped(told_apart(alert.name, limit=NAME_LIMIT))})" if alert.name else ""
    return f"{escaped(shortened(network_name(alert.network), limit=NAME_LIMIT))}{name}"


def _plain_profile(one: ProfileAlerts) -> str:
    alerts = ", ".join(_plain_alert(alert) for alert in one.alerts)
    return f"{titled(one.title)}: {alerts}. Press {DIGEST_LINK.label} to sign in again."


def _plain_alert(alert: Alert) -> str:
    if alert.kind is AlertKind.DISCONNECTED:
        return f"{_account(alert)} fell off"
    by = f" by {alert.refresh_by.astimezone(UTC):%d %b %Y}" if alert.refresh_by else " soon"
    return f"{_account(alert)} wants a new sign-in{by}"


def _stale(titles: Sequence[str]) -> str:
    shown = ", ".join(escaped(told_apart(title, limit=NAME_LIMIT)) for title in titles[:STALE_IN_DIGEST])
    more = f" and {len(titles) - STALE_IN_DIGEST} more" if len(titles) > STALE_IN_DIGEST else ""
    return f"Ayrshare has deleted or suspended these profiles, or changed their keys: {shown}{more}."
