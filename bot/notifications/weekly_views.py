"""What the admins' weekly digest says: a line for each disconnected or expiring account, and *Ask everybody*."""

from collections.abc import Sequence
from datetime import UTC

from bot.ayrshare.model import Account
from bot.core.model import Block, Message
from bot.notifications.model import PROFILES_IN_WEEKLY, WeeklyRow
from bot.profiles.model import Disconnected
from bot.profiles.views import account
from bot.slack.actions import ASK_EVERYBODY
from bot.slack.blocks import actions, button, context, section
from bot.slack.text import date, escaped, shortened, told_apart

TEXT_LIMIT = 2000
TITLE_LIMIT = 75
PEOPLE_NAMED = 5
ASKS = "*Ask everybody* sends a request to each person with a disconnected account, one after another."


def weekly_message(rows: Sequence[WeeklyRow], *, command: str) -> Message:
    """Draw the digest: what was disconnected longest first."""
    broken = [row for row in rows if row.disconnected]
    shown, left = rows[:PROFILES_IN_WEEKLY], len(rows) - PROFILES_IN_WEEKLY
    headline = _headline(len(broken), len(rows) - len(broken))
    more = f"{left} more: `{command} list needs attention` shows them all." if left > 0 else ""
    blocks = (
        section(f"*This week*\n{headline}"),
        *map(_row, shown),
        *((context(more),) if more else ()),
        *((actions("ask", button(ASK_EVERYBODY, style="primary")), context(ASKS)) if broken else ()),
    )
    plain = " ".join(filter(None, (headline, *map(_plain, shown), more)))
    return Message(text=shortened(plain, limit=TEXT_LIMIT), blocks=blocks)


def _headline(broken: int, expiring: int) -> str:
    parts = []
    if broken:
        parts.append(f"{_profiles(broken)} {'has' if broken == 1 else 'have'} disconnected accounts.")
    if expiring:
        parts.append(f"{_profiles(expiring)} {'needs' if expiring == 1 else 'need'} a new sign-in within two weeks.")
    return " ".join(parts)


def _profiles(count: int) -> str:
    return "1 profile" if count == 1 else f"{count} profiles"


def _row(row: WeeklyRow) -> Block:
    asked = f" Asked {date(row.asked_at)}." if row.asked_at else " Not asked yet." if row.disconnected else ""
    lines = [f"*{escaped(told_apart(row.title, limit=TITLE_LIMIT))}*  {_people(row)}.{asked}"]
    lines += [f":red_circle: {account(one)} disconnected since {date(one.since)}" for one in row.disconnected]
    lines += [f":large_yellow_circle: {account(one)} {_expires(one)}" for one in row.expiring]
    return section("\n".join(lines))


def _people(row: WeeklyRow) -> str:
    named = ", ".join(f"<@{user}>" for user in row.people[:PEOPLE_NAMED])
    more = len(row.people) - PEOPLE_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _expires(one: Account) -> str:
    return f"expires on {date(one.refresh_by)}" if one.refresh_by else "needs a new sign-in now"


def _plain(row: WeeklyRow) -> str:
    told = [*map(_plain_disconnected, row.disconnected), *map(_plain_expiring, row.expiring)]
    return f"{escaped(told_apart(row.title, limit=TITLE_LIMIT))}: {', '.join(told)}."


def _plain_disconnected(one: Disconnected) -> str:
    return f"{account(one)} disconnected since {one.since:%d %b %Y}"


def _plain_expiring(one: Account) -> str:
    by = f"expires on {one.refresh_by.astimezone(UTC):%d %b %Y}" if one.refresh_by else "needs a new sign-in now"
    return f"{account(one)} {by}"
