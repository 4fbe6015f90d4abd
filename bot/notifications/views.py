"""News of somebody's accounts: what fell off, why, what soon will, and a button for each profile to mend it.

No link stands in it: one is made when the button is pressed. What Ayrshare gives as a reason stays out of `text`, in
which Slack looks for addresses.
"""

from collections.abc import Sequence
from datetime import UTC

from bot.core.model import Block, Message
from bot.notifications.model import Alert, AlertKind, News, ProfileNews
from bot.profiles.views import network
from bot.slack.actions import NEWS_LINK
from bot.slack.blocks import actions, button, context, section
from bot.slack.text import date, escaped, shortened, titled

AT_MOST = 15
"""Profiles in a message, which holds 50 blocks."""
STALE_AT_MOST = 20
LONGEST_REASON = 150
LONGEST_NAME = 75
TEXT_LIMIT = 2000
MADE_ON_PRESS = "A link is made when you press *Get my link*, so it is always fresh. Nobody else sees it."
BAD_API_KEY = (
    "Ayrshare doesn't accept this bot's API key, so nobody can get a link and I can't look after anybody's accounts. "
    "Whoever runs the bot has to set `AYRSHARE_API_KEY` anew."
)


def news_message(news: News, *, command: str) -> Message:
    """Draw all the news that somebody is told at once."""
    shown, alone = news.profiles[:AT_MOST], len(news.profiles) == 1
    said = [_plain(one) for one in news.profiles]
    said += [f"{_stale(news.stale)}"] if news.stale else []
    said += [BAD_API_KEY] if news.bad_api_key else []
    blocks = (
        *(block for one in shown for block in _profile(one, alone=alone)),
        *_more(len(news.profiles) - len(shown), command),
        *((context(MADE_ON_PRESS),) if shown else ()),
        *((section(_stale(news.stale)), context(_mending(command))) if news.stale else ()),
        *((section(BAD_API_KEY),) if news.bad_api_key else ()),
    )
    return Message(text=shortened(" ".join(said), limit=TEXT_LIMIT), blocks=blocks)


def _profile(one: ProfileNews, *, alone: bool) -> tuple[Block, Block]:
    lines = [f"*{titled(one.title)}*", *map(_line, one.alerts)]
    value = f"{one.ref_id}:{'alone' if alone else ''}"
    pressed = button(NEWS_LINK, value, spoken=f"Get my link for {one.title}", style="primary")
    return section("\n".join(lines)), actions(f"news:{one.ref_id}", pressed)


def _line(alert: Alert) -> str:
    if alert.kind is AlertKind.EXPIRING:
        by = f" by {date(alert.by)}" if alert.by else " soon"
        return f"{_account(alert)} wants a new sign-in{by}. Without it, it falls off."
    reason = escaped(shortened(" ".join(alert.why.split()), limit=LONGEST_REASON))
    return f"{_account(alert)} fell off: {reason}" if reason else f"{_account(alert)} fell off. Sign in to it again."


def _account(alert: Alert) -> str:
    name = f" ({escaped(shortened(alert.name, limit=LONGEST_NAME))})" if alert.name else ""
    return f"{escaped(shortened(network(alert.network), limit=LONGEST_NAME))}{name}"


def _plain(one: ProfileNews) -> str:
    said = ", ".join(_plain_alert(alert) for alert in one.alerts)
    return f"{titled(one.title)}: {said}. Press Get my link to sign in again."


def _plain_alert(alert: Alert) -> str:
    if alert.kind is AlertKind.LOST:
        return f"{_account(alert)} fell off"
    by = f" by {alert.by.astimezone(UTC):%d %b %Y}" if alert.by else " soon"
    return f"{_account(alert)} wants a new sign-in{by}"


def _more(left: int, command: str) -> tuple[Block, ...]:
    return (context(f"{left} more of your profiles need you: `{command} status` shows them."),) if left else ()


def _stale(titles: Sequence[str]) -> str:
    shown = ", ".join(escaped(shortened(title, limit=LONGEST_NAME)) for title in titles[:STALE_AT_MOST])
    more = f" and {len(titles) - STALE_AT_MOST} more" if len(titles) > STALE_AT_MOST else ""
    return f"Ayrshare has deleted or suspended these profiles, or changed their keys: {shown}{more}."


def _mending(command: str) -> str:
    return f"Their people get no links. `{command} list stale` shows them, `{command} map` gives a profile its new key."
